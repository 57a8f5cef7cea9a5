"""The data beside the ready models, all but radon -> models/*.csv, models/*.json.

Usage: model_data.py FIXTURES, where FIXTURES holds posteriordb/ and hierarchical/. Sources, licences and
units are in models/DATA.md. Standardised means: minus the column's mean, over its sample sd (n - 1).
"""
import json
import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes

from oracle import TESTS

MODELS = TESTS.parent / "models"


def standardised(x):
    return (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)


def csv(name, columns):
    rows = zip(*columns.values())
    text = [",".join(columns)] + [",".join(row) for row in rows]
    (MODELS / name).write_text("\n".join(text) + "\n")
    print(f"models/{name}: {len(text) - 1} rows, {len(columns)} columns")


def json_file(name, values):
    body = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in values.items())
    (MODELS / name).write_text("{\n" + body + "\n}\n")
    print(f"models/{name}")


def linear_regression():
    x, y = load_diabetes(return_X_y=True, scaled=False)
    names = ["age", "sex", "bmi", "bp", "tc", "ldl", "hdl", "tch", "ltg", "glu"]
    columns = {n: [f"{v:.6f}" for v in c] for n, c in zip(names, standardised(x).T)}
    csv("linear_regression.csv", {**columns, "progression": [f"{v:.0f}" for v in y]})


def logistic_regression():
    bunch = load_breast_cancer()
    names = {"radius": "mean radius", "texture": "mean texture", "smoothness": "mean smoothness",
             "concavity": "mean concavity", "symmetry": "mean symmetry",
             "dimension": "mean fractal dimension"}
    where = [list(bunch.feature_names).index(full) for full in names.values()]
    columns = {n: [f"{v:.6f}" for v in c] for n, c in zip(names, standardised(bunch.data[:, where]).T)}
    # scikit-learn codes malignant as 0
    csv("logistic_regression.csv", {**columns, "malignant": [str(1 - t) for t in bunch.target]})


if __name__ == "__main__":
    fixtures = Path(sys.argv[1])
    linear_regression()
    logistic_regression()
    schools = json.loads((fixtures / "posteriordb/eight_schools-eight_schools_noncentered/data.json").read_text())
    json_file("eight_schools.json", {
        "school": ["Choate", "Deerfield", "Phillips Andover", "Phillips Exeter", "Hotchkiss", "Lawrenceville",
                   "St. Paul's", "Mt. Hermon"], "y": schools["y"], "sigma": schools["sigma"]})
    rates = json.loads((fixtures / "hierarchical/category_rates.json").read_text())
    json_file("category_rates.json", {k: rates[k] for k in ("trials", "successes")})
    json_file("beta_binomial.json", {"trials": 20, "successes": 14})
    mix = json.loads((fixtures / "posteriordb/low_dim_gauss_mix-low_dim_gauss_mix/data.json").read_text())
    json_file("gaussian_mixture.json", {"y": mix["y"]})
    json_file("bandit_rates.json", {
        "arm": ["control", "short title", "long title", "picture", "video"],
        "shows": [4210, 1875, 1902, 960, 412], "clicks": [172, 81, 63, 52, 19]})
