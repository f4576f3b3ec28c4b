#!/usr/bin/env python3
"""Writes blur.json: blur_pool as PyTorch computes it in float64, by F.pad and a depthwise convolution.

    python3 make_blur.py        (torch 2.13.0; the version used is written into the file)

The format is that of make_layers.py. Inputs are multiples of 1/64.
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(3)
torch.set_default_dtype(torch.float64)

NAMES = {"zero": "constant", "reflect": "reflect", "edge": "replicate", "circular": "circular"}
CONV = (F.conv1d, F.conv2d, F.conv3d)


def draw(*shape):
    return torch.randint(-128, 128, shape) / 64


def short(value):
    value = float(f"{value:.15g}")
    return int(value) if value.is_integer() else value


def flat(t):
    return [short(v) for v in t.detach().contiguous().flatten()]


def binomial(k):
    return torch.tensor([math.comb(k - 1, j) / 2 ** (k - 1) for j in range(k)])


def blur(x, kernels, strides, mode):
    """x (N, C, ...) -> (N, C, ...)"""
    channels, rank = x.shape[1], x.dim() - 2
    weight = torch.ones([1] * rank)
    for a, k in enumerate(kernels):
        weight = weight * binomial(k).reshape([-1 if b == a else 1 for b in range(rank)])
    weight = weight.expand(channels, 1, *weight.shape)
    pads = [n for k in reversed(kernels) for n in ((k - 1) // 2, k - 1 - (k - 1) // 2)]
    return CONV[rank - 1](F.pad(x, pads, mode=NAMES[mode]), weight, stride=strides, groups=channels)


def make(shape, kernel, stride=None, mode=None):
    rank = len(shape) - 1
    layer = {"type": "blur_pool", "kernel": kernel}
    if stride:
        layer["stride"] = stride
    if mode:
        layer["padding_mode"] = mode
    kernels = [kernel] * rank if isinstance(kernel, int) else kernel
    strides = [stride or 2] * rank if not isinstance(stride, list) else stride
    x = draw(2, *shape).requires_grad_()
    y = blur(x.movedim(-1, 1), kernels, strides, mode or "reflect").movedim(1, -1)
    dy = draw(*y.shape)
    y.backward(dy)
    return {"layer": layer, "shape": list(shape), "batch": 2, "x": flat(x), "y": flat(y),
            "dy": flat(dy), "dx": flat(x.grad)}


CASES = [
    make((9, 3), 3),
    make((8, 2), 4, 3, "circular"),
    make((7, 6, 2), 2),
    make((7, 6, 3), 3),
    make((7, 5, 2), 4),
    make((6, 5, 2), 5, 2, "reflect"),
    make((8, 7, 1), 7, 3),
    make((7, 5, 2), 3, 1),
    make((5, 7, 2), [3, 5], [2, 1], "zero"),
    make((5, 4, 2), [6, 2], [1, 3], "edge"),
    make((5, 7, 1), 3, 2, "circular"),
    make((5, 6, 2), 1, [2, 3]),
    make((4, 5, 6, 2), [3, 4, 2], [2, 1, 3]),
    make((3, 4, 3, 1), 3, 2, "circular"),
]

lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in CASES)
text = f'{{"made_by":"make_blur.py, torch {torch.__version__}","cases":[\n{lines}\n]}}\n'
(pathlib.Path(__file__).parent / "blur.json").write_text(text)
