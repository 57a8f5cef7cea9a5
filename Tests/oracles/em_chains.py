"""Hidden Markov models of em_reference.py: Baum-Welch, polished by Newton's method.

The likelihood is the product of the forward recursion's normalisers; the E-step runs forward and backward in
probabilities, scaled at each step.
"""
import csv
import math

import numpy as np

from em_data import FOLDER
from oracle import TESTS

MODELS = TESTS.parent / "models"


def forward_log(start, move, density):
    """log p of one sequence; `density`: steps × states. Complex arguments too."""
    total, a = 0, start * density[0]
    for t in range(len(density)):
        if t:
            a = (a @ move) * density[t]
        s = a.sum()
        total, a = total + np.log(s), a / s
    return total


def smooth(start, move, density):
    """log p, state probabilities, and expected moves of one sequence."""
    n, k = density.shape
    a, scale = np.empty((n, k)), np.empty(n)
    for t in range(n):
        a[t] = (start if t == 0 else a[t - 1] @ move) * density[t]
        scale[t] = a[t].sum()
        a[t] /= scale[t]
    b = np.ones((n, k))
    moves = np.zeros((k, k))
    for t in range(n - 2, -1, -1):
        ahead = density[t + 1] * b[t + 1] / scale[t + 1]
        moves += a[t][:, None] * move * ahead
        b[t] = move @ ahead
    return math.fsum(np.log(scale)), a * b, moves


class Chain:
    """Sequences with Gaussian (`categories` None) or categorical observations."""

    def __init__(self, sequences, states, categories=None):
        self.sequences, self.states, self.categories = sequences, states, categories

    def density(self, y, p):
        if self.categories:
            return p["emission"][:, y].T
        z = (y[:, None] - p["mu"]) / p["sigma"]
        return np.exp(-z ** 2 / 2) / (p["sigma"] * math.sqrt(2 * math.pi))

    def log_likelihood(self, p):
        return sum(forward_log(p["start"], p["move"], self.density(y, p)) for y in self.sequences)

    def step(self, p):
        """The log-likelihood at p and the next p."""
        value, start, moves, states = 0.0, 0, 0, []
        for y in self.sequences:
            part, r, m = smooth(p["start"], p["move"], self.density(y, p))
            value, start, moves = value + part, start + r[0], moves + m
            states.append(r)
        r, y = np.concatenate(states), np.concatenate(self.sequences)
        q = {"start": start / start.sum(), "move": moves / moves.sum(axis=1, keepdims=True)}
        n = r.sum(axis=0)
        if self.categories:
            q["emission"] = np.stack([r[y == c].sum(axis=0) / n for c in range(self.categories)], axis=1)
        else:
            q["mu"] = r.T @ y / n
            q["sigma"] = np.sqrt((r * (y[:, None] - q["mu"]) ** 2).sum(axis=0) / n)
        return value, q

    def fit(self, p, iterations=400, tolerance=1e-10):
        """EM until the polish can take over."""
        old = -np.inf
        for _ in range(iterations):
            value, q = self.step(p)
            if value - old < tolerance * abs(value):
                break
            old, p = value, q
        return value, p

    # Free parameters: of each probability vector all entries but the last; an entry on the edge stays there.

    def blocks(self, p):
        rows = [("start", None)] if np.min(p["start"]) > 1e-6 else []
        rows += [("move", i) for i in range(self.states)]
        if self.categories:
            rows += [("emission", i) for i in range(self.states)]
        return rows

    def free(self, p):
        parts = [p[n][:-1] if i is None else p[n][i][:-1] for n, i in self.blocks(p)]
        return np.concatenate(parts + ([] if self.categories else [p["mu"], p["sigma"]]))

    def whole(self, v, like):
        p, at = {n: x.astype(v.dtype) for n, x in like.items()}, 0
        for name, i in self.blocks(like):
            size = len(like[name] if i is None else like[name][i]) - 1
            row = np.append(v[at:at + size], 1 - v[at:at + size].sum())
            if i is None:
                p[name] = row
            else:
                p[name][i] = row
            at += size
        if not self.categories:
            p["mu"], p["sigma"] = v[at:at + self.states], v[at + self.states:]
        return p

    def gradient(self, v, like):
        e = np.eye(len(v)) * 1e-30j
        return np.array([self.log_likelihood(self.whole(v + e[i], like)).imag / 1e-30 for i in range(len(v))])

    def polish(self, p):
        """Parameters, standard errors in the same shape (nan on an edge), largest slope."""
        v = self.free(p)
        for _ in range(6):
            h = []
            for i in range(len(v)):
                d = 1e-4 * max(abs(v[i]), 0.1)
                e = np.eye(len(v))[i] * d
                g = [self.gradient(v + s * e, p) for s in (-2, -1, 1, 2)]
                h.append((g[0] - 8 * g[1] + 8 * g[2] - g[3]) / (12 * d))
            h = (np.array(h) + np.array(h).T) / 2
            step = np.linalg.solve(h, self.gradient(v, p))
            v = v - step
            if np.max(np.abs(step) / (np.abs(v) + 1e-3)) < 1e-12:
                break
        assert np.linalg.eigvalsh(h).max() < 0, "not a maximum"
        covariance = np.linalg.inv(-h)
        errors = {n: np.full(np.shape(x), np.nan) for n, x in p.items()}
        at = 0
        for name, i in self.blocks(p):
            row = errors[name] if i is None else errors[name][i]
            size = len(row) - 1
            part = covariance[at:at + size, at:at + size]
            row[:] = np.append(np.sqrt(np.diag(part)), math.sqrt(part.sum()))
            at += size
        if not self.categories:
            spread = np.sqrt(np.diag(covariance))[at:]
            errors["mu"], errors["sigma"] = spread[:self.states], spread[self.states:]
        return self.whole(v, p), errors, np.max(np.abs(self.gradient(v, p)))


def row(name, path, chain, starts, order, rounded, free_count):
    runs = [chain.fit(p) for p in starts]
    best = max(value for value, _ in runs)
    p = next(p for value, p in runs if value == best)
    o = np.argsort(order(p))
    p = {n: (x[o][:, o] if n == "move" else x[o]) for n, x in p.items()}
    q, errors, slope = chain.polish(p)
    value = float(chain.log_likelihood(q))
    assert 0 <= value - best + 1e-10 * abs(best) < 1e-5 * abs(best), (name, value, best)
    n = sum(map(len, chain.sequences))
    bic = -2 * value + free_count * math.log(n)
    print(f"{name:28} {value:.9f}  p {free_count}  BIC {bic:.4f}  gradient {slope:.1e}  "
          f"{sum(v > best - 1e-6 * abs(best) for v, _ in runs)} of {len(runs)}")
    none = {n: (np.where(np.isnan(x), None, x)).tolist() for n, x in rounded(errors, 8).items()
            for x in [np.array(x)]}
    return {"name": name, "data": path, "components": chain.states, "rows": n,
            "logLikelihood": float(f"{value:.12g}"), "parameterCount": free_count, "bic": float(f"{bic:.12g}"),
            "parameters": rounded(q), "standardErrors": none}


def waiting(rounded):
    y = np.loadtxt(MODELS / "hmm_gaussian.csv", skiprows=1)
    rng = np.random.Generator(np.random.PCG64(2))
    starts = [{"start": np.array([0.5, 0.5]), "move": rng.dirichlet([1, 1], 2),
               "mu": rng.choice(y, 2, replace=False), "sigma": np.full(2, y.std())} for _ in range(20)]
    return row("hmm_gaussian", "models/hmm_gaussian.csv", Chain([y], 2), starts, lambda p: p["mu"], rounded, 7)


def dice(rounded):
    with (MODELS / "hmm_categorical.csv").open() as f:
        rows = list(csv.DictReader(f))
    names = list(dict.fromkeys(r["evening"] for r in rows))
    sequences = [np.array([int(r["face"]) - 1 for r in rows if r["evening"] == name]) for name in names]
    rng = np.random.Generator(np.random.PCG64(3))
    starts = [{"start": rng.dirichlet([5, 5]), "move": rng.dirichlet([3, 3], 2),
               "emission": rng.dirichlet(np.full(6, 3), 2)} for _ in range(8)]
    return row("hmm_categorical", "models/hmm_categorical.csv", Chain(sequences, 2, 6), starts,
               lambda p: p["emission"][:, 5], rounded, 1 + 2 + 10)


def best_path(start, move, density):
    """The most probable states and their probability."""
    best, back = start * density[0], []
    for d in density[1:]:
        options = best[:, None] * move
        back.append(options.argmax(axis=0))
        best = options.max(axis=0) * d
    path = [int(best.argmax())]
    for choice in reversed(back):
        path.insert(0, int(choice[path[0]]))
    return path, float(best.max())


def baum_welch(rounded):
    """The textbook chain: three observations, and thirty of a formula, with the path of the log-likelihood."""
    p = {"start": np.array([0.6, 0.4]), "move": np.array([[0.7, 0.3], [0.4, 0.6]]),
         "emission": np.array([[0.5, 0.4, 0.1], [0.1, 0.3, 0.6]])}
    three = Chain([np.array([0, 1, 2])], 2, 3)
    density = three.density(three.sequences[0], p)
    value, states, _ = smooth(p["start"], p["move"], density)
    path, probability = best_path(p["start"], p["move"], density)
    print(f"three observations: {math.exp(value):.12g}, path {path} {probability:.12g}, smoothed {states[:, 0]}")
    y = np.array([(7 * i * i + 3 * i + i // 4) % 3 for i in range(30)])
    chain, values, at = Chain([y], 2, 3), [], dict(p)
    for _ in range(201):
        value, following = chain.step(at)
        values.append(float(f"{value:.14g}"))
        last, at = at, following
    for i in (0, 1, 2, 5, 10, 50, 200):
        print(f"  before update {i}: {values[i]:.12f}")
    return [{"name": "three", "observations": [0, 1, 2], "start": p["start"].tolist(), "move": p["move"].tolist(),
             "emission": p["emission"].tolist(), "logLikelihood": float(f"{math.log(0.03628):.14g}"),
             "smoothed": rounded({"s": states})["s"], "path": path, "pathProbability": float(f"{probability:.12g}")},
            {"name": "thirty", "observations": y.tolist(), "logLikelihoodBeforeUpdate": values,
             "beforeUpdate200": rounded(last)}]


def rows_of_chains(rounded):
    return [waiting(rounded), dice(rounded)], baum_welch(rounded)
