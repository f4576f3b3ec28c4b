#!/usr/bin/env python3
"""inference_torch.py LIDO [--models m1,m2,m3] - predictions of the reference networks beside PyTorch: the
latency of one image and the throughput of 256. PyTorch runs eagerly, traced and frozen, and optimised
for inference, each in both memory formats; its fastest way counts.

    pip install torch==2.13.0 numpy    # the CPU build
"""
import warnings

from beside_torch import BATCHES, FORMATS, Lido, network, read_options, report, take_turns
from common import MODELS, spec_of

import torch
from torch import nn


def eager(model, x):
    return model


def traced(model, x):
    return torch.jit.freeze(torch.jit.trace(model, x))


def optimised(model, x):
    return torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(model, x)))


def ways(model, batch):
    """Calls of one batch each, by name; like Lido's they end in the softmax."""
    calls = {}
    for format_name, memory_format in FORMATS.items():
        made, x, _ = network(model, batch, memory_format)
        whole = nn.Sequential(made, nn.Softmax(dim=1)).eval()
        for make in (eager, traced, optimised):
            calls[f"{make.__name__}, {format_name}"] = predictor(make(whole, x[0]), x)
    return calls


def predictor(run, x):
    turn = 0

    def call():
        nonlocal turn
        turn = (turn + 1) % BATCHES
        run(x[turn])

    return call


def main():
    options = read_options(__doc__, ["m1", "m2", "m3"])
    lido = Lido(options)
    rows = []
    warnings.simplefilter("ignore")  # that tracing may go away some day
    with torch.inference_mode():
        for threads in options.threads:
            torch.set_num_threads(threads)
            for model in options.models:
                for batch in (1, 256):
                    words = (spec_of(model), "--inference", "--batch", batch)
                    rows.append(take_turns(f"{MODELS[model]}, batch {batch}", options, threads,
                                           lambda: lido.bench(threads, *words)["ms_per_step"], ways(model, batch)))
    report(options, rows)


if __name__ == "__main__":
    main()
