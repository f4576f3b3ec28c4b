#!/usr/bin/env python3
"""check_statistics.py [RESULTS.json ...]: recomputes the "statistics" of studies' results from their
"cells" with SciPy, and compares. Without names: every results.json beside this script and below.

Needs scipy. Exit status 0 when all agree (to a relative 1e-8), 1 otherwise, 77 without SciPy."""
import functools
import itertools
import json
import math
import pathlib
import sys

try:
    import numpy as np
    from scipy import special, stats
except ImportError:
    print("SciPy is not installed: nothing is checked")
    sys.exit(77)

MEASURES = ["test_accuracy", "test_loss", "train_accuracy", "calibration_error", "shift_consistency"]
EXACT_FLIPS, ALPHA, POWER, MOST_SEEDS = 20, 0.05, 0.8, 10000


def value_of(run, name):
    """The run's measure; None where it has none."""
    measures = run.get("measures") or {}
    if name != "shift_consistency":
        return measures.get(name)
    for curve in measures.get("shift", []):
        if curve["fill"] == "zero" and len(curve["consistency"]) > 1:
            return float(np.mean(curve["consistency"][1:]))
    return None


def values_of(cell, name):
    found = {run["seed"]: value_of(run, name) for run in cell["runs"]}
    return {seed: value for seed, value in sorted(found.items()) if value is not None}


def interval(values):
    n = len(values)
    mean = float(np.mean(values)) if n else None
    if n < 2:
        return {"n": n, "mean": mean, "sd": None, "low": None, "high": None}
    sd = float(np.std(values, ddof=1))
    if sd == 0:
        return {"n": n, "mean": mean, "sd": sd, "low": mean, "high": mean}
    low, high = stats.t.interval(0.95, n - 1, mean, stats.sem(values))
    return {"n": n, "mean": mean, "sd": sd, "low": float(low), "high": float(high)}


def sign_flip(values):
    """In whole units of 1e-12, which add up without rounding: equal sums are equal. None where Lido
    draws flips at random."""
    n = len(values)
    if n == 0 or n > EXACT_FLIPS:
        return None
    if n == 1:
        return 1.0
    test = stats.permutation_test((np.round(np.array(values) * 1e12),), lambda x, axis: np.abs(np.sum(x, axis)),
                                  permutation_type="samples", n_resamples=np.inf, vectorized=True,
                                  alternative="greater")
    return float(test.pvalue)


def holm(ps):
    order = sorted((p, i) for i, p in enumerate(ps) if p is not None)
    adjusted, most = [None] * len(ps), 0.0
    for rank, (p, i) in enumerate(order):
        most = max(most, p * (len(ps) - rank))
        adjusted[i] = min(1.0, most)
    return adjusted


def power(effect, n, alpha):
    critical, delta = stats.t.ppf(1 - alpha / 2, n - 1), abs(effect) * math.sqrt(n)
    if delta > critical + 20:  # where SciPy's noncentral t gives up
        return 1.0
    wrong_side = stats.nct.cdf(-critical, n - 1, delta)  # as it does when this is next to nothing
    return stats.nct.sf(critical, n - 1, delta) + (0 if math.isnan(wrong_side) else wrong_side)


def seeds_needed(effect, family, same):
    alpha = ALPHA / family
    least = next(n for n in itertools.count(1) if 2.0 ** (1 - n) <= alpha)
    if same:
        return least
    if effect is None or not power(effect, MOST_SEEDS, alpha) >= POWER:
        return None
    low, high = least, MOST_SEEDS
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if power(effect, middle, alpha) >= POWER else (middle + 1, high)
    return low


def difference(name, values):
    n = len(values)
    row = {"cell": name} | interval(values)
    spread = n > 1 and row["sd"] > 1e-12 * abs(row["mean"])
    test = stats.ttest_1samp(values, 0) if spread else None
    half = (n - 1) / 2
    hedges = math.exp(special.gammaln(half) - special.gammaln(half - 0.5)) / math.sqrt(half) if n > 2 else None
    least = 2.0 ** (1 - n) if n else None
    return row | {
        "t": float(test.statistic) if spread else None,
        "p_t": float(test.pvalue) if spread else None,
        "p_sign_flip": sign_flip(values),
        "p_sign_flip_least": max(least, 1e-5) if n > EXACT_FLIPS else least,
        "effect_size": row["mean"] / row["sd"] * hedges if spread and n > 2 else None,
        "same": n > 1 and not spread and row["mean"] != 0,
    }


def differences(results, values):
    baseline = values.get(results["baseline"])
    if baseline is None:
        return []
    rows = [difference(cell, [mine[seed] - baseline[seed] for seed in mine if seed in baseline])
            for cell, mine in values.items() if cell != results["baseline"]]
    for kind in ("p_t", "p_sign_flip"):
        for row, p in zip(rows, holm([row[kind] for row in rows])):
            row[kind + "_holm"] = p
    for row in rows:
        row["decided"] = row["p_sign_flip_holm"] is not None and row["p_sign_flip_holm"] <= ALPHA
        row["seeds_needed"] = seeds_needed(row["effect_size"], len(rows), row.pop("same"))
    return rows


def effects(results, values):
    """None where the design is not full: by projections, a Kronecker product for each effect."""
    factors = results["factors"]
    combinations = list(itertools.product(*(factor["variants"] for factor in factors)))
    cells = {tuple(cell["levels"]): cell["name"] for cell in results["cells"]}
    seeds = sorted(set().union(*(mine for mine in values.values())))
    if (len(cells) != len(results["cells"]) or set(cells) != set(combinations) or len(seeds) < 2
            or any(len(factor["variants"]) < 2 for factor in factors)
            or any(set(values[cell]) != set(seeds) for cell in cells.values())):
        return None
    y = np.array([[values[cells[levels]][seed] for seed in seeds] for levels in combinations]).ravel()
    y = y - y.mean()
    sizes = [len(factor["variants"]) for factor in factors] + [len(seeds)]

    def squares(chosen):
        means = [np.full((size, size), 1 / size) for size in sizes]
        parts = [np.eye(size) - mean if i in chosen else mean
                 for i, (size, mean) in enumerate(zip(sizes, means))]
        return float(np.sum((functools.reduce(np.kron, parts) @ y) ** 2))

    rows = []
    chosen_sets = [[i for i in range(len(factors)) if mask >> i & 1] for mask in range(1, 2 ** len(factors))]
    for chosen in sorted(chosen_sets, key=len):
        df = math.prod(sizes[i] - 1 for i in chosen)
        df_error = df * (len(seeds) - 1)
        error = squares([*chosen, len(factors)])
        f = squares(chosen) / df / (error / df_error) if error > 1e-24 else None
        rows.append({"factors": [factors[i]["name"] for i in chosen], "f": f, "df": df, "df_error": df_error,
                     "p": float(stats.f.sf(f, df, df_error)) if f is not None else None,
                     "eta_squared": squares(chosen) / float(y @ y) if y @ y > 1e-24 else None})
    for row, p in zip(rows, holm([row["p"] for row in rows])):
        row["p_holm"] = p
    return rows


def measure(results, name):
    values = {cell["name"]: values_of(cell, name) for cell in results["cells"]}
    if not any(values.values()):
        return None
    return {"name": name, "cells": [{"cell": cell} | interval(list(mine.values())) for cell, mine in values.items()],
            "differences": differences(results, values), "effects": effects(results, values) or []}


def compare(place, mine, theirs):
    """Complaints about what differs; what only Lido says (verdicts) is passed over."""
    if isinstance(mine, dict):
        for key, value in mine.items():
            yield from compare(f"{place}.{key}", value, theirs.get(key, "missing"))
    elif isinstance(mine, list):
        if not isinstance(theirs, list) or len(mine) != len(theirs):
            yield f"{place}: {theirs} is not {mine}"
            return
        for i, pair in enumerate(zip(mine, theirs)):
            yield from compare(f"{place}[{i}]", *pair)
    elif isinstance(mine, float) and isinstance(theirs, (int, float)):
        # what is 0 but for rounding, as the size of a difference of equal numbers
        if not math.isclose(mine, theirs, rel_tol=1e-8, abs_tol=1e-13):
            yield f"{place}: Lido says {theirs}, SciPy {mine}"
    elif mine != theirs and not (mine is None and "p_sign_flip" in place):
        yield f"{place}: Lido says {theirs}, SciPy {mine}"


def check(path):
    results = json.loads(path.read_text())
    mine = [found for found in (measure(results, name) for name in MEASURES) if found]
    complaints = list(compare("measures", mine, results["statistics"]["measures"]))
    for test in results["statistics"].get("mcnemar", []):
        b, c = test["only_baseline_right"], test["only_cell_right"]
        p = float(stats.binomtest(b, b + c, 0.5).pvalue) if b + c else 1.0
        complaints += compare(f"mcnemar {test['cell']} {test['seed']}.p", p, test["p"])
    print(f"{path}: {len(mine)} measures, " + ("agree with SciPy" if not complaints else "DIFFER"))
    for complaint in complaints:
        print(f"  {complaint}")
    return not complaints


if __name__ == "__main__":
    named = [pathlib.Path(name) for name in sys.argv[1:]]
    paths = named or sorted(pathlib.Path(__file__).parent.rglob("results.json"))
    sys.exit(0 if all([check(path) for path in paths]) else 1)
