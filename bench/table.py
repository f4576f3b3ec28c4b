#!/usr/bin/env python3
"""table.py LIDO [--out DIR] [--only NAME,...] - runs the whole table of `lido bench`: training steps and
predictions of the reference networks, pooling on every grid, how time grows, and how long a start
takes. Writes DIR/benchmarks.json and DIR/benchmarks.md. `cmake --build BUILD --target bench` is this."""
import argparse
import json
import os
import pathlib
import statistics
import struct
import subprocess
import tempfile
import time
import zlib

from common import (MODELS, ROOT, digits, markdown, numbers_of, origin, origin_line, percent, run_lido, spec_of,
                    words_of)

MIB = 1 << 20


class Bench:
    """Runs `lido bench`. Cases that are compared take turns, and of each the fastest turn counts: what else
    the machine does meanwhile should not look like a property of one of them."""

    def __init__(self, program, options):
        self.program, self.options = program, options

    def lido(self, *words):
        return run_lido(self.program, "bench", *words, "--seconds", self.options.seconds)

    def model(self, model, batch, threads, *flags):
        told = self.lido(spec_of(model), "--batch", batch, "--threads", threads, *flags)
        return {"model": model, "batch": batch} | told

    def layer(self, layer, shape):
        told = self.lido("--layer", json.dumps(layer), "--shape", ",".join(map(str, shape)), "--threads", 1)
        return told | {"ms_per_step": told["forward_ms"] + told["backward_ms"]}

    def turns(self, cases):
        """cases: calls that each run one case; the results in their order."""
        rounds = [[case() for case in cases] for _ in range(self.options.rounds)]
        return [min(runs, key=lambda told: told["ms_per_step"]) for runs in zip(*rounds)]


# ---- the networks -------------------------------------------------------------------------------

def measure_steps(bench):
    """Batch 64: forward, loss, backward and update on random data in memory. The speed-up is over the first
    number of threads."""
    rows = []
    for model in bench.options.models:
        times = bench.turns([lambda threads=threads: bench.model(model, 64, threads)
                             for threads in bench.options.threads])
        rows += [told | {"speed_up": times[0]["ms_per_step"] / told["ms_per_step"]} for told in times]
    return rows


def steps_table(rows):
    titles = ["network", "threads", "ms a step", "images/s", "speed-up", "of multiply-add peak", "of copy",
              "memory at most"]
    return markdown(titles, [[MODELS[row["model"]], str(row["threads"]), digits(row["ms_per_step"]),
                              digits(row["images_per_second"]), f"{row['speed_up']:.2f}", percent(row["peak_share"]),
                              percent(row["copy_share"]), f"{row['peak_bytes'] / MIB:.1f} MiB"] for row in rows])


def measure_inference(bench):
    """The latency of one image, and the throughput of 256 at a time."""
    rows = []
    for model in bench.options.models:
        rows += bench.turns([lambda threads=threads, batch=batch: bench.model(model, batch, threads, "--inference")
                             for threads in bench.options.threads for batch in (1, 256)])
    return rows


def inference_table(rows):
    titles = ["network", "threads", "batch", "ms a batch", "images/s", "of multiply-add peak", "of copy"]
    return markdown(titles, [[MODELS[row["model"]], str(row["threads"]), str(row["batch"]),
                              digits(row["ms_per_step"]), digits(row["images_per_second"]),
                              percent(row["peak_share"]), percent(row["copy_share"])] for row in rows])


# ---- pooling ------------------------------------------------------------------------------------

def measure_pooling(bench):
    """Every reducer on every grid, 64x56x56x64, one thread: forward in prediction / forward in training /
    backward, as multiples of average pooling on the same grid."""
    told = run_lido(bench.program, "bench", "--pooling", "all", "--shape", "64,56,56,64", "--threads", 1,
                    "--seconds", bench.options.seconds / 10)
    return told["pairs"]


def pooling_table(pairs):
    def cell(pair):
        if "refused" in pair:
            return "-"
        return "/".join(f"{pair[way + '_ratio']:.1f}" for way in ("forward", "training", "backward"))

    grids = list(dict.fromkeys(pair["grid"] for pair in pairs))
    rows = {}
    for pair in pairs:
        name = pair["reducer"] + (", " + pair["options"].replace('"', "") if "options" in pair else "")
        rows.setdefault(name, {})[pair["grid"]] = cell(pair)
    return markdown(["reducer", *grids], [[name, *(cells[grid] for grid in grids)] for name, cells in rows.items()])


# ---- how time grows -----------------------------------------------------------------------------

def conv(filters):
    return {"type": "conv", "filters": filters, "kernel": 3, "padding": "same"}


def measure_scaling(bench):
    """On one thread; a ratio of 1 is growth in proportion to the size. Training steps of M3 against images; a
    3x3 convolution of 64 channels, forward and backward, against filters (on 16 x 32 x 32) and against area
    (16 images, 64 filters)."""
    growths = {
        "images of M3": {n: lambda n=n: bench.model("m3", n, 1) for n in (16, 32, 64, 128, 256)},
        "filters": {f: lambda f=f: bench.layer(conv(f), (16, 32, 32, 64)) for f in (32, 64, 128, 256, 512)},
        "area": {side * side: lambda side=side: bench.layer(conv(64), (16, side, side, 64))
                 for side in (16, 32, 64, 128)},
    }
    rows = []
    for what, cases in growths.items():
        times = [told["ms_per_step"] for told in bench.turns(list(cases.values()))]
        first = times[0] / next(iter(cases))
        rows += [{"what": what, "size": size, "ms": ms, "ratio": ms / size / first} for size, ms in zip(cases, times)]
    return rows


def scaling_table(rows):
    return markdown(["time against", "size", "ms", "over linear"],
                    [[row["what"], str(row["size"]), digits(row["ms"]), f"{row['ratio']:.2f}"] for row in rows])


# ---- a start ------------------------------------------------------------------------------------

def png(side):
    """A grey square."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = (b"\0" + bytes([128] * side)) * side
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def measure_start(bench):
    """From the start of `lido predict` on a checkpoint to its end, a prediction having been printed: the
    middle and the least of 30 processes, in ms."""
    rows = []
    for model in ("lenet5", "keras-mnist"):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            (path / "grey.png").write_bytes(png(28))
            run_lido(bench.program, "train", ROOT / "models" / f"{model}.json", "--data", "synthetic", "--limit", 256,
                     "--epochs", 1, "--out", path / "run")
            command = [bench.program, "predict", str(path / "run"), str(path / "grey.png"), "--json", "--quiet"]
            times = []
            for _ in range(30):
                started = time.perf_counter()
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL, close_fds=False)
                times.append(1e3 * (time.perf_counter() - started))
        rows.append({"model": model, "median_ms": statistics.median(times), "least_ms": min(times)})
    return rows


def start_table(rows):
    return markdown(["network", "median ms", "least ms"],
                    [[row["model"], digits(row["median_ms"]), digits(row["least_ms"])] for row in rows])


# ---- all of it ----------------------------------------------------------------------------------

SECTIONS = {  # name: title, how it is measured (whose documentation goes above the table), the table
    "steps": ("Training steps", measure_steps, steps_table),
    "inference": ("Predictions", measure_inference, inference_table),
    "scaling": ("How time grows", measure_scaling, scaling_table),
    "start": ("A start", measure_start, start_table),
    "pooling": ("Pooling", measure_pooling, pooling_table),
}

PREAMBLE = """# Benchmarks

Written by `cmake --build BUILD --target bench`, on one machine in one run:
{origin}
Cases that are compared took turns, and of each the fastest turn is shown.

Shares are of the multiply-adds on registers and of the `memcpy` of as many bytes that `lido bench` measures in the
same run on the same threads. A convolution counts for the products of its definition, so that Winograd's algorithm
can go beyond the peak; bytes are those of inputs, outputs, weights and their gradients, each once, and those still
in a cache can go beyond the copy.
"""


def document(results):
    parts = [PREAMBLE.format(origin=origin_line(results["origin"]))]
    for name, (title, measure, table) in SECTIONS.items():
        if name in results:
            about = " ".join(measure.__doc__.split())
            parts.append(f"\n## {title}\n\n{about}\n\n{table(results[name])}")
    return "".join(parts)


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lido")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("."), help="folder of the results (here)")
    parser.add_argument("--only", type=words_of, default=[*SECTIONS], help=", ".join(SECTIONS) + " (all)")
    parser.add_argument("--models", type=words_of, default=[*MODELS], help=", ".join(MODELS) + " (all)")
    parser.add_argument("--threads", type=numbers_of, default=[1, 2], help="1,2")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each measurement, the fastest counts (3)")
    parser.add_argument("--seconds", type=float, default=1, help="of each turn (1)")
    options = parser.parse_args()
    for given, known in ((options.only, SECTIONS), (options.models, MODELS)):
        unknown = [name for name in given if name not in known]
        if unknown:
            parser.error(f"{unknown[0]}: allowed: {', '.join(known)}")
    return options


def main():
    options = read_options()
    program = os.path.abspath(options.lido)
    bench = Bench(program, options)
    results = {"origin": origin(program)}
    for name in SECTIONS:
        if name in options.only:
            print(f"{SECTIONS[name][0]} ...", flush=True)
            results[name] = SECTIONS[name][1](bench)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "benchmarks.json").write_text(json.dumps(results, indent=1) + "\n")
    (options.out / "benchmarks.md").write_text(document(results))
    print(f"written: {options.out / 'benchmarks.json'} and .md")


if __name__ == "__main__":
    main()
