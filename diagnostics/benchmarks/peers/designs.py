"""Turns a benchmark's data file into the arrays that the NumPyro and PyMC models share."""

import json

import numpy as np


def load(path):
    """The data file's columns as arrays; scalars as they are."""
    with open(path, encoding="utf-8") as source:
        columns = json.load(source)
    return {k: np.asarray(v) if isinstance(v, list) else v for k, v in columns.items()}


def linear(name, d):
    """(design without intercept, outcome) of a linear regression, computed once, outside the model."""
    if name == "kidiq":
        return _columns(d["mom_iq"]), d["kid_score"].astype(float)
    if name == "nes2000":
        ages = [d["age_discrete"] == group for group in (2, 3, 4)]
        rest = [d["educ1"], d["gender"], d["income"]]
        return _columns(d["real_ideo"], d["race_adj"], *ages, *rest), d["partyid7"].astype(float)
    if name == "earnings":
        both = d["height"] * d["male"]
        return _columns(d["height"], d["male"], both), np.log(d["earn"])
    if name == "diamonds":
        design = d["X"][:, 1:].astype(float)
        return design - design.mean(axis=0), d["Y"].astype(float)
    if name == "arK":
        order, series = d["K"], d["y"].astype(float)
        lags = [series[order - k:len(series) - k] for k in range(1, order + 1)]
        return _columns(*lags), series[order:]
    raise KeyError(name)


def _columns(*columns):
    return np.column_stack([np.asarray(column, dtype=float) for column in columns])
