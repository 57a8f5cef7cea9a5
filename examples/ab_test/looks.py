"""Writes looks.csv: a test of two variants that both convert 5 % of their visitors, looked at ten times.

The seed was chosen so that an early look fools; about one such test in five has one that does (`bayes ab peek`).
"""
import random
import sys

SEED, PER_LOOK, LOOKS, RATE = int(sys.argv[1]) if len(sys.argv) > 1 else 281, 816, 10, 0.05


def looks(seed):
    rng = random.Random(seed)
    totals = {"old": 0, "new": 0}
    for look in range(1, LOOKS + 1):
        for variant in totals:
            totals[variant] += sum(rng.random() < RATE for _ in range(PER_LOOK))
            yield look, variant, totals[variant], look * PER_LOOK


if __name__ == "__main__":
    with open("looks.csv", "w") as file:
        print("look,variant,successes,trials", file=file)
        for row in looks(SEED):
            print(*row, sep=",", file=file)
