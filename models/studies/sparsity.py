#!/usr/bin/env python3
"""sparsity.py [--draws N] [--json]: how well max and average pooling tell two classes apart, by how sparse
a feature is in each and how many cells are pooled, after Boureau, Ponce & LeCun (ICML 2010), section 2.

A feature is present (1) or absent (0) in each of P cells, independently, with probability a in one class
and b in the other. A pooled feature separates the classes by psi = |difference of means| / (sum of standard
deviations). In closed form: the average has mean a and variance a (1 - a) / P; the maximum has mean
m = 1 - (1 - a)^P and variance m (1 - m). N draws of each class check that.

Standard library only; takes seconds."""
import argparse
import json
import math
import random

PAIRS = [(0.4, 0.2), (0.1, 0.05), (0.01, 0.005), (0.4, 0.004), (0.1, 0.001), (0.01, 0.0001)]
CELLS = [1, 4, 16, 64, 256, 1024]


def separation(mean_a, variance_a, mean_b, variance_b):
    spread = math.sqrt(variance_a) + math.sqrt(variance_b)
    return abs(mean_a - mean_b) / spread if spread > 0 else 0.0


def by_formula(a, b, cells):
    def largest(p):
        some = 1 - (1 - p) ** cells
        return some, some * (1 - some)

    average = separation(a, a * (1 - a) / cells, b, b * (1 - b) / cells)
    return separation(*largest(a), *largest(b)), average


def present(draw, p, cells):
    """How many of the cells have the feature: the gaps between those that do are geometric."""
    count, at = 0, -1
    while True:
        at += 1 + int(math.log(1 - draw.random()) / math.log(1 - p))
        if at >= cells:
            return count
        count += 1


def moments(values):
    mean = sum(values) / len(values)
    return mean, sum((v - mean) ** 2 for v in values) / len(values)


def by_draws(draw, a, b, cells, draws):
    counts = [[present(draw, p, cells) for _ in range(draws)] for p in (a, b)]
    largest = [moments([min(c, 1) for c in of_class]) for of_class in counts]
    average = [moments([c / cells for c in of_class]) for of_class in counts]
    return separation(*largest[0], *largest[1]), separation(*average[0], *average[1])


def table(draws):
    draw = random.Random(1)
    rows = []
    for a, b in PAIRS:
        for cells in CELLS:
            exact, drawn = by_formula(a, b, cells), by_draws(draw, a, b, cells, draws)
            rows.append({"a": a, "b": b, "cells": cells, "max": exact[0], "average": exact[1],
                         "max_drawn": drawn[0], "average_drawn": drawn[1]})
    return rows


def main():
    parser = argparse.ArgumentParser(description="max against average pooling, by sparsity")
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = table(options.draws)
    if options.json:
        print(json.dumps(rows))
        return
    print("| present with | cells | max | drawn | average | drawn | max / average |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for row in rows:
        ratio = row["max"] / row["average"]
        print(f"| {row['a']:g} or {row['b']:g} | {row['cells']} | {row['max']:.3f} | {row['max_drawn']:.3f} | "
              f"{row['average']:.3f} | {row['average_drawn']:.3f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
