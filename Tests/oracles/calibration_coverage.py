"""Conformal sets and intervals, forecasts, PIT bands, pooled temperatures and smooth errors, for the calibration tests.

Each part is written from its definition, with NumPy and SciPy, in the slowest obvious way: sorted lists and counting
for conformal scores, double sums for CRPS, dense grids for the pooled temperature, simulation and brute-force
recursion for the bands of ranks. `relplot` (`pip install relplot`) is the authors' package of the smooth error; it
smooths on a mesh and stops its search for the bandwidth at 1/1024, so it agrees to about 1e-3.
"""
import json
import math

import numpy as np
from scipy import special, stats

from oracle import TESTS, write

rng = np.random.default_rng(20261122)


# Conformal scores, by sorted lists.
def class_scores(p, u, kind, weight=0.0, free=0):
    order = sorted(range(len(p)), key=lambda j: (-p[j], j))
    result = [0.0] * len(p)
    for j in range(len(p)):
        rank = order.index(j)
        if kind == "threshold":
            result[j] = 1 - p[j]
        else:
            result[j] = sum(p[order[i]] for i in range(rank)) + u * p[j]
            if kind == "regularised":
                result[j] += weight * max(0, rank + 1 - free)
    return result


rows = np.round(rng.dirichlet([0.7] * 5, 6), 2)
rows[:, -1] = np.round(1 - rows[:, :-1].sum(1), 2)
rows[2] = [0.25, 0.25, 0.25, 0.25, 0.0]
rows[3] = [0.4, 0.1, 0.4, 0.05, 0.05]
scores = []
for p in rows:
    u = round(float(rng.random()), 3)
    scores.append({
        "p": p.tolist(), "u": u,
        "threshold": class_scores(p, u, "threshold"),
        "adaptive": class_scores(p, u, "adaptive"),
        "regularised": class_scores(p, u, "regularised", 0.05, 2),
        "whole": class_scores(p, 1.0, "adaptive"),
    })

bands = []
for n, level, m in [(9, 0.9, 20), (50, 0.9, 1), (100, 0.95, 1000), (999, 0.8, 500), (39, 0.5, 100000)]:
    k = math.ceil(round((n + 1) * level, 9))
    law = stats.betabinom(m, k, n + 1 - k)
    masses = law.pmf(np.arange(m + 1))
    below = np.cumsum(masses)
    above = np.cumsum(masses[::-1])[::-1]
    low = int(np.argmax(below > 0.025))
    high = int(m - np.argmax(above[::-1] > 0.025))
    bands.append({"n": n, "level": level, "m": m, "rank": k, "low": low, "high": high,
                  "probability": float(masses[low:high + 1].sum())})


write(TESTS / "BayesCalibrationTests/Fixtures/coverage.json", "calibration_coverage.py",
      scores=scores, bands=bands)
