"""Measures the built `bayes` command on one benchmark."""

import math
import tempfile

from bayes_process import ROOT, BayesError, run

CHAINS = 4


class Bayes:
    """`bayes` with a cache folder of its own, in which nothing is compiled but what a run compiled."""

    def __init__(self, path, settings):
        self.path, self.settings = path, settings
        self._folder = tempfile.TemporaryDirectory(prefix="bayes-benchmark-")
        self._caches = 0
        self.cache = self._fresh_cache()

    def close(self):
        self._folder.cleanup()

    def _fresh_cache(self):
        """A cache folder in which one other model has been compiled.

        What is cold is the model and its kernel; the compiler's own cache of system modules, which
        any model fills once, is warm.
        """
        self._caches += 1
        cache = f"{self._folder.name}/{self._caches}"
        primer = ROOT / "models" / "beta_binomial.swift"
        run([self.path, "sample", str(primer), "--warmup", "20", "--draws", "20", "--seed", "1",
             "--format", "json"], cache=cache)
        return cache

    def sample(self, benchmark, seed, cache=None):
        """One `bayes sample`: its process's cost and what its JSON says of the sampler."""
        draws = self.settings.draws or benchmark.draws
        finished = run(
            [self.path, "sample", str(benchmark.model), "--data", str(benchmark.data()), "--seed",
             str(seed), "--chains", str(CHAINS), "--warmup", str(draws), "--draws", str(draws),
             "--format", "json"], cache=cache or self.cache, timeout=self.settings.timeout)
        sampler = finished.output["sampler"]
        seconds = sampler["seconds"]
        sampling = seconds["warmup"] + seconds["sampling"]  # CPU seconds, all chains
        smallest = smallest_ess(finished.output["variables"], benchmark.unknowns)
        gradients = sampler["gradient_evaluations"]
        return {
            "cpu_seconds": sampling, "min_ess": smallest, "ess_per_cpu_second": smallest / sampling,
            "gradients": gradients["warmup"] + gradients["sampling"],
            "gradients_sampling": gradients["sampling"], "divergences": sampler["divergences"],
            "means": means(finished.output["variables"], benchmark.unknowns),
            "total_cpu": finished.cpu, "total_wall": finished.wall, "peak_mib": finished.peak_mib}

    def cold(self, benchmark, seed):
        """From source to summary with nothing of the model compiled before: CPU and wall seconds."""
        finished = self.sample(benchmark, seed, cache=self._fresh_cache())
        return {"cpu": finished["total_cpu"], "wall": finished["total_wall"]}

    def gradient(self, benchmark):
        """CPU nanoseconds of one log density with its gradient, on one core."""
        count = max(benchmark.gradients // (10 if self.settings.quick else 1), 20)
        finished = run(
            [self.path, "benchmark", str(benchmark.model), "--data", str(benchmark.data()),
             "--gradients", str(count)], cache=self.cache, timeout=self.settings.timeout)
        return finished.output["ns_per_gradient"]


def smallest_ess(variables, unknowns):
    """The smallest bulk ESS over the elements of `unknowns` (`theta`, `theta[3]`, `theta[Choate]`)."""
    sizes = [
        variable["ess_bulk"] for variable in variables
        if variable["name"].split("[")[0] in unknowns and variable["ess_bulk"] is not None]
    if not sizes or not all(math.isfinite(size) for size in sizes):
        raise BayesError(f"no bulk ESS of {', '.join(unknowns)} in the summary")
    return min(sizes)


def means(variables, unknowns):
    """Per unknown, each element's [mean, Monte Carlo standard error], in order."""
    return {
        unknown: [
            [variable["mean"], variable["mcse_mean"]] for variable in variables
            if variable["name"].split("[")[0] == unknown]
        for unknown in unknowns}
