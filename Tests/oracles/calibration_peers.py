"""Three binary data sets with the answers of scikit-learn, netcal and betacal, for the calibration tests.

`close`: moderate logits, too confident. `ties`: the same kind of scores rounded to tenths. `skewed`: a rare label and
scores shifted and asymmetric. Needs betacal and netcal besides requirements.txt; logits are written rounded, and
read back before use, so that everyone has the same doubles.

Where a peer's definition differs:
- scikit-learn's temperature of 1-D scores x uses the logits (−x, x), so that its inverse temperature is half of ours;
- its sigmoid is 1/(1 + exp(a x + b)), with Platt's smoothed targets: signs turned; it stops at a gradient of 1e-6,
  so it is run on to convergence here from its own start;
- its isotonic map is linear in what it was given; here it gets probabilities, and logits;
- betacal is scikit-learn's logistic regression with C = 99999999999 at its default tolerance of 1e-4: its
  coefficients are only that good, so the same regression is run on to convergence from them;
- netcal's temperature is an inverse one and stops early as well, 3e-6 away;
- netcal's bins are [0, 1/B), … with the edge in the upper one; away from edges they agree with ours.
"""
import warnings

import numpy as np
from betacal import BetaCalibration
from netcal.binning import HistogramBinning
from netcal.metrics import ECE, MCE
from netcal.scaling import TemperatureScaling
from scipy import special
from sklearn.calibration import _SigmoidCalibration, _TemperatureScaling
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from oracle import TESTS, write

warnings.filterwarnings("ignore")


def datasets():
    rng = np.random.default_rng(20261121)
    truth = rng.normal(0, 1.5, 240)
    yield "close", np.round(2.1 * truth + 0.3, 5), rng.random(240) < special.expit(truth)
    truth = rng.normal(0.2, 1.2, 300)
    yield "ties", np.round(1.7 * truth, 1), rng.random(300) < special.expit(truth)
    truth = rng.normal(-2, 1.4, 400)
    yield "skewed", np.round(1.4 * truth - 0.08 * truth**2 + 0.7, 5), rng.random(400) < special.expit(truth)


rows = []
for name, x, y in datasets():
    y = y.astype(int)
    p = special.expit(x)
    grid = np.linspace(-5.03, 4.97, 9)
    sigmoid = _SigmoidCalibration().fit(x, y)
    ones = y.sum()
    target = np.where(y == 1, (ones + 1) / (ones + 2), 1 / (len(y) - ones + 2))
    X = np.c_[x, np.ones_like(x)]
    w = np.array([-sigmoid.a_, -sigmoid.b_])
    gap = w.copy()
    for _ in range(20):
        q = special.expit(X @ w)
        w = w - np.linalg.solve((X * (q * (1 - q))[:, None]).T @ X, X.T @ (q - target))
    plain = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-14, max_iter=1000).fit(x[:, None], y)
    beta = BetaCalibration("abm").fit(p[:, None], y)
    lr = beta.calibrator_.lr_
    half = _TemperatureScaling().fit(x, y)
    exact = np.array([lr.coef_[0, 0], lr.coef_[0, 1], lr.intercept_[0]])
    X = np.c_[np.log(p), -np.log1p(-p), np.ones_like(p)]
    for _ in range(20):
        q = special.expit(X @ exact)
        exact = exact - np.linalg.solve((X * (q * (1 - q))[:, None]).T @ X, X.T @ (q - y))
    netcal = TemperatureScaling().fit(p, y)
    by_probability = IsotonicRegression(out_of_bounds="clip").fit(p, y)
    by_logit = IsotonicRegression(out_of_bounds="clip").fit(x, y)
    histogram = HistogramBinning(bins=10).fit(p, y)
    rows.append({
        "name": name, "labels": y.tolist(), "logits": x.tolist(), "grid": grid.tolist(),
        "sklearn_inverse_temperature": 2 * float(half.beta_),
        "netcal_temperature": np.ravel(netcal.temperature).tolist(),
        "sklearn_sigmoid": w.tolist(), "sklearn_sigmoid_stopped": float(np.abs(gap - w).max()),
        "sklearn_logistic": [float(plain.coef_[0, 0]), float(plain.intercept_[0])],
        "beta": exact.tolist(),
        "betacal": [float(lr.coef_[0, 0]), float(lr.coef_[0, 1]), float(lr.intercept_[0])],
        "isotonic_probability": by_probability.predict(special.expit(grid)).tolist(),
        "isotonic_logit": by_logit.predict(grid).tolist(),
        "isotonic_count": len(by_logit.X_thresholds_),
        "netcal_histogram": np.ravel(histogram.transform(special.expit(grid))).tolist(),
        "netcal_ece": float(ECE(15).measure(p, y)), "netcal_mce": float(MCE(15).measure(p, y)),
    })
    print({k: v for k, v in rows[-1].items() if k not in ("labels", "logits")})

write(TESTS / "BayesCalibrationTests/Fixtures/peers.json", "calibration_peers.py", datasets=rows)
