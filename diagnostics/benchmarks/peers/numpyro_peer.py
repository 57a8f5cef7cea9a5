"""NumPyro: its NUTS in double precision, compiled once ahead of time, chains one after the other."""

import os

from worker import cpu_seconds, seconds_per_call, serve

# One thread: idle XLA threads spin, which would count against NumPyro in CPU time.
os.environ.setdefault(
    "XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import jax
import jax.flatten_util
import jax.numpy as jnp
import numpy as np
import numpyro
from numpyro.infer import NUTS
from numpyro.infer.util import initialize_model

numpyro.enable_x64()

import designs
import numpyro_models


class NumPyro:
    version = f"numpyro {numpyro.__version__}, jax {jax.__version__}"

    def __init__(self, options):
        self.options = options

    def compile(self):
        """`MCMC.run` compiles anew at each call, so its loop is written out and compiled here.

        The kernel, its initial points and its adaptation are NumPyro's; only the loop is ours.
        """
        data = designs.load(self.options.data)
        start = cpu_seconds()
        self.model = numpyro_models.build(self.options.model, data)
        self.kernel = NUTS(self.model)
        state = self._initial(0)

        def advance(state, _):
            state = self.kernel.sample(state, (), {})
            return state, (state.z, state.num_steps, state.diverging)

        def chain(state):
            def drop(_, state):
                return self.kernel.sample(state, (), {})

            state = jax.lax.fori_loop(0, self.options.warmup, drop, state)
            return jax.lax.scan(advance, state, None, length=self.options.draws)[1]

        self.chain = jax.jit(chain).lower(state).compile()
        self.constrain = jax.jit(jax.vmap(self.kernel.postprocess_fn((), {})))
        return {"compile_cpu": cpu_seconds() - start}

    def _initial(self, seed):
        key = jax.random.PRNGKey(seed)
        return self.kernel.init(key, self.options.warmup, None, (), {})

    def sample(self, seed):
        """The compiled chains only; initial points and the constraining of draws are not counted."""
        chains = self.options.chains
        states = [self._initial(1000 * seed + k) for k in range(chains)]
        start = cpu_seconds()
        results = [jax.block_until_ready(self.chain(state)) for state in states]
        cpu = cpu_seconds() - start
        draws = [self.constrain(z) for z, _, _ in results]
        return {
            "cpu_seconds": cpu,
            "posterior": {k: np.stack([draw[k] for draw in draws]) for k in self.options.unknowns},
            "divergences": int(sum(diverging.sum() for _, _, diverging in results)),
            "leapfrogs": int(sum(steps.sum() for _, steps, _ in results))}

    def seconds_per_gradient(self):
        """A compiled loop in which each point depends on the gradient before."""
        start = initialize_model(jax.random.PRNGKey(1), self.model)
        flat, unravel = jax.flatten_util.ravel_pytree(start.param_info.z)
        gradient = jax.value_and_grad(lambda z: start.potential_fn(unravel(z)))

        def step(_, carry):
            z, total = carry
            value, slope = gradient(z)
            return z + 1e-15 * slope, total + value

        loop = jax.jit(lambda z, n: jax.lax.fori_loop(0, n, step, (z, jnp.zeros(()))))
        jax.block_until_ready(loop(flat, 2))
        return seconds_per_call(lambda n: jax.block_until_ready(loop(flat, n)))


if __name__ == "__main__":
    serve(NumPyro)
