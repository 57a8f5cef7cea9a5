#!/usr/bin/env python3
"""Writes the value table of the tests of distribution tails, computed by mpmath with 60 digits.

Usage: pip install mpmath; python3 Tests/oracles/tails.py > Tests/BayesNumericsTests/TailTable.swift
Every argument is the exact double that Swift reads; every value is rounded once, to nearest. Values below the
smallest normal number are left out.
"""
import platform
import sys

import mpmath
from mpmath import mpf

mpmath.mp.dps = 60


def series(term, ratio):
    """The sum of positive terms whose ratios fall below 1."""
    total, k = term, 0
    while term > total * mpf(10) ** -58:
        term *= ratio(k)
        total += term
        k += 1
    return total


def near_beta(p, q, a, b):
    """I_p(a, b) = p^a q^b/(a B(a, b)) 2F1(1, a + b; a + 1; p), all terms positive (DLMF 8.17.8)."""
    start = mpmath.exp(a * mpmath.log(p) + b * mpmath.log(q) - mpmath.loggamma(a + 1) - mpmath.loggamma(b)
                       + mpmath.loggamma(a + b))
    return series(start, lambda k: p * (a + b + k) / (a + 1 + k))


def beta(x, a, b):
    x, a, b = mpf(x), mpf(a), mpf(b)
    p, q = 1 / (1 + mpmath.exp(-x)), 1 / (1 + mpmath.exp(x))
    # From the side where the series converges fast; the other one is the complement.
    if p * (a + b) < a:
        lower = near_beta(p, q, a, b)
        return lower, 1 - lower
    upper = near_beta(q, p, b, a)
    return 1 - upper, upper


def gamma(log_x, shape):
    """P(s, x) = x^s e^(-x)/Γ(s + 1) · 1F1(1; s + 1; x), all terms positive (DLMF 8.11.4)."""
    x, shape = mpmath.exp(mpf(log_x)), mpf(shape)
    start = mpmath.exp(shape * mpf(log_x) - x - mpmath.loggamma(shape + 1))
    if x < 1.5 * shape + 1:
        lower = series(start, lambda k: x / (shape + 1 + k))
        return lower, 1 - lower
    # Legendre's continued fraction (DLMF 8.9.2), evaluated from the far end.
    tail = mpf(0)
    for k in range(4000, 0, -1):
        tail = k * (shape - k) / (x + 2 * k + 1 - shape + tail)
    upper = shape * start / (x + 1 - shape + tail)
    return 1 - upper, upper


def student(t, degrees):
    t, degrees = mpf(t), mpf(degrees)
    p, q = degrees / (degrees + t * t), t * t / (degrees + t * t)
    if t == 0:
        return mpf(1) / 2, mpf(1) / 2
    half = mpf(1) / 2
    small = p * (degrees / 2 + half) < degrees / 2
    tail = (near_beta(p, q, degrees / 2, half) if small else 1 - near_beta(q, p, half, degrees / 2)) / 2
    return (tail, 1 - tail) if t < 0 else (1 - tail, tail)


TABLES = [
    ("beta", "logit, a, b, lower, upper", beta, [
        (x, a, b)
        for a, b in [(1, 1), (0.5, 0.5), (2, 5), (30.5, 3), (0.01, 20), (421, 7583), (1e4, 1e4), (1e-3, 1e-3)]
        for x in [-700.0, -40.0, -3.0, -0.02, 0.0, 0.3, 2.5, 37.0, 600.0]]),
    ("gamma", "log x, shape, lower, upper", gamma, [
        (float(mpmath.log(shape * factor)), shape)
        for shape in [0.01, 0.5, 1, 3.7, 40, 2500, 1e5]
        for factor in [1e-30, 0.01, 0.5, 0.97, 1.0, 1.02, 1.7, 6.0]]),
    ("student", "t, degrees, lower, upper", student, [
        (t, degrees)
        for degrees in [0.3, 1, 2.5, 30, 1e4]
        for t in [-1e8, -37.0, -1.96, -1e-9, 0.0, 0.5, 3.0, 200.0]]),
]

print("// Tails of distributions at exact doubles; written by Tests/oracles/tails.py.")
print(f"// mpmath {mpmath.__version__}, 60 digits, Python {platform.python_version()}.\n")
print("/// Arguments followed by the probabilities below and above.\nenum TailTable {")
for name, columns, function, arguments in TABLES:
    print(f"  /// {columns}.\n  static let {name}: [[Double]] = [")
    for given in arguments:
        given = [float(x) for x in given]
        values = [float(v) for v in function(*given)]
        if min(values) < sys.float_info.min:
            continue
        print(f"    [{', '.join(map(repr, given + values))}],")
    print("  ]")
print("}")
