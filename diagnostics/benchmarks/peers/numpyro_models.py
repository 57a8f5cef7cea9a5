"""The ten benchmark models in NumPyro: `build(name, data)` gives a model without arguments."""

import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from numpyro.distributions import constraints

import designs


def _flat(name, size):
    return numpyro.sample(name, dist.ImproperUniform(constraints.real, (), (size,)))


def _flat_positive(name):
    return numpyro.sample(name, dist.ImproperUniform(constraints.positive, (), ()))


def _regression(name, data):
    """Linear regressions with a flat prior on coefficients, the first one being the intercept."""
    design, outcome = map(jnp.asarray, designs.linear(name, data))

    def model():
        beta = _flat("beta", design.shape[1] + 1)
        if name == "kidiq":
            sigma = numpyro.sample("sigma", dist.HalfCauchy(2.5))
        else:
            sigma = _flat_positive("sigma")
        numpyro.sample("y", dist.Normal(beta[0] + design @ beta[1:], sigma), obs=outcome)

    return model


def eight_schools(data):
    y, sigma = jnp.asarray(data["y"], float), jnp.asarray(data["sigma"], float)

    def model():
        mu = numpyro.sample("mu", dist.Normal(0, 5))
        tau = numpyro.sample("tau", dist.HalfCauchy(5))
        eta = numpyro.sample("eta", dist.Normal(0, 1).expand([len(y)]).to_event(1))
        theta = numpyro.deterministic("theta", mu + tau * eta)
        numpyro.sample("y", dist.Normal(theta, sigma), obs=y)

    return model


def diamonds(data):
    design, outcome = map(jnp.asarray, designs.linear("diamonds", data))

    def model():
        b = numpyro.sample("b", dist.Normal(0, 1).expand([design.shape[1]]).to_event(1))
        intercept = numpyro.sample("Intercept", dist.StudentT(3, 8, 10))
        scale = dist.FoldedDistribution(dist.StudentT(3, 0, 10))
        sigma = numpyro.sample("sigma", scale)
        numpyro.sample("y", dist.Normal(intercept + design @ b, sigma), obs=outcome)

    return model


def low_dim_gauss_mix(data):
    y = jnp.asarray(data["y"], float)

    def model():
        prior = dist.Normal(0, 2).expand([2]).to_event(1)
        support = constraints.ordered_vector
        mu = numpyro.sample("mu", dist.ImproperUniform(support, (), (2,)))
        numpyro.factor("mu_prior", prior.log_prob(mu))
        sigma = numpyro.sample("sigma", dist.HalfNormal(2).expand([2]).to_event(1))
        theta = numpyro.sample("theta", dist.Beta(5, 5))
        terms = dist.Normal(mu, sigma).log_prob(y[:, None])
        weights = jnp.log(jnp.stack([theta, 1 - theta]))
        numpyro.factor("y", jnp.logaddexp(terms[:, 0] + weights[0], terms[:, 1] + weights[1]).sum())

    return model


def category_rates(data):
    trials, successes = jnp.asarray(data["trials"]), jnp.asarray(data["successes"])

    def model():
        mu = numpyro.sample("mu", dist.Beta(2, 5))
        kappa = numpyro.sample("kappa", dist.HalfNormal(50))
        rates = dist.Beta(mu * kappa, (1 - mu) * kappa).expand([len(trials)]).to_event(1)
        theta = numpyro.sample("theta", rates)
        numpyro.sample("y", dist.Binomial(trials, theta), obs=successes)

    return model


def radon(data):
    county = jnp.asarray(data["county_idx"]) - 1
    design = jnp.column_stack([data["log_uppm"], data["floor_measure"]]).astype(float)
    outcome = jnp.asarray(data["log_radon"], float)

    def model():
        raw = numpyro.sample("alpha_raw", dist.Normal(0, 1).expand([data["J"]]).to_event(1))
        beta = numpyro.sample("beta", dist.Normal(0, 10).expand([2]).to_event(1))
        mu_alpha = numpyro.sample("mu_alpha", dist.Normal(0, 10))
        sigma_alpha = numpyro.sample("sigma_alpha", dist.HalfNormal(1))
        sigma_y = numpyro.sample("sigma_y", dist.HalfNormal(1))
        mean = (mu_alpha + sigma_alpha * raw)[county] + design @ beta
        numpyro.sample("y", dist.Normal(mean, sigma_y), obs=outcome)

    return model


def logistic_100k_20(data):
    design, outcome = jnp.asarray(data["X"], float), jnp.asarray(data["y"])

    def model():
        beta = numpyro.sample("beta", dist.Normal(0, 1).expand([design.shape[1]]).to_event(1))
        numpyro.sample("y", dist.Bernoulli(logits=design @ beta), obs=outcome)

    return model


def arK(data):
    design, outcome = map(jnp.asarray, designs.linear("arK", data))

    def model():
        alpha = numpyro.sample("alpha", dist.Normal(0, 10))
        beta = numpyro.sample("beta", dist.Normal(0, 10).expand([design.shape[1]]).to_event(1))
        sigma = numpyro.sample("sigma", dist.HalfCauchy(2.5))
        numpyro.sample("y", dist.Normal(alpha + design @ beta, sigma), obs=outcome)

    return model


def build(name, data):
    """The model called `name`, closed over its data."""
    if name in ("kidiq", "nes2000", "earnings"):
        return _regression(name, data)
    return globals()[name](data)
