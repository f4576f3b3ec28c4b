#!/usr/bin/env python3
"""Writes fractional.json: where PyTorch's fractional pooling puts its windows along one axis.

    python3 make_fractional.py        (torch 2.13.0; the version used is written into the file)

A case is length, outputs, kernel, the random number u (of 24 bits) and the starts of the windows. They are read off
max pooling of an axis that rises: the index of a maximum is the last cell of its window. PyTorch's axes must be longer
than their windows, so the other axis is one of two cells and one window of one.
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
    path.write_text('{"made_with": "torch %s", "cases": [\n%s\n]}\n' % (torch.__version__, ",\n".join(lines)))


if __name__ == "__main__":
    main()
