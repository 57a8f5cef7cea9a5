"""Plays the visitors of a shop: asks `bayes bandit choose` what to show each, and tells `bayes bandit update` who clicked.

    python3 examples/bandit_online/shop.py month.db --visitors 2000

A click becomes known 200 visitors later, as in a shop that reads its log every hour. The visitors' coins are Python's own, the same in all
versions since 3.2; with the keys of the choices they make every run the same.
"""
import argparse
import collections
import json
import pathlib
import random
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
RATES = {"A": 0.05, "B": 0.03, "C": 0.08, "D": 0.06, "E": 0.04}


def bandit(bayes, *words):
    done = subprocess.run([bayes, "bandit", *map(str, words)], check=True, capture_output=True, text=True)
    return done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("state", help="the state's file, made by the first choice")
    parser.add_argument("--visitors", type=int, default=2000)
    parser.add_argument("--delay", type=int, default=200, help="visitors until a click is known")
    parser.add_argument("--bayes", default="./bayes", help="the command")
    options = parser.parse_args()
    coins = random.Random(1)
    waiting = collections.deque()

    def learn():
        choice, click = waiting.popleft()
        bandit(options.bayes, "update", "--state", options.state, "--choice", choice, "--reward", click)

    for visitor in range(1, options.visitors + 1):
        shown = json.loads(bandit(
            options.bayes, "choose", HERE / "headlines.swift", "--state", options.state, "--explore", 0.1,
            "--seed", visitor, "--format", "json"))
        waiting.append((shown["choice"], int(coins.random() < RATES[shown["arm"]])))
        if len(waiting) > options.delay:
            learn()
    while waiting:
        learn()


if __name__ == "__main__":
    main()
