"""Bayesian binning, ensemble temperature and the Bayesian line and beta maps, worked out another way.

On the three data sets of peers.json, on the first rows of each, and on three classes made here:
- Bayesian binning (Naeini, Cooper, Hauskrecht 2015) from its definition, one model after the other, with mpmath;
- ensemble temperature by SciPy's trust-region method in softmax coordinates of the weights and log T, from 24 starts;
- posteriors of Platt's and of the beta map on dense grids that reach 24 standard deviations of the mode's curvature to all
  sides (trapezoidal rule, 481 points a side for two numbers, 161 for three), with log a, log b ~ N(0, 1) and the constant ~ N(0, 2²): means, standard deviations, averaged predictions.
"""
import json

import numpy as np
from mpmath import loggamma, mp, mpf
from scipy import optimize, special

from oracle import TESTS, write

mp.dps = 40
peers = json.loads((TESTS / "BayesCalibrationTests/Fixtures/peers.json").read_text())["datasets"]
GRID = np.array([-6.0, -2.5, -0.7, 0.0, 0.4, 1.9, 5.0])


def log_beta(a, b):
    return loggamma(a) + loggamma(b) - loggamma(a + b)


def binning(x, y):
    p = special.expit(x)
    order = np.argsort(p, kind="stable")
    p, y = p[order], y[order]
    n = len(p)
    fewest, most = max(1, int(round(n ** (1 / 3), 9) // 10)), min(n, int(np.ceil(round(10 * n ** (1 / 3), 9))))
    models, seen = [], set()
    for bins in range(fewest, most + 1):
        size, larger = divmod(n, bins)
        ends = [(b + 1) * size + min(b + 1, larger) for b in range(bins)]
        ends = tuple(e for e in ends if e == n or p[e - 1] < p[e])
        if ends in seen:
            continue
        seen.add(ends)
        edges = [0.0] + [(p[e - 1] + p[e]) / 2 for e in ends[:-1]] + [1.0]
        score, values, start = mpf(0), [], 0
        for b, end in enumerate(ends):
            middle = (mpf(edges[b]) + mpf(edges[b + 1])) / 2
            alpha, beta = 2 * middle / len(ends), 2 * (1 - middle) / len(ends)
            ones = int(y[start:end].sum())
            zeros = end - start - ones
            score += log_beta(alpha + ones, beta + zeros) - log_beta(alpha, beta)
            values.append((alpha + ones) / (alpha + beta + ones + zeros))
            start = end
        models.append((len(ends), score, edges, values))
    top = max(m[1] for m in models)
    weights = [mp.exp(m[1] - top) for m in models]
    total = sum(weights)
    grid = []
    for q in special.expit(GRID):
        value = mpf(0)
        for (_, _, edges, values), w in zip(models, weights):
            value += w / total * values[max(0, int(np.searchsorted(edges, q, side="left")) - 1)]
        grid.append(float(value))
    best = int(np.argmax([float(w) for w in weights]))
    return {
        "bbq_log_evidence": float(top + mp.log(total / len(models))),
        "bbq_grid": grid, "bbq_best_bins": models[best][0], "bbq_best_weight": float(weights[best] / total),
    }


def ensemble(z, y):
    """z: rows x classes."""
    rows, k = z.shape
    index = np.arange(rows)

    def softmax(v):
        return special.softmax(v, axis=1)[index, y]

    same = softmax(z)

    def unpack(v):
        return np.exp(v[0]), special.softmax(np.r_[v[1:], 0])

    def value(v):
        t, w = unpack(v)
        return -np.log(w[0] * softmax(z / t) + w[1] * same + w[2] / k).mean()

    best = None
    for log_t in np.linspace(-3, 4, 8):
        for start in ([2, 0], [0, 2], [-1, -1]):
            found = optimize.minimize(value, np.r_[log_t, start], method="BFGS", options={"gtol": 1e-11})
            found = optimize.minimize(value, found.x, method="Nelder-Mead", options={
                "xatol": 1e-11, "fatol": 1e-16, "maxiter": 20000, "maxfev": 20000})
            if best is None or found.fun < best.fun:
                best = found
    t, w = unpack(best.x)
    grid = special.softmax(z[:7] / t, axis=1) * w[0] + special.softmax(z[:7], axis=1) * w[1] + w[2] / k
    return {"ets_value": float(best.fun), "ets_temperature": float(t), "ets_weights": w.tolist(),
            "ets_rows": grid[:, -1].tolist()}


def posterior(columns, y, points, reach=24.0):
    """Positive factors of all columns but the last, which is the constant."""
    columns = np.array(columns)
    d = len(columns)
    scale = np.r_[np.ones(d - 1), 2.0]

    def theta(u):
        return np.r_[np.exp(u[:-1]), u[-1:]]

    def minus(u):
        eta = theta(u) @ columns
        return (np.logaddexp(0, eta) - y * eta).sum() + 0.5 * ((u / scale) ** 2).sum()

    mode = optimize.minimize(minus, np.zeros(d), method="BFGS", options={"gtol": 1e-9}).x
    h = 1e-4
    hessian = np.array([[
        (minus(mode + h * (ei + ej)) - minus(mode + h * (ei - ej)) - minus(mode - h * (ei - ej)) + minus(mode - h * (ei + ej)))
        / (4 * h * h) for ej in np.eye(d)] for ei in np.eye(d)])
    root = np.linalg.inv(np.linalg.cholesky(hessian)).T
    axis = np.linspace(-reach, reach, points)
    grid = np.stack(np.meshgrid(*[axis] * d, indexing="ij"), -1).reshape(-1, d)
    grid = mode + grid @ root.T
    height = -minus(mode)
    log_density = np.empty(len(grid))
    for start in range(0, len(grid), 20000):
        u = grid[start:start + 20000]
        eta = np.clip(np.c_[np.exp(np.minimum(u[:, :-1], 300)), u[:, -1:]] @ columns, -1e300, 1e300)
        log_density[start:start + 20000] = (
            -(np.logaddexp(0, eta) - y * eta).sum(1) - 0.5 * ((u / scale) ** 2).sum(1) - height)
    w = np.exp(log_density)
    w /= w.sum()
    grid, w = grid[w > 1e-20], w[w > 1e-20]
    values = np.c_[np.exp(grid[:, :-1]), grid[:, -1:]]
    mean = w @ values
    sd = np.sqrt(w @ (values - mean) ** 2)
    return mean, sd, lambda x: float(w @ special.expit(values @ x))


def bayesian(x, y, beta=True):
    mean, sd, predict = posterior([x, np.ones_like(x)], y, 481)
    out = {"platt_mean": mean.tolist(), "platt_sd": sd.tolist(),
           "platt_grid": [predict(np.array([g, 1.0])) for g in GRID]}
    if not beta:
        return out

    def both(x):
        return [-np.logaddexp(0, -x), np.logaddexp(0, x)]
    mean, sd, predict = posterior(both(x) + [np.ones_like(x)], y, 161)
    out |= {"beta_mean": mean.tolist(), "beta_sd": sd.tolist(),
            "beta_grid": [predict(np.array([*both(g), 1.0])) for g in GRID]}
    return out


rows = []
for peer in peers:
    x, y = np.array(peer["logits"]), np.array(peer["labels"])
    row = {"name": peer["name"], "count": len(x), "grid": GRID.tolist()} | binning(x, y)
    row |= ensemble(np.c_[-x / 2, x / 2], y) | bayesian(x, y, len(rows) < 3)
    rows.append(row)
    print(row)
    x, y = x[:12], y[:12]
    row = {"name": peer["name"], "count": 12, "grid": GRID.tolist()} | binning(x, y) | bayesian(x, y, len(rows) < 3)
    rows.append(row)
    print(row)

rng = np.random.default_rng(5)
truth = rng.normal(0, 1.3, (250, 3))
y = np.array([rng.choice(3, p=special.softmax(t)) for t in truth])
noise = rng.random(250) < 0.15
y[noise] = rng.integers(0, 3, noise.sum())
z = np.round(2.5 * truth, 4)
three = {"labels": y.tolist(), "logits": z.ravel().tolist()} | ensemble(z, y)
print({k: v for k, v in three.items() if k.startswith("ets")})
write(TESTS / "BayesCalibrationTests/Fixtures/methods.json", "calibration_methods.py", datasets=rows, classes=[three])
