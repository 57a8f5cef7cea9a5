"""The data of the mixture and hidden Markov models -> models/*.csv (not gaussian_mixture.json).

Usage: mixture_data.py FIXTURES, where FIXTURES holds mixtures/. Sources, licences and units are in
models/DATA.md. Simulated data come from PCG64 with the seeds stated here, at the truths stated here.
"""
import sys
from pathlib import Path

import numpy as np

from oracle import TESTS

MODELS = TESTS.parent / "models"

# Zucchini & MacDonald (2009), table 1.1: earthquakes of magnitude 7 or more in the years 1900 to 2006.
EARTHQUAKES = [
    13, 14, 8, 10, 16, 26, 32, 27, 18, 32, 36, 24, 22, 23, 22, 18, 25, 21, 21, 14, 8, 11, 14, 23, 18, 17, 19, 20,
    22, 19, 13, 26, 13, 14, 22, 24, 21, 22, 26, 21, 23, 24, 27, 41, 31, 27, 35, 26, 28, 36, 39, 21, 17, 22, 17, 19,
    15, 34, 10, 15, 22, 18, 15, 20, 15, 22, 19, 16, 30, 27, 29, 23, 20, 16, 21, 21, 25, 16, 18, 15, 18, 14, 10, 15,
    8, 15, 6, 11, 8, 7, 18, 16, 13, 12, 13, 20, 15, 16, 12, 18, 15, 16, 13, 15, 16, 11, 11]

# Stouffer & Toby (1951) by way of Goodman (1974), table 1: answers to four questions, respondents.
ANSWERS = {"1111": 42, "1110": 23, "1101": 6, "1100": 25, "1011": 6, "1010": 24, "1001": 7, "1000": 38,
           "0111": 1, "0110": 4, "0101": 1, "0100": 6, "0011": 2, "0010": 9, "0001": 2, "0000": 20}


def csv(name, columns):
    rows = zip(*columns.values(), strict=True)
    text = [",".join(columns)] + [",".join(row) for row in rows]
    (MODELS / name).write_text("\n".join(text) + "\n")
    print(f"models/{name}: {len(text) - 1} rows, {len(columns)} columns")


def whole(values):
    return [str(int(v)) for v in values]


def decimals(values, digits=4):
    return [f"{v:.{digits}f}" for v in values]


def faithful(fixtures):
    rows = [line.split(",") for line in (fixtures / "mixtures/faithful.csv").read_text().split()[1:]]
    eruptions, waiting = zip(*rows)
    csv("gaussian_mixture_2d.csv", {"eruptions": eruptions, "waiting": waiting})
    csv("hmm_gaussian.csv", {"waiting": waiting})


def poisson_mixture():
    csv("poisson_mixture.csv", {"year": whole(1900 + np.arange(107)), "earthquakes": whole(EARTHQUAKES)})


def bernoulli_mixture():
    answers = [[*pattern] for pattern, count in ANSWERS.items() for _ in range(count)]
    names = ["accident", "critic", "doctor", "board"]
    csv("bernoulli_mixture.csv", dict(zip(names, zip(*answers))))


def mixture_of_regressions():
    """60 % on 0.5 x with standard deviation 0.8, 40 % on 3 + 1.5 x with 1.2; x uniform on (-2, 2)."""
    r = np.random.Generator(np.random.PCG64(20251101))
    n = 400
    x = np.round(r.uniform(-2, 2, n), 4)
    steep = r.random(n) < 0.4
    y = np.where(steep, 3 + 1.5 * x, 0.5 * x) + np.where(steep, 1.2, 0.8) * r.normal(size=n)
    csv("mixture_of_regressions.csv", {"x": decimals(x), "y": decimals(y)})


def zero_inflated():
    """35 % of 500 policies never claim; the others' claims are Poisson with mean 2.2."""
    r = np.random.Generator(np.random.PCG64(20251102))
    n = 500
    never = r.random(n) < 0.35
    csv("zero_inflated.csv", {"claims": whole(np.where(never, 0, r.poisson(2.2, n)))})


def hmm_categorical():
    """A croupier swaps a fair die for one that shows six half of the time: eight evenings of unequal length.

    Fair to loaded with probability 0.05 per throw, back with 0.1; every evening starts with the fair die.
    """
    r = np.random.Generator(np.random.PCG64(20251103))
    shows = [np.full(6, 1 / 6), np.array([0.1] * 5 + [0.5])]
    leaves = [0.05, 0.1]
    names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "last Monday"]
    evening, face = [], []
    for name, length in zip(names, [90, 30, 120, 75, 45, 150, 60, 30], strict=True):
        state = 0
        for _ in range(length):
            evening.append(name)
            face.append(r.choice(6, p=shows[state]) + 1)
            if r.random() < leaves[state]:
                state = 1 - state
    csv("hmm_categorical.csv", {"evening": evening, "face": whole(face)})


if __name__ == "__main__":
    faithful(Path(sys.argv[1]))
    poisson_mixture()
    bernoulli_mixture()
    mixture_of_regressions()
    zero_inflated()
    hmm_categorical()
