#!/usr/bin/env python3
"""Writes conv.json and other.json: layers other than pooling computed by PyTorch in float64.

    python3 make_layers.py        (torch 2.13.0; the version used is written into each file)
"""
import torch
import torch.nn.functional as F

import golden
from torch_cases import PAD_MODES, Cases, by_rank, pads, weights_first

cases = Cases(1)


def pad(shape, pairs, mode):
    return cases.make_first({"type": "pad", "padding": pairs, "mode": mode}, shape,
                            lambda x: F.pad(x, pads(pairs), mode=PAD_MODES[mode]), batch=1)


def conv(shape, filters, kernel, stride=1, padding=0, dilation=1, groups=1, bias=True):
    rank = len(shape) - 1
    kernels = [kernel] * rank if isinstance(kernel, int) else kernel
    layer = {"type": "conv", "filters": filters, "kernel": kernel, "stride": stride,
             "padding": padding, "dilation": dilation, "groups": groups, "bias": bias}
    weight = cases.draw(*kernels, shape[-1] // groups, filters)
    w = [weight, cases.draw(filters)] if bias else [weight]
    conv = by_rank("conv", shape)

    def function(x, weight, bias=None):
        return conv(x, weights_first(weight), bias, stride, padding, dilation, groups)

    return cases.make_first(layer, shape, function, w=w)


def conv_padded(shape, filters, kernel, pairs, mode):
    rank = len(shape) - 1
    layer = {"type": "conv", "filters": filters, "kernel": kernel, "padding": pairs,
             "padding_mode": mode}
    conv = by_rank("conv", shape)

    def function(x, weight, bias):
        return conv(F.pad(x, pads(pairs), mode=PAD_MODES[mode]), weights_first(weight), bias)

    return cases.make_first(layer, shape, function,
                            w=[cases.draw(*[kernel] * rank, shape[-1], filters), cases.draw(filters)])


def batch_norm(shape, batch, evaluation):
    c = shape[-1]
    mean, variance = cases.draw(c), cases.draw(c).abs() + 0.5

    def function(x, scale, shift):
        return F.batch_norm(x, mean, variance, scale, shift, training=not evaluation)

    return cases.make_first({"type": "batch_norm"}, shape, function, batch=batch,
                            w=[cases.draw(c), cases.draw(c)], state=[mean, variance],
                            evaluation=evaluation)


CONVOLUTIONS = [
    conv((5, 5, 1), 3, 3),
    conv((9, 2), 3, 3, 2, 1),
    conv((6, 5, 3), 4, 3, padding=1),
    conv((8, 8, 2), 3, 3, padding=1),
    conv((6, 5, 3), 2, [3, 2], [2, 1], [1, 0], bias=False),
    conv((8, 7, 2), 3, 3, 2, 2, 2),
    conv((5, 4, 4), 6, 3, 1, 1, 1, 2),
    conv((5, 4, 4), 4, 3, 1, 1, 1, 4),
    conv((5, 4, 3), 5, 1),
    conv((7, 7, 1), 2, 5, padding=2),
    conv((3, 4, 5, 2), 3, [2, 3, 2], [1, 2, 1], 1),
    conv_padded((5, 6, 2), 3, 3, [[1, 1], [1, 1]], "reflect"),
    conv_padded((5, 6, 2), 3, 3, [[1, 2], [0, 1]], "edge"),
    conv_padded((5, 6, 2), 3, 3, [[1, 1], [1, 1]], "circular"),
]
OTHER = [
    pad((4, 5, 2), [[1, 2], [0, 3]], "zero"),
    pad((4, 5, 2), [[3, 2], [1, 4]], "reflect"),
    pad((4, 5, 2), [[5, 2], [1, 6]], "edge"),
    pad((4, 5, 2), [[4, 2], [1, 5]], "circular"),
    pad((6, 3), [[2, 5]], "reflect"),
    pad((2, 3, 4, 1), [[1, 1], [2, 0], [1, 3]], "reflect"),
    batch_norm((3, 4, 3), 2, False),
    batch_norm((3, 4, 3), 2, True),
    batch_norm((5,), 4, False),
    cases.make({"type": "dense", "units": 4}, (7,), lambda x, w, b: x @ w + b, batch=3,
               w=[cases.draw(7, 4), cases.draw(4)]),
    cases.make_first({"type": "relu"}, (3, 4, 2), F.relu),
    cases.make_first({"type": "leaky_relu"}, (3, 4, 2), F.leaky_relu),
    cases.make_first({"type": "leaky_relu", "slope": 0.25}, (3, 4, 2), lambda x: F.leaky_relu(x, 0.25)),
    cases.make_first({"type": "sigmoid"}, (3, 4, 2), torch.sigmoid),
    cases.make_first({"type": "tanh"}, (3, 4, 2), torch.tanh),
    cases.make_first({"type": "softmax"}, (9,), lambda x: F.softmax(x, 1), batch=3),
    cases.make_first({"type": "softmax"}, (2, 3, 5), lambda x: F.softmax(x, 1)),
]
MADE_BY = f"make_layers.py, torch {torch.__version__}"
golden.write("conv.json", MADE_BY, CONVOLUTIONS)
golden.write("other.json", MADE_BY, OTHER)
