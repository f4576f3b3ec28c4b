#!/usr/bin/env python3
"""Writes fractional.json: where PyTorch's fractional pooling puts its windows, and what it makes of them.

    python3 make_fractional.py        (torch 2.13.0; the version used is written into the file)

A case is length, outputs, kernel, the random number u (of 24 bits) and the starts of the windows. They are read off
max pooling of an axis that rises: the index of a maximum is the last cell of its window. PyTorch's axes must be longer
than their windows, so the other axis is one of two cells and one window of one.

"layers" are fractional_max_pool2d and 3d on whole arrays, in float32 (in which the positions are computed): a layer as
in a spec, shape and batch, x, draws (batch, axes) in Lido's order of axes, y, the index of each maximum in its plane,
dy, and the dx that follows from it. PyTorch's _random_samples are (batch, channels, axes) with the axes in the order
W, H in 2-D and T, H, W in 3-D; every channel has the numbers of its sample. Inputs are multiples of 1/64, so that sums
are exact and ties occur.
"""
import json
import pathlib

import torch
import torch.nn.functional as F


def starts(length, outputs, kernel, u):
    x = torch.arange(2.0 * length).view(1, 1, 2, length)
    samples = torch.tensor([[[u, 0.0]]])  # (N, C, [W, H])
    _, index = F.fractional_max_pool2d(x, (1, kernel), output_size=(1, outputs), return_indices=True,
                                       _random_samples=samples)
    return [int(i) % length - kernel + 1 for i in index.flatten()]


def flat(t):
    return [int(v) if float(v).is_integer() else float(v) for v in t.contiguous().flatten()]


def last(t):
    """(N, C, ...) with the channels last."""
    return t.movedim(1, -1)


def layer(shape, batch, kernel, generator, output_size=None, ratio=None):
    """One fractional max pooling of `batch` arrays of `shape`, channels last."""
    axes, channels = len(shape) - 1, shape[-1]
    pool = F.fractional_max_pool2d if axes == 2 else F.fractional_max_pool3d
    x = (torch.randint(-128, 128, (batch, channels, *shape[:-1]), generator=generator) / 64).requires_grad_()
    draws = torch.randint(0, 1 << 24, (batch, axes), generator=generator) / (1 << 24)
    samples = (draws.flip(1) if axes == 2 else draws)[:, None].expand(batch, channels, axes).contiguous()
    y, index = pool(x, kernel, output_size=output_size, output_ratio=ratio and (ratio,) * axes, return_indices=True,
                    _random_samples=samples)
    dy = torch.randint(-128, 128, y.shape, generator=generator) / 64
    y.backward(dy)
    fractional = {"kernel": list(kernel)} | ({"ratio": ratio} if ratio else {"output_size": list(output_size)})
    return {"layer": {"type": "max_pool", "fractional": fractional}, "shape": list(shape), "batch": batch,
            "x": flat(last(x.detach())), "draws": flat(draws), "y": flat(last(y.detach())),
            "switches": flat(last(index)), "dy": flat(last(dy)), "dx": flat(last(x.grad))}


def main():
    generator = torch.Generator().manual_seed(1)
    cases = [(10, 7, 2, 0.35), (10, 1, 3, 0.5), (6, 5, 2, 0.999999940395355)]
    for length in (5, 10, 16, 25, 31, 56, 100, 224, 1023):
        for _ in range(4):
            kernel = int(torch.randint(1, min(4, length - 1) + 1, (), generator=generator))
            outputs = int(torch.randint(1, length - kernel + 2, (), generator=generator))
            u = int(torch.randint(0, 1 << 24, (), generator=generator)) / (1 << 24)
            cases.append((length, outputs, kernel, u))
    path = pathlib.Path(__file__).with_name("fractional.json")
    lines = [json.dumps(dict(zip(("length", "outputs", "kernel", "u"), c)) | {"starts": starts(*c)}) for c in cases]
    layers = [layer((9, 11, 3), 2, (2, 3), generator, output_size=(5, 6)),
              layer((8, 7, 2), 3, (3, 2), generator, output_size=(6, 1)),
              layer((13, 6, 1), 2, (2, 2), generator, ratio=0.7),
              layer((5, 6, 7, 2), 2, (2, 2, 3), generator, output_size=(3, 4, 3)),
              layer((7, 4, 5, 3), 2, (3, 1, 2), generator, output_size=(2, 3, 3)),
              layer((6, 8, 5, 1), 1, (2, 2, 2), generator, ratio=0.6)]
    path.write_text('{"made_with": "torch %s", "cases": [\n%s\n],\n"layers": [\n%s\n]}\n' % (
        torch.__version__, ",\n".join(lines), ",\n".join(json.dumps(made, separators=(",", ":")) for made in layers)))


if __name__ == "__main__":
    main()
