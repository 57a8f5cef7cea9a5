"""Log densities and gradients of every distribution -> BayesLanguageTests/Fixtures/distributions.json.

Each density is written from its textbook formula in 200-digit arithmetic, so cancellation and overflow
cannot hurt; gradients are central differences of it. Where scipy.stats has the distribution the central
rows are cross-checked against it before anything is written.

Conventions: a categorical value is a 0-based index; the entries of a simplex, of mixture weights and of a
covariance are taken as independent in gradients (for a covariance that is the symmetric gradient
(S^-1 r r' S^-1 - S^-1)/2: code that reads one triangle only must add the two mirrored entries); entries
above the diagonal of a Cholesky factor have gradient 0.
"""
import math

import numpy as np
from mpmath import exp, log, log1p, loggamma, mp, mpf, pi
from scipy import stats

from oracle import TESTS, double, exact, gradient, write


def normal(x, location, sd):
    return -((x - location) / sd) ** 2 / 2 - log(sd) - log(2 * pi) / 2


def student_t(x, degrees, location, scale):
    z = (x - location) / scale
    return (loggamma((degrees + 1) / 2) - loggamma(degrees / 2) - log(degrees * pi) / 2 - log(scale)
            - (degrees + 1) / 2 * log1p(z * z / degrees))


def cauchy(x, location, scale):
    return -log(pi) - log(scale) - log1p(((x - location) / scale) ** 2)


def logistic(x, location, scale):
    z = abs(x - location) / scale
    return -z - log(scale) - 2 * log1p(exp(-z))


def beta(x, a, b):
    return ((a - 1) * log(x) + (b - 1) * log1p(-x)
            + loggamma(a + b) - loggamma(a) - loggamma(b))


def dirichlet(x, concentration):
    a = concentration if isinstance(concentration, list) else [concentration] * len(x)
    return (loggamma(sum(a)) - sum(loggamma(v) for v in a)
            + sum((v - 1) * log(p) for v, p in zip(a, x)))


def multinomial(x, trials, probabilities):
    return loggamma(trials + 1) + sum(
        (k * log(p) if k else 0) - loggamma(k + 1) for k, p in zip(x, probabilities))


def multivariate_normal(x, mean, covariance):
    s = mp.matrix(covariance)
    r = mp.matrix([a - b for a, b in zip(x, mean)])
    return -(len(x) * log(2 * pi) + log(mp.det(s)) + (r.T * mp.lu_solve(s, r))[0]) / 2


def multivariate_normal_cholesky(x, mean, choleskyFactor):
    z, terms = [], mpf(0)
    for i, row in enumerate(choleskyFactor):
        z.append((x[i] - mean[i] - sum(row[j] * z[j] for j in range(i))) / row[i])
        terms += log(row[i]) + z[i] ** 2 / 2
    return -len(x) * log(2 * pi) / 2 - terms


def log_multigamma(a, size):
    return size * (size - 1) * log(pi) / 4 + sum(loggamma(a - mpf(j) / 2) for j in range(size))


def trace(a):
    return sum(a[i, i] for i in range(a.rows))


def wishart(x, degrees, scale):
    w, s, size = mp.matrix(x), mp.matrix(scale), len(x)
    return ((degrees - size - 1) * log(mp.det(w)) / 2 - trace(mp.inverse(s) * w) / 2
            - degrees * size * log(mpf(2)) / 2 - degrees * log(mp.det(s)) / 2
            - log_multigamma(degrees / 2, size))


def inverse_wishart(x, degrees, scale):
    w, s, size = mp.matrix(x), mp.matrix(scale), len(x)
    return (degrees * log(mp.det(s)) / 2 - (degrees + size + 1) * log(mp.det(w)) / 2
            - trace(s * mp.inverse(w)) / 2 - degrees * size * log(mpf(2)) / 2
            - log_multigamma(degrees / 2, size))


def lkj_cholesky(x, shape):
    """With the normalising constant as a product over canonical partial correlations: those of column j
    (from 1) have density c (1 - r^2)^(b - 1), b = shape + (K - 1 - j)/2, for each of K - j rows."""
    size = len(x)
    terms = sum((size - k + 2 * shape - 2) * log(x[k - 1][k - 1]) for k in range(2, size + 1))
    for j in range(1, size):
        b = shape + mpf(size - 1 - j) / 2
        terms += (size - j) * (loggamma(b + mpf(1) / 2) - loggamma(b) - log(pi) / 2)
    return terms + mpf(0)


def log_choose(n, k):
    return loggamma(n + 1) - loggamma(k + 1) - loggamma(n - k + 1)


def binomial(k, trials, probability):
    one = k * log(probability) if k != 0 else 0
    other = (trials - k) * log1p(-probability) if trials != k else 0
    return log_choose(trials, k) + one + other


def binomial_logit(k, trials, logit):
    return log_choose(trials, k) - k * log1p(exp(-logit)) - (trials - k) * log1p(exp(logit))


def negative_binomial(k, mean, dispersion):
    return (loggamma(k + dispersion) - loggamma(dispersion) - loggamma(k + 1)
            - dispersion * log1p(mean / dispersion)
            + (k * (log(mean) - log(mean + dispersion)) if k != 0 else 0))


def categorical_logits(k, logits):
    return logits[int(k)] - log(sum(exp(v) for v in logits))


def mixture(x, weights, locations, sds):
    return log(sum(w * exp(normal(x, m, s)) for w, m, s in zip(weights, locations, sds)))


T = 1 / 3
L3 = [[1.5, 0.0, 0.0], [0.4, 0.7, 0.0], [-0.3, 0.2, 0.05]]
S2 = [[2.0, 0.6], [0.6, 0.5]]
S3 = [[4.0, 1.2, -0.6], [1.2, 2.5, 0.3], [-0.6, 0.3, 0.9]]
NEAR_SINGULAR = [[1.0, 0.999999], [0.999999, 1.0]]

# name, density, argument names, rows of (value, arguments…), discrete?, names that are data
TABLE = [
    ("Normal", normal, ["location", "sd"], [
        (0.0, 0.0, 1.0), (1.5, 1.5, 2.0), (-0.7, 0.3, 0.25), (28.0, 4.4, 15.0), (40.0, 0.0, 1.0),
        (1e6, 0.0, 1.0), (1e-9, 0.0, 1e-8), (100000001.0, 1e8, 0.5), (-3.0, 2.0, 1e8),
        (5e-300, 0.0, 1e-299), (1e155, 0.0, 1e154)]),
    ("HalfNormal", lambda x, sd: normal(x, mpf(0), sd) + log(2), ["sd"], [
        (0.0, 1.0), (0.5, 1.0), (3.0, 2.5), (1e-12, 50.0), (35.0, 1.0), (1e5, 1.0), (12.0, 50.0),
        (1e-8, 1e-7)]),
    ("StudentT", student_t, ["degrees", "location", "scale"], [
        (0.0, 3.0, 0.0, 1.0), (1.7, 4.5, 0.2, 2.5), (8.0, 3.0, 8.0, 10.0), (-25.0, 1.0, 0.0, 1.0),
        (1e8, 3.0, 0.0, 1.0), (1.3, 1e6, 0.0, 1.0), (40.0, 1e6, 1.0, 1.5), (0.2, 1e10, 0.0, 1.0),
        (2.0, 0.1, -1.0, 0.5), (1e-7, 2.0, 0.0, 1e-6), (1e200, 2.0, 0.0, 1.0)]),
    ("Cauchy", cauchy, ["location", "scale"], [
        (0.0, 0.0, 1.0), (2.0, -1.0, 2.5), (-30.0, 5.0, 0.1), (1e8, 0.0, 1.0), (1e200, 0.0, 1.0),
        (1e-8, 0.0, 5.0), (3.0, 3.0, 1e-3)]),
    ("HalfCauchy", lambda x, scale: cauchy(x, mpf(0), scale) + log(2), ["scale"], [
        (0.0, 1.0), (0.4, 2.5), (3.6, 5.0), (1e-10, 5.0), (1e6, 2.5), (1e200, 1.0), (7.0, 1e-3)]),
    ("Laplace", lambda x, location, scale: -abs(x - location) / scale - log(2 * scale),
     ["location", "scale"], [
        (0.5, 0.0, 1.0), (-0.5, 0.0, 1.0), (3.0, 1.0, 0.1), (-750.0, 2.0, 1.0), (1e-9, 0.0, 1.0),
        (1e8, 0.0, 1e3), (2.0000001, 2.0, 1e-6)]),
    ("Logistic", logistic, ["location", "scale"], [
        (0.0, 0.0, 1.0), (1.2, 0.4, 2.0), (-5.0, 1.0, 0.3), (40.0, 0.0, 1.0), (800.0, 0.0, 1.0),
        (-800.0, 0.0, 1.0), (1e-10, 0.0, 1.0), (3.0, -2.0, 1e4)]),
    ("LogNormal", lambda x, mu, sigma: normal(log(x), mu, sigma) - log(x), ["mu", "sigma"], [
        (1.0, 0.0, 1.0), (34.0, 2.302585092994046, 1.0), (0.25, -1.0, 1.0), (1e-12, 0.0, 1.0),
        (1e12, 0.0, 1.0), (1.0000001, 0.0, 1e-3), (5.0, 1.5, 0.05), (1e-300, 0.0, 10.0)]),
    ("Exponential", lambda x, rate: log(rate) - rate * x, ["rate"], [
        (0.0, 1.0), (1.0, 1.0), (0.3, 2.5), (800.0, 1.0), (1e-12, 3.0), (1e5, 1e-5), (2.0, 1e6)]),
    ("Gamma", lambda x, shape, rate: shape * log(rate) - loggamma(shape) + (shape - 1) * log(x)
     - rate * x, ["shape", "rate"], [
        (1.0, 1.0, 1.0), (6.8, 25.0, 4.0), (0.5, 2.0, 3.0), (0.01, 1e-3, 1.0), (1e-30, 1e-3, 1e-3),
        (1e4, 1e4, 1.0), (1.02, 1e4, 1e4), (1e3, 2.0, 1.0), (1e-8, 0.5, 1.0), (3.0, 1.0, 1e-6),
        (10.0, 1e4, 1.0)]),
    ("InverseGamma", lambda x, shape, scale: shape * log(scale) - loggamma(shape)
     - (shape + 1) * log(x) - scale / x, ["shape", "scale"], [
        (1.0, 1.0, 1.0), (0.4, 2.0, 3.0), (5.0, 3.0, 0.5), (1e-2, 1.0, 1.0), (1e6, 1e-3, 1e-3),
        (1.0, 1e4, 1e4), (1e-5, 2.0, 1e-5), (1e10, 0.5, 2.0)]),
    ("Beta", beta, ["a", "b"], [
        (0.5, 1.0, 1.0), (0.3, 2.0, 5.0), (0.62, 5.0, 5.0), (1e-10, 0.5, 0.5),
        (0.9999999999, 0.5, 0.5), (1e-300, 0.1, 2.0), (0.25, 1e4, 3e4), (0.3, 1e-3, 1e-3),
        (0.999, 1.0, 1e3), (1e-3, 300.0, 2.0), (0.2501, 2.5e6, 7.5e6)]),
    ("Uniform", lambda x, lower, upper: -log(upper - lower) + 0 * x, ["lower", "upper"], [
        (0.5, 0.0, 1.0), (-3.0, -10.0, 10.0), (1e-3, 0.0, 1e-2), (100000000.5, 1e8, 100000001.0),
        (0.0, -1e300, 1e300), (2.5, 2.0, 7.0)]),
    ("Dirichlet", dirichlet, ["concentration"], [
        ([0.2, 0.3, 0.5], [1.0, 1.0, 1.0]), ([0.2, 0.3, 0.5], [2.0, 3.5, 0.5]), ([0.6, 0.4], 5.0),
        ([0.1, 0.2, 0.3, 0.4], 0.5), ([1e-10, 0.4999999999, 0.5], [0.3, 2.0, 2.0]),
        ([0.25, 0.25, 0.5], [1e4, 1e4, 2e4]), ([0.7, 0.2, 0.1], 1e-3), ([1e-3, 0.999], [50.0, 1.0]),
        ([0.125] * 8, 3.0)]),
    ("Multinomial", multinomial, ["trials", "probabilities"], [
        ([2, 3, 5], 10, [0.25, 0.25, 0.5]), ([0, 4], 4, [0.5, 0.5]), ([1, 0, 0, 2], 3, [0.1, 0.2, 0.3, 0.4]),
        ([0, 0], 0, [0.3, 0.7]), ([7], 7, [1.0]), ([100000, 300000, 600000], 1000000, [0.1, 0.3, 0.6]),
        ([1, 12], 13, [1e-12, 1 - 1e-12]), ([3, 0, 1], 4, [0.75, 0.0, 0.25])]),
    ("MultivariateNormal", multivariate_normal, ["mean", "covariance"], [
        ([0.0, 0.0], [0.0, 0.0], [[1.0, 0.0], [0.0, 1.0]]), ([1.0, -0.5], [0.2, 0.1], S2),
        ([1.0, 2.0, -1.0], [0.5, 0.0, 0.3], S3), ([0.001, -0.001], [0.0, 0.0], NEAR_SINGULAR),
        ([30.0, -30.0], [0.0, 0.0], S2), ([0.7], [0.2], [[0.3]]),
        ([1e-5, 2e4], [0.0, 0.0], [[1e-10, 0.0], [0.0, 1e8]])]),
    ("MultivariateNormal", multivariate_normal_cholesky, ["mean", "choleskyFactor"], [
        ([0.0, 0.0], [0.0, 0.0], [[1.0, 0.0], [0.0, 1.0]]),
        ([1.0, -0.5], [0.2, 0.1], [[1.2, 0.0], [0.5, 0.4]]),
        ([0.3, -0.2, 0.1], [0.0, 0.1, 0.2], L3), ([5.0, 5.0, 5.0], [0.0, 0.0, 0.0], L3),
        ([0.7], [0.2], [[0.5]]), ([1e-5, 2e4], [0.0, 0.0], [[1e-5, 0.0], [1e3, 1e4]])]),
    ("Wishart", wishart, ["degrees", "scale"], [
        ([[1.0, 0.2], [0.2, 0.5]], 3.0, S2), ([[2.0, 0.6], [0.6, 0.5]], 5.5, [[1.0, 0.0], [0.0, 1.0]]),
        (S3, 4.0, S3), ([[1.7]], 2.5, [[0.4]]), (S2, 1.1, [[1.0, 0.3], [0.3, 2.0]])]),
    ("InverseWishart", inverse_wishart, ["degrees", "scale"], [
        ([[1.0, 0.2], [0.2, 0.5]], 3.0, S2), ([[2.0, 0.6], [0.6, 0.5]], 5.5, [[1.0, 0.0], [0.0, 1.0]]),
        (S3, 4.0, S3), ([[1.7]], 2.5, [[0.4]]), (S2, 1.1, [[1.0, 0.3], [0.3, 2.0]])]),
    ("LKJCholesky", lkj_cholesky, ["shape"], [
        ([[1.0, 0.0], [0.6, 0.8]], 1.0), ([[1.0, 0.0], [0.6, 0.8]], 2.5),
        ([[1.0, 0.0, 0.0], [-0.28, 0.96, 0.0], [0.48, 0.64, 0.6]], 0.7),
        ([[1.0, 0.0, 0.0], [-0.28, 0.96, 0.0], [0.48, 0.64, 0.6]], 4.0)]),
    ("Bernoulli", lambda k, probability: log(probability) if k == 1 else log1p(-probability),
     ["probability"], [
        (1, 0.3), (0, 0.3), (1, 1e-12), (0, 1e-12), (1, 0.999999999), (0, 0.999999999), (1, 0.5),
        (1, 1e-300)]),
    ("Bernoulli", lambda k, logit: binomial_logit(k, mpf(1), logit), ["logit"], [
        (1, 0.0), (0, 0.7), (1, -2.5), (1, 40.0), (0, 40.0), (1, -40.0), (0, -40.0), (1, 800.0),
        (0, 800.0), (1, -800.0), (0, 1e-12)]),
    ("Binomial", binomial, ["trials", "probability"], [
        (3, 10, 0.25), (0, 10, 0.25), (10, 10, 0.25), (0, 0, 0.4), (132, 416, 0.3), (1, 1, 1e-10),
        (500000, 1000000, 0.5001), (0, 102, 0.019), (7, 8, 0.9999999), (2, 100000, 1e-5)]),
    ("Binomial", binomial_logit, ["trials", "logit"], [
        (3, 10, 0.0), (7, 10, 1.2), (0, 10, -3.0), (10, 10, 40.0), (0, 10, 40.0), (10, 10, -40.0),
        (0, 10, -40.0), (5, 10, 40.0), (5, 10, -40.0), (1, 3, 800.0), (400, 1000, -0.4)]),
    ("Poisson", lambda k, mean: (k * log(mean) if k != 0 else 0) - mean - loggamma(k + 1), ["mean"], [
        (0, 1.0), (3, 2.5), (0, 1e-12), (1, 1e-12), (1000, 1000.0), (1000000, 1000500.0), (40, 0.5),
        (0, 700.0), (12, 11.3)]),
    ("Poisson", lambda k, logMean: k * logMean - exp(logMean) - loggamma(k + 1), ["logMean"], [
        (0, 0.0), (3, 1.1), (0, -50.0), (1, -50.0), (5, -50.0), (485165195, 20.0), (0, 20.0),
        (485000000, 20.0), (2, -1.3)]),
    ("NegativeBinomial", negative_binomial, ["mean", "dispersion"], [
        (0, 1.0, 1.0), (3, 2.5, 0.7), (12, 10.0, 5.0), (3, 2.5, 1e8), (1000, 1000.0, 1e8),
        (0, 2.5, 1e-3), (50, 2.5, 1e-3), (0, 1e-10, 2.0), (4, 1e-10, 2.0), (1000000, 1e6, 3.0),
        (7, 4.0, 1e12)]),
    ("NegativeBinomial", lambda k, logMean, dispersion: negative_binomial(k, exp(logMean), dispersion),
     ["logMean", "dispersion"], [
        (0, 0.0, 1.0), (3, 0.9, 0.7), (12, 2.3, 5.0), (3, 0.9, 1e8), (0, 0.9, 1e-3), (50, 0.9, 1e-3),
        (0, -50.0, 2.0), (2, -50.0, 2.0), (485165195, 20.0, 10.0), (0, 20.0, 10.0), (3, 750.0, 2.0)]),
    ("Categorical", lambda k, probabilities: log(probabilities[int(k)]), ["probabilities"], [
        (0, [0.2, 0.3, 0.5]), (2, [0.2, 0.3, 0.5]), (1, [0.999, 0.001]), (0, [1.0]),
        (1, [0.5, 1e-12, 0.499999999999]), (3, [0.25] * 4)]),
    ("Categorical", categorical_logits, ["logits"], [
        (0, [0.0, 0.0, 0.0]), (2, [0.2, -0.3, 0.5]), (1, [40.0, -40.0]), (0, [800.0, 0.0]),
        (1, [800.0, 0.0]), (2, [1000.0, 1000.0, 1001.0]), (0, [-900.0, -901.0]), (0, [3.0])]),
    ("Mixture", mixture, ["weights", "locations", "sds"], [
        (0.4, [0.62, 0.38], [-2.7, 2.9], [1.03, 1.02]), (-2.7, [0.62, 0.38], [-2.7, 2.9], [1.03, 1.02]),
        (60.0, [0.5, 0.5], [0.0, 1.0], [1.0, 1.0]), (-300.0, [0.9, 0.1], [0.0, 1.0], [1.0, 2.0]),
        (0.1, [1e-12, 0.999999999999], [0.0, 5.0], [0.1, 0.1]),
        (0.5, [0.2, 0.3, 0.5], [-1.0, 0.0, 2.0], [0.5, 1.0, 3.0]),
        (4.0, [0.2, 0.3, 0.5], [-1.0, 0.0, 2.0], [1e-3, 1e-2, 0.1]),
        (1e4, [0.2, 0.3, 0.5], [-1.0, 0.0, 2.0], [0.5, 1.0, 3.0]),
        (-12.0, [T, T, T], [-12.0, 0.0, 12.0], [1.0, 1.0, 1.0])]),
]
DISCRETE = {"Bernoulli", "Binomial", "Poisson", "NegativeBinomial", "Categorical", "Multinomial"}

SCIPY = {
    ("Normal", "location"): lambda x, m, s: stats.norm.logpdf(x, m, s),
    ("HalfNormal", "sd"): lambda x, s: stats.halfnorm.logpdf(x, scale=s),
    ("StudentT", "degrees"): lambda x, d, m, s: stats.t.logpdf(x, d, m, s),
    ("Cauchy", "location"): lambda x, m, s: stats.cauchy.logpdf(x, m, s),
    ("HalfCauchy", "scale"): lambda x, s: stats.halfcauchy.logpdf(x, scale=s),
    ("Laplace", "location"): lambda x, m, s: stats.laplace.logpdf(x, m, s),
    ("Logistic", "location"): lambda x, m, s: stats.logistic.logpdf(x, m, s),
    ("LogNormal", "mu"): lambda x, m, s: stats.lognorm.logpdf(x, s, scale=math.exp(m)),
    ("Exponential", "rate"): lambda x, r: stats.expon.logpdf(x, scale=1 / r),
    ("Gamma", "shape"): lambda x, a, r: stats.gamma.logpdf(x, a, scale=1 / r),
    ("InverseGamma", "shape"): lambda x, a, s: stats.invgamma.logpdf(x, a, scale=s),
    ("Beta", "a"): lambda x, a, b: stats.beta.logpdf(x, a, b),
    ("Uniform", "lower"): lambda x, a, b: stats.uniform.logpdf(x, a, b - a),
    ("Dirichlet", "concentration"): lambda x, a: stats.dirichlet.logpdf(x, np.broadcast_to(a, len(x))),
    ("MultivariateNormal", "covariance"): lambda x, m, s: stats.multivariate_normal.logpdf(x, m, s),
    ("MultivariateNormal", "choleskyFactor"): lambda x, m, l: stats.multivariate_normal.logpdf(
        x, m, np.array(l) @ np.array(l).T),
    ("Multinomial", "trials"): lambda x, n, p: stats.multinomial.logpmf(x, n, p),
    ("Wishart", "degrees"): lambda x, v, s: stats.wishart.logpdf(x, v, s),
    ("InverseWishart", "degrees"): lambda x, v, s: stats.invwishart.logpdf(x, v, s),
    ("Bernoulli", "probability"): lambda k, p: stats.bernoulli.logpmf(k, p),
    ("Bernoulli", "logit"): lambda k, a: stats.bernoulli.logpmf(k, 1 / (1 + math.exp(-a))),
    ("Binomial", "probability"): lambda k, n, p: stats.binom.logpmf(k, n, p),
    ("Binomial", "logit"): lambda k, n, a: stats.binom.logpmf(k, n, 1 / (1 + math.exp(-a))),
    ("Poisson", "mean"): lambda k, m: stats.poisson.logpmf(k, m),
    ("Poisson", "logMean"): lambda k, a: stats.poisson.logpmf(k, math.exp(a)),
    ("NegativeBinomial", "mean"): lambda k, m, d: stats.nbinom.logpmf(k, d, d / (d + m)),
    ("NegativeBinomial", "logMean"): lambda k, a, d: stats.nbinom.logpmf(k, d, d / (d + math.exp(a))),
}


def cross_check(name, names, value, args, answer):
    """At least the first three (central) rows of each table agree with scipy to 1e-10."""
    key = next((k for k in SCIPY if k[0] == name and k[1] in names), None)
    if key is None:
        return False
    other = float(SCIPY[key](value, *args))
    assert abs(other - answer) <= 1e-10 * max(1, abs(answer)), (name, value, args, other, answer)
    return True


def rows():
    checked = 0
    for name, density, names, cases in TABLE:
        for index, (value, *args) in enumerate(cases):
            x, a = exact(value), [exact(v) for v in args]
            row = {"distribution": name, "arguments": dict(zip(names, args)), "value": value}
            row["logDensity"] = double(density(x, *a))
            if index < 3:
                checked += cross_check(name, names, value, args, row["logDensity"])
            if name not in DISCRETE:
                def in_value(v):
                    return density(v, *a)
                g = gradient(in_value, x) if isinstance(x, list) else [gradient(in_value, x)]
                row["gradientValue"] = double(g)
            row["gradientArguments"] = {}
            for i, argument in enumerate(names):
                if argument == "trials":
                    continue
                g = gradient(lambda v, i=i: density(x, *a[:i], v, *a[i + 1:]), a[i])
                row["gradientArguments"][argument] = double(g)
            yield row
    print(f"{checked} rows agree with scipy.stats to 1e-10")


# Values at the edge of the support or of an argument's domain: the density is the limit, 0 log 0 is 0.
EDGES = [
    ("Exponential", {"rate": 2.0}, 0.0, math.log(2)), ("Gamma", {"shape": 1.0, "rate": 2.0}, 0.0, math.log(2)),
    ("Gamma", {"shape": 2.0, "rate": 2.0}, 0.0, -math.inf), ("Beta", {"a": 1.0, "b": 1.0}, 0.0, 0.0),
    ("Beta", {"a": 1.0, "b": 1.0}, 1.0, 0.0), ("Beta", {"a": 2.0, "b": 1.0}, 0.0, -math.inf),
    ("Uniform", {"lower": 0.0, "upper": 1.0}, 0.0, 0.0), ("Uniform", {"lower": 0.0, "upper": 1.0}, 1.0, 0.0),
    ("Dirichlet", {"concentration": [1.0, 1.0, 1.0]}, [0.0, 0.5, 0.5], math.log(2)),
    ("Bernoulli", {"probability": 0.0}, 0, 0.0), ("Bernoulli", {"probability": 0.0}, 1, -math.inf),
    ("Bernoulli", {"probability": 1.0}, 1, 0.0), ("Bernoulli", {"probability": 1.0}, 0, -math.inf),
    ("Binomial", {"trials": 5, "probability": 0.0}, 0, 0.0),
    ("Binomial", {"trials": 5, "probability": 0.0}, 1, -math.inf),
    ("Binomial", {"trials": 5, "probability": 1.0}, 5, 0.0),
    ("Binomial", {"trials": 5, "probability": 1.0}, 4, -math.inf),
    ("Binomial", {"trials": 0, "probability": 0.5}, 0, 0.0),
    ("Categorical", {"probabilities": [0.0, 1.0]}, 1, 0.0),
    ("Categorical", {"probabilities": [0.0, 1.0]}, 0, -math.inf),
    ("Categorical", {"logits": [-math.inf, 0.0]}, 1, 0.0),
    ("Mixture", {"weights": [0.0, 1.0], "locations": [0.0, 0.0], "sds": [1.0, 1.0]}, 0.0,
     -0.5 * math.log(2 * math.pi)),
]


def invalid():
    """Argument values that must be refused, and values outside the support (log density -inf)."""
    ok = {
        "Normal": ({"location": 0.0, "sd": 1.0}, 0.5), "HalfNormal": ({"sd": 1.0}, 0.5),
        "StudentT": ({"degrees": 3.0, "location": 0.0, "scale": 1.0}, 0.5),
        "Cauchy": ({"location": 0.0, "scale": 1.0}, 0.5), "HalfCauchy": ({"scale": 1.0}, 0.5),
        "Laplace": ({"location": 0.0, "scale": 1.0}, 0.5),
        "Logistic": ({"location": 0.0, "scale": 1.0}, 0.5),
        "LogNormal": ({"mu": 0.0, "sigma": 1.0}, 0.5), "Exponential": ({"rate": 1.0}, 0.5),
        "Gamma": ({"shape": 2.0, "rate": 1.0}, 0.5), "InverseGamma": ({"shape": 2.0, "scale": 1.0}, 0.5),
        "Beta": ({"a": 2.0, "b": 2.0}, 0.5),
    }
    positive = {"sd", "degrees", "scale", "sigma", "rate", "shape", "a", "b"}
    nan, inf_ = math.nan, math.inf
    for name, (arguments, value) in ok.items():
        for argument in arguments:
            bad = [nan, inf_, -inf_] + ([0.0, -1.0] if argument in positive else [])
            for v in bad:
                reason = "is positive and finite" if argument in positive else "is finite"
                yield {"distribution": name, "kind": "argument", "arguments": {**arguments, argument: v},
                       "value": value, "reason": f"{argument} {reason}"}
        yield {"distribution": name, "kind": "support", "arguments": arguments, "value": nan,
               "reason": "a value is never NaN"}

    def case(kind, name, arguments, value, reason):
        return {"distribution": name, "kind": kind, "arguments": arguments, "value": value,
                "reason": reason}

    for name in ("HalfNormal", "HalfCauchy", "Exponential", "Gamma", "InverseGamma", "LogNormal"):
        yield case("support", name, ok[name][0], -1e-3, "the value is positive")
    for v in (-1e-3, 1.001):
        yield case("support", "Beta", ok["Beta"][0], v, "the value is in [0, 1]")
        yield case("support", "Uniform", {"lower": 0.0, "upper": 1.0}, v, "the value is in [lower, upper]")
    for lower, upper in ((1.0, 1.0), (2.0, 1.0), (nan, 1.0), (0.0, nan), (0.0, inf_), (-inf_, 0.0)):
        yield case("argument", "Uniform", {"lower": lower, "upper": upper}, 0.5, "finite, lower < upper")

    simplex = [0.2, 0.3, 0.5]
    for c in ([1.0, 0.0, 1.0], [1.0, -1.0, 1.0], [1.0, nan, 1.0], [1.0, inf_, 1.0], 0.0, -1.0):
        yield case("argument", "Dirichlet", {"concentration": c}, simplex, "concentrations are positive")
    for v in ([0.2, 0.3, 0.6], [0.2, 0.3, 0.4], [-0.1, 0.6, 0.5], [nan, 0.5, 0.5], [1.1, -0.1, 0.0]):
        yield case("support", "Dirichlet", {"concentration": [1.0, 1.0, 1.0]}, v, "the value is a simplex")
    yield case("argument", "Dirichlet", {"concentration": [1.0, 1.0]}, simplex, "lengths agree")

    zero = [0.0, 0.0]
    for s, reason in (([[1.0, 2.0], [2.0, 1.0]], "positive definite"), ([[1.0, 1.0], [1.0, 1.0]], "positive definite"),
                      ([[0.0, 0.0], [0.0, 0.0]], "positive definite"), ([[-1.0, 0.0], [0.0, 1.0]], "positive definite"),
                      ([[1.0, 0.5], [0.1, 1.0]], "symmetric"), ([[1.0, nan], [nan, 1.0]], "finite"),
                      ([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], "square"),
                      ([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], "of the value's length")):
        yield case("argument", "MultivariateNormal", {"mean": zero, "covariance": s}, zero,
                   f"the covariance is {reason}")
    for l in ([[1.0, 0.0], [0.5, 0.0]], [[1.0, 0.0], [0.5, -1.0]], [[nan, 0.0], [0.5, 1.0]],
              [[1.0, 0.5], [0.5, 1.0]]):
        yield case("argument", "MultivariateNormal", {"mean": zero, "choleskyFactor": l}, zero,
                   "the factor is lower triangular with a positive diagonal")
    yield case("argument", "MultivariateNormal", {"mean": [nan, 0.0], "covariance": [[1.0, 0.0], [0.0, 1.0]]},
               zero, "the mean is finite")
    yield case("support", "MultivariateNormal", {"mean": zero, "covariance": [[1.0, 0.0], [0.0, 1.0]]},
               [nan, 0.0], "a value is never NaN")

    for name in ("Wishart", "InverseWishart"):
        for d, s in ((1.0, S2), (0.0, S2), (nan, S2), (3.0, [[1.0, 2.0], [2.0, 1.0]]), (3.0, S3)):
            yield case("argument", name, {"degrees": d, "scale": s}, S2,
                       "degrees above K - 1, a covariance of the value's size")
        for v in ([[1.0, 2.0], [2.0, 1.0]], [[1.0, 0.5], [0.1, 1.0]]):
            yield case("support", name, {"degrees": 3.0, "scale": S2}, v, "the value is a covariance")
    for e in (0.0, -1.0, nan):
        yield case("argument", "LKJCholesky", {"shape": e}, [[1.0, 0.0], [0.6, 0.8]], "the shape is positive")
    for v in ([[1.0, 0.0], [0.6, 0.9]], [[1.0, 0.1], [0.6, 0.8]]):
        yield case("support", "LKJCholesky", {"shape": 1.0}, v, "the value is a factor of a correlation")

    for p in (-0.1, 1.1, nan, inf_):
        yield case("argument", "Bernoulli", {"probability": p}, 1, "the probability is in [0, 1]")
        yield case("argument", "Binomial", {"trials": 5, "probability": p}, 2, "the probability is in [0, 1]")
    yield case("argument", "Bernoulli", {"logit": nan}, 1, "the logit is not NaN")
    yield case("argument", "Binomial", {"trials": 5, "logit": nan}, 2, "the logit is not NaN")
    for v in (-1, 2, 0.5, nan):
        yield case("support", "Bernoulli", {"probability": 0.5}, v, "the value is 0 or 1")
        yield case("support", "Bernoulli", {"logit": 0.0}, v, "the value is 0 or 1")
    for v in (-1, 6, 2.5, nan):
        yield case("support", "Binomial", {"trials": 5, "probability": 0.5}, v, "an integer in 0…trials")
        yield case("support", "Binomial", {"trials": 5, "logit": 0.0}, v, "an integer in 0…trials")
    for n in (-1, 2.5):
        yield case("argument", "Binomial", {"trials": n, "probability": 0.5}, 0, "trials are a count")
    for p in ([0.5, 0.6], [-0.1, 1.1], [nan, 1.0]):
        yield case("argument", "Multinomial", {"trials": 3, "probabilities": p}, [1, 2], "a simplex")
    yield case("argument", "Multinomial", {"trials": 3, "probabilities": [0.2, 0.3, 0.5]}, [1, 2],
               "one probability per category")
    for n in (-1, 2.5, nan):
        yield case("argument", "Multinomial", {"trials": n, "probabilities": [0.4, 0.6]}, [1, 2], "trials are a count")
    for v in ([1, 1], [2, 2], [-1, 4], [0.5, 2.5], [nan, 3]):
        yield case("support", "Multinomial", {"trials": 3, "probabilities": [0.4, 0.6]}, v,
                   "counts that sum to the trials")
    for m in (0.0, -1.0, nan, inf_):
        if m != 0:  # Stan allows a Poisson mean of 0
            yield case("argument", "Poisson", {"mean": m}, 2, "the mean is positive and finite")
        yield case("argument", "NegativeBinomial", {"mean": m, "dispersion": 1.0}, 2, "the mean is positive and finite")
        yield case("argument", "NegativeBinomial", {"mean": 1.0, "dispersion": m}, 2,
                   "the dispersion is positive and finite")
    yield case("argument", "Poisson", {"logMean": nan}, 2, "the log mean is not NaN")
    yield case("argument", "NegativeBinomial", {"logMean": nan, "dispersion": 1.0}, 2, "the log mean is not NaN")
    for v in (-1, 0.5, nan):
        yield case("support", "Poisson", {"mean": 1.0}, v, "the value is a count")
        yield case("support", "Poisson", {"logMean": 0.0}, v, "the value is a count")
        yield case("support", "NegativeBinomial", {"mean": 1.0, "dispersion": 1.0}, v, "the value is a count")
    for p in ([0.5, 0.6], [0.5, 0.4], [-0.1, 1.1], [nan, 1.0], [1.5, -0.5]):
        yield case("argument", "Categorical", {"probabilities": p}, 0, "the probabilities are a simplex")
        yield case("argument", "Mixture", {"weights": p, "locations": [0.0, 1.0], "sds": [1.0, 1.0]}, 0.0,
                   "the weights are a simplex")
    for v in (-1, 2, 0.5, nan):
        yield case("support", "Categorical", {"probabilities": [0.4, 0.6]}, v, "an index in 0..<2")
        yield case("support", "Categorical", {"logits": [0.0, 0.0]}, v, "an index in 0..<2")
    yield case("argument", "Categorical", {"logits": [nan, 0.0]}, 0, "the logits are not NaN")
    yield case("argument", "Mixture", {"weights": [0.5, 0.5], "locations": [0.0, 1.0], "sds": [1.0, 0.0]}, 0.0,
               "sd is positive and finite")
    yield case("argument", "Mixture", {"weights": [0.2, 0.3, 0.5], "locations": [0.0, 1.0], "sds": [1.0, 1.0]},
               0.0, "one weight per component")


if __name__ == "__main__":
    edges = [{"distribution": d, "arguments": a, "value": v, "logDensity": l} for d, a, v, l in EDGES]
    write(TESTS / "BayesLanguageTests/Fixtures/distributions.json",
          "Written by Tests/oracles/distributions.py (conventions there). rows: logDensity, gradientValue "
          "(absent for discrete values) and gradientArguments to the last bit; edges: limits at the edge "
          "of the support or domain; invalid: kind 'argument' must be refused, kind 'support' has log "
          "density -inf and is an error for observed data.",
          rows=list(rows()), edges=edges, invalid=list(invalid()))
