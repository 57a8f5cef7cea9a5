"""Conformal sets and intervals, forecasts, PIT bands, pooled temperatures and smooth errors, for the calibration tests.

Each part is written from its definition, with NumPy and SciPy, in the slowest obvious way: sorted lists and counting
for conformal scores, double sums for CRPS, dense grids for the pooled temperature, simulation and brute-force
recursion for the bands of ranks. `relplot` (`pip install relplot`) is the authors' package of the smooth error; it
smooths on a mesh and stops its search for the bandwidth at 1/1024, so it agrees to about 1e-3.
"""
import math

import numpy as np
import relplot
from scipy import integrate, interpolate as scipy_interpolate, optimize, stats

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



# Forecasts: CRPS by double sums and by numerical integration of its definition.
def integral(cdf, y, low, high, breaks):
    f = lambda x: (cdf(x) - (x >= y)) ** 2
    points = sorted({low, high, y, *breaks})
    return sum(integrate.quad(f, a, b, epsabs=1e-13, epsrel=1e-12)[0] for a, b in zip(points, points[1:]))


crps = []
for mean, sd, y in [(0, 1, 0.3), (2, 0.5, -1), (10, 3, 10), (0, 2, 9)]:
    low, high = min(y, mean - 12 * sd), max(y, mean + 12 * sd)
    crps.append({"kind": "normal", "mean": mean, "sd": sd, "y": y,
                 "crps": integral(lambda x: stats.norm.cdf(x, mean, sd), y, low, high, [mean]),
                 "low": float(stats.norm.cdf(y, mean, sd)), "high": float(stats.norm.cdf(y, mean, sd)),
                 "average": mean})
for m, digits, y in [(1, 3, 0.4), (2, 3, 5.0), (25, 3, 0.1), (40, 0, 2.0), (40, 0, -7.0)]:
    x = np.round(rng.normal(1, 2, m), digits) + 0.0
    pairs = np.abs(x[:, None] - x[None, :]).sum()
    crps.append({"kind": "draws", "x": x.tolist(), "y": y, "average": float(x.mean()),
                 "crps": float(np.abs(x - y).mean() - pairs / (2 * m * m)),
                 "fair": float(np.abs(x - y).mean() - pairs / (2 * m * (m - 1))) if m > 1 else None,
                 "low": float((x < y).sum() / (m + 1)), "high": float(((x <= y).sum() + 1) / (m + 1))})
for levels, values in [([0.1, 0.25, 0.5, 0.75, 0.9], [-1.0, 0.0, 0.4, 1.0, 3.0]), ([0.2, 0.5, 0.6], [1.0, 1.0, 2.0])]:
    for y in [-3.0, values[0] + 0.2, 0.4, 2.5, 8.0]:
        def cdf(x):
            if x < values[0]:
                return 0.0
            if x >= values[-1]:
                return 1.0
            k = max(i for i in range(len(values)) if values[i] <= x)
            return levels[k] + (levels[k + 1] - levels[k]) * (x - values[k]) / (values[k + 1] - values[k])
        tau = np.linspace(0, 1, 2000001)
        crps.append({"kind": "quantiles", "levels": levels, "values": values, "y": y,
                     "crps": integral(cdf, y, min(y, values[0]), max(y, values[-1]), values),
                     "average": float(np.interp(0.5 * (tau[1:] + tau[:-1]), levels, values).mean())})
for rate, y in [(2.3, 0.0), (2.3, 3.0), (0.4, 9.0)]:
    p = stats.poisson.pmf(np.arange(60), rate)
    crps.append({"kind": "counts", "p": p.tolist(), "y": y, "average": rate,
                 "crps": float(sum((stats.poisson.cdf(k, rate) - (k >= y)) ** 2 for k in range(200))),
                 "low": float(stats.poisson.cdf(y - 1, rate)), "high": float(stats.poisson.cdf(y, rate))})

# Baselines: three series, forecasts three steps ahead.
baselines = []
for n, seed in [(30, 1), (80, 2), (24, 3)]:
    r = np.random.default_rng(seed)
    y = np.round(100 * (seed == 2) + np.cumsum(r.normal(0.1, 1, n)) * (seed != 3) + r.normal(0, 0.8, n)
                 + 2 * np.sin(np.arange(n) * np.pi / 2), 3)
    d = np.diff(y)
    h = np.arange(1, 4)
    row = {"y": y.tolist()}
    row["last"] = [[float(y[-1])] * 3, (np.sqrt((d**2).mean() * h)).tolist()]
    row["season"] = [[float(y[n - 2 + (k - 1) % 2]) for k in h],
                     [float(np.sqrt(((y[2:] - y[:-2])**2).mean() * ((k - 1) // 2 + 1))) for k in h]]
    row["mean"] = [[float(y.mean())] * 3, [float(y.std(ddof=1) * np.sqrt(1 + 1 / n))] * 3]
    row["drift"] = [(y[-1] + h * (y[-1] - y[0]) / (n - 1)).tolist(),
                    np.sqrt(((d - d.mean())**2).sum() / (n - 2) * h * (1 + h / (n - 1))).tolist()]

    def errors(q):
        level, e = q[1], []
        for v in y:
            e.append(v - level)
            level += q[0] * e[-1]
        return np.array(e), level

    best = min((optimize.minimize(lambda q: (errors(q)[0]**2).sum(), [a, y[0]], bounds=[(0, 1), (None, None)],
                                  method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-13, "maxiter": 20000})
                for a in (0.05, 0.3, 0.6, 0.95)), key=lambda o: o.fun)
    a, level = best.x[0], errors(best.x)[1]
    row["smoothing"] = [[float(level)] * 3, np.sqrt(best.fun / (n - 2) * (1 + (h - 1) * a * a)).tolist()]
    row["weight"] = float(a)
    X = np.column_stack([np.ones(n - 2), y[1:-1], y[:-2]])
    c, *_ = np.linalg.lstsq(X, y[2:], rcond=None)
    s2 = ((y[2:] - X @ c)**2).sum() / (n - 2 - 3)
    path, A, P, S = list(y), np.array([[c[1], c[2]], [1, 0]]), np.zeros((2, 2)), []
    for _ in h:  # The variance by the state space's recursion, not by ψ weights.
        path.append(c[0] + c[1] * path[-1] + c[2] * path[-2])
        P = A @ P @ A.T + np.array([[s2, 0], [0, 0]])
        S.append(float(np.sqrt(P[0, 0])))
    row["autoregression"] = [[float(v) for v in path[-3:]], S]
    baselines.append(row)



# Bands of ranks: the recursion of Säilynoja et al. over all counts, with binomial steps.
def binomial_steps(n, z):
    x = np.arange(n + 1)
    return [np.array([stats.binom.pmf(x - c, n - c, (here - last) / (1 - last)) for c in x])
            for last, here in zip([0.0, *z], z)]


def stay(steps, allowed):
    p = np.zeros(len(steps[0]))
    p[0] = 1
    for step, kept in zip(steps, allowed):
        p = (p @ step) * kept
    return p.sum()


def two_sided(n, z):
    x = np.arange(n + 1)
    return np.array([2 * np.minimum(stats.binom.cdf(x, n, q), stats.binom.sf(x - 1, n, q)) for q in z])


uniformity = []
for n, points, possible in [(10, 10, None), (25, 25, None), (60, 20, None), (80, None, 12), (100, 100, None)]:
    k = points or possible
    z = np.arange(1, k) / k
    tails, steps = two_sided(n, z), binomial_steps(n, z)
    low, high = math.log(0.025 / k), math.log(0.05)
    while high - low > 1e-7:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if stay(steps, tails >= math.exp(middle)) >= 0.95 else (low, middle)
    inside = tails >= math.exp(low)
    values = rng.random(n) ** 1.4 if points else np.floor(possible * rng.random(n) ** 0.8)
    counts = [(values <= q).sum() if points else (values < round(q * possible)).sum() for q in z]
    least = min(1.0, min(tails[i][c] for i, c in enumerate(counts)))
    uniformity.append({
        "n": n, "points": k, "possible": possible or 0, "values": values.tolist(), "pointwise": float(tails[inside].min()),
        "probability": stay(steps, inside), "low": inside.argmax(1).tolist(),
        "high": (n - inside[:, ::-1].argmax(1)).tolist(), "least": least,
        "pvalue": 1 - stay(steps, tails > least * (1 + 1e-9))})



# Pooled temperatures: (m, s) on a dense grid, u by a dense grid or, for small s, by Gauss and Hermite.
def group_data(seed, sizes, temperatures):
    r, x, y, names = np.random.default_rng(seed), [], [], []
    for name, n, t in zip("abcdef", sizes, temperatures):
        z = np.round(r.normal(0, 2, n), 3)
        x += z.tolist()
        names += [name] * n
        y += (r.random(n) < 1 / (1 + np.exp(-z / t))).astype(int).tolist() if t else (z > 0).astype(int).tolist()
    return x, y, names


def pooled(x, y, names, spread):
    x, y, names = np.array(x), np.array(y), np.array(names)
    groups = sorted(set(names))
    gap = np.where(y == 1, -x, x)
    fine = np.arange(-14, 14, 0.008)
    hermite, weight = np.polynomial.hermite_e.hermegauss(60)
    weight = weight / weight.sum()
    nodes, w = np.polynomial.legendre.leggauss(120)
    s = 2.5 * spread * (nodes + 1)  # to 5 spreads
    m = np.arange(-4.5, 4.5, 0.03)
    logs = {g: -np.array([np.logaddexp(0, np.exp(-u) * gap[names == g]).sum() for u in fine]) for g in groups}
    heights = {g: np.exp(logs[g] - logs[g].max()) for g in groups}
    curve = {g: scipy_interpolate.CubicSpline(fine, logs[g] - logs[g].max()) for g in groups}

    def normals(sj):
        return 0.008 * stats.norm.pdf(fine[None, :], m[:, None], sj)

    Z = np.zeros((len(groups), len(s), len(m)))
    for j, sj in enumerate(s):
        kernel = normals(sj) if sj > 0.03 else None
        for i, g in enumerate(groups):
            Z[i, j] = kernel @ heights[g] if sj > 0.03 else np.exp(curve[g](m[:, None] + sj * hermite)) @ weight
    joint = np.log(w * stats.halfnorm.pdf(s, scale=spread))[:, None] + stats.norm.logpdf(m) + np.log(np.maximum(Z, 1e-300)).sum(0)
    joint = np.exp(joint - joint.max())
    joint /= joint.sum()
    density = np.zeros((len(groups), len(fine)))
    for j, sj in enumerate(s):
        kernel = normals(sj) if sj > 0.03 else None
        for i, g in enumerate(groups):
            share = np.where(Z[i, j] > 0, joint[j] / np.maximum(Z[i, j], 1e-300), 0)
            if sj > 0.03:
                density[i] += (share @ kernel) * heights[g]
            else:
                u = m[:, None] + sj * hermite
                mass = share[:, None] * np.exp(curve[g](u)) * weight
                place = (u - fine[0]) / 0.008
                k = np.floor(place).astype(int)
                np.add.at(density[i], k, mass * (1 - place + k))
                np.add.at(density[i], k + 1, mass * (place - k))
    rows = []
    for i, g in enumerate(groups):
        p = density[i] / density[i].sum()
        mean = float((p * fine).sum())
        cdf = np.cumsum(p) - 0.5 * p
        low, median, high = np.exp(np.interp([0.025, 0.5, 0.975], cdf, fine)).tolist()
        assert np.isfinite(p).all()
        rows.append({"name": str(g), "mean": mean, "deviation": float(np.sqrt((p * (fine - mean)**2).sum())),
                     "low": low, "median": median, "high": high})
    return rows, float((joint.sum(1) * s).sum())


pooling = []
for seed, sizes, temperatures, spread in [(5, (60, 150, 30), (0.7, 1.6, 1.0), 0.5), (6, (80, 6, 40, 25), (1.2, 0, 1.4, 1.0), 0.5),
                                          (7, (120, 100), (0.5, 2.5), 1.0)]:
    x, y, names = group_data(seed, sizes, temperatures)
    rows, mean_spread = pooled(x, y, names, spread)
    pooling.append({"logits": x, "labels": y, "names": names, "scale": spread, "spread": mean_spread,
                    "groups": rows})



# The smooth error: sums of reflected kernels on a fine grid, and the authors' package.
def smooth(p, y, sigma):
    t = (np.arange(5000) + 0.5) / 5000
    reach = math.ceil(4 * sigma) + 1
    images = np.concatenate([np.concatenate([2 * k + p, 2 * k - p]) for k in range(-reach, reach + 1)])
    weights = np.tile(p - y, 2 * (2 * reach + 1))
    r = np.exp(-0.5 * ((t[:, None] - images) / sigma)**2) @ weights
    return float(np.abs(r / (len(p) * sigma * math.sqrt(2 * math.pi))).mean())


smoothed = []
for n, kind in [(1, "one"), (30, "close"), (120, "over"), (200, "ties")]:
    p = np.round(rng.random(n), 1 if kind == "ties" else 4)
    y = (rng.random(n) < (p if kind != "over" else 0.5 + 0.4 * (p - 0.5))).astype(float)
    if kind == "one":
        p, y = np.array([0.3]), np.array([0.0])
    sigma = optimize.brentq(lambda s: smooth(p, y, s) - s, 0.004, 1, xtol=1e-7)
    theirs = float(relplot.smECE(p, y)) if n > 1 else sigma
    smoothed.append({"name": kind, "p": p.tolist(), "y": y.tolist(), "width": sigma, "relplot": theirs,
                     "at5": smooth(p, y, 0.05), "at50": smooth(p, y, 0.5)})


write(TESTS / "BayesCalibrationTests/Fixtures/coverage.json", "calibration_coverage.py",
      scores=scores, bands=bands, crps=crps, baselines=baselines,
      uniformity=uniformity, pooling=pooling, smoothed=smoothed)
