"""The logs of examples/bandit_log: choices of a known policy among arms of known rates.

Usage: bandit_log.py. Python's own generator, which is the same in all versions since 3.2.
"""
import random
from pathlib import Path

RATES = {"A": 0.05, "B": 0.03, "C": 0.08, "D": 0.06, "E": 0.04}
LOGGING = {"A": 0.50, "B": 0.20, "C": 0.15, "D": 0.10, "E": 0.05}


def choose(stream, probabilities):
    u = stream.random()
    for arm, probability in probabilities.items():
        u -= probability
        if u < 0:
            return arm
    return arm


def headlines(path):
    stream = random.Random(27)
    with open(path, "w", newline="\n") as file:
        file.write("id,arm,propensity,reward\n")
        for i in range(1, 4001):
            arm = choose(stream, LOGGING)
            click = int(stream.random() < RATES[arm])
            file.write(f"{i},{arm},{LOGGING[arm]},{click}\n")


def hopeless(path):
    # The same shop, had it shown C only by accident.
    stream = random.Random(3)
    with open(path, "w", newline="\n") as file:
        file.write("id,arm,propensity,reward\n")
        for i in range(1, 301):
            arm = "C" if i == 212 else "A"
            propensity = 0.000001 if arm == "C" else 0.999999
            click = 0 if arm == "C" else int(stream.random() < RATES["A"])
            file.write(f"{i},{arm},{propensity:g},{click}\n")


FOLDER = Path(__file__).resolve().parents[2] / "examples" / "bandit_log"
headlines(FOLDER / "headlines.csv")
hopeless(FOLDER / "hopeless.csv")
