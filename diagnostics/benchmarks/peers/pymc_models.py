"""The ten benchmark models in PyMC, for nutpie: `build(name, data)` gives a `pm.Model`."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

import designs


def _regression(name, data):
    """Linear regressions with a flat prior on coefficients, the first one being the intercept."""
    design, outcome = designs.linear(name, data)
    beta = pm.Flat("beta", shape=design.shape[1] + 1)
    sigma = pm.HalfCauchy("sigma", 2.5) if name == "kidiq" else pm.HalfFlat("sigma")
    pm.Normal("y", beta[0] + pt.dot(design, beta[1:]), sigma, observed=outcome)


def eight_schools(data):
    mu = pm.Normal("mu", 0, 5)
    tau = pm.HalfCauchy("tau", 5)
    eta = pm.Normal("eta", 0, 1, shape=len(data["y"]))
    theta = pm.Deterministic("theta", mu + tau * eta)
    pm.Normal("y", theta, data["sigma"].astype(float), observed=data["y"].astype(float))


def diamonds(data):
    design, outcome = designs.linear("diamonds", data)
    b = pm.Normal("b", 0, 1, shape=design.shape[1])
    intercept = pm.StudentT("Intercept", nu=3, mu=8, sigma=10)
    sigma = pm.HalfStudentT("sigma", nu=3, sigma=10)
    pm.Normal("y", intercept + pt.dot(design, b), sigma, observed=outcome)


def low_dim_gauss_mix(data):
    ordered = pm.distributions.transforms.ordered
    mu = pm.Normal("mu", 0, 2, shape=2, transform=ordered, initval=np.array([-1.0, 1.0]))
    sigma = pm.HalfNormal("sigma", 2, shape=2)
    theta = pm.Beta("theta", 5, 5)
    weights = pt.stack([theta, 1 - theta])
    pm.NormalMixture("y", w=weights, mu=mu, sigma=sigma, observed=data["y"].astype(float))


def category_rates(data):
    mu = pm.Beta("mu", 2, 5)
    kappa = pm.HalfNormal("kappa", 50)
    theta = pm.Beta("theta", mu * kappa, (1 - mu) * kappa, shape=len(data["trials"]))
    pm.Binomial("y", n=data["trials"], p=theta, observed=data["successes"])


def radon(data):
    raw = pm.Normal("alpha_raw", 0, 1, shape=data["J"])
    beta = pm.Normal("beta", 0, 10, shape=2)
    mu_alpha = pm.Normal("mu_alpha", 0, 10)
    sigma_alpha = pm.HalfNormal("sigma_alpha", 1)
    sigma_y = pm.HalfNormal("sigma_y", 1)
    alpha = mu_alpha + sigma_alpha * raw
    slopes = beta[0] * data["log_uppm"] + beta[1] * data["floor_measure"].astype(float)
    pm.Normal("y", alpha[data["county_idx"] - 1] + slopes, sigma_y, observed=data["log_radon"])


def logistic_100k_20(data):
    beta = pm.Normal("beta", 0, 1, shape=data["D"])
    pm.Bernoulli("y", logit_p=pt.dot(data["X"].astype(float), beta), observed=data["y"])


def arK(data):
    design, outcome = designs.linear("arK", data)
    alpha = pm.Normal("alpha", 0, 10)
    beta = pm.Normal("beta", 0, 10, shape=design.shape[1])
    sigma = pm.HalfCauchy("sigma", 2.5)
    pm.Normal("y", alpha + pt.dot(design, beta), sigma, observed=outcome)


def build(name, data):
    """The model called `name` with its data bound."""
    with pm.Model() as model:
        if name in ("kidiq", "nes2000", "earnings"):
            _regression(name, data)
        else:
            globals()[name](data)
    return model
