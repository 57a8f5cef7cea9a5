#!/usr/bin/env python3
"""Writes the simulated data of the models of this folder; the files are kept, so this runs once."""

import json
import math
import pathlib
import random

HERE = pathlib.Path(__file__).resolve().parent


def poisson(source, mean):
    """A Poisson draw by counting exponential waiting times."""
    count, time = 0, source.expovariate(1)
    while time < mean:
        count += 1
        time += source.expovariate(1)
    return count


def groups(name, groups, rows, tau, centre, seed):
    """Counts with a log mean of 1 + an intercept per group + 0.4 (x - centre), x around `centre`."""
    source = random.Random(seed)
    intercepts = [1 + tau * source.gauss(0, 1) for _ in range(groups)]
    data = {"count": [], "group": [], "x": []}
    for k in range(groups * rows):
        x = round(source.gauss(centre, 1), 4)
        data["group"].append(k % groups + 1)
        data["x"].append(x)
        data["count"].append(poisson(source, math.exp(intercepts[k % groups] + 0.4 * (x - centre))))
    (HERE / f"{name}.json").write_text(json.dumps(data) + "\n")


groups("poisson_groups", 5, 10, 0.3, 2, 3)
groups("poisson_small_groups", 8, 4, 0.2, 0, 2)
