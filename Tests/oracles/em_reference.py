"""Maximum likelihood of mixtures and hidden Markov models -> BayesEngineTests/Fixtures/em_reference.json.

Each optimum is found by EM from many random starts (em_families.py), then polished by Newton's method on the
natural parameters, whose gradients are complex-step derivatives of the log-likelihood and whose Hessian is their
fourth-order difference: the two must agree. Standard errors are the square roots of the diagonal of the inverse of
minus that Hessian, carried on to elements that a constraint fixes. Where a likelihood is unbounded, "best" is the highest
stationary point whose covariances have every eigenvalue, in standardised units, above 1e-4. Hidden Markov models
are in em_chains.py.
"""
import csv
import json
import math

import numpy as np

import em_families as family
from em_chains import rows_of_chains
from em_data import FOLDER
from oracle import TESTS, write

MODELS = TESTS.parent / "models"


def table(path):
    if path.suffix == ".json":
        return np.array(json.loads(path.read_text())["y"], dtype=float)
    with path.open() as f:
        rows = list(csv.reader(f))
    x = np.array([[float(v) for v in row] for row in rows[1:]])
    return x[:, 0] if x.shape[1] == 1 else x


def log_sum(terms):
    """log Σ exp over the last axis, of complex numbers too."""
    top = np.max(np.real(terms), axis=-1, keepdims=True)
    return top[..., 0] + np.log(np.sum(np.exp(terms - top), axis=-1))


class Mixture:
    def __init__(self, components, data, count, times=None):
        self.family, self.data, self.count = components, data, count
        self.times = np.ones(len(data)) if times is None else times

    def terms(self, p):
        rest = {k: v for k, v in p.items() if k != "weights"}
        return np.log(p["weights"]) + self.family.logs(self.data, rest)

    def log_likelihood(self, p):
        return math.fsum(self.times * log_sum(self.terms(p)))

    def update(self, r):
        """The maximum given responsibilities, which include the rows' own weights."""
        return {"weights": r.sum(axis=0) / self.times.sum(), **self.family.maximum(self.data, r)}

    def responsibilities(self, p):
        terms = self.terms(p)
        return np.exp(terms - log_sum(terms)[:, None])

    def em(self, rng, iterations=3000):
        """A run from a random start: its parameters, near enough for the polish, or None where it degenerates."""
        n = len(self.data)
        near = self.data.reshape(n, -1)
        near = near / near.std(axis=0)
        centres = near[rng.choice(n, self.count, replace=False)]
        distance = ((near[:, None] - centres) ** 2).sum(axis=2)
        r = np.exp(-distance * rng.uniform(0.2, 3)) + 1e-3
        if isinstance(self.family, family.ZeroInflated):
            r[near[:, 0] > 0, 0] = 0
        r = r / r.sum(axis=1, keepdims=True)
        old = -np.inf
        for _ in range(iterations):
            p = self.update(r * self.times[:, None])
            if self.count > 1 and (np.min(p["weights"]) * n < 1.5 or self.family.degenerate(
                    {k: v for k, v in p.items() if k != "weights"}, self.data)):
                return None
            terms = self.terms(p)
            rows = log_sum(terms)
            value = self.times @ rows
            if value < old - 1e-9 * abs(value):
                raise AssertionError(f"EM fell from {old} to {value}")
            if value - old < 1e-11 * abs(value):
                break
            old = value
            r = np.exp(terms - rows[:, None])
        return p

    # Free parameters: all weights but the last, then the family's.

    def free(self, p):
        return np.concatenate([p["weights"][:-1], self.family.free({k: v for k, v in p.items() if k != "weights"})])

    def whole(self, v, like):
        k = self.count - 1
        rest = {name: x for name, x in like.items() if name != "weights"}
        return {"weights": np.append(v[:k], 1 - v[:k].sum()), **self.family.whole(v[k:], rest)}

    def gradient(self, v, like):
        out = np.empty(len(v))
        for i in range(len(v)):
            z = v.astype(complex)
            z[i] += 1e-30j
            with np.errstate(invalid="ignore"):
                out[i] = self.times @ log_sum(self.terms(self.whole(z, like))).imag / 1e-30
        return out

    def hessian(self, v, like):
        columns = []
        for i in range(len(v)):
            h = 1e-4 * max(abs(v[i]), 0.1)
            e = np.eye(len(v))[i] * h
            g = [self.gradient(v + s * e, like) for s in (-2, -1, 1, 2)]
            columns.append((g[0] - 8 * g[1] + 8 * g[2] - g[3]) / (12 * h))
        h = np.array(columns)
        return (h + h.T) / 2

    def ordered(self, p):
        rest = {k: v for k, v in p.items() if k != "weights"}
        order = self.family.order(rest)
        return {"weights": p["weights"][order], **self.family.permuted(rest, order)}

    def polish(self, p):
        """Newton's method: parameters and standard errors in their shape."""
        v = self.free(p)
        for _ in range(8):
            h = self.hessian(v, p)
            step = np.linalg.solve(h, self.gradient(v, p))
            v = v - step
            if np.max(np.abs(step) / (np.abs(v) + 1e-3)) < 1e-13:
                break
        assert np.linalg.eigvalsh(h).max() < 0, "not a maximum"
        covariance = np.linalg.inv(-h)
        errors = self.errors(v, p, covariance)
        return self.whole(v, p), errors, np.max(np.abs(self.gradient(v, p)))

    def errors(self, v, like, covariance):
        """Standard errors in the shape of the parameters, those fixed by a constraint included."""
        shapes = {name: np.shape(x) for name, x in like.items()}
        slopes = {name: np.zeros((np.size(x), len(v))) for name, x in like.items()}
        for i in range(len(v)):
            z = v.astype(complex)
            z[i] += 1e-30j
            for name, x in self.whole(z, like).items():
                slopes[name][:, i] = np.imag(np.ravel(x)) / 1e-30
        return {name: np.sqrt(np.maximum(0, np.einsum("ij,jk,ik->i", j, covariance, j))).reshape(shapes[name])
                for name, j in slopes.items()}


def fit(name, data_name, components, data, count, starts, times=None):
    model = Mixture(components, data, count, times)
    rng = np.random.Generator(np.random.PCG64(1))
    runs = [p for p in (model.em(rng) for _ in range(starts)) if p is not None]
    values = [model.log_likelihood(p) for p in runs]
    best = max(values)
    p = model.ordered(runs[values.index(best)])
    q, errors, slope = model.polish(p)
    value = model.log_likelihood(q)
    assert -1e-10 * abs(best) < value - best < 1e-6 * abs(best), (name, value, best)
    n, size = model.times.sum(), len(model.free(q))
    bic = -2 * value + size * math.log(n)
    sure = model.times @ np.log(model.responsibilities(q).max(axis=1))
    reached = sum(v > best - 1e-6 * abs(best) for v in values)
    print(f"{name:28} {value:.9f}  p {size}  BIC {bic:.4f}  ICL {bic - 2 * sure:.4f}  gradient {slope:.1e}  "
          f"{reached} of {starts}, {starts - len(runs)} degenerate")
    return {"name": name, "data": data_name, "components": count, "rows": len(data),
            "logLikelihood": float(f"{value:.12g}"), "parameterCount": size, "bic": float(f"{bic:.12g}"),
            "aic": float(f"{2 * size - 2 * value:.12g}"), "icl": float(f"{bic - 2 * sure:.12g}"),
            "parameters": rounded(q), "standardErrors": rounded(errors, 8)}


def rounded(p, digits=12):
    return {name: np.vectorize(lambda v: float(f"{v:.{digits}g}"))(x).tolist() for name, x in p.items()}


def mixtures():
    em, models = "em/{}.csv".format, "models/{}".format
    rows = []

    def add(name, path, components, data, count, starts=20, times=None):
        rows.append(fit(name, path, components, data, count, starts, times))

    full = {k: family.MultivariateNormal(k) for k in ("full", "tied", "diagonal", "spherical")}
    add("gmm2d_full_2", em("gmm2d"), full["full"], table(FOLDER / "gmm2d.csv"), 2)
    faithful = table(FOLDER / "faithful.csv")
    for kind, count, starts in (("full", 1, 1), ("full", 2, 30), ("full", 3, 100), ("tied", 2, 30), ("tied", 3, 60),
                                ("diagonal", 2, 60), ("diagonal", 3, 60), ("spherical", 2, 60), ("spherical", 3, 60)):
        add(f"faithful_{kind}_{count}", em("faithful"), full[kind], faithful, count, starts)
    iris = table(FOLDER / "iris.csv")
    for kind, count, starts in (("full", 2, 30), ("full", 3, 100), ("tied", 2, 40), ("tied", 3, 80),
                                ("diagonal", 3, 40)):
        add(f"iris_{kind}_{count}", em("iris"), full[kind], iris, count, starts)
    add("gaussian_mixture", models("gaussian_mixture.json"), family.Normal(), table(MODELS / "gaussian_mixture.json"), 2)
    quakes = table(MODELS / "poisson_mixture.csv")[:, 1]
    add("poisson_mixture", models("poisson_mixture.csv"), family.Poisson(), quakes, 2)
    add("poisson_mixture_3", models("poisson_mixture.csv"), family.Poisson(), quakes, 3, 40)
    add("deaths", em("deaths"), family.Poisson(), table(FOLDER / "deaths.csv"), 2)
    add("bernoulli_mixture", models("bernoulli_mixture.csv"), family.Bernoulli(), table(MODELS / "bernoulli_mixture.csv"), 2, 40)
    add("mixture_of_regressions", models("mixture_of_regressions.csv"), family.Regression(),
        table(MODELS / "mixture_of_regressions.csv"), 2, 60)
    add("zero_inflated", models("zero_inflated.csv"), family.ZeroInflated(), table(MODELS / "zero_inflated.csv"), 2)
    add("gamma", em("gamma"), family.Gamma(), table(FOLDER / "gamma.csv"), 2, 30)
    add("exponential", em("exponential"), family.Exponential(), table(FOLDER / "exponential.csv"), 2)
    add("binomial", em("binomial"), family.Binomial(), table(FOLDER / "binomial.csv"), 2)
    add("multinomial", em("multinomial"), family.Multinomial(), table(FOLDER / "multinomial.csv"), 3, 30)
    weighted = table(FOLDER / "weighted.csv")
    add("weighted", em("weighted"), family.Normal(), weighted[:, 0], 2, 30, weighted[:, 1])
    return rows


if __name__ == "__main__":
    chains, path = rows_of_chains(rounded)
    write(TESTS / "BayesEngineTests/Fixtures/em_reference.json",
          "Written by Tests/oracles/em_reference.py (method there): maximum likelihood, all constants kept. Data: in "
          "BayesEngineTests/Fixtures, or in the package where the path begins with models/. Components stand in "
          "ascending order of the mean (the first feature's, the rate, the probability of the first item, the intercept; "
          "gamma: shape/rate); zero_inflated: the constant 0, then the Poisson; dice: by the probability of a six. "
          "sigma is a standard deviation, "
          "variance and covariance are what they say. standardErrors: observed information on these natural parameters; "
          "null at the edge of the space. weighted: `times` counts each row, its n is their sum. bic = -2 L + p log n, "
          "icl = bic - 2 sum log max_k r_nk.",
          mixtures=mixtures(), chains=chains, baumWelch=path)
