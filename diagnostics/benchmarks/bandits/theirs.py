"""Times MABWiser's policies in the loop that its users write: predict, reward, partial_fit."""

import json
import sys
import time

import numpy as np
from mabwiser.mab import MAB, LearningPolicy

POLICIES = {
    "thompson": LearningPolicy.ThompsonSampling(),
    "ucb1": LearningPolicy.UCB1(alpha=2 ** 0.5),
    "epsilon-greedy:0.1": LearningPolicy.EpsilonGreedy(epsilon=0.1),
    "thompson-linear": LearningPolicy.LinTS(alpha=1.0),
}


def play(name, rounds, seed):
    """Seconds of CPU time of `rounds` rounds."""
    random = np.random.default_rng(seed)
    arms = list(range(5))
    mab = MAB(arms, POLICIES[name], seed=seed)
    rates = np.array([0.3, 0.5, 0.7, 0.4, 0.6])
    if name == "thompson-linear":
        dimension = 10
        theta = random.normal(size=(5, dimension)) / dimension ** 0.5
        x = random.normal(size=(rounds + 5, dimension))
        mab.fit(arms, [float(theta[a] @ x[a]) for a in arms], x[:5])
        start = time.process_time()
        for t in range(rounds):
            context = x[t + 5:t + 6]
            arm = mab.predict(context)
            reward = float(theta[arm] @ context[0] + random.normal())
            mab.partial_fit([arm], [reward], context)
        return time.process_time() - start
    mab.fit(arms, [int(random.random() < rates[a]) for a in arms])
    start = time.process_time()
    for _ in range(rounds):
        arm = mab.predict()
        mab.partial_fit([arm], [int(random.random() < rates[arm])])
    return time.process_time() - start


def main():
    name, rounds, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    play(name, 20, seed)
    print(json.dumps({"rounds_per_second": rounds / play(name, rounds, seed)}))


if __name__ == "__main__":
    main()
