#!/usr/bin/env python3
"""versus_torch.py LIDO [--models m1,...,m5] [--pooling] - training steps (forward, backward and update, on
random data in memory) of the reference networks beside PyTorch, or with --pooling the pooling operations
alone. PyTorch runs eagerly in both memory formats; the faster counts.

    pip install torch==2.13.0 numpy    # the CPU build
"""
import json

from beside_torch import BATCHES, FORMATS, Lido, network, read_options, report, take_turns
from common import MODELS, spec_of

import torch
import torch.nn.functional as F

POOLING = [  # a layer of Lido, and the same of PyTorch
    ({"type": "max_pool", "kernel": 2}, lambda x: F.max_pool2d(x, 2)),
    ({"type": "max_pool", "kernel": 3, "stride": 2, "padding": 1}, lambda x: F.max_pool2d(x, 3, 2, 1)),
    ({"type": "avg_pool", "kernel": 2}, lambda x: F.avg_pool2d(x, 2)),
    ({"type": "avg_pool", "kernel": 3, "stride": 2, "padding": 1}, lambda x: F.avg_pool2d(x, 3, 2, 1)),
    ({"type": "avg_pool", "global": True}, lambda x: F.adaptive_avg_pool2d(x, 1)),
    ({"type": "avg_pool", "output_size": 7}, lambda x: F.adaptive_avg_pool2d(x, 7)),
    ({"type": "max_pool", "output_size": 7}, lambda x: F.adaptive_max_pool2d(x, 7)),
    ({"type": "max_pool", "fractional": {"ratio": 0.7, "kernel": 2}},
     lambda x: F.fractional_max_pool2d(x, 2, output_ratio=(0.7, 0.7))),
    ({"type": "lp_pool", "kernel": 2, "p": 2}, lambda x: F.lp_pool2d(x, 2, 2)),
]
SHAPES = [(64, 56, 56, 64), (128, 28, 28, 32)]  # N, H, W, C


# ---- training steps -----------------------------------------------------------------------------

def optimizer_of(spec, parameters):
    given = spec["train"]["optimizer"]
    if given["type"] == "adam":
        return torch.optim.Adam(parameters, lr=given["lr"])
    return torch.optim.SGD(parameters, lr=given["lr"], momentum=given.get("momentum", 0))


def trainer(model, batch, memory_format):
    made, x, spec = network(model, batch, memory_format)
    labels = [torch.randint(0, 10, (batch,)) for _ in x]
    optimizer = optimizer_of(spec, made.parameters())
    turn = 0

    def step():
        nonlocal turn
        turn = (turn + 1) % BATCHES
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(made(x[turn]), labels[turn]).backward()
        optimizer.step()

    return step


def training_rows(options, lido, threads):
    batch = options.batch
    for model in options.models:
        ways = {name: trainer(model, batch, memory_format) for name, memory_format in FORMATS.items()}
        yield take_turns(f"{MODELS[model]}, batch {batch}", options, threads,
                         lambda: lido.bench(threads, spec_of(model), "--batch", batch)["ms_per_step"], ways)


# ---- pooling ------------------------------------------------------------------------------------

def pooling_calls(shape, pool, memory_format):
    """A forward in prediction, and a forward in training with its backward."""
    n, h, w, c = shape
    x = torch.randn(n, c, h, w).contiguous(memory_format=memory_format).requires_grad_()
    dy = torch.randn_like(pool(x))

    def forward():
        with torch.no_grad():
            pool(x)

    def both():
        x.grad = None
        pool(x).backward(dy)

    return forward, both


def pooling_rows(options, lido, threads):
    for shape in SHAPES:
        for layer, pool in POOLING:
            forward, both = {}, {}
            for name, memory_format in FORMATS.items():
                forward[name], both[name] = pooling_calls(shape, pool, memory_format)
            words = ("--layer", json.dumps(layer), "--shape", ",".join(map(str, shape)))
            name = json.dumps(layer).replace('"', "")[7:-1] + f", {'x'.join(map(str, shape))}"
            yield take_turns(f"{name}, forward", options, threads,
                             lambda: lido.bench(threads, *words)["forward_ms"], forward)
            yield take_turns(f"{name}, both", options, threads, lambda: both_ways(lido.bench(threads, *words)), both)


def both_ways(told):
    return told["forward_ms"] + told["backward_ms"]


def extend(parser):
    parser.add_argument("--batch", type=int, default=64, help="samples of a training step (64)")
    parser.add_argument("--pooling", action="store_true", help="pooling layers instead of training steps")


def main():
    options = read_options(__doc__, [*MODELS], extend)
    lido = Lido(options)
    rows = []
    for threads in options.threads:
        torch.set_num_threads(threads)
        rows += (pooling_rows if options.pooling else training_rows)(options, lido, threads)
    report(options, rows)


if __name__ == "__main__":
    main()
