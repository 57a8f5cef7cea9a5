"""Simulated radon-style data -> models/radon.csv. SIMULATED: no house in it exists.

The layout is that of the Minnesota radon survey used in Gelman & Hill (2007), chapter 12: 919 houses in 85
counties of very unequal sizes, a floor indicator (0 basement, 1 first floor) and county soil uranium. Every
value is drawn here, with a fixed seed, from the model of models/radon.swift at this truth:

    alpha_j ~ Normal(1.4, 0.25)             one intercept per county
    log_radon ~ Normal(alpha_j - 0.65 floor + 0.7 log_uranium_j, 0.75)

log_radon is the natural logarithm of pCi/L, log_uranium of ppm.
"""
import numpy as np

from oracle import TESTS

COUNTIES, HOUSES, SEED = 85, 919, 20240919
MU, TAU, FLOOR, URANIUM, SIGMA = 1.4, 0.25, -0.65, 0.7, 0.75

if __name__ == "__main__":
    r = np.random.Generator(np.random.PCG64(SEED))
    shares = r.lognormal(0.0, 1.1, COUNTIES)
    # every county has a house; the rest fall by the shares
    county = np.concatenate([np.arange(COUNTIES), r.choice(COUNTIES, HOUSES - COUNTIES, p=shares / shares.sum())])
    county.sort()
    uranium = np.round(r.normal(0.0, 0.4, COUNTIES), 4)
    alpha = r.normal(MU, TAU, COUNTIES)
    floor = (r.random(HOUSES) < 0.17).astype(int)
    y = alpha[county] + FLOOR * floor + URANIUM * uranium[county] + r.normal(0.0, SIGMA, HOUSES)
    lines = ["county,floor,log_uranium,log_radon"]
    lines += [f"County {c + 1:02d},{f},{uranium[c]:.4f},{v:.4f}" for c, f, v in zip(county, floor, y)]
    path = TESTS.parent / "models/radon.csv"
    path.write_text("\n".join(lines) + "\n")
    print(f"{path.relative_to(TESTS.parent)}: {HOUSES} rows, county sizes {np.bincount(county).min()} to "
          f"{np.bincount(county).max()}")
