#!/usr/bin/env python3
"""Writes pool.json: PyTorch's pooling modules with each of their options, in float64, indices and gradients included.

    python3 make_pool.py        (torch 2.13.0; the version used is written into the file)

FractionalMaxPool has a script of its own, make_fractional.py. Padding that differs before and after, and minima and
sums, which PyTorch's modules lack, are made of those modules at the end.
"""
import numpy
import torch
import torch.nn.functional as F

import golden
import torch_pooling
from torch_pooling import Pooling

torch.set_default_dtype(torch.float64)
generator = numpy.random.default_rng(1)

SHAPES = {1: (9, 2), 2: (7, 6, 2), 3: (4, 5, 4, 1)}
NARROW = {1: (3, 2), 2: (3, 4, 2), 3: (2, 3, 2, 1)}
WINDOWS = [  # of all three
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 1},
    {"kernel_size": 2, "stride": 3},
    {"kernel_size": 2, "stride": 3, "ceil_mode": True},
]
PADDED = [  # of MaxPool and AvgPool
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
    {"kernel_size": 2, "stride": 2, "padding": 1, "ceil_mode": True},
]
MAX = [
    {"kernel_size": 2, "stride": 1, "dilation": 2},
    {"kernel_size": 2, "stride": 2, "padding": 1, "dilation": 3},
    {"kernel_size": 2, "stride": 2, "padding": 1, "dilation": 2, "ceil_mode": True},
]
AVG = [
    {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False},
    {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True, "count_include_pad": False},
    {"kernel_size": 4, "stride": 3, "padding": 2, "ceil_mode": True, "count_include_pad": True},
]
DIVISOR = [  # AvgPool2d and 3d
    {"kernel_size": 2, "divisor_override": 3},
    {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True, "divisor_override": 5},
    {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False, "divisor_override": 1},
]
EACH_AXIS = {
    2: [{"kernel_size": [3, 2], "stride": [1, 2], "padding": [1, 0]},
        {"kernel_size": [2, 4], "stride": [3, 1], "padding": [0, 2], "ceil_mode": True}],
    3: [{"kernel_size": [2, 3, 2], "stride": [1, 2, 2], "padding": [1, 1, 0]}],
}
NORMS = [1, 1.5, 2, 3, 7]
OUTPUT_SIZES = {
    1: [1, 4, 9, 13],
    2: [1, 3, 10, [7, 1], [None, 4], [3, None], [9, 2]],
    3: [1, 2, 6, [4, None, 3], [None, 2, None], [3, 7, 1]],
}
UNPOOL = {
    1: [{"kernel_size": 2}, {"kernel_size": 2, "stride": 3}, {"kernel_size": 3, "stride": 3, "padding": 1}],
    2: [{"kernel_size": 2}, {"kernel_size": 2, "stride": 3, "padding": 1},
        {"kernel_size": [3, 2], "stride": [3, 4], "padding": [1, 0]}],
    3: [{"kernel_size": 2}, {"kernel_size": [1, 2, 3], "stride": [2, 2, 3], "padding": [0, 1, 1]}],
}


def draw(*shape):
    return torch.from_numpy(golden.eighths(generator, *shape))


def windows(axes):
    shared = EACH_AXIS.get(axes, []) + PADDED + WINDOWS
    return {"MaxPool": shared + MAX, "AvgPool": shared + AVG + (DIVISOR if axes > 1 else [])}


def poolings():
    for axes in SHAPES:
        for kind, chosen in windows(axes).items():
            yield from (Pooling(kind, axes, options) for options in chosen)
        for kind in "AdaptiveMaxPool", "AdaptiveAvgPool":
            yield from (Pooling(kind, axes, {"output_size": size}) for size in OUTPUT_SIZES[axes])
        for p, options in zip(NORMS, WINDOWS + [{"kernel_size": 3, "stride": 2}]):
            yield Pooling("LPPool", axes, {"norm_type": p} | options)


def case(pooling):
    shape = NARROW[pooling.axes] if pooling.kind.startswith("Adaptive") else SHAPES[pooling.axes]
    if pooling.options.get("ceil_mode") and pooling.kind == "LPPool":
        shape = tuple(n - n % 3 + 2 for n in shape[:-1]) + shape[-1:]  # no window is clipped
    x = draw(2 if pooling.axes == 1 else 1, *shape)
    if pooling.kind == "LPPool":
        x = x.abs() + 0.125
    assert pooling.deviation(x.movedim(-1, 1)) is None, pooling
    return torch_pooling.case(pooling, x, draw)


def made_of(layer, shape, function):
    """A case of a layer that function, made of PyTorch's, computes from (N, C, ...)."""
    x = draw(2, *shape).requires_grad_()
    y = function(x.movedim(-1, 1)).movedim(1, -1)
    dy = draw(*y.shape)
    y.backward(dy)
    return {"layer": layer, "shape": list(shape), "batch": 2, "x": golden.flat(x), "y": golden.flat(y),
            "dy": golden.flat(dy), "dx": golden.flat(x.grad)}


def uneven(kind, shape, kernel, stride, pairs):
    pool, fill = {"max_pool": ("max_pool", -torch.inf), "avg_pool": ("avg_pool", 0)}[kind]
    pool = getattr(F, f"{pool}{len(shape) - 1}d")
    pads = [n for pair in reversed(pairs) for n in pair]
    return made_of({"type": kind, "kernel": kernel, "stride": stride, "padding": pairs}, shape,
                   lambda x: pool(F.pad(x, pads, value=fill), kernel, stride))


OTHERS = [
    uneven("max_pool", (7, 6, 2), 3, 2, [[1, 2], [0, 1]]),
    uneven("avg_pool", (7, 6, 2), 3, 2, [[1, 2], [0, 1]]),
    uneven("avg_pool", (9, 2), 4, 3, [[3, 1]]),
    uneven("max_pool", (4, 5, 4, 1), 2, 2, [[1, 0], [0, 1], [1, 1]]),
    made_of({"type": "min_pool", "kernel": 3, "stride": 2, "padding": 1}, (7, 6, 2),
            lambda x: -F.max_pool2d(-x, 3, 2, 1)),
    made_of({"type": "min_pool", "output_size": [3, 5]}, (7, 4, 2), lambda x: -F.adaptive_max_pool2d(-x, (3, 5))),
    made_of({"type": "sum_pool", "kernel": 3, "stride": 2, "padding": 1, "ceil": True}, (8, 6, 2),
            lambda x: F.avg_pool2d(x, 3, 2, 1, True, divisor_override=1)),
    made_of({"type": "max_pool", "global": True}, (5, 7, 3), lambda x: F.adaptive_max_pool2d(x, 1).flatten(1)),
    made_of({"type": "avg_pool", "global": True}, (5, 7, 3), lambda x: x.mean((2, 3))),
    made_of({"type": "avg_pool", "global": True, "keepdims": True}, (3, 4, 3, 2),
            lambda x: x.mean((2, 3, 4), keepdim=True)),
]


def unpoolings():
    """Windows that overlap nowhere, so that no cell is chosen twice."""
    for axes, shape in SHAPES.items():
        for options in UNPOOL[axes]:
            yield torch_pooling.unpool_case(axes, draw(1, *shape), options, draw)


golden.write("pool.json", f"make_pool.py, torch {torch.__version__}",
             [case(p) for p in poolings()] + [*unpoolings()] + OTHERS)
