"""Stan through PyStan: default NUTS, chains in PyStan's own worker processes."""

from worker import cpu_seconds, serve

import contextlib
import json
import os
import pathlib
import resource
import subprocess

import httpstan.cache
import httpstan.services_stub
import stan

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = pathlib.Path(httpstan.__file__).parent
FLAGS = [
    "-O3", "-std=c++14", "-w", "-DBOOST_DISABLE_ASSERTS", "-DBOOST_PHOENIX_NO_VARIADIC_EXPRESSION",
    "-DSTAN_THREADS", "-D_REENTRANT", "-D_GLIBCXX_USE_CXX11_ABI=0"]
SIZES = {"category_rates": {"J": "trials"}}
LIBRARIES = ["-lsundials_cvodes", "-lsundials_idas", "-lsundials_nvecserial", "-ltbb"]


class PyStan:
    version = f"pystan {stan.__version__}, httpstan {httpstan.__version__}"

    def __init__(self, options):
        self.options = options
        self.code = (HERE / "stan" / f"{options.model}.stan").read_text()
        with open(options.data, encoding="utf-8") as source:
            self.data = json.load(source)
        # Stan's programs state their sizes; data without one gives it as the length of a column.
        for size, column in SIZES.get(options.model, {}).items():
            self.data.setdefault(size, len(self.data[column]))

    def compile(self):
        """Builds the model, or finds it built: the cost of the build is kept beside it."""
        self.objects = httpstan.cache.cache_directory() / "objects"
        self.objects.mkdir(parents=True, exist_ok=True)
        with contextlib.chdir(self.objects):
            start = _cpu_with_children()
            self.posterior = stan.build(self.code, data=self.data, random_seed=1)
            spent = _cpu_with_children() - start
        self.folder = httpstan.cache.model_directory(self.posterior.model_name)
        record = self.folder / "benchmark_compile.json"
        if record.exists():
            spent = json.loads(record.read_text())
        else:
            record.write_text(json.dumps(spent))
        for fit in self.folder.rglob("*.jsonlines.gz"):  # PyStan replays a fit that it has made before
            fit.unlink()
        # The workers exist and have loaded the model before anything is measured.
        self.posterior.sample(num_chains=self.options.chains, num_warmup=20, num_samples=20)
        return {"compile_cpu": spent}

    def sample(self, seed):
        """CPU time of the worker processes, to the nanosecond, from the kernel's scheduler."""
        posterior = stan.build(self.code, data=self.data, random_seed=seed)
        start = _worker_cpu()
        fit = posterior.sample(
            num_chains=self.options.chains, num_warmup=self.options.warmup,
            num_samples=self.options.draws)
        cpu = _worker_cpu() - start
        return {
            "cpu_seconds": cpu,
            "posterior": {k: self._chains_first(fit[k]) for k in self.options.unknowns},
            "divergences": int(fit["divergent__"].sum()),
            "leapfrogs": int(fit["n_leapfrog__"].sum())}

    def _chains_first(self, values):
        """PyStan's … x (draw · chain), chains side by side, as chain x draw x …."""
        chains = self.options.chains
        split = values.reshape(values.shape[:-1] + (-1, chains))
        axes = (split.ndim - 1, split.ndim - 2, *range(split.ndim - 2))
        split = split.transpose(axes)
        return split[..., 0] if split.ndim == 3 and split.shape[2] == 1 else split

    def seconds_per_gradient(self):
        """Stan's gradient in a loop of C++, linked with the object file that PyStan compiled."""
        driver = self.objects / "stan_gradient.o"
        include, library = PACKAGE / "include", PACKAGE / "lib"
        source = HERE / "stan_gradient.cpp"
        if not driver.exists() or driver.stat().st_mtime < source.stat().st_mtime:
            subprocess.run(
                ["g++", *FLAGS, f"-I{include}", "-c", str(source), "-o", str(driver)], check=True)
        name = f"model_{self.posterior.model_name.split('/')[1]}.o"
        compiled = next(self.objects.rglob(name), None)
        if compiled is None:
            raise RuntimeError(f"{name} is gone; delete {self.folder} and run again")
        program = self.folder / "stan_gradient"
        subprocess.run(
            ["g++", str(driver), str(compiled), f"-L{library}", *LIBRARIES,
             f"-Wl,-rpath,{library}", "-o", str(program)], check=True)
        data = self.folder / "benchmark_data.json"
        data.write_text(json.dumps(self.data))
        printed = subprocess.run(
            [str(program), str(data)], check=True, capture_output=True, text=True).stdout
        return float(printed) / 1e9


def _cpu_with_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return cpu_seconds() + usage.ru_utime + usage.ru_stime


def _worker_cpu():
    """CPU seconds that PyStan's sampling processes have used so far, all their threads."""
    total = 0
    for pid in httpstan.services_stub.executor._processes:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as source:
                total += int(source.read().split()[0])
    return total / 1e9


if __name__ == "__main__":
    serve(PyStan)
