"""Writes the simulated data of two benchmark models: `generate.py NAME FILE`.

Python's generator and the seeds below are fixed, so every machine gets the same file.
"""

import json
import math
import pathlib
import random
import sys


def radon():
    """12 573 houses in 386 counties of uneven size, laid out like the national radon survey."""
    stream = random.Random(20240611)
    counties, houses = 386, 12573
    weights = [math.exp(stream.gauss(0, 1.1)) for _ in range(counties)]
    county = list(range(counties))
    county += stream.choices(range(counties), weights, k=houses - counties)
    county.sort()
    uranium = [stream.gauss(0.1, 0.45) for _ in range(counties)]
    intercept = [stream.gauss(1.35, 0.35) for _ in range(counties)]
    floor = [1 if stream.random() < 0.2 else 0 for _ in range(houses)]
    radon = [
        intercept[c] + 0.6 * uranium[c] - 0.55 * f + stream.gauss(0, 0.77)
        for c, f in zip(county, floor)
    ]
    return {
        "N": houses, "J": counties, "county_idx": [c + 1 for c in county],
        "log_uppm": [round(uranium[c], 4) for c in county], "floor_measure": floor,
        "log_radon": [round(value, 4) for value in radon]}


def logistic_100k_20():
    """100 000 rows of 20 standard normal columns; coefficients from -0.95 to 0.95."""
    stream = random.Random(20240612)
    rows, columns = 100_000, 20
    slopes = [0.1 * k - 0.95 for k in range(columns)]
    design, outcome = [], []
    for _ in range(rows):
        row = [round(stream.gauss(0, 1), 4) for _ in range(columns)]
        logit = sum(x * slope for x, slope in zip(row, slopes))
        design.append(row)
        outcome.append(1 if stream.random() < 1 / (1 + math.exp(-logit)) else 0)
    return {"N": rows, "D": columns, "y": outcome, "X": design}


GENERATORS = {"radon": radon, "logistic_100k_20": logistic_100k_20}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in GENERATORS:
        print(f"usage: generate.py {'|'.join(GENERATORS)} FILE", file=sys.stderr)
        return 64
    target = pathlib.Path(sys.argv[2])
    partial = target.with_suffix(".partial")
    with open(partial, "w", encoding="ascii") as sink:
        json.dump(GENERATORS[sys.argv[1]](), sink, separators=(",", ":"))
        sink.write("\n")
    partial.replace(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
