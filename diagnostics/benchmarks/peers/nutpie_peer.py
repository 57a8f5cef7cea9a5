"""nutpie: its own NUTS on a PyMC model compiled by numba, two threads."""

from worker import cpu_seconds, seconds_per_call, serve

import ctypes

import numba
import nutpie
import numpy as np
import pymc

import designs
import pymc_models


class Nutpie:
    version = f"nutpie {nutpie.__version__}, pymc {pymc.__version__}"

    def __init__(self, options):
        self.options = options

    def compile(self):
        data = designs.load(self.options.data)
        start = cpu_seconds()
        model = pymc_models.build(self.options.model, data)
        self.compiled = nutpie.compile_pymc_model(model)
        return {"compile_cpu": cpu_seconds() - start}

    def sample(self, seed):
        """Chains only: turning nutpie's buffers into arrays is not counted."""
        start = cpu_seconds()
        running = nutpie.sample(
            self.compiled, draws=self.options.draws, tune=self.options.warmup,
            chains=self.options.chains, cores=2, seed=seed, progress_bar=False, save_warmup=False,
            blocking=False)
        running._sampler.wait(None)
        cpu = cpu_seconds() - start
        trace = running.wait()
        return {
            "cpu_seconds": cpu,
            "posterior": {k: trace.posterior[k].values for k in self.options.unknowns},
            "divergences": int(trace.sample_stats["diverging"].sum()),
            "leapfrogs": int(trace.sample_stats["n_steps"].sum())}

    def seconds_per_gradient(self):
        """A compiled loop over the C function that nutpie's sampler calls."""
        pointer = ctypes.POINTER(ctypes.c_double)
        signature = ctypes.CFUNCTYPE(
            ctypes.c_int64, ctypes.c_uint64, pointer, pointer, pointer, ctypes.c_void_p)
        density = signature(self.compiled.compiled_logp_func.address)
        user_data = self.compiled.user_data.ctypes.data

        @numba.njit
        def loop(count, point, gradient, value, context):
            failures = 0
            for _ in range(count):
                code = density(
                    point.size, point.ctypes, gradient.ctypes, value.ctypes, context.ctypes)
                failures += code != 0
            return failures

        context = (ctypes.c_byte * self.compiled.user_data.nbytes).from_address(user_data)
        arrays = (
            np.linspace(-0.1, 0.1, self.compiled.n_dim), np.empty(self.compiled.n_dim), np.empty(1),
            np.frombuffer(context, dtype=np.uint8) if len(context) else np.zeros(1, np.uint8))
        if loop(2, *arrays):
            raise RuntimeError("the density fails at the point where it is timed")
        return seconds_per_call(lambda count: loop(count, *arrays))


if __name__ == "__main__":
    serve(Nutpie)
