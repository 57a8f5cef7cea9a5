"""Log densities and gradients of whole models -> BayesEngineTests/Fixtures/densities.json.

Usage: densities.py FIXTURES [--sample], where FIXTURES holds posteriordb/. Each model is written here a second
time, from its description and not from the Swift file, in 80-bit arithmetic with all constants kept; the
gradient is a complex-step derivative (no cancellation), so values are good to about 1e-16 of the sum of
their terms' magnitudes. Parameters stand in declaration order and unconstrained coordinates are those of
transforms.json (lower: log; interval: logit; simplex: the sum-to-zero softmax). A stated support does not
renormalise a prior; a Half… distribution does carry its factor 2. category_rates is in posteriors.json.

--sample checks the models instead: densities_check.py samples each reference posterior and compares its
means and sds with reference.json (this is what shows that the models here mean what the references mean).
"""
import csv
import json
import sys
from math import comb, lgamma
from pathlib import Path

import numpy as np

from oracle import TESTS, write

MODELS = TESTS.parent / "models"
real, cplx = np.longdouble, np.clongdouble
LOG_PI = np.log(real("3.14159265358979323846264338327950288"))
LOG_2 = np.log(real(2))


def normal(x, m, s):
    z = (x - m) / s
    return np.sum(-z * z / 2 - np.log(s) - (LOG_2 + LOG_PI) / 2 + 0 * x)


def half_normal(x, s):
    return normal(x, 0, real(s)) + LOG_2 * np.size(x)


def half_cauchy(x, s):
    return np.sum(LOG_2 - LOG_PI - np.log(real(s)) - np.log(1 + (x / s) ** 2))


def student_t3(x, m, s):
    """Degrees 3: Gamma(2)/(Gamma(3/2) sqrt(3 pi)) = 2/(pi sqrt 3)."""
    return np.sum(LOG_2 - LOG_PI - np.log(real(3)) / 2 - np.log(real(s)) - 2 * np.log(1 + ((x - m) / s) ** 2 / 3))


def beta(x, a, b):
    """Integer a, b."""
    constant = real(round(np.exp(lgamma(a + b) - lgamma(a) - lgamma(b))))  # an integer here
    return np.sum((a - 1) * np.log(x) + (b - 1) * np.log(1 - x) + np.log(constant))


def choose(n, k):
    total = comb(int(n), int(k))
    shift = max(0, total.bit_length() - 60)
    return np.log(real(total >> shift)) + shift * LOG_2


def binomial(k, n, p):
    k, n, p = (np.atleast_1d(v) for v in (k, n, p))
    return np.sum(k * np.log(p) + (n - k) * np.log(1 - p)) + sum(choose(*v) for v in zip(n, k))


def log_add(a, b):
    top = np.where(np.real(a) > np.real(b), a, b)
    return top + np.log(np.exp(a - top) + np.exp(b - top))


def normal_terms(x, m, s):
    return -((x - m) / s) ** 2 / 2 - np.log(s) - (LOG_2 + LOG_PI) / 2


def softplus(x):
    return np.where(np.real(x) > 0, x + np.log(1 + np.exp(-x)), np.log(1 + np.exp(x)))


# Supports: (unconstrained from constrained), (constrained and log Jacobian from unconstrained)

class Identity:
    def free(self, x, p):
        return x

    def fix(self, y, p):
        return y, 0


class Positive:
    def free(self, x, p):
        return np.log(x)

    def fix(self, y, p):
        return np.exp(y), np.sum(y)


class Interval:
    """0 to an upper bound that may depend on the parameters before."""

    def __init__(self, upper=lambda p: real(1)):
        self.upper = upper

    def free(self, x, p):
        u = x / self.upper(p)
        return np.log(u) - np.log(1 - u)

    def fix(self, y, p):
        b = self.upper(p)
        return b / (1 + np.exp(-y)), np.sum(np.log(b) - y - 2 * np.log(1 + np.exp(-y)))


class Ordered:
    def __init__(self, positive=False):
        self.positive = positive

    def free(self, x, p):
        y = np.concatenate([x[:1], np.log(np.diff(x))])
        return np.concatenate([np.log(y[:1]), y[1:]]) if self.positive else y

    def fix(self, y, p):
        first = np.exp(y[:1]) if self.positive else y[:1]
        x = np.cumsum(np.concatenate([first, np.exp(y[1:])]))
        return x, np.sum(y if self.positive else y[1:])


class Simplex2:
    """Two entries: softmax of (y, -y)/sqrt 2; log Jacobian log x1 + log x2 + (log 2)/2."""

    def free(self, x, p):
        return np.array([(np.log(x[0]) - np.log(x[1])) / np.sqrt(real(2))])

    def fix(self, y, p):
        a = y[0] * np.sqrt(real(2))
        x = np.array([1 / (1 + np.exp(-a)), 1 / (1 + np.exp(a))])
        return x, np.sum(np.log(x)) + LOG_2 / 2


R, P, U = Identity(), Positive(), Interval()


def read(path):
    if path.suffix == ".json":
        return json.loads(path.read_text())
    with path.open() as f:
        rows = list(csv.DictReader(f))
    return {k: [v if k == "county" else float(v) for v in (r[k] for r in rows)] for k in rows[0]}


def arrays(data):
    return {k: v if v and isinstance(v, list) and isinstance(v[0], str) else np.array(v, dtype=real)
            for k, v in data.items()}


def eight_schools(d, p):
    return (normal(p["mu"], 0, real(5)) + half_cauchy(p["tau"], 5) + normal(p["eta"], 0, real(1))
            + normal(d["y"], p["mu"] + p["tau"] * p["eta"], d["sigma"]))


def mixture(d, p):
    t = p["theta"]
    return (normal(p["mu"], 0, real(2)) + half_normal(p["sigma"], 2) + beta(t, 5, 5)
            + np.sum(log_add(np.log(t) + normal_terms(d["y"], p["mu"][0], p["sigma"][0]),
                             np.log(1 - t) + normal_terms(d["y"], p["mu"][1], p["sigma"][1]))))


def two_parts(first, second, w):
    """log of the product over rows of the sum of two weighted densities, given by their logarithms."""
    return np.sum(log_add(np.log(w[0]) + first, np.log(w[1]) + second))


def dirichlet2(w, a):
    """Equal integer concentrations."""
    return beta(w[0], a, a)


def gamma(x, a, b):
    """Integer shape."""
    return np.sum(a * np.log(real(b)) - np.log(real(round(np.exp(lgamma(a))))) + (a - 1) * np.log(x) - b * x)


def poisson_terms(y, rate):
    factorial = np.array([np.sum(np.log(np.arange(1, int(k) + 1, dtype=real))) for k in y])
    return y * np.log(rate) - rate - factorial


def gaussian_mixture(d, p):
    return (normal(p["mu"], 0, real(2)) + half_normal(p["sigma"], 2) + dirichlet2(p["weights"], 5)
            + two_parts(*(normal_terms(d["y"], p["mu"][k], p["sigma"][k]) for k in (0, 1)), p["weights"]))


def poisson_mixture(d, p):
    return (dirichlet2(p["weights"], 4) + gamma(p["rate"], 4, real("0.2"))
            + two_parts(*(poisson_terms(d["earthquakes"], p["rate"][k]) for k in (0, 1)), p["weights"]))


def mixture_of_regressions(d, p):
    lines = (normal_terms(d["y"], p["intercept"][k] + p["slope"][k] * d["x"], p["sigma"][k]) for k in (0, 1))
    return (dirichlet2(p["weights"], 2) + normal(p["intercept"], 0, real(3)) + normal(p["slope"], 0, real(2))
            + half_normal(p["sigma"], 1) + two_parts(*lines, p["weights"]))


def zero_inflated(d, p):
    w, y = p["weights"], d["claims"]
    counts = np.log(w[1]) + poisson_terms(y, p["rate"])
    rows = np.where(y == 0, np.log(w[0] + w[1] * np.exp(-p["rate"])), counts)
    return dirichlet2(w, 1) + gamma(p["rate"], 2, 1) + np.sum(rows)


def linear_regression(d, p):
    names = ["age", "sex", "bmi", "bp", "tc", "ldl", "hdl", "tch", "ltg", "glu"]
    eta = p["alpha"] + sum(p["beta"][i] * d[n] for i, n in enumerate(names))
    return (normal(p["alpha"], 150, real(50)) + normal(p["beta"], 0, real(50)) + half_normal(p["sigma"], 100)
            + normal(d["progression"], eta, p["sigma"]))


def logistic_regression(d, p):
    names = ["radius", "texture", "smoothness", "concavity", "symmetry", "dimension"]
    eta = p["alpha"] + sum(p["beta"][i] * d[n] for i, n in enumerate(names))
    return (normal(p["alpha"], 0, real(2.5)) + normal(p["beta"], 0, real(2.5))
            + np.sum(d["malignant"] * eta - softplus(eta)))


def radon(d, p):
    labels = {c: i for i, c in enumerate(dict.fromkeys(d["county"]))}
    of = np.array([labels[c] for c in d["county"]])
    alpha = p["mu"] + p["tau"] * p["eta"]
    mean = alpha[of] + p["onFloor"] * d["floor"] + p["onUranium"] * d["log_uranium"]
    return (normal(p["mu"], 0, real(5)) + half_normal(p["tau"], 1) + normal(p["eta"], 0, 1)
            + normal(p["onFloor"], 0, real(2)) + normal(p["onUranium"], 0, real(2)) + half_normal(p["sigma"], 2)
            + normal(d["log_radon"], mean, p["sigma"]))


def flat_regression(response, columns, prior=lambda s: 0):
    def log_density(d, p):
        eta = sum(p["beta"][i] * c for i, c in enumerate(columns(d)))
        return prior(p["sigma"]) + normal(response(d), eta, p["sigma"])
    return log_density


def nes_columns(d):
    ages = [(d["age_discrete"] == k).astype(real) for k in (2, 3, 4)]
    return [1, d["real_ideo"], d["race_adj"], *ages, d["educ1"], d["gender"], d["income"]]


def blr(d, p):
    return (normal(p["beta"], 0, real(10)) + half_normal(p["sigma"], 10)
            + normal(d["y"], d["X"].astype(cplx) @ p["beta"], p["sigma"]))


def diamonds(d, p):
    x = d["X"][:, 1:] - d["X"][:, 1:].mean(axis=0)
    return (normal(p["b"], 0, real(1)) + student_t3(p["Intercept"], 8, 10) + student_t3(p["sigma"], 0, 10)
            + normal(d["Y"], p["Intercept"] + x.astype(cplx) @ p["b"], p["sigma"]))


def ark(d, p):
    y, K = d["y"], 5
    eta = p["alpha"] + sum(p["beta"][k - 1] * y[K - k:len(y) - k] for k in range(1, K + 1))
    return (normal(p["alpha"], 0, real(10)) + normal(p["beta"], 0, real(10)) + half_cauchy(p["sigma"], 2.5)
            + normal(y[K:], eta, p["sigma"]))


def garch(d, p):
    v = [cplx(d["sigma1"] ** 2)]
    for y in d["y"][:-1]:
        v.append(p["alpha0"] + p["alpha1"] * (y - p["mu"]) ** 2 + p["beta1"] * v[-1])
    return normal(d["y"], p["mu"], np.sqrt(np.array(v)))


def hmm(d, p):
    e = [normal_terms(d["y"], m, real(1)) for m in p["mu"]]
    a, b = e[0][0], e[1][0]
    t1, t2 = np.log(p["theta1"]), np.log(p["theta2"])
    for t in range(1, len(d["y"])):
        a, b = log_add(a + t1[0], b + t2[0]) + e[0][t], log_add(a + t1[1], b + t2[1]) + e[1][t]
    return normal(p["mu"], np.array([3, 10], dtype=real), real(1)) + log_add(a, b)


MIX = {"mu": (Ordered(), [-2.5, 3.0]), "sigma": (P, [1.0, 1.2]), "theta": (U, 0.6)}
SCHOOLS = {"mu": (R, 4.5), "tau": (P, 3.5), "eta": (R, [0.4, 0.1, -0.1, 0.05, -0.2, -0.1, 0.5, 0.1])}
log_columns = ["diam1", "diam2", "canopy_height", "total_height", "density"]

# name (a posteriordb name has a hyphen), log density, {parameter: (support, value at which to evaluate)}
TABLE = [
    ("eight_schools", eight_schools, SCHOOLS),
    ("beta_binomial", lambda d, p: beta(p["theta"], 2, 2) + binomial(d["successes"], d["trials"], p["theta"]),
     {"theta": (U, 0.6)}),
    ("linear_regression", linear_regression,
     {"alpha": (R, 150.0), "beta": (R, [0.0, -11.0, 25.0, 15.0, -35.0, 20.0, 4.0, 8.0, 34.0, 3.0]), "sigma": (P, 54.0)}),
    ("logistic_regression", logistic_regression, {"alpha": (R, -0.7), "beta": (R, [5.0, 2.0, 1.5, 1.3, 0.3, -0.5])}),
    ("gaussian_mixture", gaussian_mixture, {"weights": (Simplex2(), [0.6, 0.4]), "mu": MIX["mu"], "sigma": MIX["sigma"]}),
    ("poisson_mixture", poisson_mixture, {"weights": (Simplex2(), [0.7, 0.3]), "rate": (Ordered(positive=True), [15.5, 27.0])}),
    ("mixture_of_regressions", mixture_of_regressions,
     {"weights": (Simplex2(), [0.55, 0.45]), "intercept": (Ordered(), [0.1, 2.9]), "slope": (R, [0.4, 1.6]),
      "sigma": (P, [0.9, 1.1])}),
    ("zero_inflated", zero_inflated, {"weights": (Simplex2(), [0.3, 0.7]), "rate": (P, 2.3)}),
    ("radon", radon, {"mu": (R, 1.4), "tau": (P, 0.3), "eta": (R, [round(0.2 * (j % 7 - 3), 2) for j in range(85)]),
                      "onFloor": (R, -0.6), "onUranium": (R, 0.7), "sigma": (P, 0.8)}),
    ("bandit_rates", lambda d, p: beta(p["rate"], 1, 1) + binomial(d["clicks"], d["shows"], p["rate"]),
     {"rate": (U, [0.04, 0.045, 0.03, 0.05, 0.06])}),
    ("eight_schools-eight_schools_noncentered", eight_schools, SCHOOLS),
    ("kidiq-kidscore_momiq", flat_regression(lambda d: d["kid_score"], lambda d: [1, d["mom_iq"]], lambda s: half_cauchy(s, 2.5)),
     {"beta": (R, [26.0, 0.6]), "sigma": (P, 18.0)}),
    ("kidiq-kidscore_interaction",
     flat_regression(lambda d: d["kid_score"], lambda d: [1, d["mom_hs"], d["mom_iq"], d["mom_hs"] * d["mom_iq"]],
                     lambda s: half_cauchy(s, 2.5)),
     {"beta": (R, [-11.0, 51.0, 1.0, -0.5]), "sigma": (P, 18.0)}),
    ("earnings-logearn_interaction",
     flat_regression(lambda d: np.log(d["earn"]), lambda d: [1, d["height"], d["male"], d["height"] * d["male"]]),
     {"beta": (R, [8.4, 0.02, -0.1, 0.01]), "sigma": (P, 0.9)}),
    ("mesquite-logmesquite",
     flat_regression(lambda d: np.log(d["weight"]), lambda d: [1, *(np.log(d[c]) for c in log_columns), d["group"]]),
     {"beta": (R, [5.3, 0.4, 1.1, 0.4, 0.4, 0.1, -0.6]), "sigma": (P, 0.35)}),
    ("nes2000-nes", flat_regression(lambda d: d["partyid7"], nes_columns),
     {"beta": (R, [0.8, 0.8, -1.1, -0.5, -0.7, -0.5, 0.2, -0.1, 0.2]), "sigma": (P, 1.8)}),
    ("sblrc-blr", blr, {"beta": (R, [1.0, 1.0, 1.001, 0.999, 1.0]), "sigma": (P, 1.1)}),
    ("diamonds-diamonds", diamonds,
     {"b": (R, [6.7, 6.4, -4.7, 1.4, 0.1, -0.04, 0.02, 0.0, -0.4, -0.1, 0.0, 0.01, 0.0, 0.0, 0.9, -0.2, 0.1, -0.06,
                0.02, 0.0, 0.03, -6.1, 4.6, -1.4]), "Intercept": (R, 7.8), "sigma": (P, 0.12)}),
    ("arK-arK", ark, {"alpha": (R, 0.01), "beta": (R, [0.7, 0.4, 0.1, -0.05, -0.3]), "sigma": (P, 0.15)}),
    ("garch-garch11", garch, {"mu": (R, 5.0), "alpha0": (P, 1.5), "alpha1": (U, 0.6),
                              "beta1": (Interval(lambda p: 1 - p["alpha1"]), 0.3)}),
    ("low_dim_gauss_mix-low_dim_gauss_mix", mixture, MIX),
    ("hmm_example-hmm_example", hmm, {"theta1": (Simplex2(), [0.7, 0.3]), "theta2": (Simplex2(), [0.1, 0.9]),
                                      "mu": (Ordered(positive=True), [3.0, 8.9])}),
]


class Model:
    def __init__(self, name, log_density, parameters, fixtures):
        self.name, self.log_density, self.parameters = name, log_density, parameters
        path = fixtures / "posteriordb" / name / "data.json" if "-" in name else next(MODELS.glob(name + ".[cj]s*"))
        self.data = arrays(read(path))

    def start(self):
        """The unconstrained point."""
        p, y = {}, []
        for name, (support, value) in self.parameters.items():
            p[name] = np.array(value, dtype=real)
            y.append(np.atleast_1d(support.free(p[name], p)))
        return np.concatenate(y)

    def constrained(self, y):
        p, jacobian, at = {}, 0, 0
        for name, (support, value) in self.parameters.items():
            size = np.size(value) - isinstance(support, Simplex2)
            part = y[at:at + size] if np.ndim(value) else y[at]
            p[name], term = support.fix(part, p)
            jacobian, at = jacobian + term, at + size
        return p, jacobian

    def __call__(self, y):
        p, jacobian = self.constrained(y)
        return self.log_density(self.data, p) + jacobian

    def gradient(self, y):
        out = []
        for k in range(len(y)):
            z = y.astype(cplx)
            z[k] += cplx(1e-200j)
            out.append(self(z).imag / real(1e-200))
        return np.array(out)


def row(model):
    y = model.start()
    p, jacobian = model.constrained(y.astype(cplx))
    total = model(y.astype(cplx)).real
    return {"model": model.name, "point": {k: v for k, (_, v) in model.parameters.items()},
            "logDensity": float(total - np.real(jacobian)), "logDensityUnconstrained": float(total),
            "unconstrained": [float(v) for v in y], "gradient": [float(v) for v in model.gradient(y)]}


if __name__ == "__main__":
    fixtures = Path(sys.argv[1])
    models = [Model(*entry, fixtures) for entry in TABLE]
    if "--sample" in sys.argv:
        from densities_check import check
        for model in models:
            if "-" in model.name:
                check(model, json.loads((fixtures / "posteriordb" / model.name / "reference.json").read_text()))
    else:
        write(TESTS / "BayesEngineTests/Fixtures/densities.json",
              "Written by Tests/oracles/densities.py (conventions there). point: constrained values; "
              "unconstrained and gradient: in declaration order; all constants kept. Names with a hyphen are "
              "posteriors of the project's posteriordb fixtures.", models=[row(m) for m in models])
