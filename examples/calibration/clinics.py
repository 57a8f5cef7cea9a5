#!/usr/bin/env python3
"""The rows of clinics.csv: one score for three clinics, whose overconfidence differs.

The log odds of an outcome are the score over the clinic's temperature: 1.2 north, 2 south, 3 east. South sees fewer
outcomes.
"""

import math
import pathlib
import random

TEMPERATURES = {"north": 1.2, "south": 2.0, "east": 3.0}

random.seed(4)
rows = ["y,logit,clinic"]
for i in range(1500):
    clinic = "north" if i % 5 == 0 else list(TEMPERATURES)[i % 3]
    score = random.gauss(-1 if clinic == "south" else 0, 2)
    chance = 1 / (1 + math.exp(-score / TEMPERATURES[clinic]))
    rows.append(f"{int(random.random() < chance)},{score:.5f},{clinic}")
path = pathlib.Path(__file__).with_name("clinics.csv")
path.write_text("\n".join(rows) + "\n")
