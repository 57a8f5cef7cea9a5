"""The ten benchmark models: file, data, what is unknown, and how long to run them."""

import pathlib
import subprocess
import sys

from bayes_process import ROOT, SCRATCH, BayesError, unpacked

HERE = pathlib.Path(__file__).resolve().parent
REFERENCE = HERE.parent / "posteriordb"


class Benchmark:
    """A model of `models/` with its data.

    `unknowns` are the parameters whose smallest bulk ESS counts, the same for every tool. `gradients`
    is a number of evaluations that takes a fraction of a second. `small` models are those whose
    seconds from source to summary are a target.
    """

    def __init__(self, name, rows, unknowns, gradients, data, draws=1000, small=True):
        self.name, self.rows, self.unknowns = name, rows, unknowns.split()
        self.gradients, self.draws, self.small = gradients, draws, small
        self._data = data

    @property
    def model(self):
        """The model file, without the links that lead to it."""
        return (HERE / "models" / f"{self.name}.swift").resolve()

    def data(self):
        """The data file; a generated one is made at its first use, under `.build/diagnostics`."""
        if self._data != "generated":
            return unpacked(self._data)
        source = HERE / "data" / "generate.py"
        target = SCRATCH / "benchmarks" / f"{self.name}.json"
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            target.parent.mkdir(parents=True, exist_ok=True)
            # A process of its own, because this one's memory is the floor of the peaks it measures.
            finished = subprocess.run([sys.executable, str(source), self.name, str(target)])
            if finished.returncode != 0:
                raise BayesError(f"the data of {self.name} could not be generated")
        return target


def _reference(folder, suffix=".json"):
    return REFERENCE / folder / f"data{suffix}"


CATALOGUE = [
    Benchmark("eight_schools", 8, "mu tau eta theta", 2_000_000,
              _reference("eight_schools-eight_schools_noncentered")),
    Benchmark("kidiq", 434, "beta sigma", 1_000_000, _reference("kidiq-kidscore_momiq")),
    Benchmark("nes2000", 476, "beta sigma", 500_000, _reference("nes2000-nes")),
    Benchmark("diamonds", 5000, "b Intercept sigma", 50_000,
              _reference("diamonds-diamonds", ".json.gz"), draws=500, small=False),
    Benchmark("earnings", 1192, "beta sigma", 500_000, _reference("earnings-logearn_interaction")),
    Benchmark("low_dim_gauss_mix", 1000, "mu sigma theta", 20_000,
              _reference("low_dim_gauss_mix-low_dim_gauss_mix")),
    Benchmark("category_rates", 25, "mu kappa theta", 200_000,
              ROOT / "models" / "category_rates.json"),
    Benchmark("radon", 12573, "alpha_raw beta mu_alpha sigma_alpha sigma_y", 5_000, "generated",
              small=False),
    Benchmark("logistic_100k_20", 100_000, "beta", 200, "generated", draws=500, small=False),
    Benchmark("arK", 200, "alpha beta sigma", 500_000, _reference("arK-arK")),
]


def chosen(names):
    """The benchmarks called `names`, in the catalogue's order; all of them for None."""
    if names is None:
        return CATALOGUE
    known = {benchmark.name for benchmark in CATALOGUE}
    for name in names:
        if name not in known:
            raise BayesError(f"unknown model {name}; known: {', '.join(b.name for b in CATALOGUE)}")
    return [benchmark for benchmark in CATALOGUE if benchmark.name in names]
