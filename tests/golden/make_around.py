#!/usr/bin/env python3
"""Writes around.json: the layers around pooling computed by PyTorch in float64, channels last.

    python3 make_around.py        (torch 2.13.0; the version used is written into the file)
"""
import torch
import torch.nn.functional as F

import golden
from torch_cases import Cases, by_rank, weights_first

cases = Cases(3)


def channel_max(shape, size):
    """By pooling the channels as an axis, since PyTorch has no maxout."""
    def function(x):
        lines = x.movedim(1, -1)
        return F.max_pool1d(lines.reshape(-1, 1, shape[-1]), size).reshape(
            *lines.shape[:-1], -1).movedim(-1, 1)
    return cases.make_first({"type": "channel_max", "size": size}, shape, function)


def local_response_norm(shape, size, **options):
    return cases.make_first({"type": "local_response_norm", "size": size, **options}, shape,
                            lambda x: F.local_response_norm(x, size, **options))


def upsample(shape, mode, scale=None, size=None, corners=None):
    """PyTorch's "nearest" counts cells from the edge, its "nearest-exact" from their centres."""
    linear = ("linear", "bilinear", "trilinear")[len(shape) - 2]
    names = {"repeat": "nearest", "nearest": "nearest-exact", "bilinear": linear}
    layer = {"type": "upsample", "mode": mode}
    if scale:
        layer["scale"] = scale
        ratios = [scale] * (len(shape) - 1) if isinstance(scale, int) else scale
        size = [length * ratio for length, ratio in zip(shape, ratios)]
    else:
        layer["output_size"] = size
    if corners is not None:
        layer["align_corners"] = corners
    if mode == "bilinear":
        corners = bool(corners)
    return cases.make_first(layer, shape,
                            lambda x: F.interpolate(x, size, mode=names[mode], align_corners=corners))


def squeeze_excite(shape, reduction):
    c, axes = shape[-1], tuple(range(2, len(shape) + 1))

    def function(x, w1, b1, w2, b2):
        factor = torch.sigmoid(F.relu(x.mean(axes) @ w1 + b1) @ w2 + b2)
        return x * factor.reshape(*factor.shape, *[1 for _ in axes])

    return cases.make_first({"type": "squeeze_excite", "reduction": reduction}, shape, function,
                            w=[cases.draw(c, c // reduction), cases.draw(c // reduction),
                               cases.draw(c // reduction, c), cases.draw(c)])


def transposed_conv(shape, filters, kernel, stride=1, padding=0, output_padding=0, dilation=1,
                    groups=1, bias=True):
    """Ours are (taps, filters / groups, channels), PyTorch's (channels, filters / groups, taps)."""
    rank = len(shape) - 1
    kernels = [kernel] * rank if isinstance(kernel, int) else kernel
    layer = {"type": "transposed_conv", "filters": filters, "kernel": kernel, "stride": stride,
             "padding": padding, "output_padding": output_padding, "dilation": dilation,
             "groups": groups, "bias": bias}
    w = [cases.draw(*kernels, filters // groups, shape[-1])] + ([cases.draw(filters)] if bias else [])

    def function(x, weight, bias=None):
        return by_rank("conv_transpose", shape)(x, weights_first(weight), bias, stride, padding,
                                                output_padding, groups, dilation)

    return cases.make_first(layer, shape, function, w=w)


def avg_unpool(shape, kernel, stride, padding, larger, count=None):
    """The gradient of average pooling of zeros, which PyTorch differentiates once more."""
    layer = {"type": "avg_unpool", "kernel": kernel, "stride": stride, "padding": padding,
             "output_size": list(larger)}
    if count is not None:
        layer["count_include_pad"] = count

    def function(x):
        zeros = torch.zeros(x.shape[0], shape[-1], *larger, requires_grad=True)
        pooled = by_rank("avg_pool", shape)(zeros, kernel, stride, padding,
                                            count_include_pad=count is not False)
        return torch.autograd.grad(pooled, zeros, x, create_graph=True)[0]

    return cases.make_first(layer, shape, function)


CASES = [
    channel_max((3, 4, 6), 2),
    channel_max((5, 6), 3),
    channel_max((2, 3, 2, 5), 5),
    local_response_norm((3, 4, 7), 5),
    local_response_norm((3, 4, 7), 5, alpha=5e-4, beta=0.75, k=2.0),
    local_response_norm((2, 3, 6), 4, alpha=0.5, beta=0.5, k=1.5),
    local_response_norm((4, 3), 9, alpha=2.0, beta=1.3),
    local_response_norm((2, 3, 2, 8), 3, alpha=1.0),
    upsample((3, 4, 2), "repeat", 3),
    upsample((3, 5, 2), "repeat", size=[8, 3]),
    upsample((3, 4, 2), "nearest", [2, 3]),
    upsample((7, 5, 2), "nearest", size=[4, 13]),
    upsample((7, 2), "nearest", size=[11]),
    upsample((2, 3, 4, 1), "nearest", size=[3, 5, 7]),
    upsample((3, 4, 2), "bilinear", 2),
    upsample((3, 4, 2), "bilinear", 2, corners=True),
    upsample((5, 7, 3), "bilinear", size=[9, 4]),
    upsample((5, 7, 3), "bilinear", size=[3, 16], corners=True),
    upsample((5, 2), "bilinear", size=[8]),
    upsample((2, 3, 4, 2), "bilinear", 2),
    upsample((2, 3, 4, 2), "bilinear", size=[5, 4, 3], corners=True),
    squeeze_excite((3, 4, 6), 2),
    squeeze_excite((5, 4), 4),
    squeeze_excite((2, 3, 2, 6), 3),
    transposed_conv((4, 5, 3), 2, 3),
    transposed_conv((4, 5, 3), 2, 2, 2),
    transposed_conv((4, 5, 3), 4, 3, 2, 1, 1),
    transposed_conv((4, 3, 2), 3, [3, 2], [2, 3], [1, 0], [0, 2], bias=False),
    transposed_conv((3, 4, 2), 2, 3, 2, 2, 2, 3),
    transposed_conv((3, 4, 4), 6, 3, 2, 1, 1, 1, 2),
    transposed_conv((3, 4, 4), 4, 3, 1, 1, 0, 1, 4),
    transposed_conv((9, 3), 2, 5, 3, 2, 1),
    transposed_conv((2, 3, 2, 3), 2, [2, 3, 2], [1, 2, 2], [0, 1, 0], [0, 1, 1]),
    transposed_conv((8, 8, 2), 3, 3, 1, 1),
    avg_unpool((3, 4, 2), 2, 2, 0, (6, 8)),
    avg_unpool((4, 3, 2), 3, 2, 1, (7, 6)),
    avg_unpool((4, 3, 2), 3, 2, 1, (8, 5), False),
    avg_unpool((5, 3), 5, 3, 2, (14,)),
    avg_unpool((2, 3, 2, 3), [2, 3, 2], [1, 2, 2], [0, 1, 1], (3, 5, 2), True),
]

golden.write("around.json", f"make_around.py, torch {torch.__version__}", CASES)
