"""harness.py - what the tests of the program share: running it, a small data set, and writers and
readers of the files it deals in, on the standard library alone."""
import array
import json
import math
import os
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

LIDO = str(pathlib.Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else "lido"


class Case(unittest.TestCase):
    """A test with a folder of its own (self.dir), in which the program runs."""

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="lido-test-"))
        self.addCleanup(shutil.rmtree, self.dir)

    def path(self, name):
        return str(self.dir / name)

    def write(self, name, content):
        """A file of text, bytes, or JSON; returns its name."""
        if isinstance(content, (dict, list)):
            content = json.dumps(content)
        data = content if isinstance(content, bytes) else content.encode()
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return name

    def start(self, *args, program=LIDO, **options):
        """The environment is the caller's without places where data may lie."""
        environment = {key: value for key, value in os.environ.items() if key != "LIDO_DATA"}
        environment |= {"XDG_CACHE_HOME": self.path("cache")}
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options
        return subprocess.Popen([program, *map(str, args)], cwd=self.dir, env=environment, **options)

    def run_lido(self, *args, **options):
        process = self.start(*args, **options)
        process.out, process.err = process.communicate(timeout=60)
        return process

    def ok(self, *args):
        """Runs what must succeed; returns its standard output."""
        run = self.run_lido(*args)
        self.assertEqual(run.returncode, 0, run.err)
        return run.out

    def json(self, *args):
        """Runs what must succeed and returns its line of JSON, which is all of standard output."""
        out = self.ok(*args, "--json", "--quiet")
        self.assertEqual(out.count("\n"), 1, out)
        return json.loads(out)

    def fails(self, status, *patterns_and_args, **options):
        """fails(status, [pattern, ...], *args): the exit status, and every pattern in the message."""
        patterns, *args = patterns_and_args
        run = self.run_lido(*args, **options)
        self.assertEqual(run.returncode, status, run.err)
        self.assertTrue(run.err.startswith("lido"), run.err)
        for pattern in patterns:
            self.assertIsNotNone(re.search(pattern, run.err), f"{pattern!r} is not in: {run.err}")
        return run

    def same_files(self, a, b):
        self.assertEqual((self.dir / a).read_bytes(), (self.dir / b).read_bytes(), f"{a} != {b}")


# ---- a data set that is learnt in a moment: where a bright spot lies ----------------------------

SIDE, CLASSES = 8, 3
SPOTS = [(1, 1), (1, 5), (5, 3)]  # its upper left corner, for each class


def spot(label, noise):
    pixels = [noise.randrange(60) for _ in range(SIDE * SIDE)]
    for y in range(2):
        for x in range(2):
            pixels[(SPOTS[label][0] + y) * SIDE + SPOTS[label][1] + x] = 200 + noise.randrange(56)
    return bytes(pixels)


def idx(dims, data):
    return bytes([0, 0, 8, len(dims)]) + struct.pack(f">{len(dims)}I", *dims) + data


def write_spots(case, folder="spots", train=192, test=60):
    """An IDX set, as a spec names it: "idx:spots"."""
    noise = random.Random(7)
    for name, count in (("train", train), ("t10k", test)):
        labels = bytes(i % CLASSES for i in range(count))
        case.write(f"{folder}/{name}-images-idx3-ubyte",
                   idx([count, SIDE, SIDE], b"".join(spot(label, noise) for label in labels)))
        case.write(f"{folder}/{name}-labels-idx1-ubyte", idx([count], labels))
    return f"idx:{folder}"


def spots_spec(**train):
    """A network for it; keywords go into "train"."""
    return {
        "name": "spots", "input": [SIDE, SIDE, 1],
        "define": {"pool": {"type": "max_pool", "kernel": 2}},
        "layers": [
            {"type": "conv", "filters": 4, "kernel": 3, "padding": 1, "activation": "relu"},
            {"use": "pool"}, {"type": "flatten"}, {"type": "dropout", "rate": 0.1},
            {"type": "dense", "units": CLASSES}, {"type": "softmax"}],
        "train": {"data": "idx:spots", "batch": 20, "epochs": 3,
                  "optimizer": {"type": "adam", "lr": 0.01}} | train}


# ---- files ---------------------------------------------------------------------------------------

def png(width, height, channels, pixels):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    row = width * channels
    lines = b"".join(b"\0" + pixels[y * row:(y + 1) * row] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, {1: 0, 3: 2}[channels], 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) +
            chunk(b"IEND", b""))


NPY_CODES = {"<f4": "f", "<f8": "d", "|u1": "B", "<i4": "i", "<i8": "q"}


def npy(dims, values, kind="<f4"):
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': ({''.join(f'{d}, ' for d in dims)}), }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    return (b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() +
            array.array(NPY_CODES[kind], values).tobytes())


def read_npy(path, kind="<f4"):
    """Its dimensions and values, of a file of that kind."""
    data = pathlib.Path(path).read_bytes()
    length = struct.unpack("<H", data[8:10])[0]
    header = data[10:10 + length].decode()
    assert f"'{kind}'" in header and "'fortran_order': False" in header, header
    dims = [int(d) for d in re.search(r"\(([^)]*)\)", header)[1].split(",") if d.strip()]
    values = array.array(NPY_CODES[kind], data[10 + length:])
    assert len(values) == math.prod(dims)
    return dims, list(values)


def safetensors(tensors):
    """{name: (dims, values)} in float32."""
    header, body = {}, b""
    for name, (dims, values) in tensors.items():
        data = array.array("f", values).tobytes()
        header[name] = {"dtype": "F32", "shape": dims, "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + body


def read_safetensors(path):
    """{name: (dims, values)} and the metadata."""
    data = pathlib.Path(path).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__", {})
    body = data[8 + length:]
    tensors = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        code = {"F32": "f", "F64": "d"}[entry["dtype"]]
        tensors[name] = (entry["shape"], list(array.array(code, body[first:last])))
    return tensors, metadata


def main():
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
