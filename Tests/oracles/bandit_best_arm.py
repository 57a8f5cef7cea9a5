#!/usr/bin/env python3
"""P(arm is best) for independent posteriors: scipy's distributions, 20 000 panels of 16 Gauss-Legendre nodes each.

  python3 bandit_best_arm.py

Brute force instead of care: the panels are 100 times finer than the narrowest posterior. Two grids must agree to 1e-13.
"""
import json
import pathlib

import numpy as np
from scipy import stats

OUTPUT = pathlib.Path(__file__).resolve().parent.parent / "BayesBanditsTests/Fixtures/best_arm.json"
NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)


def distribution(kind, *p):
    if kind == "beta":
        return stats.beta(p[0], p[1])
    if kind == "gamma":
        return stats.gamma(p[0], scale=1 / p[1])
    if kind == "normal":
        return stats.norm(p[0], p[1])
    return stats.t(p[0], loc=p[1], scale=p[2])


def integrate(arms, costs, edges):
    low, high = edges[:-1, None], edges[1:, None]
    x = ((low + high) / 2 + (high - low) / 2 * NODES).ravel()
    w = ((high - low) / 2 * WEIGHTS).ravel()
    arms = [distribution(*arm) for arm in arms]
    below = [arm.cdf(x + c) for arm, c in zip(arms, costs)]
    result = []
    for a, arm in enumerate(arms):
        product = arm.pdf(x + costs[a]) * w
        for b, F in enumerate(below):
            if b != a:
                product = product * F
        result.append(float(np.sum(np.sort(product))))
    return np.array(result)


def best(arms, low, high, costs, heavy=False):
    costs = costs or [0.0] * len(arms)

    def edges(count):
        if not heavy:
            return np.linspace(low, high, count + 1)
        # Tails of a Student t: equal steps of asinh.
        return np.sinh(np.linspace(np.arcsinh(low), np.arcsinh(high), count + 1))
    coarse, fine = integrate(arms, costs, edges(13_000)), integrate(arms, costs, edges(20_000))
    assert np.all(np.abs(coarse / fine - 1) < 1e-13), (arms, coarse / fine - 1)
    assert abs(fine.sum() - 1) < 1e-12, (arms, fine.sum() - 1)
    return fine.tolist()


CASES = [
    ([("beta", 1, 1), ("beta", 1, 1), ("beta", 1, 1)], 0, 1, None),
    ([("beta", 3, 5), ("beta", 2, 7), ("beta", 4, 4)], 0, 1, None),
    ([("beta", 30, 50), ("beta", 20, 70), ("beta", 40, 40), ("beta", 3, 5), ("beta", 100, 100)], 0, 1, None),
    ([("beta", 1000, 1000), ("beta", 2000, 1000), ("beta", 1, 3)], 0, 1, None),
    ([("beta", 30, 50), ("beta", 20, 70), ("beta", 40, 40)], -0.2, 1, [0.1, 0, 0.2]),
    ([("gamma", 3, 5), ("gamma", 2, 2), ("gamma", 300, 400)], 0, 60, None),
    ([("normal", 0, 1), ("normal", 0.5, 2), ("normal", -1, 0.5)], -40, 40, None),
    ([("normal", 0, 1), ("normal", 30, 1)], -40, 70, None),
    ([("studentT", 30, 1, 0.5), ("studentT", 12, 1.2, 0.25), ("normal", 0.5, 1)], -1000, 1000, None),
]


def main():
    cases = []
    for arms, low, high, costs in CASES:
        values = best(arms, low, high, costs, heavy=any(arm[0] == "studentT" for arm in arms))
        cases.append({"arms": [list(a) for a in arms], "costs": costs or [], "best": values})
        print(arms, values)
    # Closed form: P(N(0, 1) > N(30, 1)) = Phi(-30/sqrt(2)).
    assert abs(cases[7]["best"][0] / stats.norm.cdf(-30 / 2 ** 0.5) - 1) < 1e-12
    OUTPUT.write_text(json.dumps({"cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
