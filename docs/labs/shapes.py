#!/usr/bin/env python3
"""shapes.py SIDE FOLDER [TRAIN TEST]: pictures for the lab on heads, as a set that Lido reads as npy:FOLDER.
Each shows one shape of 9 to 13 pixels, at any place of a noisy ground of SIDE x SIDE: a disc, a square, a cross or a
diagonal cross, all in outline. The shapes do not grow with the picture. A picture depends on its number alone."""
import pathlib
import random
import struct
import sys

SHAPES = 4


def is_ink(shape, y, x, radius):
    """Whether a stroke two pixels wide passes there, (y, x) being counted from the middle of the shape."""
    if max(abs(y), abs(x)) > radius:
        return False
    if shape == 0:
        return (radius - 2) ** 2 < y * y + x * x <= radius * radius
    if shape == 1:
        return max(abs(y), abs(x)) > radius - 2
    if shape == 2:
        return min(abs(y), abs(x)) < 1
    return abs(abs(y) - abs(x)) < 1


def picture(number, side):
    """Its label and its pixels, row by row."""
    draw = random.Random(number)
    shape, radius, ink = draw.randrange(SHAPES), draw.uniform(4.5, 6.5), draw.randrange(120, 250)
    top, left = (draw.uniform(radius, side - 1 - radius) for _ in range(2))
    pixels = bytearray(draw.randrange(0, 90) for _ in range(side * side))
    for y in range(side):
        for x in range(side):
            if is_ink(shape, y - top, x - left, radius):
                pixels[y * side + x] = ink + draw.randrange(6)
    return shape, bytes(pixels)


def npy(dims, data):
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({''.join(f'{d}, ' for d in dims)}), }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data


def main(side, folder, counts):
    folder.mkdir(parents=True, exist_ok=True)
    first = 0
    for split, count in zip(("train", "test"), counts):
        labels, pixels = zip(*(picture(first + i, side) for i in range(count)))
        (folder / f"{split}_labels.npy").write_bytes(npy([count], bytes(labels)))
        (folder / f"{split}_images.npy").write_bytes(npy([count, side, side], b"".join(pixels)))
        first += count


if __name__ == "__main__":
    if len(sys.argv) not in (3, 5):
        sys.exit(__doc__)
    main(int(sys.argv[1]), pathlib.Path(sys.argv[2]), [int(n) for n in sys.argv[3:]] or [400, 1000])
