"""Exact posteriors for sampler tests -> BayesEngineTests/Fixtures/posteriors.json.

Closed forms where there are; otherwise the trapezoid rule on the whole plane, which converges exponentially
for smooth integrands that vanish at both ends. Each quadrature is run on two grids and must agree to 1e-10
(relative to the sd) before anything is written; digits beyond that are not meaningful.
Model files name the variables; sd is the posterior standard deviation, not its square.
"""
import json
import math
from fractions import Fraction

import numpy as np
from scipy.special import betaln, gammaln, log1p, psi

from oracle import TESTS, write


def trapezoid(log_density, boxes, points, functions):
    """Mean and sd of each function under exp(log_density) on a regular grid over the boxes."""
    axes = [np.linspace(lo, hi, points) for lo, hi in boxes]
    grid = np.meshgrid(*axes, indexing="ij")
    logp = log_density(*grid)
    edge = max(np.max(np.take(logp, [0, -1], axis=k)) for k in range(logp.ndim))
    assert edge - logp.max() < -38, f"the box cuts the posterior: {edge - logp.max()}"
    w = np.exp(logp - logp.max())
    w /= w.sum()
    out = {}
    for name, f in functions.items():
        v = f(*grid)
        mean = float((w * v).sum())
        out[name] = {"mean": mean, "sd": math.sqrt(float((w * (v - mean) ** 2).sum()))}
    return out


def checked(log_density, boxes, points, functions):
    coarse = trapezoid(log_density, boxes, points * 2 // 3, functions)
    fine = trapezoid(log_density, boxes, points, functions)
    for name, c in coarse.items():
        for key in ("mean", "sd"):
            gap = abs(c[key] - fine[name][key]) / fine[name]["sd"]
            assert gap < 1e-10, (name, key, gap)
    return fine


def beta_moments(a, b):
    a, b = Fraction(a), Fraction(b)
    variance = a * b / ((a + b) ** 2 * (a + b + 1))
    return {"mean": float(a / (a + b)), "sd": math.sqrt(variance)}


def beta_binomial():
    trials, successes = 20, 14
    return {"name": "beta_binomial", "method": "closed form: Beta(2 + 14, 2 + 6)",
            "model": ["theta ~ Beta(2, 2)", "successes ~ Binomial(trials, theta)"],
            "data": {"trials": trials, "successes": successes},
            "posterior": {"theta": beta_moments(2 + successes, 2 + trials - successes)}}


def normal_known_sd():
    y = [4.2, 5.1, 3.3, 6.8, 5.5, 4.9, 7.2, 5.0]
    prior_mean, prior_sd, sd = 0.0, 10.0, 1.5
    precision = 1 / Fraction(prior_sd) ** 2 + len(y) / Fraction(sd) ** 2
    mean = (Fraction(prior_mean) / Fraction(prior_sd) ** 2 + sum(map(Fraction, y)) / Fraction(sd) ** 2) / precision
    return {"name": "normal_known_sd", "method": "closed form: normal-normal",
            "model": ["mu ~ Normal(0, 10)", "y ~ Normal(mu, 1.5)"], "data": {"y": y},
            "posterior": {"mu": {"mean": float(mean), "sd": math.sqrt(1 / precision)}}}


def normal_unknown():
    y = np.array([12.1, 9.4, 11.8, 10.3, 13.7, 8.9, 10.6, 11.2, 12.9, 9.9, 10.8, 7.6])
    n, ybar = len(y), y.mean()
    rss = ((y - ybar) ** 2).sum()

    def log_density(mu, log_sigma):  # + log_sigma: the Jacobian of sigma = exp(log_sigma)
        sigma = np.exp(log_sigma)
        return (-mu ** 2 / 200 - sigma ** 2 / 50 + log_sigma - n * log_sigma
                - (rss + n * (mu - ybar) ** 2) / (2 * sigma ** 2))

    posterior = checked(log_density, [(-70, 90), (-1.2, 4.2)], 3001,
                        {"mu": lambda m, s: m, "sigma": lambda m, s: np.exp(s)})
    return {"name": "normal_unknown", "method": "trapezoid rule in (mu, log sigma)",
            "model": ["mu ~ Normal(0, 10)", "sigma ~ HalfNormal(5)", "y ~ Normal(mu, sigma)"],
            "data": {"y": y.tolist()}, "posterior": posterior}


def regression(name, likelihood, y, x, boxes, statement):
    def log_density(a, b):
        total = -a ** 2 / 8 - b ** 2 / 8
        for yi, xi in zip(y, x):
            total = total + likelihood(yi, a + b * xi)
        return total

    posterior = checked(log_density, boxes, 1201, {"alpha": lambda a, b: a, "beta": lambda a, b: b})
    return {"name": name, "method": "trapezoid rule in (alpha, beta)",
            "model": ["alpha ~ Normal(0, 2)", "beta ~ Normal(0, 2)", statement],
            "data": {"x": x, "y": y}, "posterior": posterior}


X30 = [round(-1.45 + 0.1 * i, 2) for i in range(30)]


def logistic_regression():
    y = [0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1]
    return regression("logistic_regression", lambda k, eta: k * eta - np.logaddexp(0, eta), y, X30,
                      [(-7, 8), (-10, 14)], "y ~ Bernoulli(logit: alpha + beta * x)")


def poisson_regression():
    y = [0, 1, 0, 2, 1, 0, 1, 1, 3, 1, 2, 0, 2, 3, 1, 2, 4, 2, 3, 5, 2, 4, 3, 6, 4, 7, 5, 6, 9, 8]
    return regression("poisson_regression", lambda k, eta: k * eta - np.exp(eta), y, X30,
                      [(-3, 3), (-3, 5)], "y ~ Poisson(logMean: alpha + beta * x)")


# From the project's reference values (quadrature, independent of this script); theta as (mean, sd).
CATEGORY_RATES = {
    "mu": {"mean": 0.2696504225, "sd": 0.0308303338, "q2.5": 0.21272, "q50": 0.26836, "q97.5": 0.33405},
    "kappa": {"mean": 7.8331438864, "sd": 2.2873553849, "q2.5": 4.1046, "q50": 7.5803, "q97.5": 13.0001}}
CATEGORY_THETA = [
    (.360326, .025154), (.287218, .032611), (.386803, .055102), (.554906, .025341), (.210407, .027206),
    (.278380, .024616), (.526265, .023697), (.384698, .040243), (.247019, .022315), (.368552, .057170),
    (.211142, .023584), (.199159, .022241), (.342817, .023633), (.018994, .013900), (.054410, .010824),
    (.229559, .021093), (.141724, .028578), (.316393, .022573), (.151939, .016036), (.086824, .012805),
    (.523953, .027918), (.291283, .020557), (.327784, .048838), (.103084, .018781), (.225607, .035518)]


def category_rates():
    data = json.loads((TESTS.parent / "models/category_rates.json").read_text())
    trials, successes = data["trials"], data["successes"]

    def log_density(logit_mu, log_kappa):
        mu, kappa = 1 / (1 + np.exp(-logit_mu)), np.exp(log_kappa)
        a, b = mu * kappa, (1 - mu) * kappa
        total = np.log(mu) * 2 + 5 * np.log1p(-mu) - kappa ** 2 / 5000 + log_kappa  # prior and Jacobians
        for n, k in zip(trials, successes):
            total = total + betaln(a + k, b + n - k) - betaln(a, b)
        return total

    functions = {"mu": lambda m, k: 1 / (1 + np.exp(-m)), "kappa": lambda m, k: np.exp(k)}
    for j, (n, s) in enumerate(zip(trials, successes)):  # E[theta_j | mu, kappa] and E[theta_j^2 | …]
        def first(m, k, n=n, s=s):
            return (np.exp(k) / (1 + np.exp(-m)) + s) / (np.exp(k) + n)
        functions[f"first[{j}]"] = first
        functions[f"second[{j}]"] = lambda m, k, n=n, f=first: f(m, k) * (
            f(m, k) * (np.exp(k) + n) + 1) / (np.exp(k) + n + 1)
    moments = checked(log_density, [(-9, 5), (-4, 6)], 901, functions)
    posterior = {name: moments[name] for name in ("mu", "kappa")}
    for j in range(len(trials)):
        mean = moments[f"first[{j}]"]["mean"]
        sd = math.sqrt(moments[f"second[{j}]"]["mean"] - mean ** 2)
        posterior[f"theta[{j + 1}]"] = {"mean": mean, "sd": sd}
        for ours, theirs in zip((mean, sd), CATEGORY_THETA[j]):
            assert abs(ours - theirs) < 1e-6, (j, ours, theirs)
    for name, reference in CATEGORY_RATES.items():
        for key in ("mean", "sd"):
            assert abs(posterior[name][key] - reference[key]) < 2e-10, (name, key, posterior[name][key])
        posterior[name].update({q: v for q, v in reference.items() if q.startswith("q")})

    # The log density at mu = 0.3, kappa = 10, theta_j = (k_j + 1)/(n_j + 2), all constants kept.
    mu, kappa = 0.3, 10.0
    theta = [(k + 1) / (n + 2) for n, k in zip(trials, successes)]
    density = math.log(30) + math.log(mu) + 4 * math.log1p(-mu)
    density += math.log(2) - 0.5 * math.log(2 * math.pi) - math.log(50) - kappa ** 2 / 5000
    a, b = mu * kappa, (1 - mu) * kappa
    for t, n, k in zip(theta, trials, successes):
        density += (a - 1) * math.log(t) + (b - 1) * log1p(-t) - betaln(a, b)
        density += gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) + k * math.log(t) + (n - k) * log1p(-t)
    jacobian = math.log(mu * (1 - mu)) + math.log(kappa) + sum(math.log(t * (1 - t)) for t in theta)
    score = sum(math.log(t / (1 - t)) - psi(a) + psi(b) for t in theta)
    by_kappa = -kappa / 2500 + sum(
        mu * math.log(t) + (1 - mu) * math.log1p(-t) + psi(kappa) - mu * psi(a) - (1 - mu) * psi(b) for t in theta)
    gradient = [2 * (1 - mu) - 5 * mu + kappa * mu * (1 - mu) * score, 1 + kappa * by_kappa] + [
        (a + k) * (1 - t) - (b + n - k) * t for t, n, k in zip(theta, trials, successes)]
    assert abs(density - -61.286791453108) < 1e-9 and abs(density + jacobian - -107.094333145469) < 1e-9, (
        density, density + jacobian)
    for ours, theirs in zip(gradient, (-11.872787425, -7.083153193, -.905027933)):
        assert abs(ours - theirs) < 1e-8, gradient[:3]
    assert abs(gradient[2 + 13] - 1.923076923) < 1e-8
    return {"name": "category_rates", "method": "trapezoid rule in (logit mu, log kappa), theta integrated out; "
            "agrees with the project's reference values, whose quantiles are given",
            "model": ["mu ~ Beta(2, 5)", "kappa ~ HalfNormal(50)", "theta ~ Beta(mu * kappa, (1 - mu) * kappa)",
                      "successes ~ Binomial(trials, theta)"],
            "data": data, "posterior": posterior, "correlation": {"mu,kappa": -0.2181},
            "at": {"mu": mu, "kappa": kappa, "theta": theta, "logDensity": density,
                   "logDensityUnconstrained": density + jacobian, "gradientUnconstrained": gradient}}


if __name__ == "__main__":
    write(TESTS / "BayesEngineTests/Fixtures/posteriors.json",
          "Written by Tests/oracles/posteriors.py: exact posterior means and sds (at least 9 digits), with the "
          "model as statements and its data. theta[1] is the first category (1-based). category_rates has the "
          "log density and its gradient on the unconstrained scale (logit mu, log kappa, logit theta) at a point.",
          posteriors=[beta_binomial(), normal_known_sd(), normal_unknown(), logistic_regression(),
                      poisson_regression(), category_rates()])
