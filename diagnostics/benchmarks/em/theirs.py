"""scikit-learn's GaussianMixture and hmmlearn's GaussianHMM: data, start and timed iterations.

  theirs.py generate CASE FOLDER ROWS       writes FOLDER/data.json, start.json and data.npz
  theirs.py time CASE FOLDER ITERATIONS     prints one JSON object

CASE is gaussian_mixture or gaussian_chain. Both sides get the start of start.json, the same data to the last bit, no
prior and no floor under a covariance. Time per iteration is the difference between a run of ITERATIONS and a run of one,
so that setting up is not counted; it is CPU time of this process, which runs on one thread.
"""
import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np

SEED = 20251121
SIZES = {"gaussian_mixture": (10, 10), "gaussian_chain": (5, 5)}  # components, dimensions


def spread(r, k, d):
    """Covariances with eigenvalues around 1."""
    a = r.normal(size=(k, d, d)) / np.sqrt(d)
    return a @ a.transpose(0, 2, 1) + 0.3 * np.eye(d)


def generate(case, folder, rows):
    r = np.random.Generator(np.random.PCG64(SEED))
    k, d = SIZES[case]
    mu, sigma = r.normal(scale=2, size=(k, d)), spread(r, k, d)
    if case == "gaussian_mixture":
        z = r.choice(k, rows, p=r.dirichlet(np.full(k, 10)))
    else:
        move = 0.9 * np.eye(k) + 0.1 * r.dirichlet(np.full(k, 5), k)
        z, u = np.zeros(rows, dtype=int), r.random(rows)
        cumulative = move.cumsum(axis=1)
        for t in range(1, rows):
            z[t] = min(np.searchsorted(cumulative[z[t - 1]], u[t]), k - 1)
    factors = np.linalg.cholesky(sigma)
    # Six decimals, which JSON keeps exactly.
    y = np.round(mu[z] + np.einsum("nij,nj->ni", factors[z], r.normal(size=(rows, d))), 6)
    start = {"mu": mu + r.normal(scale=0.5, size=(k, d)), "sigma": np.broadcast_to(np.cov(y.T), (k, d, d))}
    if case == "gaussian_mixture":
        start["weights"] = np.full(k, 1 / k)
    else:
        start["start"], start["move"] = np.full(k, 1 / k), np.full((k, k), 0.05) + np.eye(k) * (1 - 0.05 * k)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data.json").write_text(json.dumps({"y": y.tolist()}))
    (folder / "start.json").write_text(json.dumps({name: np.asarray(v).tolist() for name, v in start.items()}))
    np.savez(folder / "data.npz", y=y)


def mixture(y, start, iterations):
    """Fits, and gives the log-likelihood at the last update's input and at its output."""
    from sklearn.mixture import GaussianMixture
    model = GaussianMixture(
        len(start["weights"]), covariance_type="full", tol=0, reg_covar=0, max_iter=iterations, init_params="random",
        random_state=0, weights_init=start["weights"], means_init=start["mu"],
        precisions_init=np.linalg.inv(start["sigma"]))
    clock = time.process_time()
    model.fit(y)
    seconds = time.process_time() - clock
    assert model.n_iter_ == iterations, model.n_iter_
    return seconds, model.lower_bound_ * len(y), lambda: model.score(y) * len(y)


def chain(y, start, iterations):
    from hmmlearn.hmm import GaussianHMM
    model = GaussianHMM(
        len(start["start"]), covariance_type="full", n_iter=iterations, tol=-np.inf, init_params="", params="stmc",
        covars_prior=0, covars_weight=0, implementation="scaling")
    model.startprob_, model.transmat_ = start["start"], start["move"]
    model.means_, model.covars_ = start["mu"], start["sigma"]
    clock = time.process_time()
    model.fit(y)
    seconds = time.process_time() - clock
    assert model.monitor_.iter == iterations, model.monitor_.iter
    return seconds, model.monitor_.history[-1], lambda: model.score(y)


if __name__ == "__main__":
    verb, case, folder, count = sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
    if verb == "generate":
        generate(case, folder, count)
    else:
        warnings.simplefilter("ignore")
        y = np.load(folder / "data.npz")["y"]
        start = {k: np.array(v) for k, v in json.loads((folder / "start.json").read_text()).items()}
        fit = mixture if case == "gaussian_mixture" else chain
        once, _, _ = fit(y, start, 1)
        seconds, before, after = fit(y, start, count)
        print(json.dumps({"seconds_per_iteration": (seconds - once) / (count - 1), "log_likelihood_before": before,
                          "log_likelihood": after()}))
