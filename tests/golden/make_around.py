#!/usr/bin/env python3
"""Writes around.json: the layers around pooling computed by PyTorch in float64, channels last.

    python3 make_around.py        (torch 2.13.0; the version used is written into the file)

Cases are as in make_layers.py: a layer as in a spec, its input shape, and x, dy, y, dx, parameters
and their gradients as flat lists; inputs are multiples of 1/64.
"""
import json
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(3)
torch.set_default_dtype(torch.float64)


def draw(*shape):
    return torch.randint(-128, 128, shape) / 64


def short(value):
    """15 digits; an integer without its point."""
    value = float(f"{value:.15g}")
    return int(value) if value.is_integer() else value


def flat(t):
    return [short(v) for v in t.detach().contiguous().flatten()]


def make(layer, shape, function, w=(), batch=2):
    """function(x as (N, C, ...), *w) -> y as (N, C, ...)."""
    x = draw(batch, *shape).requires_grad_()
    w = [v.requires_grad_() for v in w]
    y = function(x.movedim(-1, 1), *w).movedim(1, -1)
    dy = draw(*y.shape)
    y.backward(dy)
    case = {"layer": layer, "shape": list(shape), "batch": batch, "x": flat(x)}
    if w:
        case["w"] = [flat(v) for v in w]
    case |= {"y": flat(y), "dy": flat(dy), "dx": flat(x.grad)}
    if w:
        case["dw"] = [flat(v.grad) for v in w]
    return case


def channel_max(shape, size):
    """By pooling the channels as an axis, since PyTorch has no maxout."""
    def function(x):
        lines = x.movedim(1, -1)
        return F.max_pool1d(lines.reshape(-1, 1, shape[-1]), size).reshape(
            *lines.shape[:-1], -1).movedim(-1, 1)
    return make({"type": "channel_max", "size": size}, shape, function)


CASES = [
    channel_max((3, 4, 6), 2),
    channel_max((5, 6), 3),
    channel_max((2, 3, 2, 5), 5),
]

lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in CASES)
text = f'{{"made_by":"make_around.py, torch {torch.__version__}","cases":[\n{lines}\n]}}\n'
(pathlib.Path(__file__).parent / "around.json").write_text(text)
