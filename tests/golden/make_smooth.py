#!/usr/bin/env python3
"""Writes smooth.json: the smooth pooling layers in float64.

    python3 make_smooth.py        (torch 2.13.0; the version used is written into the file)

lp_pool follows torch.nn.functional.lp_pool where that is defined as here: positive numbers, windows
that are not clipped. The rest are their definitions, window by window, differentiated by PyTorch.
"""
import itertools
import math

import torch
import torch.nn.functional as F

import golden
from torch_cases import Cases, by_rank

cases = Cases(4)


def torch_lp(shape, p, kernel, stride=None):
    layer = {"type": "lp_pool", "p": p, "kernel": kernel}
    if stride:
        layer["stride"] = stride
    return cases.make_first(layer, shape, lambda x: by_rank("lp_pool", shape)(x, p, kernel, stride),
                            x=cases.draw_positive(2, *shape))


def slide(length, kernel, stride, padding=0, dilation=1):
    """The cells of each window along an axis, and their numbers in the kernel."""
    outputs = (length + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    return [[(o * stride - padding + i * dilation, i) for i in range(kernel)
             if 0 <= o * stride - padding + i * dilation < length] for o in range(outputs)]


def adapt(length, outputs):
    starts = [o * length // outputs for o in range(outputs)]
    stops = [-(-(o + 1) * length // outputs) for o in range(outputs)]
    return [[(i, i - a) for i in range(a, b)] for a, b in zip(starts, stops)]


def pool(axes, reduce):
    """axes: a list of windows for each; reduce(values (cells, N, C), cells' numbers) -> (N, C)."""
    def function(x, *w):
        outputs = []
        for window in itertools.product(*axes):
            cells = list(itertools.product(*window))
            values = torch.stack([x[(slice(None), *(c[0] for c in cell))] for cell in cells])
            outputs.append(reduce(values, [[c[1] for c in cell] for cell in cells], *w))
        return torch.stack(outputs, 1).reshape(x.shape[0], *map(len, axes), x.shape[-1])
    return function


def both(grid, shape):
    """A grid as options and as windows."""
    if "output_size" in grid:
        return [adapt(n, grid["output_size"]) for n in shape[:-1]]
    kernel = grid["kernel"]
    return [slide(n, kernel, grid.get("stride", kernel), grid.get("padding", 0),
                  grid.get("dilation", 1)) for n in shape[:-1]]


def case(kind, shape, grid, reduce, w=(), x=None, **options):
    return cases.make({"type": kind, **grid, **options}, shape, pool(both(grid, shape), reduce), x, w)


def norm(p, mean=False):
    def reduce(x, numbers):
        powers = x.abs() ** p
        return (powers.mean(0) if mean else powers.sum(0)) ** (1 / p)
    return reduce


def gaussian_norm(p, kernel, sigma):
    tap = torch.exp(-(torch.arange(kernel) - (kernel - 1) / 2) ** 2 / (2 * sigma ** 2))
    tap /= tap.sum()

    def reduce(x, numbers):
        weights = [math.prod(tap[i].item() for i in number) for number in numbers]
        return sum(g * v.abs() ** p for g, v in zip(weights, x)) ** (1 / p)
    return reduce


def learned_norm(x, numbers, w):
    p = 1 + F.softplus(w)
    return (x.abs() ** p).sum(0) ** (1 / p)


def learned_mean(x, numbers, w):
    p = 1 + F.softplus(w)
    return (x.clamp(min=1e-6) ** p).mean(0) ** (1 / p)


def log_sum_exp(x, numbers, w):
    r = torch.exp(w)
    return (torch.logsumexp(r * x, 0) - math.log(len(numbers))) / r


def soft(x, numbers):
    return (torch.softmax(x, 0) * x).sum(0)


GRIDS = [
    ((7, 6, 2), {"kernel": 3, "stride": 2, "padding": 1}),
    ((9, 3), {"kernel": 3, "stride": 1, "padding": 2, "dilation": 2}),
    ((4, 3, 5, 2), {"kernel": 2}),
    ((7, 5, 2), {"output_size": 3}),
]
CASES = [
    torch_lp((8, 6, 2), 2, 2),
    torch_lp((9, 3), 3, 3, 2),
    torch_lp((7, 6, 2), 1.5, 3, 2),
    torch_lp((4, 5, 4, 2), 4, 2),
    torch_lp((7, 6, 2), 1, [3, 2], [2, 1]),
]
for shape, grid in GRIDS:
    nonzero = torch.where(cases.draw(2, *shape) < 0, -1, 1) * cases.draw_positive(2, *shape)
    CASES += [
        case("lp_pool", shape, grid, norm(2), x=nonzero.clone()),
        case("lp_pool", shape, grid, norm(2.5, True), x=nonzero.clone(), p=2.5, normalize=True),
        case("lp_pool", shape, grid, learned_norm, [torch.tensor([1.5])], nonzero.clone(),
             learn="layer"),
        case("gem_pool", shape, grid, learned_mean, [cases.draw(shape[-1])], nonzero.clone(),
             learn="channel"),
        case("lse_pool", shape, grid, log_sum_exp, [cases.draw(shape[-1])], learn="channel"),
        case("lse_pool", shape, grid, log_sum_exp, [torch.tensor([-1.25])], learn="layer"),
        case("soft_pool", shape, grid, soft),
        case("lip_pool", shape, grid, soft),
    ]
for p, sigma in (2, 1.0), (3, 0.5):
    grid = {"kernel": 3, "stride": 2, "padding": 1}
    x = cases.draw_positive(2, 7, 6, 2)
    CASES.append(case("lp_pool", (7, 6, 2), grid, gaussian_norm(p, 3, sigma), x=x, p=p,
                      gaussian=sigma))

golden.write("smooth.json", f"make_smooth.py, torch {torch.__version__}", CASES)
