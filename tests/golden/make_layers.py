#!/usr/bin/env python3
"""Writes pool.json, conv.json and other.json: layers computed by PyTorch in float64, channels last.

    python3 make_layers.py        (torch 2.13.0; the version used is written into each file)

A case is a layer as in a spec, its input shape, and x, dy, y, dx, parameters, their gradients and
running state as flat lists. Inputs are multiples of 1/64, so that float and double start from the
same numbers and ties occur.
"""
import json
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)


def draw(*shape):
    return torch.randint(-128, 128, shape) / 64


def first(t):
    """(N, ..., C) as PyTorch wants it: (N, C, ...)."""
    return t.movedim(-1, 1)


def short(value):
    """15 digits; an integer without its point."""
    value = float(f"{value:.15g}")
    return int(value) if value.is_integer() else value


def flat(t):
    return [short(v) for v in t.detach().contiguous().flatten()]


def make(layer, shape, function, batch=None, w=(), state=(), evaluation=False):
    """function(x as (N, C, ...), *w) -> y as (N, C, ...) or (N, C)."""
    batch = batch or (2 if len(shape) < 4 and layer["type"] != "pad" else 1)
    x = draw(batch, *shape).requires_grad_()
    w = [v.requires_grad_() for v in w]
    case = {"layer": layer, "shape": list(shape), "batch": batch, "x": flat(x)}
    if w:
        case["w"] = [flat(v) for v in w]
    if state:
        case["state"] = [flat(v) for v in state]
    y = function(first(x), *w)
    if y.dim() > 2:
        y = y.movedim(1, -1)
    case["y"] = flat(y)
    if evaluation:
        return case
    dy = draw(*y.shape)
    y.backward(dy)
    case["dy"], case["dx"] = flat(dy), flat(x.grad)
    if w:
        case["dw"] = [flat(v.grad) for v in w]
    if state:
        case["state_after"] = [flat(v) for v in state]
    return case


def by_rank(names, shape):
    return names[len(shape) - 2]


MAX = (F.max_pool1d, F.max_pool2d, F.max_pool3d)
AVG = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)
AMAX = (F.adaptive_max_pool1d, F.adaptive_max_pool2d, F.adaptive_max_pool3d)
AAVG = (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d)
CONV = (F.conv1d, F.conv2d, F.conv3d)


def max_pool(shape, kernel, stride=None, padding=0, dilation=1, ceil=False):
    layer = {"type": "max_pool", "kernel": kernel, "padding": padding, "dilation": dilation,
             "ceil": ceil}
    if stride:
        layer["stride"] = stride
    pool = by_rank(MAX, shape)
    return make(layer, shape,
                lambda x: pool(x, kernel, stride, padding, dilation, ceil_mode=ceil))


def avg_pool(shape, kernel, stride=None, padding=0, ceil=False, count=None, divisor=None):
    layer = {"type": "avg_pool", "kernel": kernel, "padding": padding, "ceil": ceil}
    if stride:
        layer["stride"] = stride
    options = {}
    if count is not None:
        layer["count_include_pad"] = options["count_include_pad"] = count
    if divisor is not None:
        layer["divisor"] = options["divisor_override"] = divisor
    pool = by_rank(AVG, shape)
    return make(layer, shape, lambda x: pool(x, kernel, stride, padding, ceil, **options))


def torch_pads(pairs):
    return [n for pair in reversed(pairs) for n in pair]


def uneven(kind, shape, kernel, stride, pairs):
    """Padding that differs before and after: by hand, since PyTorch's pooling has none."""
    layer = {"type": kind, "kernel": kernel, "stride": stride, "padding": pairs}
    fill = float("-inf") if kind == "max_pool" else 0.0
    pool = by_rank(MAX if kind == "max_pool" else AVG, shape)
    return make(layer, shape,
                lambda x: pool(F.pad(x, torch_pads(pairs), value=fill), kernel, stride))


def adaptive(kind, shape, size):
    pool = by_rank(AMAX if kind == "max_pool" else AAVG, shape)
    return make({"type": kind, "output_size": size}, shape, lambda x: pool(x, size))


def everywhere(kind, shape, keepdims):
    axes = tuple(range(2, len(shape) + 1))
    layer = {"type": kind, "global": True}
    if keepdims:
        layer["keepdims"] = True
    if kind == "avg_pool":
        return make(layer, shape, lambda x: x.mean(axes, keepdim=keepdims))
    pool = by_rank(AMAX, shape)  # amax would share the gradient among ties
    return make(layer, shape, lambda x: pool(x, 1) if keepdims else pool(x, 1).flatten(1))


def pad(shape, pairs, mode):
    names = {"zero": "constant", "reflect": "reflect", "edge": "replicate", "circular": "circular"}
    return make({"type": "pad", "padding": pairs, "mode": mode}, shape,
                lambda x: F.pad(x, torch_pads(pairs), mode=names[mode]))


def conv(shape, filters, kernel, stride=1, padding=0, dilation=1, groups=1, bias=True):
    rank = len(shape) - 1
    kernels = [kernel] * rank if isinstance(kernel, int) else kernel
    layer = {"type": "conv", "filters": filters, "kernel": kernel, "stride": stride,
             "padding": padding, "dilation": dilation, "groups": groups, "bias": bias}
    weight = draw(*kernels, shape[-1] // groups, filters)
    w = [weight, draw(filters)] if bias else [weight]
    conv = by_rank(CONV, shape)

    def function(x, weight, bias=None):
        lying = weight.movedim(-1, 0).movedim(-1, 1)
        return conv(x, lying, bias, stride, padding, dilation, groups)

    return make(layer, shape, function, w=w)


def conv_padded(shape, filters, kernel, pairs, mode):
    names = {"zero": "constant", "reflect": "reflect", "edge": "replicate", "circular": "circular"}
    rank = len(shape) - 1
    layer = {"type": "conv", "filters": filters, "kernel": kernel, "padding": pairs,
             "padding_mode": mode}
    conv = by_rank(CONV, shape)

    def function(x, weight, bias):
        lying = weight.movedim(-1, 0).movedim(-1, 1)
        return conv(F.pad(x, torch_pads(pairs), mode=names[mode]), lying, bias)

    return make(layer, shape, function,
                w=[draw(*[kernel] * rank, shape[-1], filters), draw(filters)])


def batch_norm(shape, batch, evaluation):
    c = shape[-1]
    mean, variance = draw(c), draw(c).abs() + 0.5
    return make({"type": "batch_norm"}, shape,
                lambda x, scale, shift: F.batch_norm(x, mean, variance, scale, shift,
                                                     training=not evaluation),
                batch=batch, w=[draw(c), draw(c)], state=[mean, variance], evaluation=evaluation)


POOL = [
    max_pool((4, 4, 1), 2),
    max_pool((9, 3), 3, 2, 1),
    max_pool((7, 6, 3), 3, 2, 1),
    max_pool((7, 6, 2), [3, 2], [1, 2], [1, 0], [2, 1]),
    max_pool((8, 7, 2), 3, 2, 0, 1, True),
    max_pool((7, 8, 2), 3, 2, 1, 1, True),
    max_pool((10, 9, 1), 2, 3, 1, 2),
    max_pool((4, 5, 4, 2), [2, 3, 2], [1, 2, 2], 1),
    avg_pool((4, 4, 1), 2),
    avg_pool((9, 3), 3, 2, 1),
    avg_pool((7, 6, 3), 3, 2, 1),
    avg_pool((7, 6, 3), 3, 2, 1, count=False),
    avg_pool((8, 6, 2), 3, 2, 1, True),
    avg_pool((8, 6, 2), 3, 2, 1, True, count=False),
    avg_pool((8, 6, 2), [2, 3], [2, 1], [1, 0], divisor=5),
    avg_pool((8, 7, 1), 5, 3, 2, True),
    avg_pool((4, 5, 4, 2), [2, 3, 2], [1, 2, 2], 1, True),
    avg_pool((4, 5, 4, 2), 2, 2, 1, count=False),
    uneven("max_pool", (7, 6, 2), 3, 2, [[1, 2], [0, 1]]),
    uneven("avg_pool", (7, 6, 2), 3, 2, [[1, 2], [0, 1]]),
    uneven("avg_pool", (9, 2), 4, 3, [[3, 1]]),
    adaptive("max_pool", (7, 2), 3),
    adaptive("max_pool", (7, 5, 2), [3, 4]),
    adaptive("max_pool", (4, 5, 3, 1), [2, 3, 2]),
    adaptive("avg_pool", (7, 2), 3),
    adaptive("avg_pool", (7, 5, 2), [3, None]),
    adaptive("avg_pool", (3, 4, 2), [5, 7]),
    adaptive("avg_pool", (4, 5, 3, 1), [2, 3, 2]),
    everywhere("max_pool", (5, 7, 3), False),
    everywhere("avg_pool", (5, 7, 3), False),
    everywhere("avg_pool", (3, 4, 3, 2), True),
    pad((4, 5, 2), [[1, 2], [0, 3]], "zero"),
    pad((4, 5, 2), [[3, 2], [1, 4]], "reflect"),
    pad((4, 5, 2), [[5, 2], [1, 6]], "edge"),
    pad((4, 5, 2), [[4, 2], [1, 5]], "circular"),
    pad((6, 3), [[2, 5]], "reflect"),
    pad((2, 3, 4, 1), [[1, 1], [2, 0], [1, 3]], "reflect"),
]
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
    batch_norm((3, 4, 3), 2, False),
    batch_norm((3, 4, 3), 2, True),
    batch_norm((5,), 4, False),
    make({"type": "dense", "units": 4}, (7,), lambda x, w, b: x @ w + b, 3,
         w=[draw(7, 4), draw(4)]),
    make({"type": "relu"}, (3, 4, 2), F.relu),
    make({"type": "leaky_relu"}, (3, 4, 2), F.leaky_relu),
    make({"type": "leaky_relu", "slope": 0.25}, (3, 4, 2), lambda x: F.leaky_relu(x, 0.25)),
    make({"type": "sigmoid"}, (3, 4, 2), torch.sigmoid),
    make({"type": "tanh"}, (3, 4, 2), torch.tanh),
    make({"type": "softmax"}, (9,), lambda x: F.softmax(x, 1), 3),
    make({"type": "softmax"}, (2, 3, 5), lambda x: F.softmax(x, 1)),
]


def write(name, cases):
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    text = f'{{"made_by":"make_layers.py, torch {torch.__version__}","cases":[\n{lines}\n]}}\n'
    (pathlib.Path(__file__).parent / name).write_text(text)


write("pool.json", POOL)
write("conv.json", CONVOLUTIONS)
write("other.json", OTHER)
