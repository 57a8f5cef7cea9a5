"""Small tables for the mixtures of em_reference.py that have no ready model -> BayesEngineTests/Fixtures/em/.

Usage: em_data.py FIXTURES, where FIXTURES holds mixtures/. Simulated with PCG64, seeds and truths stated here;
iris from scikit-learn (Fisher 1936), deaths from Titterington, Smith & Makov (1985), table 2.1.
"""
import shutil
import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_iris

from oracle import TESTS

FOLDER = TESTS / "BayesEngineTests/Fixtures/em"
DAYS_BY_DEATHS = [162, 267, 271, 185, 111, 61, 27, 8, 3, 1]


def stream(seed):
    return np.random.Generator(np.random.PCG64(seed))


def csv(name, **columns):
    rows = zip(*columns.values(), strict=True)
    (FOLDER / name).write_text("\n".join([",".join(columns)] + [",".join(row) for row in rows]) + "\n")
    print(f"{name}: {len(next(iter(columns.values())))} rows")


def whole(values):
    return [str(int(v)) for v in values]


def decimals(values, digits=4):
    return [f"{v:.{digits}f}" for v in values]


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("gmm2d", "faithful"):
        shutil.copyfile(Path(sys.argv[1]) / f"mixtures/{name}.csv", FOLDER / f"{name}.csv")
    x = load_iris().data
    names = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    csv("iris.csv", **{n: decimals(c, 1) for n, c in zip(names, x.T)})
    csv("deaths.csv", deaths=whole(np.repeat(np.arange(10), DAYS_BY_DEATHS)))

    r = stream(20251111)  # 40 % of Gamma(shape 2, rate 2), 60 % of Gamma(shape 9, rate 1.5)
    first = r.random(400) < 0.4
    csv("gamma.csv", y=decimals(np.where(first, r.gamma(2, 1 / 2, 400), r.gamma(9, 1 / 1.5, 400))))

    r = stream(20251112)  # 50 % of Exponential(rate 4), 50 % of Exponential(rate 0.25)
    first = r.random(500) < 0.5
    csv("exponential.csv", y=decimals(np.where(first, r.exponential(1 / 4, 500), r.exponential(4, 500)), 6))

    r = stream(20251113)  # 30 % with probability 0.2, 70 % with 0.6, of 5 to 20 trials
    trials = r.integers(5, 21, 300)
    first = r.random(300) < 0.3
    csv("binomial.csv", trials=whole(trials), successes=whole(r.binomial(trials, np.where(first, 0.2, 0.6))))

    r = stream(20251114)  # 35 % of Normal(-1, 0.5), 65 % of Normal(1.5, 1); each row counts once to three times
    first = r.random(250) < 0.35
    y = np.where(first, -1 + 0.5 * r.normal(size=250), 1.5 + r.normal(size=250))
    csv("weighted.csv", y=decimals(y), times=whole(r.integers(1, 4, 250)))

    r = stream(20251115)  # three kinds of texts: counts of five words among 20 to 60
    kinds = np.array([[0.5, 0.2, 0.1, 0.1, 0.1], [0.1, 0.15, 0.5, 0.15, 0.1], [0.15, 0.1, 0.1, 0.15, 0.5]])
    kind = r.choice(3, size=240, p=[0.5, 0.3, 0.2])
    counts = np.array([r.multinomial(n, kinds[k]) for n, k in zip(r.integers(20, 61, 240), kind)])
    csv("multinomial.csv", **{f"word{j + 1}": whole(counts[:, j]) for j in range(5)})
