#!/usr/bin/env python3
"""Writes statistics.json: distributions, tests, corrections and analyses of variance by SciPy.

    python3 make_statistics.py    (scipy 1.17.1, statsmodels 0.15.0; the versions used are written)
"""
import itertools
import json
import pathlib

import numpy as np
import pandas as pd
import scipy
import statsmodels
from scipy import special, stats
from statsmodels.stats.anova import AnovaRM
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

random = np.random.default_rng(2024)


def distributions():
    """[function, arguments..., value]"""
    for a, b in itertools.product([0.5, 1, 2.5, 30, 800], repeat=2):
        for x in [1e-9, 0.1, 0.5, 0.77, 1 - 1e-6]:
            yield ["beta", a, b, x, float(special.betainc(a, b, x))]
    for df in [1, 2, 3, 7.5, 29, 400, 9999]:
        for t in [-40, -3.2, -1, -0.01, 0, 0.3, 2, 12, 300]:
            yield ["t_cdf", t, df, float(stats.t.cdf(t, df))]
            yield ["t_two_sided", t, df, float(2 * stats.t.sf(abs(t), df))]
        for p in [1e-7, 0.0005, 0.025, 0.3, 0.5, 0.8, 0.975, 0.99999]:
            yield ["t_quantile", p, df, float(stats.t.ppf(p, df))]
    for df1, df2 in itertools.product([1, 2, 5, 12], [1, 2, 8, 100]):
        for f in [0, 0.02, 1, 4.3, 60, 4000]:
            yield ["f_upper", f, df1, df2, float(stats.f.sf(f, df1, df2))]
    for df in [2, 5, 9, 40, 900]:
        for delta in [-3, -0.5, 0.2, 1, 2.8, 8, 30]:
            for t in [-4, -1, 0.5, 2.2, 9, 35]:
                value = float(stats.nct.cdf(t, df, delta))
                if 1e-9 < value < 1 - 1e-9:
                    yield ["noncentral_t_cdf", t, df, delta, value]


def sample(values):
    """Everything that is said of paired differences."""
    values = np.array(values, float)
    n = len(values)
    t = stats.ttest_1samp(values, 0)
    low, high = t.confidence_interval(0.95)
    flips = stats.permutation_test((values,), np.sum, permutation_type="samples", n_resamples=np.inf)
    correction = np.exp(special.gammaln((n - 1) / 2) - special.gammaln((n - 2) / 2)) / np.sqrt((n - 1) / 2)
    return {"values": values.tolist(), "mean": float(values.mean()), "sd": float(values.std(ddof=1)),
            "low": float(low), "high": float(high), "t": float(t.statistic), "p": float(t.pvalue),
            "p_sign_flip": float(flips.pvalue),
            "effect_size": float(values.mean() / values.std(ddof=1) * correction) if n > 2 else None}


def samples():
    for n in [2, 3, 5, 8, 10, 13]:
        for shift in [0, 0.4, 3]:
            yield sample(random.normal(shift, 1, n))
    # accuracies: many ties
    yield sample(np.round(random.normal(0.002, 0.003, 9), 3))
    yield sample([0.0012, -0.0004, 0, 0.0031, 0.0004, 0.0012])


def holms():
    for p in [[0.01, 0.04, 0.03, 0.005], [0.9, 0.8], [0.2], [0.001, 0.001, 0.001, 0.5, 0.02],
              random.uniform(0, 0.2, 12).tolist()]:
        yield {"p": p, "adjusted": multipletests(p, method="holm")[1].tolist()}


def mcnemars():
    for b, c in [(0, 0), (1, 0), (5, 5), (3, 12), (30, 12), (201, 260), (0, 9)]:
        yield [b, c, float(stats.binomtest(b, b + c, 0.5).pvalue) if b + c else 1.0]


def powers():
    """[effect, n, alpha, power]"""
    for effect, n, alpha in itertools.product([0.1, 0.5, 1.2, 3], [2, 3, 8, 30, 500], [0.05, 0.05 / 7]):
        power = float(TTestPower().power(effect, n, alpha))
        if not np.isnan(power):  # which SciPy says far out
            yield [effect, n, alpha, power]


def factorial(levels, blocks, effect):
    """Values in the order of lido_factorial; effects in the order of lido_factorial_effects."""
    names = "abcd"[:len(levels)]
    rows, values = [], []
    seeds = random.normal(0, 1, blocks)
    for cell in itertools.product(*map(range, levels)):
        for block in range(blocks):
            y = 0.9 + 0.01 * seeds[block] + 0.02 * random.normal() + effect * cell[0] * (1 + cell[-1])
            values.append(y)
            rows.append(dict(zip(names, cell)) | {"block": block, "y": y})
    table = AnovaRM(pd.DataFrame(rows), "y", "block", within=list(names)).fit().anova_table
    effects = []
    for bits in range(1, len(names) + 1):
        sets = [[i for i in range(len(names)) if mask >> i & 1] for mask in range(1, 2 ** len(names))]
        for chosen in sets:
            if len(chosen) == bits:
                row = table.loc[":".join(names[i] for i in chosen)]
                effects.append([sum(1 << i for i in chosen), float(row["F Value"]), float(row["Num DF"]),
                                float(row["Den DF"]), float(row["Pr > F"])])
    return {"levels": levels, "blocks": blocks, "values": values, "effects": effects}


def factorials():
    yield factorial([2], 6, 0.01)
    yield factorial([4], 5, 0.0)
    yield factorial([2, 3], 4, 0.005)
    yield factorial([3, 2, 2], 5, 0.01)


if __name__ == "__main__":
    golden = {"made_by": f"make_statistics.py with SciPy {scipy.__version__}, statsmodels {statsmodels.__version__}"}
    for part in [distributions, samples, holms, mcnemars, powers, factorials]:
        golden[part.__name__] = list(part())
    path = pathlib.Path(__file__).with_name("statistics.json")
    lines = [f'"{key}": {json.dumps(value)}' if isinstance(value, str) else
             f'"{key}": [\n' + ",\n".join(json.dumps(row) for row in value) + "\n]"
             for key, value in golden.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
