#!/usr/bin/env python3
"""tables.py [RESULTS.json ...]: the tables of README.md, from results of studies; without names, from those in
results/*/. Standard library only.

Means over seeds with half the width of their 95 % intervals; differences are paired with the baseline's
(the first row). * marks what `lido study` decided: sign-flip test, Holm's correction, 5 %. Overfitting is
training accuracy minus test accuracy; no test is made of it."""
import json
import math
import pathlib
import statistics
import sys

# Student's t at 97.5 %, by degrees of freedom from 1
T = [12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157, 2.228139, 2.200985]


def interval(values, sign=""):
    half = T[len(values) - 2] * statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0
    return f"{statistics.mean(values):{sign}.2f} ± {half:.2f}"


def difference(results, measure, cell):
    for found in results["statistics"]["measures"]:
        if found["name"] == measure:
            for row in found["differences"]:
                if row["cell"] == cell:
                    half = 100 * (row["high"] - row["low"]) / 2
                    decided = "*" if row["decided"] else ""
                    return f"{100 * row['mean']:+.2f} ± {half:.2f}{decided}"
    return ""


def each(cell, value):
    return [100 * value(run["measures"]) for run in sorted(cell["runs"], key=lambda run: run["seed"])]


def overfitting(measures):
    return measures["train_accuracy"] - measures["test_accuracy"]


def more_overfitting(results, cell):
    baseline, = (other for other in results["cells"] if other["name"] == results["baseline"])
    if cell is baseline:
        return ""
    return interval([a - b for a, b in zip(each(cell, overfitting), each(baseline, overfitting))], "+")


def consistency(measures):
    zero, = (curve for curve in measures["shift"] if curve["fill"] == "zero")
    return statistics.mean(zero["consistency"][1:])


def passes(cell, amount):
    """Empty for a cell that draws nothing in evaluation, of which no passes are made."""
    if "passes" not in cell["runs"][0]["measures"]:
        return ""
    return interval(each(cell, lambda m: next(of["accuracy"] for of in m["passes"] if of["amount"] == amount)))


def columns(results):
    """A title and a function of a cell for each."""
    measures = results["cells"][0]["runs"][0]["measures"]
    yield "parameters", lambda cell: f"{cell['runs'][0]['measures']['parameters']:,}"
    yield "test accuracy, %", lambda cell: interval(each(cell, lambda m: m["test_accuracy"]))
    yield "difference", lambda cell: difference(results, "test_accuracy", cell["name"])
    yield "training accuracy, %", lambda cell: interval(each(cell, lambda m: m["train_accuracy"]))
    yield "overfitting", lambda cell: interval(each(cell, overfitting))
    yield "difference", lambda cell: more_overfitting(results, cell)
    if "shift" in measures:
        yield "shift consistency, %", lambda cell: interval(each(cell, consistency))
        yield "difference", lambda cell: difference(results, "shift_consistency", cell["name"])
    for amount in results["study"]["measures"].get("passes", []):
        yield f"of {amount} passes", lambda cell, amount=amount: passes(cell, amount)


def table(path):
    results = json.loads(pathlib.Path(path).read_text())
    cells = sorted(results["cells"], key=lambda cell: cell["name"] != results["baseline"])
    titles, cell_texts = zip(*columns(results))
    yield f"| {', '.join(factor['name'] for factor in results['factors'])} | {' | '.join(titles)} |"
    yield f"| --- |{' ---: |' * len(titles)}"
    for cell in cells:
        yield f"| {', '.join(cell['levels'])} | {' | '.join(text(cell) for text in cell_texts)} |"


def main():
    names = sys.argv[1:] or sorted((pathlib.Path(__file__).parent / "results").glob("*/results.json"))
    for name in names:
        print(f"{pathlib.Path(name).resolve().parent.name}\n")
        print("\n".join(table(name)) + "\n")


if __name__ == "__main__":
    main()
