"""Do the models of densities.py have the posteriors of reference.json? Importance sampling around the mode.

The proposal is a Student t with 7 degrees around the mode, shaped by the Hessian there. Where that leaves too
few effective draws (eight schools: the mode says nothing about the posterior) an adaptive random walk
(Haario, Saksman & Tamminen 2001) draws instead. A mean agrees when it is within 5 standard errors (of both),
an sd within 10 %.
"""
import numpy as np
from scipy.optimize import minimize

DRAWS, DEGREES = 6000, 7
WALK, THIN, FEWEST = 120_000, 20, 50


def flatten(p):
    out = {}
    for name, v in p.items():
        v = np.real(v)
        if np.ndim(v) == 0:
            out[name] = float(v)
        else:
            out.update({f"{name}[{i + 1}]": float(x) for i, x in enumerate(v)})
    if "eta" in p:  # the references of eight schools have theta, not eta
        out.update({f"theta[{i + 1}]": float(np.real(p["mu"] + p["tau"] * e)) for i, e in enumerate(p["eta"])})
    return out


def random_walk(value, y, rng):
    """Draws of an adaptive Metropolis chain, the first quarter dropped."""
    d, at, mean, cov, kept = len(y), value(y), y.copy(), np.eye(len(y)), []
    for t in range(1, WALK + 1):
        if t % 500 == 1:
            L = np.linalg.cholesky(cov * 2.38 ** 2 / d + 1e-6 * np.eye(d))
        new = y + L @ rng.standard_normal(d)
        there = value(new)
        if np.log(rng.random()) < there - at:
            y, at = new, there
        delta = y - mean
        mean = mean + delta / (t + 1)
        cov = cov + (np.outer(delta, y - mean) - cov) / (t + 10)
        if t > WALK // 4 and t % THIN == 0:
            kept.append(y)
    return np.array(kept)


def check(model, reference):
    rng = np.random.default_rng(7)

    def value(y):
        return float(np.real(model(y.astype(np.clongdouble))))

    def slope(y):
        return np.array(model.gradient(y), dtype=float)

    y = minimize(lambda v: -value(v), model.start().astype(float), jac=lambda v: -slope(v), method="BFGS",
                 options={"gtol": 1e-6}).x
    h = 1e-4
    hessian = np.array([(slope(y + h * e) - slope(y - h * e)) / (2 * h) for e in np.eye(len(y))])
    for _ in range(5):  # BFGS stops early on badly scaled regressions; Newton finishes
        step = np.linalg.solve(hessian, slope(y))
        y = y - step if value(y - step) >= value(y) else y
    L = np.linalg.cholesky(np.linalg.inv(-(hessian + hessian.T) / 2))
    z = rng.standard_normal((DRAWS, len(y))) / np.sqrt(rng.chisquare(DEGREES, DRAWS) / DEGREES)[:, None]
    draws = y + z @ L.T
    logw = np.array([value(v) for v in draws])
    logw += (DEGREES + len(y)) / 2 * np.log1p((z ** 2).sum(axis=1) / DEGREES)
    w = np.exp(logw - logw.max())
    w /= w.sum()
    effective = 1 / (w ** 2).sum()
    if effective < FEWEST:
        draws = random_walk(value, model.start().astype(float), rng)
        w = np.full(len(draws), 1 / len(draws))
        effective = None
    values = [flatten(model.constrained(v.astype(np.clongdouble))[0]) for v in draws]
    worst_mean, worst_sd = 0.0, 0.0
    for name, r in reference["parameters"].items():
        x = np.array([v[name] for v in values])
        mean = (w * x).sum()
        sd = np.sqrt((w * (x - mean) ** 2).sum())
        error = np.sqrt((w ** 2 * (x - mean) ** 2).sum())
        if effective is None:  # a chain: 30 batch means
            error = x[: len(x) // 30 * 30].reshape(30, -1).mean(axis=1).std(ddof=1) / np.sqrt(30)
        worst_mean = max(worst_mean, abs(mean - r["mean"]) / np.hypot(error, r["mcse_mean"]))
        worst_sd = max(worst_sd, abs(sd / r["sd"] - 1))
    agrees = worst_mean < 5 and worst_sd < 0.1
    print(f"{model.name}: {'agrees' if agrees else 'DIFFERS'}; means within {worst_mean:.1f} standard errors, "
          f"sds within {100 * worst_sd:.1f} %, "
          + (f"effective draws {effective:.0f}" if effective else "by a random walk"), flush=True)
