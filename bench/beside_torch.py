"""beside_torch.py - what inference_torch.py and versus_torch.py share: the networks of models/bench in
PyTorch, made from the specs themselves, and turns: in each round Lido runs once, and then each of
PyTorch's ways. The ratio of a round is the time of PyTorch's fastest way over Lido's; the figure is the
median of the rounds, so that a machine whose speed drifts slows both sides alike."""
import argparse
import json
import os
import pathlib
import statistics
import sys
import time

from common import MODELS, digits, markdown, numbers_of, origin, origin_line, run_lido, spec_of, words_of

# What PyTorch is fastest with on glibc: bound threads, huge pages, and memory that is kept. They must be
# there when the process starts. Lido is run without.
ENVIRONMENT = {"OMP_PROC_BIND": "true", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
               "MALLOC_MMAP_THRESHOLD_": str(1 << 32), "MALLOC_TRIM_THRESHOLD_": str(1 << 34),
               "MALLOC_TOP_PAD_": str(1 << 28)}
if any(os.environ.get(name) != value for name, value in ENVIRONMENT.items()):
    os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ENVIRONMENT)

import torch
from torch import nn

FORMATS = {"NCHW": torch.contiguous_format, "NHWC": torch.channels_last}
BATCHES = 8


# ---- networks -----------------------------------------------------------------------------------

def pool_of(layer, kind):
    windows = {"max": nn.MaxPool2d, "avg": nn.AvgPool2d}
    if layer.get("global"):
        return nn.AdaptiveAvgPool2d(1)
    return windows[kind](layer["kernel"], layer.get("stride"), layer.get("padding", 0))


def modules_of(layer):
    """PyTorch's modules for one layer of a spec; inputs are inferred where channels come in."""
    kind = layer["type"]
    if kind == "conv":
        yield nn.LazyConv2d(layer["filters"], layer["kernel"], layer.get("stride", 1), layer.get("padding", 0))
    elif kind == "dense":
        yield nn.Flatten()
        yield nn.LazyLinear(layer["units"])
    elif kind in ("max_pool", "avg_pool"):
        yield pool_of(layer, kind[:3])
    else:
        yield {"relu": nn.ReLU, "batch_norm": nn.LazyBatchNorm2d, "flatten": nn.Flatten}[kind]()
    if layer.get("activation"):
        yield from modules_of({"type": layer["activation"]})


def network(model, batch, memory_format):
    """The network up to its softmax, BATCHES batches of input, and its spec."""
    spec = json.loads(pathlib.Path(spec_of(model)).read_text())
    layers = [spec["define"][layer["use"]] if "use" in layer else layer for layer in spec["layers"]]
    if layers.pop()["type"] != "softmax":
        sys.exit(f"{model}: the last layer is not a softmax")
    height, width, channels = spec["input"]
    torch.manual_seed(0)
    x = [torch.randn(batch, channels, height, width).abs().contiguous(memory_format=memory_format)
         for _ in range(BATCHES)]
    made = nn.Sequential(*(module for layer in layers for module in modules_of(layer)))
    with torch.no_grad():
        made(x[0])
    return made.to(memory_format=memory_format), x, spec


# ---- turns --------------------------------------------------------------------------------------

def milliseconds(call, seconds):
    """Mean of the calls that fit, at least 3, after 3 that do not count."""
    for _ in range(3):
        call()
    calls, started = 0, time.perf_counter()
    while calls < 3 or time.perf_counter() - started < seconds:
        call()
        calls += 1
    return 1e3 * (time.perf_counter() - started) / calls


def row_of(what, threads, rounds):
    """rounds: for each, Lido's milliseconds and those of each of PyTorch's ways."""
    ratios = [min(theirs.values()) / ours for ours, theirs in rounds]
    medians = {way: statistics.median(theirs[way] for _, theirs in rounds) for way in rounds[0][1]}
    best = min(medians, key=medians.get)
    return {"what": what, "threads": threads, "lido_ms": statistics.median(ours for ours, _ in rounds),
            "torch_ms": medians[best], "torch_way": best, "ratio": statistics.median(ratios),
            "least": min(ratios), "most": max(ratios)}


def take_turns(what, options, threads, ours, ways):
    """ours: a function of a round's milliseconds. ways: names and calls, of which a round's time is taken
    here, for as long in all as Lido takes."""
    rounds = []
    for _ in range(options.rounds):
        own = ours()
        rounds.append((own, {way: milliseconds(call, options.seconds / len(ways)) for way, call in ways.items()}))
    row = row_of(what, threads, rounds)
    print(f"{what}, {threads} threads: {row['ratio']:.2f}", file=sys.stderr, flush=True)
    return row


class Lido:
    """`lido bench` in the environment that this process was started in."""

    def __init__(self, options):
        self.options = options
        self.environment = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}

    def bench(self, threads, *words):
        return run_lido(self.options.lido, "bench", *words, "--threads", threads, "--seconds", self.options.seconds,
                        env=self.environment)


# ---- the scripts --------------------------------------------------------------------------------

def read_options(about, models, extend=None):
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lido")
    parser.add_argument("--models", type=words_of, default=models, help=", ".join(models) + " (all)")
    parser.add_argument("--threads", type=numbers_of, default=[1, 2], help="1,2")
    parser.add_argument("--rounds", type=int, default=5, help="turns of both (5)")
    parser.add_argument("--seconds", type=float, default=1, help="of each measurement (1)")
    parser.add_argument("--json", type=pathlib.Path, help="write the rows there too")
    if extend:
        extend(parser)
    options = parser.parse_args()
    options.lido = os.path.abspath(options.lido)
    for model in options.models:
        if model not in MODELS:
            parser.error(f"{model}: allowed: {', '.join(MODELS)}")
    return options


def report(options, rows):
    found = origin(options.lido) | {"torch": torch.__version__}
    if options.json:
        options.json.write_text(json.dumps({"origin": found, "rows": rows}, indent=1) + "\n")
    titles = ["", "threads", "Lido ms", "PyTorch ms", "its best way", "times faster", "of the rounds"]
    print(f"PyTorch {torch.__version__}. {origin_line(found)}\n")
    print(markdown(titles, [[row["what"], str(row["threads"]), digits(row["lido_ms"]), digits(row["torch_ms"]),
                             row["torch_way"], f"{row['ratio']:.2f}", f"{row['least']:.2f} to {row['most']:.2f}"]
                            for row in rows]), end="")
