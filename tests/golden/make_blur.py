#!/usr/bin/env python3
"""Writes blur.json: blur_pool as PyTorch computes it in float64, by F.pad and a depthwise convolution.

    python3 make_blur.py        (torch 2.13.0; the version used is written into the file)
"""
import math

import torch
import torch.nn.functional as F

import golden
from torch_cases import PAD_MODES, Cases, by_rank

cases = Cases(3)


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
    padded = F.pad(x, pads, mode=PAD_MODES[mode])
    return by_rank("conv", x.shape[1:])(padded, weight, stride=strides, groups=channels)


def make(shape, kernel, stride=None, mode=None):
    rank = len(shape) - 1
    layer = {"type": "blur_pool", "kernel": kernel}
    if stride:
        layer["stride"] = stride
    if mode:
        layer["padding_mode"] = mode
    kernels = [kernel] * rank if isinstance(kernel, int) else kernel
    strides = [stride or 2] * rank if not isinstance(stride, list) else stride
    return cases.make_first(layer, shape, lambda x: blur(x, kernels, strides, mode or "reflect"))


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

golden.write("blur.json", f"make_blur.py, torch {torch.__version__}", CASES)
