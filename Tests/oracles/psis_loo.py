"""Writes the reference values of LeaveOneOutTests: arviz 0.23.4, numpy 2.4.6.

    python3 -m venv env && env/bin/pip install arviz==0.23.4
    env/bin/python Tests/oracles/psis_loo.py > Tests/BayesDiagnosticsTests/Fixtures/psis_loo.csv

Observation y has log density Normal(y | d, sigma_delta + 0.1) under each draw of the blocker chains. arviz's
smoothing is called per observation with that observation's relative efficiency.
"""

import csv
import pathlib

import arviz
import numpy as np
from scipy.special import logsumexp

fixtures = pathlib.Path(__file__).parent.parent / "BayesDiagnosticsTests" / "Fixtures"


def chain(path):
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    return {name: np.array([float(row[name]) for row in rows]) for name in ("d", "sigma_delta")}


chains = [chain(fixtures / f"blocker.{k}.csv") for k in (1, 2)]
d = np.array([c["d"] for c in chains])
sigma = np.array([c["sigma_delta"] for c in chains]) + 0.1

print("y,relative_efficiency,k,elpd,lpd,p_waic")
for y in (-3.0, -1.2, -0.6, -0.4, -0.3, -0.25, -0.2, -0.1, 0.0, 0.4):
    loglik = -0.5 * ((y - d) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)
    efficiency = float(arviz.ess(np.exp(loglik - loglik.max()), method="mean")) / loglik.size
    flat = loglik.reshape(-1)
    weights, k = arviz.psislw(-flat, reff=efficiency)
    elpd = logsumexp(flat + weights)
    lpd = logsumexp(flat) - np.log(flat.size)
    values = (y, efficiency, float(k), elpd, lpd, flat.var(ddof=1))
    print(",".join(repr(float(v)) for v in values))
