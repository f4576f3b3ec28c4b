#!/usr/bin/env python3
"""make_results.py: writes the "cells" of results.json beside it: a made-up 2 x 3 study of 8 seeds with
ties, arms that do not differ, arms that always differ by the same, and a run that is missing; the
"statistics" are then added by statistics-program."""
import itertools
import json
import pathlib
import random

POOLS, HEADS, SEEDS = ["max", "avg", "strided"], ["fc", "gap"], range(1, 9)
draw = random.Random(7)
luck = {seed: draw.gauss(0, 0.001) for seed in SEEDS}


def run_of(pool, head, seed):
    accuracy = 0.985 + luck[seed] + draw.gauss(0, 0.0008) + {"max": 0, "avg": 0.002, "strided": 0.0002}[pool]
    accuracy = round(accuracy - (0.01 if head == "gap" else 0) - (0.003 if (pool, head) == ("avg", "gap") else 0), 4)
    consistency = [1.0] + [round(0.97 - 0.03 * d + 0.02 * (pool == "avg") + draw.gauss(0, 0.004), 4) for d in (1, 2)]
    measures = {"test_accuracy": accuracy, "test_loss": 3.1 * (1 - accuracy) + draw.gauss(0, 0.0005),
                "train_accuracy": 0.999 if pool == "max" else 0.9985,
                "shift": [{"fill": "circular", "accuracy": [1, 1, 1], "consistency": [1, 1, 1]},
                          {"fill": "zero", "accuracy": [1, 1, 1], "consistency": consistency}]}
    # of the third seed one arm has no calibration error
    if (pool, head, seed) != ("strided", "fc", 3):
        measures["calibration_error"] = abs(draw.gauss(0.004, 0.001))
    return {"seed": seed, "folder": f"runs/pool={pool},head={head}/seed-{seed}", "measures": measures}


cells = [{"name": f"pool={pool},head={head}", "levels": [pool, head],
          "runs": [run_of(pool, head, seed) for seed in SEEDS]} for pool, head in itertools.product(POOLS, HEADS)]
results = {"factors": [{"name": "pool", "variants": POOLS}, {"name": "head", "variants": HEADS}],
           "baseline": "pool=max,head=fc", "cells": cells}
pathlib.Path(__file__).with_name("results.json").write_text(json.dumps(results) + "\n")
