"""Densities of the rows of matrices -> BayesLanguageTests/Fixtures/rows.json, by scipy.stats row by row.

rows: a distribution of vectors on a matrix, one log density per row. mixture: the first rows of a mixture of
two bivariate normals with full, tied, diagonal and spherical covariances; the log likelihood of each row
with its labels summed out by hand, the probabilities of its labels, and the log density of the priors.
"""
import numpy as np
from scipy import stats

from oracle import TESTS, write

X = [[0.5, -1.2, 2.0], [1.5, 0.3, -0.7], [0.0, 0.1, 4.0], [-3.0, 2.0, 0.4]]
M = [[0.1, -1.0, 1.0], [1.0, 0.0, 0.0], [0.3, 0.2, 3.0], [-2.0, 1.0, 0.5]]
S = [[4.0, 1.2, -0.6], [1.2, 2.5, 0.3], [-0.6, 0.3, 0.9]]
P = [[0.2, 0.3, 0.5], [0.9, 0.06, 0.04], [0.1, 0.1, 0.8], [0.25, 0.5, 0.25]]
A = [[1.0, 2.0, 0.5], [3.0, 1.5, 1.5], [1.0, 1.0, 1.0], [0.7, 4.0, 2.0]]


def rows():
    factor = np.linalg.cholesky(S).tolist()
    for mean in (0.25, [0.1, -0.4, 0.7], M):
        means = np.broadcast_to(mean, (4, 3))
        density = [float(stats.multivariate_normal.logpdf(x, m, S)) for x, m in zip(X, means)]
        for label, spread in (("covariance", S), ("cholesky", factor)):
            yield {"distribution": "MultivariateNormal", "form": label, "value": X,
                   "arguments": [mean, spread], "logDensity": density}
    for concentration in (1.0, 2.5, [1.0, 2.0, 0.5], A):
        concentrations = np.broadcast_to(concentration, (4, 3))
        yield {"distribution": "Dirichlet", "form": "", "value": P, "arguments": [concentration],
               "logDensity": [float(stats.dirichlet.logpdf(p, a)) for p, a in zip(P, concentrations)]}


COUNTS = [[1, 0, 2], [0, 0, 0], [4, 1, 1], [0, 7, 3]]


def multinomial_rows():
    totals = [sum(row) for row in COUNTS]
    for probabilities in ([0.5, 0.2, 0.3], P):
        density = [float(stats.multinomial.logpmf(x, n, p))
                   for x, n, p in zip(COUNTS, totals, np.broadcast_to(probabilities, (4, 3)))]
        yield {"distribution": "Multinomial", "form": "counts", "value": COUNTS,
               "arguments": [totals, probabilities], "logDensity": density}


# The first ten rows of data drawn from two bivariate normals.
Y = [
    [0.5137785982689306, -0.8215657604411708], [3.610924506177339, 1.5782448432159897],
    [3.278660843389556, 2.467703587138054], [3.1098473159913524, 1.7001087109877777],
    [0.8912457553557929, -0.7697151781601986], [-0.47590413527900466, -0.26821644811589346],
    [0.4031801157687231, -0.8735684600515864], [2.6490937157690397, 2.4538458438881228],
    [1.6894135374790047, 2.2626397843047577], [3.4562653049776797, 2.9547336322949964],
]
WEIGHTS, MU = [0.35, 0.65], [[0.1, -0.2], [3.0, 1.7]]
SIGMA = [[[1.1, 0.3], [0.3, 0.6]], [[0.8, -0.2], [-0.2, 0.5]]]
SD = [[1.05, 0.8], [0.9, 0.7]]
RADIUS = [1.2, 0.75]


def mixture():
    kinds = {"full": SIGMA, "tied": [SIGMA[0]] * 2, "diagonal": [np.diag(np.square(s)) for s in SD],
             "spherical": [r * r * np.eye(2) for r in RADIUS]}
    weights = stats.dirichlet.logpdf(WEIGHTS, [2, 2])
    means = stats.norm.logpdf(MU, 0, 10).sum()
    scale = [[1.0, 0.1], [0.1, 2.0]]
    wishart = [stats.invwishart.logpdf(s, 4, scale) for s in SIGMA]
    spreads = {"full": sum(wishart), "tied": wishart[0], "diagonal": stats.halfnorm.logpdf(SD, scale=2).sum(),
               "spherical": stats.halfnorm.logpdf(RADIUS, scale=2).sum()}
    for kind, covariances in kinds.items():
        terms = np.array([np.log(w) + stats.multivariate_normal.logpdf(Y, m, s)
                          for w, m, s in zip(WEIGHTS, MU, covariances)])
        total = np.logaddexp.reduce(terms)
        yield {"kind": kind, "y": Y, "weights": WEIGHTS, "mu": MU,
               "sigma": {"full": SIGMA, "tied": SIGMA[0], "diagonal": SD, "spherical": RADIUS}[kind],
               "pointwise": total.tolist(), "first": np.exp(terms[0] - total).tolist(),
               "logDensity": float(total.sum() + weights + means + spreads[kind])}


if __name__ == "__main__":
    write(TESTS / "BayesLanguageTests/Fixtures/rows.json",
          "Written by Tests/oracles/rows.py with scipy.stats, row by row.",
          rows=list(rows()) + list(multinomial_rows()), mixture=list(mixture()))
