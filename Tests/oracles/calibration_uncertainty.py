"""Bands of counts, thresholds by class, intervals as given and paired differences, for the calibration tests.

NumPy and SciPy, each from its definition: SciPy's distributions and their convolution, sorted lists, and Newey and West's
variance as a quadratic form with the matrix of weights, not as a sum over lags.
"""
import math

import numpy as np
from scipy import stats

from oracle import TESTS, write

rng = np.random.default_rng(20261123)


def central(pmf):
    """The longest central part of a law whose tails have at most .025 each."""
    below, above = np.cumsum(pmf), np.cumsum(pmf[::-1])
    low, high = int(np.argmax(below > 0.025)), int(len(pmf) - 1 - np.argmax(above > 0.025))
    return low, high, float(pmf[low:high + 1].sum())


binomial = []
for n, p in [(1, 0.5), (20, 0.5), (180, 0.5), (180, 0.9), (37, 0.01), (1000, 0.8), (50000, 0.95)]:
    low, high, mass = central(stats.binom.pmf(np.arange(n + 1), n, p))
    binomial.append({"n": n, "p": p, "low": low, "high": high, "mass": mass})

sums = []
for parts in [[(20, 0.9, 30), (50, 0.9, 10)], [(9, 0.9, 200), (99, 0.9, 1), (5, 0.9, 7)],
              [(100, 0.8, 60), (200, 0.8, 90), (400, 0.8, 300)]]:
    law = np.ones(1)
    for n, level, m in parts:
        k = math.ceil(round((n + 1) * level, 9))
        part = np.zeros(m + 1)
        if k > n:
            part[m] = 1
        else:
            part = stats.betabinom(m, k, n + 1 - k).pmf(np.arange(m + 1))
        law = np.convolve(law, part)
    low, high, mass = central(law)
    sums.append({"parts": [x for part in parts for x in part], "low": low, "high": high, "probability": mass})

by_class = []
for n, level in [(40, 0.8), (60, 0.9)]:
    p = rng.dirichlet([0.8] * 3, n + 10)
    labels = [int(rng.choice(3, p=row)) for row in p]
    labels[:n] = [0 if n == 60 and c == 2 and i > 20 else c for i, c in enumerate(labels[:n])]
    thresholds = []
    for c in range(3):
        scores = sorted(1 - p[i, c] for i in range(n) if labels[i] == c)
        k = math.ceil(round((len(scores) + 1) * level, 9))
        thresholds.append(scores[k - 1] if k <= len(scores) else None)
    sets = [[c for c in range(3) if thresholds[c] is None or 1 - row[c] <= thresholds[c]] for row in p[n:]]
    by_class.append({"n": n, "level": level, "p": p.ravel().tolist(), "labels": labels, "thresholds": thresholds,
                     "sizes": [len(s) for s in sets], "members": [c for s in sets for c in s]})

given = []
for n, level in [(25, 0.9), (80, 0.5), (3, 0.95)]:
    y = np.round(rng.normal(0, 2, n), 2)
    lower = np.round(y - rng.normal(1, 1, n), 2)
    upper = np.round(lower + rng.exponential(2, n), 2)
    inside = int(((lower <= y) & (y <= upper)).sum())
    score = np.mean([u - l + 2 / (1 - level) * ((l - v) * (v < l) + (v - u) * (v > u))
                     for l, u, v in zip(lower, upper, y)])
    given.append({"level": level, "y": y.tolist(), "lower": lower.tolist(), "upper": upper.tolist(), "covered": inside,
                  "low": 0.0 if inside == 0 else float(stats.beta.ppf(0.025, inside, n - inside + 1)),
                  "high": 1.0 if inside == n else float(stats.beta.ppf(0.975, inside + 1, n - inside)),
                  "width": float((upper - lower).mean()), "score": float(score)})

differences = []
for n, overlap in [(5, 0), (8, 0), (30, 0), (30, 11), (120, 3), (12, 40)]:
    noise = rng.normal(0, 1, n + overlap)
    a = np.round(np.convolve(noise, np.ones(overlap + 1) / (overlap + 1), "valid") + 0.3, 4)
    b = np.round(rng.exponential(1, n), 4)
    d = a - b
    lag = min(n - 1, max(2 * overlap, math.ceil(1.3 * math.sqrt(n))))
    i = np.arange(n)
    weights = np.maximum(0, 1 - np.abs(i[:, None] - i) / (lag + 1))
    c = d - d.mean()
    error = math.sqrt(max(0, c @ weights @ c)) / n
    x = (lag + 1) / n
    half = np.polyval([-0.5324, 0.4160, 2.9694, 1.96], x) * error
    differences.append({"a": a.tolist(), "b": b.tolist(), "overlap": overlap, "mean": float(d.mean()), "lag": lag,
                        "error": error if n >= 8 else None, "low": float(d.mean() - half), "high": float(d.mean() + half)})

write(TESTS / "BayesCalibrationTests/Fixtures/uncertainty.json", "calibration_uncertainty.py",
      binomial=binomial, sums=sums, by_class=by_class, given=given, differences=differences)
