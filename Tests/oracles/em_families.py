"""Component families of the mixtures in em_reference.py: starts, weighted maximum likelihood, log densities.

A family's parameters are a dictionary of arrays in natural units. `logs` works on complex arrays too, so that
gradients are complex-step derivatives; `free` and `whole` go between the dictionary and the vector of free
entries (lower triangles of covariances). Every weighted maximum is written here from the family's definition;
covariances are divided by the sum of the weights.
"""
import numpy as np
from scipy.optimize import brentq
from scipy.special import digamma, gammaln, loggamma

LOG_2PI = np.log(2 * np.pi)


class Family:
    """Parameters that are one array per component; `axes` are the components' axis of each."""

    order_by = None

    def free(self, p):
        return np.concatenate([np.ravel(v) for v in p.values()])

    def whole(self, v, like):
        out, at = {}, 0
        for name, x in like.items():
            size = np.size(x)
            out[name], at = v[at:at + size].reshape(np.shape(x)), at + size
        return out

    def order(self, p):
        key = p[self.order_by]
        return np.argsort(key if key.ndim == 1 else key[:, 0], kind="stable")

    def permuted(self, p, order):
        return {name: x[order] for name, x in p.items()}

    def degenerate(self, p, data):
        return False


class Normal(Family):
    order_by = "mu"

    def maximum(self, y, r):
        n = r.sum(axis=0)
        mu = r.T @ y / n
        return {"mu": mu, "sigma": np.sqrt((r * (y[:, None] - mu) ** 2).sum(axis=0) / n)}

    def logs(self, y, p):
        return -((y[:, None] - p["mu"]) / p["sigma"]) ** 2 / 2 - np.log(p["sigma"]) - LOG_2PI / 2

    def degenerate(self, p, y):
        return np.min(p["sigma"]) < 1e-2 * y.std()


class Poisson(Family):
    order_by = "rate"

    def maximum(self, y, r):
        return {"rate": r.T @ y / r.sum(axis=0)}

    def logs(self, y, p):
        return y[:, None] * np.log(p["rate"]) - p["rate"] - gammaln(y + 1)[:, None]


class ZeroInflated(Family):
    """Component 1 is the constant 0, component 2 a Poisson."""

    def maximum(self, y, r):
        return {"rate": r[:, 1] @ y / r[:, 1].sum()}

    def logs(self, y, p):
        zero = np.where(y == 0, 0.0, -np.inf)
        return np.stack([zero + 0 * p["rate"], y * np.log(p["rate"]) - p["rate"] - gammaln(y + 1)], axis=1)

    def order(self, p):
        return np.arange(2)

    def permuted(self, p, order):
        return p


class Exponential(Family):
    order_by = "rate"

    def maximum(self, y, r):
        return {"rate": r.sum(axis=0) / (r.T @ y)}

    def logs(self, y, p):
        return np.log(p["rate"]) - p["rate"] * y[:, None]


class Gamma(Family):
    """Ordered by the mean, shape/rate."""

    def maximum(self, y, r):
        n = r.sum(axis=0)
        mean, mean_log = r.T @ y / n, r.T @ np.log(y) / n
        gap = np.log(mean) - mean_log
        shape = np.array([brentq(lambda a, g=g: np.log(a) - digamma(a) - g, 1e-3, 1e6, xtol=1e-14, rtol=1e-15)
                          for g in gap])
        return {"shape": shape, "rate": shape / mean}

    def logs(self, y, p):
        a, b = p["shape"], p["rate"]
        return a * np.log(b) - loggamma(a) + (a - 1) * np.log(y)[:, None] - b * y[:, None]

    def order(self, p):
        return np.argsort(p["shape"] / p["rate"])


class Binomial(Family):
    """Data: trials, successes."""
    order_by = "p"

    def maximum(self, data, r):
        return {"p": r.T @ data[:, 1] / (r.T @ data[:, 0])}

    def logs(self, data, p):
        n, k = data.T
        constant = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
        return k[:, None] * np.log(p["p"]) + (n - k)[:, None] * np.log(1 - p["p"]) + constant[:, None]


class Bernoulli(Family):
    """Data: a matrix of zeros and ones; p is component × item."""
    order_by = "p"

    def maximum(self, y, r):
        return {"p": r.T @ y / r.sum(axis=0)[:, None]}

    def logs(self, y, p):
        return y @ np.log(p["p"]).T + (1 - y) @ np.log(1 - p["p"]).T


class Multinomial(Family):
    """Data: rows of counts; p is component × category. Free: all but the last of each component."""
    order_by = "p"

    def maximum(self, y, r):
        counts = r.T @ y
        return {"p": counts / counts.sum(axis=1)[:, None]}

    def logs(self, y, p):
        constant = gammaln(y.sum(axis=1) + 1) - gammaln(y + 1).sum(axis=1)
        return y @ np.log(p["p"]).T + constant[:, None]

    def free(self, p):
        return np.ravel(p["p"][:, :-1])

    def whole(self, v, like):
        first = v.reshape(len(like["p"]), -1)
        return {"p": np.concatenate([first, 1 - first.sum(axis=1)[:, None]], axis=1)}


class Regression(Family):
    """Data: x, y."""
    order_by = "intercept"

    def maximum(self, data, r):
        x, y = data.T
        n = r.sum(axis=0)
        mx, my = r.T @ x / n, r.T @ y / n
        dx, dy = x[:, None] - mx, y[:, None] - my
        slope = (r * dx * dy).sum(axis=0) / (r * dx ** 2).sum(axis=0)
        variance = (r * (dy - slope * dx) ** 2).sum(axis=0) / n
        return {"intercept": my - slope * mx, "slope": slope, "sigma": np.sqrt(variance)}

    def logs(self, data, p):
        x, y = data.T
        z = (y[:, None] - p["intercept"] - p["slope"] * x[:, None]) / p["sigma"]
        return -z ** 2 / 2 - np.log(p["sigma"]) - LOG_2PI / 2

    def degenerate(self, p, data):
        return np.min(p["sigma"]) < 1e-2 * data[:, 1].std()


class MultivariateNormal(Family):
    """`kind`: full, tied (one matrix), diagonal (variances by component and feature), spherical (one each)."""
    order_by = "mu"

    def __init__(self, kind):
        self.kind = kind
        self.name = "covariance" if kind in ("full", "tied") else "variance"

    def maximum(self, y, r):
        n = r.sum(axis=0)
        mu = r.T @ y / n[:, None]
        centred = y[None] - mu[:, None]
        scatter = np.einsum("nk,kni,knj->kij", r, centred, centred)
        if self.kind == "full":
            spread = scatter / n[:, None, None]
        elif self.kind == "tied":
            spread = scatter.sum(axis=0) / n.sum()
        else:
            spread = np.diagonal(scatter, axis1=1, axis2=2) / n[:, None]
            if self.kind == "spherical":
                spread = spread.mean(axis=1)
        return {"mu": mu, self.name: spread}

    def matrices(self, p):
        """A covariance for each component."""
        (k, d), spread = p["mu"].shape, p[self.name]
        if self.kind == "full":
            return spread
        if self.kind == "tied":
            return np.broadcast_to(spread, (k, d, d))
        if self.kind == "diagonal":
            return spread[:, :, None] * np.eye(d)
        return spread[:, None, None] * np.eye(d)

    def logs(self, y, p):
        sigma = self.matrices(p)
        centred = y[None] - p["mu"][:, None]
        square = np.einsum("kni,kij,knj->nk", centred, np.linalg.inv(sigma), centred)
        return -square / 2 - np.log(np.linalg.det(sigma)) / 2 - y.shape[1] * LOG_2PI / 2

    def free(self, p):
        if self.name == "variance":
            return super().free(p)
        i, j = np.tril_indices(p["mu"].shape[1])
        return np.concatenate([np.ravel(p["mu"]), np.ravel(p["covariance"][..., i, j])])

    def whole(self, v, like):
        if self.name == "variance":
            return super().whole(v, like)
        mu, shape = like["mu"], like["covariance"].shape
        i, j = np.tril_indices(mu.shape[1])
        entries = v[mu.size:].reshape(*shape[:-2], len(i))
        sigma = np.zeros(shape, dtype=v.dtype)
        sigma[..., i, j] = entries
        sigma[..., j, i] = entries
        return {"mu": v[:mu.size].reshape(mu.shape), "covariance": sigma}

    def permuted(self, p, order):
        return {"mu": p["mu"][order], self.name: p[self.name] if self.kind == "tied" else p[self.name][order]}

    def degenerate(self, p, y):
        """An eigenvalue below 1e-4 in standardised units."""
        scale = 1 / y.std(axis=0)
        standard = self.matrices(p) * scale[:, None] * scale
        return not np.isfinite(standard).all() or np.linalg.eigvalsh(standard).min() < 1e-4
