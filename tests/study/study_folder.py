#!/usr/bin/env python3
"""study_folder.py - a folder as `lido study` leaves it, for tests of what reads one: the runs are trained
for real by `lido train`, and so are accuracies, losses, histories, confusion matrices and pooling
diagnostics; what a study measures besides (shifts, noise, predictions of single pictures) is drawn at
random around them. The statistics are computed here, on the standard library alone.

As a program: study_folder.py LIDO OUT [--data NAME] [--limit N] [--epochs E] [--seeds S]
"""
import argparse
import array
import gzip
import itertools
import json
import math
import os
import pathlib
import random
import struct
import subprocess

# ---- distributions -----------------------------------------------------------------------------


def beta_share(a, b, x):
    """The regularised incomplete beta function, by its continued fraction."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_share(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(1 - x))
    fraction, c, d = 1.0, 1.0, 0.0
    for i in range(400):
        m = i // 2
        if i == 0:
            step = 1.0
        elif i % 2 == 0:
            step = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        else:
            step = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / (1 + step * d)
        c = 1 + step / c
        fraction *= c * d
        if abs(c * d - 1) < 1e-12:
            break
    return front * (fraction - 1) / a


def p_of_t(t, df):
    return beta_share(df / 2, 0.5, df / (df + t * t))


def p_of_f(f, df, df_error):
    return beta_share(df_error / 2, df / 2, df_error / (df_error + df * f)) if f > 0 else 1.0


def t_quantile(df):
    low, high = 0.0, 1000.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if p_of_t(middle, df) > 0.05 else (low, middle)
    return low


# ---- statistics --------------------------------------------------------------------------------


def mean_of(values):
    return sum(values) / len(values)


def deviation_of(values):
    mean = mean_of(values)
    return math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1)) if len(values) > 1 else None


def interval_of(values):
    mean, n = mean_of(values), len(values)
    if n < 2:
        return {"n": n, "mean": mean, "sd": None, "low": None, "high": None}
    half = t_quantile(n - 1) * deviation_of(values) / math.sqrt(n)
    return {"n": n, "mean": mean, "sd": deviation_of(values), "low": mean - half, "high": mean + half}


def sign_flip(values):
    sums = [abs(sum(s * v for s, v in zip(signs, values))) for signs in itertools.product((1, -1), repeat=len(values))]
    return sum(s >= abs(sum(values)) - 1e-12 for s in sums) / len(sums)


def holm(ps):
    order, adjusted, most = sorted(range(len(ps)), key=lambda i: ps[i]), [None] * len(ps), 0.0
    for rank, i in enumerate(order):
        most = max(most, min(1.0, (len(ps) - rank) * ps[i]))
        adjusted[i] = most
    return adjusted


def seeds_needed(effect):
    if abs(effect) < 1e-3:
        return None
    return next((n for n in range(2, 2000) if abs(effect) * math.sqrt(n) > t_quantile(n - 1) + 0.84), None)


def compare(values, baseline):
    """values: {cell: [by seed]}"""
    rows = []
    for cell, own in values.items():
        if cell == baseline or len(own) < 2:
            continue
        pairs = [a - b for a, b in zip(own, values[baseline])]
        sd, n = deviation_of(pairs), len(pairs)
        t = mean_of(pairs) / (sd / math.sqrt(n)) if sd else 0.0
        effect = mean_of(pairs) / sd if sd else 0.0
        row = {"cell": cell} | interval_of(pairs)
        del row["sd"]
        rows.append(row | {"t": t, "p_t": p_of_t(t, n - 1), "p_sign_flip": sign_flip(pairs), "p_sign_flip_least": 2 / 2 ** n,
                           "effect_size": effect, "seeds_needed": seeds_needed(effect)})
    for name in ("p_t", "p_sign_flip"):
        for row, p in zip(rows, holm([row[name] for row in rows])):
            row[name + "_holm"] = p
    for row in rows:
        row["decided"] = row["p_sign_flip_holm"] <= 0.05
        row["verdict"] = f"{'' if row['decided'] else 'not '}decided by {row['n']} seeds"
    return rows


def effects(values, levels, factors):
    """Analysis of variance of two full factors; levels: {cell: [level, level]}."""
    everything = [v for own in values.values() for v in own]
    grand, n = mean_of(everything), len(next(iter(values.values())))
    if len(factors) != 2 or n < 2:
        return []

    def of(keep):
        groups = {}
        for cell, own in values.items():
            groups.setdefault(tuple(levels[cell][k] for k in keep), []).extend(own)
        return sum(len(g) * (mean_of(g) - grand) ** 2 for g in groups.values()), len(groups) - 1
    (ss_a, df_a), (ss_b, df_b), (ss_ab, df_ab) = of([0]), of([1]), of([0, 1])
    error = sum((v - mean_of(own)) ** 2 for own in values.values() for v in own)
    df_error = len(everything) - len(values)
    rows = []
    for names, ss, df in (([factors[0]], ss_a, df_a), ([factors[1]], ss_b, df_b),
                          (factors, ss_ab - ss_a - ss_b, df_ab - df_a - df_b)):
        f = (ss / df) / (error / df_error) if error else 0.0
        rows.append({"factors": names, "f": f, "df": df, "df_error": df_error, "p": p_of_f(f, df, df_error),
                     "eta_squared": ss / (ss + error) if ss + error else 0.0})
    for row, p in zip(rows, holm([row["p"] for row in rows])):
        row["p_holm"] = p
    return rows


def statistics(cells, factors, baseline, rights):
    levels = {cell["name"]: cell["levels"] for cell in cells}
    measures = []
    for name in ("test_accuracy", "test_loss", "train_accuracy", "calibration_error", "shift_consistency"):
        def value(run):
            if name == "shift_consistency":
                return mean_of(run["measures"]["shift"][0]["consistency"][1:])
            return run["measures"][name]
        values = {cell["name"]: [value(run) for run in cell["runs"]] for cell in cells}
        measures.append({"name": name,
                         "cells": [{"cell": cell} | interval_of(own) for cell, own in values.items()],
                         "differences": compare(values, baseline),
                         "effects": effects(values, levels, factors)})
    mcnemar = []
    for cell in cells:
        for run in cell["runs"]:
            if cell["name"] == baseline:
                continue
            ours, theirs = rights[cell["name"], run["seed"]], rights[baseline, run["seed"]]
            b, c = sum(t and not o for o, t in zip(ours, theirs)), sum(o and not t for o, t in zip(ours, theirs))
            p = min(1.0, 2 * sum(math.comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c)) if b + c else 1.0
            mcnemar.append({"cell": cell["name"], "seed": run["seed"], "only_baseline_right": b, "only_cell_right": c, "p": p})
    return {"measures": measures, "mcnemar": mcnemar}


# ---- runs --------------------------------------------------------------------------------------

FACTORS = {
    "pool": {
        "max": {"type": "max_pool", "kernel": 2},
        "avg": {"type": "avg_pool", "kernel": 2},
        "strided": {"type": "conv", "filters": 16, "kernel": 2, "stride": 2, "activation": "relu"},
        "blur": [{"type": "max_pool", "kernel": 2, "stride": 1, "padding": "same"},
                 {"type": "blur_pool", "kernel": 3, "stride": 2}],
    },
    "head": {"fc": [{"type": "flatten"}, {"type": "dense", "units": 32, "activation": "relu"}],
             "gap": {"type": "avg_pool", "global": True}},
}


def base_spec(shape, classes, train):
    return {"name": "base", "input": shape, "define": {name: next(iter(v.values())) for name, v in FACTORS.items()},
            "layers": [{"type": "conv", "filters": 16, "kernel": 3, "padding": "same", "activation": "relu"},
                       {"use": "pool"},
                       {"type": "conv", "filters": 16, "kernel": 3, "padding": "same", "activation": "relu"},
                       {"use": "head"}, {"type": "dense", "units": classes}, {"type": "softmax"}],
            "train": train}


def call(lido, *args):
    done = subprocess.run([lido, *map(str, args), "--json", "--quiet"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def npy(kind, code, values):
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': ({len(values)},), }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + array.array(code, values).tobytes()


def labels_of(confusion, order):
    """Labels of the test set, in its order where that is known, else class after class."""
    return order if order else [i for i, row in enumerate(confusion) for _ in range(sum(row))]


def predictions(confusion, labels, hard, draw):
    """Answers with exactly this confusion; mistakes fall on hard pictures, others for every run."""
    answers = list(labels)
    for label, row in enumerate(confusion):
        own = sorted((i for i, l in enumerate(labels) if l == label), key=lambda i: -hard[i] - draw.gauss(0, 0.4))
        wrong = [c for c, count in enumerate(row) if c != label for _ in range(count)]
        for i, c in zip(own, wrong):
            answers[i] = c
    return answers


def curve(accuracy, loss, draw, count):
    """What shifting does: accuracy falls by `loss` of itself, more with each pixel."""
    values = [accuracy]
    for d in range(1, count + 1):
        values.append(max(0.1, accuracy * (1 - loss * d ** 1.5) + draw.gauss(0, 0.002)))
    return values


ROBUSTNESS = {"rotation": [0, 10, 20, 30, 45], "scale": [0.7, 0.85, 1, 1.15, 1.3], "noise": [0, 0.05, 0.1, 0.2, 0.3],
              "blur": [0, 0.5, 1, 1.5, 2]}


def measures_of(lido, folder, result, draw, tender):
    history = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    evaluated = call(lido, "eval", folder, "--pooling")
    described = call(lido, "describe", folder / "spec.json")
    accuracy, last = result["test_accuracy"], history[-1]
    shift = []
    for fill, worse in (("zero", 1.0), ("edge", 1.1), ("circular", 0.9)):
        consistency = [1.0] + [min(1.0, 1 - tender * worse * d ** 1.4 + draw.gauss(0, 0.003)) for d in range(1, 5)]
        shift.append({"fill": fill, "accuracy": curve(accuracy, tender * worse, draw, 4), "consistency": consistency})
    more = {name: [{"amount": a, "accuracy": max(0.1, accuracy * (1 - tender * 1.5 * abs(i - (2 if name == "scale" else 0)) ** 1.3)
                                                 + draw.gauss(0, 0.002))} for i, a in enumerate(amounts)]
            for name, amounts in ROBUSTNESS.items()}
    reached = [h["epoch"] for h in history if h.get("test_accuracy", h["train_accuracy"]) >= 0.9]
    return {"test_accuracy": accuracy, "test_loss": result["test_loss"], "train_accuracy": last["train_accuracy"],
            "train_loss": last["train_loss"], "calibration_error": abs(draw.gauss(0.012, 0.004)),
            "brier": result["test_loss"] * 0.4, "parameters": described["parameters"],
            "multiply_adds": sum(layer.get("multiply_adds", 0) for layer in described["layers"]),
            "activation_bytes": sum(layer.get("activation_bytes", 0) for layer in described["layers"]),
            "seconds_per_epoch": mean_of([h["seconds"] for h in history]),
            "epochs_to": [{"accuracy": 0.9, "epochs": reached[0] if reached else None},
                          {"accuracy": 0.999, "epochs": None}],
            "shift": shift, "confusion": evaluated["confusion"], "pooling": evaluated["pooling"]} | more, history


def make_study(lido, out, shape, classes, train, seeds, labels=None, name="pooling-and-head", factors=None,
               claim="Max pooling keeps what is strongest and does better than averaging on digits."):
    """Trains everything and writes OUT/results.json; returns it."""
    factors = factors or FACTORS
    out = pathlib.Path(out)
    names, draw, rights, cells, hard = list(factors), random.Random(5), {}, [], None
    for levels in itertools.product(*factors.values()):
        cell = {"name": ",".join(f"{f}={l}" for f, l in zip(names, levels)), "levels": list(levels), "runs": []}
        tender = 0.02 + 0.012 * sum(sorted(v).index(l) for v, l in zip(factors.values(), levels))
        for seed in seeds:
            spec = base_spec(shape, classes, train | {"seed": seed})
            spec["define"] |= {f: factors[f][l] for f, l in zip(names, levels)}
            folder = out / "runs" / cell["name"] / f"seed-{seed}"
            folder.parent.mkdir(parents=True, exist_ok=True)
            (out / "spec.json").write_text(json.dumps(spec))
            result = call(lido, "train", out / "spec.json", "--out", folder)
            measures, history = measures_of(lido, folder, result, draw, tender)
            truth = labels_of(measures["confusion"], labels)
            hard = hard or [random.Random(i).gauss(0, 1) for i in range(len(truth))]
            answers = predictions(measures["confusion"], truth, hard, draw)
            rights[cell["name"], seed] = [a == t for a, t in zip(answers, truth)]
            (folder / "predictions.npy").write_bytes(npy("<i4", "i", answers))
            (folder / "measures.json").write_text(json.dumps(measures))
            cell["runs"].append({"seed": seed, "folder": str(folder.relative_to(out)), "measures": measures,
                                 "history": [{"test_accuracy": measures["test_accuracy"] * (1 - 0.2 ** h["epoch"])} | h
                                             for h in history]})
        cells.append(cell)
    environment = json.loads((folder / "environment.json").read_text())
    results = {
        "study": {"name": name, "claim": claim, "factors": factors, "seeds": seeds, "train": train,
                  "measures": {"shift": {"pixels": 4, "images": 1000, "fills": ["zero", "edge", "circular"]}}},
        "lido": environment["lido"], "environment": environment, "profile": "quick",
        "factors": [{"name": f, "variants": list(v)} for f, v in factors.items()], "baseline": cells[0]["name"],
        "cells": cells, "statistics": statistics(cells, names, cells[0]["name"], rights)}
    (out / "results.json").write_text(json.dumps(results))
    return results


def idx_labels(path):
    data = gzip.open(path).read() if str(path).endswith(".gz") else path.read_bytes()
    return list(data[8:])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lido")
    parser.add_argument("out")
    parser.add_argument("--data", default="synthetic")
    parser.add_argument("--limit", type=int, default=2000)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    labels = None
    for folder in [pathlib.Path(os.environ.get("LIDO_DATA", "data")) / options.data]:
        for path in sorted(folder.glob("t10k-labels*")):
            labels = idx_labels(path)
    make_study(options.lido, options.out, [28, 28, 1], 10,
               {"data": options.data, "epochs": options.epochs, "limit": options.limit, "batch": 32,
                "optimizer": {"type": "adam", "lr": 0.002}},
               list(range(1, options.seeds + 1)), labels)


if __name__ == "__main__":
    main()
