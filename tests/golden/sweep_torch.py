#!/usr/bin/env python3
"""Compares Lido with PyTorch on random configurations of every pooling module PyTorch has.

    python3 sweep_torch.py LIDO [--count 2000] [--seed 1] [--golden TEST]
    python3 sweep_torch.py --freeze 60        writes a sample of small ones, sweep.json, for tests/layers/test_golden.c

Every module in turn is given options, a shape and values drawn at random: ties, zeros, infinities, NaN, large and small
numbers. `lido op` computes in float what PyTorch computes in float64, and
- outputs are equal where one is a value of its window, else within 1e-6 of the largest magnitude in the window, or of
  their own if that is larger;
- gradients are within 1e-6 of the largest magnitude of the gradients;
- indices are equal.
MaxUnpool needs two layers, which `lido op` does not run: TEST, the program test-layers-golden (by default that built
beside LIDO), runs those. Where PyTorch is not followed, see torch_pooling.py, a configuration is counted and another is
drawn. Exits with 1 if anything differs.
"""
import argparse
import collections
import dataclasses
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy
import torch

import golden
import torch_pooling
from torch_pooling import Pooling

KINDS = ["MaxPool", "AvgPool", "LPPool", "AdaptiveMaxPool", "AdaptiveAvgPool", "MaxUnpool", "FractionalMaxPool"]
MODULES = [(kind, axes) for axes in (1, 2, 3) for kind in KINDS if axes > 1 or kind != "FractionalMaxPool"]
LENGTHS = {1: 40, 2: 14, 3: 8}  # the longest axis
SMALL = {1: 8, 2: 5, 3: 4}  # of a sample
CHANNELS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 32, 33]
TOLERANCE = 1e-6
AT_ONCE = 200  # in one run of a program

torch.set_default_dtype(torch.float64)


# ---- drawing


class Draw:
    def __init__(self, seed, small):
        self.random = numpy.random.default_rng(seed)
        self.small = small

    def below(self, most):
        """1 to most."""
        return int(self.random.integers(1, most + 1))

    def chance(self, p):
        return bool(self.random.random() < p)

    def among(self, values):
        return values[int(self.random.integers(len(values)))]

    def shape(self, axes):
        """Of one sample."""
        most = (SMALL if self.small else LENGTHS)[axes]
        return [*(self.below(most) for _ in range(axes)), self.below(3) if self.small else self.among(CHANNELS)]

    def each(self, axes, one):
        """A number, or a list with one for each axis."""
        return one() if self.chance(0.4) else [one() for _ in range(axes)]

    def gradient(self, *shape):
        return torch.from_numpy(golden.eighths(self.random, *shape))

    def values(self, *shape):
        """Numbers that a float holds."""
        normal = self.random.standard_normal(shape)
        special = self.random.random(shape)
        kind = self.among(["ties", "eighths", "normal", "relu", "zeros", "infinite", "nan", "large", "small", "shifted"])
        drawn = {
            "ties": lambda: self.random.integers(-2, 3, shape),
            "eighths": lambda: golden.eighths(self.random, *shape),
            "normal": lambda: normal,
            "relu": lambda: numpy.maximum(normal, 0),
            "zeros": lambda: 0 * normal,
            "infinite": lambda: numpy.where(special < self.among([0.2, 0.9]), -numpy.inf, normal),
            "nan": lambda: numpy.where(special < self.among([0.05, 0.9]), numpy.nan, normal),
            "large": lambda: 1e30 * normal,
            "small": lambda: 1e-30 * normal,
            "shifted": lambda: 1000 + normal,
        }[kind]()
        return torch.from_numpy(drawn.astype(numpy.float32).astype(numpy.float64))

    # ---- options by module, as PyTorch names them; some are not legal

    def window(self, axes):
        options = {"kernel_size": self.each(axes, lambda: self.below(self.among([2, 4, 7])))}
        if self.chance(0.75):
            options["stride"] = self.each(axes, lambda: self.below(self.among([2, 5])))
        return options

    def padding(self, options, axes):
        """At most half of a window, as PyTorch wants it."""
        kernel, dilation = ([v] * axes if isinstance(v, int) else v
                            for v in (options["kernel_size"], options.get("dilation", 1)))
        most = [(d * (k - 1) + 1) // 2 for k, d in zip(kernel, dilation)]
        if self.chance(0.25):
            return 0
        return self.below(min(most) + 1) - 1 if self.chance(0.3) else [self.below(m + 1) - 1 for m in most]

    def options(self, kind, axes, shape):
        if kind.startswith("Adaptive"):
            sizes = [None if axes > 1 and self.chance(0.2) else self.below(2 * length) for length in shape[:-1]]
            return {"output_size": sizes if axes > 1 else sizes[0]}
        options = self.window(axes)
        if kind == "FractionalMaxPool":
            ratio = [self.random.uniform(0.2, 0.95) for _ in range(axes)]
            del options["kernel_size"]
            return {"kernel_size": self.each(axes, lambda: self.below(3))} | (
                {"output_ratio": round(float(ratio[0]), 3)} if self.chance(0.5)
                else {"output_size": [max(1, int(n * r)) for n, r in zip(shape, ratio)]})
        if kind == "MaxPool":
            options["dilation"] = self.each(axes, lambda: self.below(3)) if self.chance(0.5) else 1
        if kind in ("MaxPool", "AvgPool", "MaxUnpool"):
            options["padding"] = self.padding(options, axes)
        if kind != "MaxUnpool":
            options["ceil_mode"] = self.chance(0.4)
        if kind == "AvgPool":
            options["count_include_pad"] = self.chance(0.5)
        if kind == "AvgPool" and axes > 1 and self.chance(0.3):
            options["divisor_override"] = self.below(9)
        if kind == "LPPool":
            options["norm_type"] = self.among([1, 1.5, 2, 3, 4.5, 7.25])
        if axes == 1:
            options = {key: value[0] if isinstance(value, list) else value for key, value in options.items()}
        return options


# ---- configurations


@dataclasses.dataclass
class Configuration:
    """One, and what PyTorch makes of it."""
    pooling: Pooling
    result: torch_pooling.Result
    differentiable: bool

    def name(self):
        return self.pooling.name()

    def text(self):
        return f"{self.name()} {self.pooling.options} on {tuple(self.result.x.shape)}"

    def case(self, draw):
        return torch_pooling.case(self.pooling, self.result.x, draw)


class Source:
    """Configurations one after the other; counts those that are passed over."""

    def __init__(self, seed, small):
        self.draw = Draw(seed, small)
        self.excluded = collections.Counter()

    def next(self, kind, axes):
        """A Configuration, or a case of MaxUnpool."""
        made = None
        while made is None:
            try:
                made = self.unpool(axes) if kind == "MaxUnpool" else self.pool(kind, axes)
            except RuntimeError:
                made = None  # PyTorch refuses it
        return made

    def batch(self):
        return 1 if self.draw.small else self.draw.below(3)

    def pool(self, kind, axes):
        shape = self.draw.shape(axes)
        pooling = Pooling(kind, axes, self.draw.options(kind, axes, shape))
        x = self.draw.values(self.batch(), *shape)
        if kind == "LPPool" and self.draw.chance(0.8):
            x = x.abs()
        draws = torch.from_numpy(self.draw.random.random((len(x), axes), numpy.float32)) if pooling.draws() else None
        why = pooling.deviation(x.movedim(-1, 1))
        if why:
            self.excluded[why] += 1
            return None
        result = torch_pooling.run(pooling, x, self.draw.gradient, draws)
        why = pooling.no_gradient(result)
        self.excluded.update([why] if why else [])
        return Configuration(pooling, result, why is None)

    def unpool(self, axes):
        """A case as golden.py says."""
        shape = self.draw.shape(axes)
        options = self.draw.options("MaxUnpool", axes, shape)
        x = self.draw.values(self.batch(), *shape)
        made = torch_pooling.unpool_case(axes, x, options, self.draw.gradient)
        if made is None:
            self.excluded["MaxUnpool with a cell chosen twice"] += 1
        return made


# ---- comparing


class Tally:
    """Of one module."""

    def __init__(self):
        self.count = self.differentiated = self.indexed = self.wrong = 0
        self.y_error = self.dx_error = 0.0


def worst(got, wanted, scale):
    """The largest error as a fraction of scale; infinite where one is no number, or infinite, and the other is not."""
    got, wanted, scale = (numpy.asarray(v, dtype=numpy.float64) for v in (got, wanted, scale))
    if got.shape != wanted.shape:
        return math.inf
    same = (got == wanted) | (numpy.isnan(got) & numpy.isnan(wanted))
    with numpy.errstate(invalid="ignore", divide="ignore"):
        error = numpy.where(same, 0, numpy.abs(got - wanted) / scale)
    return float(numpy.nan_to_num(error, nan=math.inf).max(initial=0))


class Comparison:
    def __init__(self, lido, test):
        self.lido, self.test = lido, test
        self.tallies = collections.defaultdict(Tally)

    def note(self, name, what, text):
        self.tallies[name].wrong += 1
        print(f"DIFFERS: {what} of {text}")

    def run(self, configurations):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            lines = [self.line(folder, i, c) for i, c in enumerate(configurations)]
            (folder / "list").write_text("\n".join(lines))
            process = subprocess.run([self.lido, "op", "--batch-file", folder / "list", "--quiet"],
                                     stderr=subprocess.PIPE, text=True)
            sys.stdout.write(process.stderr)
            for i, c in enumerate(configurations):
                self.compare(folder, i, c)

    def line(self, folder, i, c):
        r = c.result
        words = [f"'{json.dumps(c.pooling.layer())}'"]
        for flag, values in ("input", r.x), ("grad-output", r.dy), ("draws", r.draws):
            if values is not None:
                numpy.save(folder / f"{i}.{flag}.npy", values.numpy().astype(numpy.float32))
                words.append(f"--{flag} {folder}/{i}.{flag}.npy")
        for flag in ["output", "grad-input"] + (["switches"] if r.switches is not None else []):
            words.append(f"--{flag} {folder}/{i}.{flag}.npy")
        return " ".join(words)

    def compare(self, folder, i, c):
        tally, r = self.tallies[c.name()], c.result
        tally.count += 1
        try:
            y, dx = (numpy.load(folder / f"{i}.{flag}.npy") for flag in ("output", "grad-input"))
        except FileNotFoundError:
            return self.note(c.name(), "refusal", c.text())
        error = worst(y, r.y, 0 if r.window is None else r.window)
        tally.y_error = max(tally.y_error, error)
        if error > TOLERANCE:
            self.note(c.name(), f"output (by {error:.1e})", c.text())
        if c.differentiable:
            tally.differentiated += 1
            error = worst(dx, r.dx, max(float(r.dx.abs().max()), float(r.dy.abs().max())))
            tally.dx_error = max(tally.dx_error, error)
            if error > TOLERANCE:
                self.note(c.name(), f"gradient (by {error:.1e})", c.text())
        if r.switches is not None:
            tally.indexed += 1
            if not numpy.array_equal(numpy.load(folder / f"{i}.switches.npy"), r.switches):
                self.note(c.name(), "index", c.text())

    def run_cases(self, cases):
        """As golden.py has them, by the test."""
        if not cases:
            return
        for case in cases:
            tally = self.tallies[case["name"]]
            tally.count += 1
            tally.differentiated += 1
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"cases": cases}, file)
            file.flush()
            process = subprocess.run([self.test, file.name], stdout=subprocess.PIPE, text=True)
        if process.returncode:
            self.note(cases[0]["name"], "some case", process.stdout)

    def table(self):
        print(f"{'module':20} {'run':>6} {'worst y':>9} {'gradients':>9} {'worst dx':>9} {'indices':>8} {'differ':>7}")
        for kind, axes in sorted(MODULES, key=lambda m: (KINDS.index(m[0]), m[1])):
            t = self.tallies[f"{kind}{axes}d"]
            print(f"{kind + str(axes) + 'd':20} {t.count:6} {t.y_error:9.1e} {t.differentiated:9} {t.dx_error:9.1e} "
                  f"{t.indexed:8} {t.wrong:7}")


def sweep(given):
    source, comparison = Source(given.seed, small=False), Comparison(given.lido, given.golden)
    for start in range(0, given.count, AT_ONCE):
        drawn = [source.next(*MODULES[i % len(MODULES)]) for i in range(start, min(start + AT_ONCE, given.count))]
        comparison.run([c for c in drawn if isinstance(c, Configuration)])
        comparison.run_cases([c for c in drawn if isinstance(c, dict)])
    comparison.table()
    total, wrong = (sum(getattr(t, key) for t in comparison.tallies.values()) for key in ("count", "wrong"))
    for why, count in sorted(source.excluded.items()):
        print(f"not compared: {why}: {count}")
    print(f"{total} configurations, seed {given.seed}, torch {torch.__version__}: "
          f"{f'{wrong} differ' if wrong else 'all agree'}")
    return wrong == 0


def freeze(count, seed):
    """Fractional windows, whose draws a case does not hold, are in fractional.json."""
    source, cases = Source(seed, small=True), []
    modules = [m for m in MODULES if m[0] != "FractionalMaxPool"]
    while len(cases) < count:
        kind, axes = modules[len(cases) % len(modules)]
        made = source.next(kind, axes)
        if kind == "MaxUnpool":
            cases.append(made)
        elif made.differentiable:
            cases.append(made.case(source.draw.gradient))
    golden.write("sweep.json", f"sweep_torch.py --freeze {count} --seed {seed}, torch {torch.__version__}", cases)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("lido", nargs="?", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--golden", metavar="TEST", type=pathlib.Path)
    parser.add_argument("--freeze", metavar="COUNT", type=int)
    given = parser.parse_args()
    if given.freeze:
        return freeze(given.freeze, given.seed)
    if not given.lido:
        parser.error("LIDO is missing")
    given.lido = given.lido.resolve()
    given.golden = (given.golden or given.lido.parent / "tests" / "test-layers-golden").resolve()
    return sweep(given)


if __name__ == "__main__":
    sys.exit(not main())
