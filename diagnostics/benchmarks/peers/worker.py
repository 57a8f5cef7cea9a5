"""The side of a peer's process: compiles once, then measures on demand.

Started as `PEER.py MODEL DATA --unknowns a,b --warmup W --draws D`. One JSON line goes to stdout after
compilation and one after each request on stdin: `gradient` or `sample SEED`. CPU seconds are user plus
system time of the process (with its sampling children), so waiting between requests costs nothing.
"""

import argparse
import json
import os
import resource
import sys
import time

THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
for _name in THREADS:
    os.environ.setdefault(_name, "1")


def cpu_seconds():
    """User plus system time of this process, all its threads included."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def seconds_per_call(run, target=0.5):
    """CPU seconds of one call, where `run(n)` makes n: n doubles until the time is `target`."""
    count = 1
    while True:
        start = time.process_time()
        run(count)
        spent = time.process_time() - start
        if spent >= target:
            return spent / count
        count *= 2 if spent < target / 16 else max(2, int(target / max(spent, 1e-6)) + 1)


def summarise(draws):
    """What a run is judged by; `draws`: name -> chain x draw x ….

    `min_ess` is the smallest bulk effective sample size over all elements (Vehtari, Gelman, Simpson,
    Carpenter & Bürkner 2021), as `bayes` computes it; `means` has for each name the elements'
    [mean, its Monte Carlo standard error], to see that all tools draw from one posterior.
    """
    import arviz

    data = arviz.from_dict(posterior=draws)
    sizes, errors = arviz.ess(data, method="bulk"), arviz.mcse(data)
    smallest = min(float(sizes[name].min()) for name in draws)
    means = {
        name: [[float(m), float(e)] for m, e in zip(
            values.mean(axis=(0, 1)).ravel(), errors[name].values.ravel())]
        for name, values in draws.items()}
    return {"min_ess": smallest, "means": means}


def serve(peer_type):
    """Reads the arguments, compiles, answers requests until stdin ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("data")
    parser.add_argument("--unknowns", required=True)
    parser.add_argument("--warmup", type=int, required=True)
    parser.add_argument("--draws", type=int, required=True)
    parser.add_argument("--chains", type=int, default=4)
    options = parser.parse_args()
    options.unknowns = options.unknowns.split(",")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints goes to stderr

    def answer(**fields):
        print(json.dumps(fields), file=answers, flush=True)

    try:
        peer = peer_type(options)
        answer(version=peer.version, **peer.compile())
        for line in sys.stdin:
            verb, *rest = line.split()
            if verb == "gradient":
                answer(ns_per_gradient=1e9 * peer.seconds_per_gradient())
            elif verb == "sample":
                fields = peer.sample(int(rest[0]))
                fields.update(summarise(fields.pop("posterior")))
                answer(**fields)
            elif verb == "quit":
                return
    except Exception as error:  # the runner prints it beside the peer's name
        answer(error=f"{type(error).__name__}: {error}"[:2000])
        raise
