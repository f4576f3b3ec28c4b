#!/usr/bin/env python3
"""layer.py LAYER NUMBER...: what a layer makes of a row of numbers, by `lido op`, which has to be on the path:
    python3 docs/labs/layer.py '{"type": "max_pool", "kernel": 2}' 0 0 1 1"""
import array
import json
import pathlib
import struct
import subprocess
import sys
import tempfile


def write_npy(path, dims, values):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({''.join(f'{d}, ' for d in dims)}), }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() +
                     array.array("f", values).tobytes())


def read_npy(path):
    data = path.read_bytes()
    return list(array.array("f", data[10 + struct.unpack("<H", data[8:10])[0]:]))


def run_layer(layer, dims, values, gradient=None):
    """y, and dx where the gradient at y is given with its dimensions: (dims, values). Dimensions are (N, H, W, C) or
    (N, W, C). Raises RuntimeError with what lido said."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        command = ["lido", "op", json.dumps(layer), "--quiet", "--input", folder / "x.npy",
                   "--output", folder / "y.npy"]
        write_npy(folder / "x.npy", dims, values)
        if gradient:
            write_npy(folder / "dy.npy", *gradient)
            command += ["--grad-output", folder / "dy.npy", "--grad-input", folder / "dx.npy"]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode:
            raise RuntimeError(run.stderr.strip())
        return read_npy(folder / "y.npy"), read_npy(folder / "dx.npy") if gradient else None


def run_on_row(layer, row):
    return run_layer(layer, (1, len(row), 1), row)[0]


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    try:
        y = run_on_row(json.loads(sys.argv[1]), [float(number) for number in sys.argv[2:]])
    except (RuntimeError, ValueError) as error:
        sys.exit(f"{error}")
    print(*(f"{number:g}" for number in y))
