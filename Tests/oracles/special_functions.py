#!/usr/bin/env python3
"""Writes the value table of the special functions' tests, computed by mpmath with 60 digits.

Usage: pip install mpmath; python3 Tests/oracles/special_functions.py \
    > Tests/BayesNumericsTests/SpecialFunctionTable.swift
Every argument is the exact double that Swift reads; every value is rounded once, to nearest.
"""
import functools
import struct
import sys

import mpmath
from mpmath import mpf

mpmath.mp.dps = 60
INF = float("inf")


def literal(x):
    """A Swift literal of a double; hexadecimal where decimal would not be read exactly."""
    x = float(x)
    if x != x:
        return ".nan"
    if abs(x) == INF:
        return ".infinity" if x > 0 else "-.infinity"
    if 0 < abs(x) < 2.3e-308:
        return f"Double(bitPattern: {struct.unpack('>Q', struct.pack('>d', x))[0]})"
    return repr(x)


def log_gamma(x):
    if abs(x) == INF or x == 0 or (x < 0 and x == int(x)):
        return INF
    return mpmath.log(abs(mpmath.gamma(mpf(x)))) if abs(x) < 1e4 else mpmath.loggamma(mpf(x)).real


def digamma(x):
    return mpmath.digamma(mpf(x)) if x != INF else INF


def trigamma(x):
    return mpmath.psi(1, mpf(x)) if x != INF else mpf(0)


def normal_cdf(x):
    if abs(x) == INF:
        return mpf(x > 0)
    return mpmath.erfc(-mpf(x) / mpmath.sqrt(2)) / 2


def log_normal_cdf(x):
    if abs(x) == INF:
        return mpf(0) if x > 0 else -INF
    x = mpf(x)
    if x > 0:
        return mpmath.log1p(-mpmath.erfc(x / mpmath.sqrt(2)) / 2)
    if x < -1e8:
        return -x * x / 2 - mpmath.log(2 * mpmath.pi) / 2 - mpmath.log(-x)
    return mpmath.log(mpmath.erfc(-x / mpmath.sqrt(2)) / 2)


def normal_quantile(p):
    tail = mpf(p) if p < 0.5 else 1 - mpf(p)
    x = -mpmath.sqrt(-2 * mpmath.log(tail)) + mpf("0.4")
    for _ in range(200):
        f = normal_cdf(x) if x == x else 0
        step = (mpmath.log(f) - mpmath.log(tail)) * f / mpmath.npdf(x)
        x -= step
        if abs(step) < mpf(10) ** -50:
            break
    return x if p < 0.5 else -x


@functools.cache
def log_beta(a, b):
    with mpmath.workdps(500):
        a, b = mpf(a), mpf(b)
        return mpmath.loggamma(a) + mpmath.loggamma(b) - mpmath.loggamma(a + b)


def beta_cdf(x, a, b):
    """The series of DLMF 8.17.8 on the side of the mean where it converges fast."""
    x, a, b = mpf(x), mpf(a), mpf(b)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_cdf(1 - x, b, a)
    term = mpmath.exp(a * mpmath.log(x) + b * mpmath.log1p(-x) - log_beta(a, b)) / a
    total, k = term, 0
    while abs(term) > abs(total) * mpf(10) ** -62:
        term *= (a + b + k) / (a + 1 + k) * x
        total += term
        k += 1
    return total


def beta_quantile(p, a, b):
    """Newton's method in log x from the leading term or the mean, or in log(1 - x) above one half."""
    p, a, b = mpf(p), mpf(a), mpf(b)
    swap = p > beta_cdf(0.5, a, b)
    if swap:
        p, a, b = 1 - p, b, a
    low, high = mpf(-5000), mpmath.log(mpf("0.5"))
    t = min((mpmath.log(p * a) + log_beta(a, b)) / a, high)
    for _ in range(300):
        value = beta_cdf(mpmath.exp(t), a, b)
        low, high = (low, t) if value > p else (t, high)
        slope = mpmath.exp(a * t + (b - 1) * mpmath.log1p(-mpmath.exp(t)) - log_beta(a, b)) / value
        step = (mpmath.log(value) - mpmath.log(p)) / slope
        if abs(step) < mpf(10) ** -40:
            break
        new = t - step
        t = new if low < new < high else (low + high) / 2
    x = mpmath.exp(t)
    return 1 - x if swap else x


def gamma_cdf(x, shape):
    return mpmath.gammainc(mpf(shape), 0, mpf(x), regularized=True)


def log1p_exp(x):
    if abs(x) == INF:
        return INF if x > 0 else mpf(0)
    return mpmath.log1p(mpmath.exp(mpf(x)))


def log_one_minus_exp(x):
    if x == -INF:
        return mpf(0)
    x = mpf(x)
    return mpmath.log(-mpmath.expm1(x)) if x > -1 else mpmath.log1p(-mpmath.exp(x))


def logistic(x):
    if abs(x) == INF:
        return mpf(x > 0)
    return 1 / (1 + mpmath.exp(-mpf(x)))


def logit(p):
    if p in (0, 1):
        return -INF if p == 0 else INF
    p = mpf(p)
    return mpmath.log(p / (1 - p))


TINY = 5e-324
GAMMA_POINTS = [
    TINY, 1e-308, 1e-100, 1e-20, 1e-8, 1e-3, 0.1, 0.25, 0.5, 0.9, 0.999999, 1.0, 1.000001, 1.2, 1.4,
    1.46, 1.4616321449683622, 1.4616321449683625, 1.47, 1.7, 1.72, 1.99999, 2.0, 2.00001, 2.5, 3.0,
    5.0, 9.9, 10.0, 10.1, 33.3, 100.0, 1234.5, 1e5, 1e8, 1e15, 1e100, 1e300, INF, -1e-20, -0.1,
    -0.5, -0.9, -1.5, -2.4570247382208006, -2.5, -2.747682646727413, -3.143580888349980, -10.3,
    -33.7, -100.5,
]
NORMAL_POINTS = [
    -INF, -1e150, -1e10, -1000.0, -100.0, -40.0, -38.5, -38.0, -37.5, -37.0, -30.1, -20.3, -12.34,
    -10.0, -9.999, -8.3, -5.1, -3.3, -2.0, -1.0001, -1.0, -0.9, -0.5, -1e-3, -1e-10, 0.0, 1e-300, 1e-10,
    0.1, 0.5, 0.67, 1.0, 2.5, 5.0, 8.2, 9.0, 20.0, 37.0, 38.4, 100.0, INF,
]
PROBABILITIES = [
    TINY, 1e-320, 1e-308, 1e-300, 1e-200, 1e-100, 1e-50, 1e-20, 1e-10, 1e-5, 1e-3, 0.01, 0.025, 0.05,
    0.074, 0.076, 0.1, 0.2, 0.2499, 0.25, 0.2501, 0.3, 0.4, 0.49, 0.4999999, 0.50000001, 0.51, 0.6, 0.7,
    0.75, 0.8, 0.9, 0.95, 0.975, 0.99, 0.999, 0.9999999, 1 - 2.0**-53,
]
REALS = [
    -INF, -1e300, -745.2, -700.0, -100.0, -40.0, -37.1, -36.9, -20.0, -5.0, -1.0, -0.7, -0.6931, -0.5,
    -1e-3, -1e-8, -1e-16, -1e-300, 0.0, 1e-300, 1e-16, 1e-8, 0.3, 1.0, 5.0, 17.9, 18.1, 33.2, 33.4, 40.0,
    100.0, 710.0, 1e300, INF,
]
SHAPES = [
    (1e-300, 1e-300), (1e-10, 1e-10), (1e-10, 5.0), (1e-10, 1e10), (0.001, 0.001), (0.5, 0.5), (1.0, 1.0),
    (1.0, 1e8), (2.0, 3.0), (0.5, 9.9), (0.5, 10.1), (9.9, 9.9), (10.1, 10.1), (9.9, 10.1), (5.0, 1e3),
    (100.0, 200.0), (1e5, 3.0), (1e5, 1e5), (1e8, 1e-3), (1e10, 1e12), (1e100, 2.0), (1e200, 1e200),
]
BETA_CDF = [
    (1e-300, 0.01, 2.0), (1e-10, 0.5, 0.5), (0.1, 0.5, 0.5), (0.999, 0.5, 0.5), (0.5, 1e-3, 1e-3),
    (0.3, 2.0, 3.0), (0.9, 2.0, 3.0), (1e-5, 2.0, 3.0), (0.01, 5.0, 1.0), (0.2, 8.5, 30.0),
    (0.33, 100.0, 200.0), (0.2, 100.0, 200.0), (0.45, 100.0, 200.0), (0.5, 1e4, 1e4), (0.49, 1e4, 1e4),
    (0.999, 1e5, 90.0), (0.001, 3.0, 4e3), (1e-6, 2.0, 1e6), (0.273, 1980.0, 5265.0), (0.1, 0.01, 50.0),
]
BETA_QUANTILE = [
    (0.6, 1e-3, 1.0), (0.5, 0.5, 0.5), (0.001, 0.5, 0.5), (0.5, 1.0, 1.0), (0.025, 5.0, 3.0), (0.975, 5.0, 3.0),
    (0.975, 500.0, 3.0), (1e-10, 2.0, 3.0), (1 - 1e-10, 2.0, 3.0), (0.99, 0.01, 20.0), (0.05, 400.0, 1.0),
    (1e-300, 1.0, 2.0), (0.025, 100.5, 900.5), (0.975, 100.5, 900.5), (0.05, 1.0, 400.0), (0.3, 1e4, 2e4),
    (0.9, 0.3, 0.02), (0.025, 1980.0, 5265.0), (0.5, 20.0, 0.1), (0.1, 50.0, 50.0),
]
GAMMA_CDF = [
    (1e-300, 0.01), (1e-10, 0.5), (0.1, 0.5), (3.0, 0.5), (30.0, 0.5), (0.5, 1.0), (1e-3, 3.0), (2.9, 3.0),
    (20.0, 3.0), (10.0, 10.0), (80.0, 100.0), (100.0, 100.0), (130.0, 100.0), (990.0, 1e3), (1e4, 1e4),
    (1.01e4, 1e4), (0.01, 1e-3), (5.0, 1e-3),
]


def table(name, arity, function, points, comment):
    kind = "(Double, Double)" if arity == 1 else f"({', '.join(['Double'] * arity)}, Double)"
    print(f"\n  /// {comment}")
    print(f"  static let {name}: [{kind}] = [")
    for point in points:
        arguments = point if arity > 1 else (point,)
        value = function(*arguments)
        print(f"    ({', '.join(literal(a) for a in arguments)}, {literal(value)}),")
    print("  ]")


print("// Values of the special functions at exact doubles; written by Tests/oracles/special_functions.py.")
print(f"// mpmath {mpmath.__version__}, {mpmath.mp.dps} digits, Python {sys.version.split()[0]}.")
print("\n/// Arguments followed by the value.")
print("enum SpecialFunctionTable {", end="")
not_poles = [x for x in GAMMA_POINTS if x > 0 or x != int(x)]
table("logGamma", 1, log_gamma, GAMMA_POINTS + [0.0, -1.0, -7.0], "log|Γ(x)|.")
table("digamma", 1, digamma, not_poles, "ψ(x).")
table("trigamma", 1, trigamma, not_poles, "ψ′(x).")
table("logBeta", 2, log_beta, SHAPES, "log B(a, b).")
table("normalCDF", 1, normal_cdf, NORMAL_POINTS, "Φ(x).")
table("logNormalCDF", 1, log_normal_cdf, NORMAL_POINTS, "log Φ(x).")
table("normalQuantile", 1, normal_quantile, PROBABILITIES, "Φ⁻¹(p).")
table("betaCDF", 3, beta_cdf, BETA_CDF, "I_x(a, b) at x, a, b.")
table("betaQuantile", 3, beta_quantile, BETA_QUANTILE, "The x with I_x(a, b) = p at p, a, b.")
table("gammaCDF", 2, gamma_cdf, GAMMA_CDF, "P(shape, x) at x, shape.")
table("log1pExp", 1, log1p_exp, REALS, "log(1 + exp x).")
table("logOneMinusExp", 1, log_one_minus_exp, [x for x in REALS if x < 0], "log(1 − exp x).")
table("logistic", 1, logistic, REALS, "1/(1 + exp(−x)).")
table("logit", 1, logit, [0.0] + PROBABILITIES + [1.0], "log(p/(1 − p)).")
print("}")
