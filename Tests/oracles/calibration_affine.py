"""Vector and matrix scaling shrunk towards a temperature: modes and Laplace evidence in 40 digits.

Written over all unknowns theta = (W, b, t), with t an unknown of its own beside W_ii ~ N(t, s^2), where the engine has
integrated it out, and with a design matrix for each row. Logits are those that the engine reads, times 1/T of the
largest likelihood. Two data sets: thirty rows of three classes, and twelve whose class 0 its own logit tells apart.
"""
import numpy as np
from mpmath import diag, exp, log, lu_solve, matrix, mp, mpf, pi, zeros

from oracle import TESTS, write

mp.dps = 40
CLASSES = 3


def newton(derivatives, theta):
    """The root of a gradient, from a start that is near enough for full steps after some halved ones."""
    value, g, h = derivatives(theta)
    for _ in range(100):
        step, factor = lu_solve(h, g), mpf(1)
        while True:
            new = theta - factor * step
            found = derivatives(new)
            if found[0] <= value + mpf(10) ** -35 * abs(value):
                break
            factor /= 2
        theta, (value, g, h) = new, found
        if max(abs(v) for v in step) < mpf(10) ** -30:
            return theta, value, h
    raise ArithmeticError("no convergence")


def likelihood(designs, labels, theta):
    """NLL, gradient and Hessian of logits A_r theta."""
    size = theta.rows
    value, g, h = mpf(0), zeros(size, 1), zeros(size, size)
    for a, label in zip(designs, labels):
        z = a * theta
        e = [exp(v) for v in z]
        total = sum(e)
        p = matrix([v / total for v in e])
        value += log(total) - z[label]
        error = p.copy()
        error[label] -= 1
        g += a.T * error
        h += a.T * (diag(list(p)) - p * p.T) * a
    return value, g, h


def inverse_temperature(logits, labels):
    designs = [matrix(row) for row in logits]
    return newton(lambda b: likelihood(designs, labels, b), matrix([mpf(1) / 4]))[0][0]


def shrunk(logits, labels, shape, s, r):
    scale = inverse_temperature(logits, labels)
    width = 2 if shape == "vector" else CLASSES + 1
    size = CLASSES * width + 1
    designs = []
    for row in logits:
        a = zeros(CLASSES, size)
        for i in range(CLASSES):
            for j in range(CLASSES):
                if shape == "matrix":
                    a[i, i * width + j] = scale * row[j]
                elif i == j:
                    a[i, i * width] = scale * row[i]
            a[i, i * width + width - 1] = mpf(1)
        designs.append(a)
    precision, log_precision = zeros(size, size), mpf(0)
    for i in range(CLASSES):
        for j in range(width):
            k = i * width + j
            own = 1 / mpf(r) ** 2 if j == width - 1 else 1 / mpf(s) ** 2
            precision[k, k] += own
            log_precision += log(own)
            if j != width - 1 and (shape == "vector" or i == j):
                precision[k, size - 1] -= own
                precision[size - 1, k] -= own
                precision[size - 1, size - 1] += own

    def derivatives(theta):
        value, g, h = likelihood(designs, labels, theta)
        return value + (theta.T * precision * theta)[0] / 2, g + precision * theta, h + precision

    start = zeros(size, 1)
    for i in range(CLASSES):
        start[i * width + (i if shape == "matrix" else 0)] = 1
    start[size - 1] = 1
    theta, value, h = newton(derivatives, start)
    evidence = -value + (log_precision - log(mp.det(h)) + log(2 * pi)) / 2
    weights = []
    for i in range(CLASSES):
        for j in range(CLASSES):
            if shape == "matrix":
                weights.append(scale * theta[i * width + j])
            else:
                weights.append(scale * theta[i * width] if i == j else mpf(0))
    return {
        "shape": shape, "s": s, "r": r, "weights": [float(w) for w in weights],
        "intercepts": [float(theta[i * width + width - 1]) for i in range(CLASSES)],
        "log_evidence": float(evidence),
        "mean_nll": float(likelihood(designs, labels, theta)[0] / len(labels)),
    }


rng = np.random.default_rng(20261121)
datasets = []
for name, count in [("three", 30), ("separable", 12)]:
    truth = 1.3 * rng.standard_normal((count, CLASSES))
    p = np.exp(truth) / np.exp(truth).sum(axis=1, keepdims=True)
    y = [int(rng.choice(CLASSES, p=row)) for row in p]
    z = np.round(2.2 * truth + np.array([0.6, 0.0, -0.4]), 3)
    if name == "separable":
        z[:, 0] = [4.0 + abs(v) if label == 0 else -2.0 - abs(v) for v, label in zip(z[:, 0], y)]
    exact = [[mpf(float(v)) for v in row] for row in z]
    fits = [
        shrunk(exact, y, shape, s, r)
        for shape in ["vector", "matrix"] for s, r in [(0.01, 0.02), (0.3, 0.5), (1.0, 0.1), (2.0, 3.0)]
    ]
    datasets.append(
        {"name": name, "labels": y, "logits": [float(v) for v in z.ravel()],
         "inverse_temperature": float(inverse_temperature(exact, y)), "fits": fits})
    print(name, np.bincount(y), datasets[-1]["inverse_temperature"], [f["log_evidence"] for f in fits])
write(TESTS / "BayesCalibrationTests/Fixtures/affine.json", "calibration_affine.py", datasets=datasets)
