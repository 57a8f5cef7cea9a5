"""A/B tests -> BayesExperimentsTests/Fixtures/ab_reference.json.

Beta and gamma posteriors with whole shapes: finite sums and regularised incomplete beta functions in 60 to 120 digits
(losses are differences of two such probabilities, hence the digits). Everything else: quadrature on two settings that
must agree to 1e-12. Revenue: densities on a grid, two grids that agree to 1e-10. Half a minute.
"""
import math
from fractions import Fraction
from itertools import product

import numpy as np
from mpmath import mp, mpf
from scipy import integrate, optimize, special, stats
from scipy.interpolate import CubicSpline

from oracle import TESTS, write

mp.dps = 60


# Tails of the distributions: power series of the tail that converges fast, in enough digits for the other one.

def beta_below(x, a, b):
    """The regularised incomplete beta function."""
    with mp.workdps(90):
        x, a, b = mpf(x), mpf(a), mpf(b)
        if x > 0.5:
            return 1 - beta_below(1 - x, b, a)
        term = total = mpf(1)
        n = 0
        while term > total * mpf(10) ** -90:
            term *= (a + b + n) / (a + 1 + n) * x
            total += term
            n += 1
        return mp.exp(a * mp.log(x) + b * mp.log1p(-x) - mp.loggamma(a) - mp.loggamma(b) + mp.loggamma(a + b)) / a * total


def gamma_below(x, shape):
    """The regularised incomplete gamma function."""
    with mp.workdps(90):
        x, shape = mpf(x), mpf(shape)
        term = total = mpf(1)
        n = 0
        while term > total * mpf(10) ** -90:
            n += 1
            term *= x / (shape + n)
            total += term
        return mp.exp(shape * mp.log(x) - x - mp.loggamma(shape + 1)) * total


def beta_tails():
    rows = []
    for a, b, u in [(0.5, 0.5, -3.0), (0.5, 0.5, 40.0), (81.0, 1421.0, -3.5), (81.0, 1421.0, -2.0), (2.0, 3.0, -200.0),
                    (1e5, 1e5, 0.01), (0.01, 5.0, -700.0), (0.01, 5.0, -3.0), (1e4, 0.5, 9.4), (1e4, 0.5, 8.0),
                    (2e3, 1.5, 5.0), (1e4, 3e5, -3.41), (1e4, 3e5, -3.3)]:
        with mp.workdps(90):
            lower = beta_below(1 / (1 + mp.exp(-mpf(u))), a, b)
            rows.append({"a": a, "b": b, "log_odds": u, "lower": float(lower), "upper": float(1 - lower)})
    return rows


def gamma_tails():
    rows = []
    for shape, u in [(0.5, -30.0), (0.5, 3.0), (0.001, -700.0), (3.0, -2.0), (3.0, 4.0), (101.0, 4.6), (101.0, 4.0),
                     (101.0, 5.5), (1e5, 11.51), (1e5, 11.53), (2e6, 14.5087), (2e6, 14.51)]:
        with mp.workdps(90):
            lower = gamma_below(mp.exp(mpf(u)), shape)
            rows.append({"shape": shape, "log_value": u, "lower": float(lower), "upper": float(1 - lower)})
    return rows


def student_tails():
    rows = []
    for degrees, t in [(1.0, -3.0), (2.0, 1e-5), (2.0, 40.0), (7.5, 2.0), (99.0, -6.0), (1e4, 3.0), (1e6, -1.0), (1e6, 8.0)]:
        v, s = mpf(degrees), mpf(t)
        beyond = mp.betainc(v / 2, mpf(1) / 2, 0, v / (v + s * s), regularized=True) / 2
        lower, upper = (beyond, 1 - beyond) if t < 0 else (1 - beyond, beyond)
        rows.append({"degrees": degrees, "t": t, "lower": float(lower), "upper": float(upper)})
    return rows


# Two arms: P(B > A) and both losses.

def exceeds(a, b, c, d):
    """P(Beta(c, d) > Beta(a, b)), one of them with a whole shape, by the recurrence of its terms."""
    least = min(x for x in (a, b, c, d) if x == int(x))
    if c > least:
        if a == least:
            return 1 - exceeds(c, d, a, b)
        return exceeds(d, c, b, a) if b == least else 1 - exceeds(b, a, d, c)
    a, b, c, d = mpf(a), mpf(b), int(c), mpf(d)
    term = mp.exp(mp.loggamma(b + d) - mp.loggamma(a + b + d) - mp.loggamma(b) + mp.loggamma(a + b))
    total = mpf(0)
    for i in range(c):
        total += term
        term *= (a + i) * (d + i) / ((a + b + d + i) * (1 + i))
    return total


def beta_pairs():
    rows = []
    for a, b, c, d, digits in [(50, 950, 60, 940, 60), (1, 1, 1, 1, 60), (1, 1001, 4, 998, 60), (0.5, 1000.5, 5, 995, 60),
                               (501, 501, 10, 990, 400), (1, 100000001, 31, 99999971, 60),
                               (50001, 950001, 50301, 949701, 60), (3, 9, 60001, 940001, 60),
                               (999991, 11, 999985, 17, 80), (21, 81, 2000001, 8000001, 60)]:
        with mp.workdps(digits):
            mean_a, mean_b = mpf(a) / (mpf(a) + b), mpf(c) / (mpf(c) + d)
            p = exceeds(a, b, c, d)
            # E[(B − A)⁺] = E[B] P(B' > A) − E[A] P(B > A'), primes with one success more.
            loss_a = mean_b * exceeds(a, b, c + 1, d) - mean_a * exceeds(a + 1, b, c, d)
            loss_b = loss_a - (mean_b - mean_a)
            rows.append({"a": [float(a), float(b)], "b": [float(c), float(d)], "p": float(p),
                         "loss_a": float(loss_a), "loss_b": float(loss_b)})
    return rows


def gamma_pairs():
    rows = []
    for a, ra, c, rc in [(101, 10, 121, 10), (0.5, 100, 3.5, 100), (20, 10, 200, 10), (1e5, 1e4, 100200.5, 1e4), (2, 1, 3e5, 2e5)]:
        with mp.workdps(90):
            a, ra, c, rc = map(mpf, (a, ra, c, rc))
            x = ra / (ra + rc)

            def p(s, t):
                return beta_below(x, s, t)

            loss_a = c / rc * p(a, c + 1) - a / ra * p(a + 1, c)
            rows.append({"a": [float(a), float(ra)], "b": [float(c), float(rc)], "p": float(p(a, c)),
                         "loss_a": float(loss_a), "loss_b": float(loss_a - c / rc + a / ra)})
    return rows


def student_cdf(x, degrees):
    beyond = mp.betainc(degrees / 2, mpf(1) / 2, 0, degrees / (degrees + x * x), regularized=True) / 2
    return beyond if x < 0 else 1 - beyond


def student_pairs():
    rows = []
    mp.dps = 25
    for (la, sa, va), (lb, sb, vb) in [((10, 0.3, 99), (11, 0.42, 89)), ((0, 1, 2), (1, 2, 3)), ((5, 0.1, 400), (4, 0.2, 50))]:
        la, sa, va, lb, sb, vb = map(mpf, (la, sa, va, lb, sb, vb))
        points = sorted([la + k * sa for k in (-30, -8, -3, 0, 3, 8, 30)] + [lb + k * sb for k in (-30, -8, -3, 0, 3, 8, 30)])
        points = [-mp.inf] + points + [mp.inf]

        def density(x):
            z = (x - la) / sa
            return mp.exp(mp.loggamma((va + 1) / 2) - mp.loggamma(va / 2) - (va + 1) / 2 * mp.log1p(z * z / va)) / mp.sqrt(va * mp.pi) / sa

        p = mp.quad(lambda x: density(x) * student_cdf(-(x - lb) / sb, vb), points)
        loss_a = mp.quad(lambda x: student_cdf((x - la) / sa, va) * student_cdf(-(x - lb) / sb, vb), points)
        rows.append({"a": [float(la), float(sa), float(va)], "b": [float(lb), float(sb), float(vb)], "p": float(p),
                     "loss_a": float(loss_a), "loss_b": float(loss_a - lb + la)})
    mp.dps = 60
    return rows


def panels(breaks, points=60):
    """Nodes and weights of Gauss's rule on each panel."""
    x, w = np.polynomial.legendre.leggauss(points)
    nodes = [(a + b) / 2 + (b - a) / 2 * x for a, b in zip(breaks, breaks[1:])]
    return np.concatenate(nodes), np.concatenate([(b - a) / 2 * w for a, b in zip(breaks, breaks[1:])])


def several():
    """Three arms and more, over the logit, on two sets of panels."""
    rows = []
    for arms in [[(80.5, 1420.5), (80.5, 1120.5), (50.5, 950.5)], [(0.5, 100.5), (1.5, 99.5), (3.5, 97.5), (2.5, 300.5)]]:
        answers = []
        for count in (200, 333):
            u, w = panels(np.linspace(-90, 10, count))
            x = special.expit(u)
            cdf = [special.betainc(a, b, x) for a, b in arms]
            sf = [special.betaincc(a, b, x) for a, b in arms]
            pdf = [np.exp(a * np.log(x) + b * np.log(special.expit(-u)) - special.betaln(a, b)) for a, b in arms]
            best, losses = [], []
            for k in range(len(arms)):
                others = np.sum([np.where(cdf[j] > 0.5, np.log1p(-np.minimum(sf[j], 0.5)), np.log(np.maximum(cdf[j], 1e-300)))
                                 for j in range(len(arms)) if j != k], axis=0)
                best.append(float(np.sum(w * pdf[k] * np.exp(others))))
                losses.append(float(np.sum(w * cdf[k] * -np.expm1(others) * x * special.expit(-u))))
            answers.append(best + losses)
        assert np.allclose(answers[0], answers[1], rtol=2e-12, atol=0), np.array(answers[0]) / answers[1] - 1
        rows.append({"arms": [list(map(float, arm)) for arm in arms], "best": best, "losses": losses})
    return rows


# Differences and lifts of two betas: distribution functions by quadrature, quantiles by root finding.

def contrasts():
    rows = []
    for a, b, c, d in [(50, 950, 60, 940), (1, 21, 4, 18), (950, 50, 960, 40)]:
        u, w = panels(np.linspace(special.digamma(a) - special.digamma(b) - 40, special.digamma(a) - special.digamma(b) + 40, 600))
        x, y = special.expit(u), special.expit(-u)
        density = w * np.exp(a * np.log(x) + b * np.log(y) - special.betaln(a, b))
        mean_a, mean_b = a / (a + b), c / (c + d)
        sd = math.sqrt(sum(p * q / ((p + q) ** 2 * (p + q + 1)) for p, q in ((a, b), (c, d))))

        def difference(t):
            return float(np.sum(density * special.betainc(c, d, np.clip(x + t, 0, 1))))

        def lift(r):
            return float(np.sum(density * special.betainc(c, d, np.clip(x * (1 + r), 0, 1))))

        def root(f, p, low, high):
            return optimize.brentq(lambda t: f(t) - p, low, high, xtol=1e-16, rtol=1e-15)

        rows.append({"a": [a, b], "b": [c, d], "sd": sd, "rope": 0.005, "rope_probability": difference(0.005) - difference(-0.005),
                     "difference": [root(difference, p, mean_b - mean_a - 5 * sd, mean_b - mean_a + 5 * sd) for p in (0.025, 0.5, 0.975)],
                     "lift": [root(lift, p, -0.999, 1000.0) for p in (0.025, 0.5, 0.975)]})
    return rows


# Revenue: two-part metric on a grid of log revenue.

def revenue_density(units, count, total, logs, amount, weight, a0, b0, step):
    """Density of log(rate · mean amount) on a grid of the given step, and the grid."""
    def log_k(lk):
        k = np.exp(lk)
        prior, post = weight * k + 1, (weight + count) * k + 1
        return (-0.5 * (lk / 1.5) ** 2 + k * logs - count * special.gammaln(k) + prior * np.log(weight * amount)
                - special.gammaln(prior) + special.gammaln(post) - post * np.log(weight * amount + total))

    grid = np.linspace(-12, 12, 240001)
    values = log_k(grid)
    inside = grid[values > values.max() - 45]
    lk = np.linspace(inside[0], inside[-1], 161)
    w = np.exp(log_k(lk) - values.max())
    w /= w.sum()
    k = np.exp(lk)
    centre = np.log((weight * amount + total) / (weight + count))
    spread = 14 / math.sqrt((weight + count) * k[w > 1e-10].min())
    lm = np.arange(math.floor((centre - spread) / step), math.ceil((centre + 2 * spread) / step)) * step
    fm = np.zeros_like(lm)
    for kk, ww in zip(k, w):
        shape, scale = (weight + count) * kk + 1, kk * (weight * amount + total)
        fm += ww * np.exp(shape * np.log(scale) - special.gammaln(shape) - shape * lm - scale * np.exp(-lm))
    A, B = a0 + count, b0 + units - count
    centre = special.digamma(A) - special.digamma(A + B)
    spread = 14 * math.sqrt(special.polygamma(1, A))
    lp = np.arange(math.floor((centre - spread) / step), 0) * step
    fp = np.exp(A * lp + (B - 1) * np.log(-np.expm1(lp)) - special.betaln(A, B))
    density = np.convolve(fm, fp) * step
    grid = (round(lm[0] / step) + round(lp[0] / step) + np.arange(len(density))) * step
    return grid, density


def revenue_pair(a, b, amount, step):
    (ga, fa), (gb, fb) = [revenue_density(*v, amount, 1.0, 1.0, 1.0, step) for v in (a, b)]
    low = min(ga[0], gb[0])
    size = int(round((max(ga[-1], gb[-1]) - low) / step)) + 1

    def padded(g, f):
        out = np.zeros(size)
        start = int(round((g[0] - low) / step))
        out[start:start + len(f)] = f
        return out

    fa, fb = padded(ga, fa), padded(gb, fb)
    theta = np.exp(low + np.arange(size) * step)
    # Distribution functions at the nodes from the left and from the right, by splines.
    nodes = np.arange(size) * step
    Fa = CubicSpline(nodes, fa).antiderivative()(nodes)
    Sb = CubicSpline(nodes, fb[::-1]).antiderivative()(nodes)[::-1]
    p = np.sum(fb * Fa) * step
    loss_a = np.sum(Fa * Sb * theta) * step
    mean_a, mean_b = np.sum(fa * theta) * step, np.sum(fb * theta) * step
    return np.array([p, loss_a, mean_a, mean_b])


def revenue():
    rows = []
    for a, b in [((1000, 100, 2500.0, 310.0), (1010, 120, 3100.0, 370.0)), ((300, 12, 90.0, 20.0), (310, 9, 120.0, 21.0))]:
        amount = (a[2] + b[2]) / (a[1] + b[1])
        coarse, fine = (revenue_pair(a, b, amount, s) for s in (0.004, 0.002))
        assert np.all(np.abs(coarse / fine - 1) < 3e-10), (coarse / fine - 1)
        rows.append({"a": list(map(float, a)), "b": list(map(float, b)), "p": fine[0], "loss_a": fine[1],
                     "mean_a": fine[2], "mean_b": fine[3]})
    return rows


# Sample ratio, planning, covariates.

def sample_ratio():
    rows = []
    for observed, plan in [([8, 2], [1, 1]), ([5, 5, 0], [1, 1, 1]), ([3, 9, 4], [1, 2, 1]), ([50, 50], [1, 1]), ([120, 80], [1, 1])]:
        total, shares = sum(observed), [Fraction(p, sum(plan)) for p in plan]

        def probability(split):
            value = Fraction(math.factorial(total))
            for n, s in zip(split, shares):
                value = value * s ** n / math.factorial(n)
            return value

        own = probability(observed)
        p = sum(q for split in product(range(total + 1), repeat=len(plan) - 1) if sum(split) <= total
                for q in [probability(list(split) + [total - sum(split)])] if q <= own)
        rows.append({"observed": observed, "plan": plan, "p": float(p), "method": "exact multinomial"})
    for observed, plan in [([821588, 815482], [1, 1]), ([1000, 1040, 1950], [1, 1, 2]), ([30000, 30001, 29500, 30600], [1, 1, 1, 1])]:
        expected = np.array(plan) / sum(plan) * sum(observed)
        rows.append({"observed": observed, "plan": plan, "p": float(stats.chisquare(observed, expected).pvalue), "method": "chi-square"})
    return rows


def plans():
    rows = []
    z = stats.norm.ppf
    for p, q, alpha, power, ratio in [(0.05, 0.06, 0.05, 0.8, 1.0), (0.3, 0.25, 0.01, 0.9, 2.0)]:
        za, zb = z(1 - alpha / 2), z(power)
        unpooled = p * (1 - p) + q * (1 - q) / ratio
        common = (p + ratio * q) / (1 + ratio)
        pooled = common * (1 - common) * (1 + 1 / ratio)
        h = 2 * math.asin(math.sqrt(q)) - 2 * math.asin(math.sqrt(p))
        sizes = {"unpooled": (za + zb) ** 2 * unpooled / (q - p) ** 2,
                 "pooled": (za * math.sqrt(pooled) + zb * math.sqrt(unpooled)) ** 2 / (q - p) ** 2,
                 "arcsine": (za + zb) ** 2 * (1 + 1 / ratio) / h ** 2}
        sd = 0.3 * abs(q - p)
        n = sizes["unpooled"]

        def power_at(x):
            s = math.sqrt(p * (1 - p) + (p + x) * (1 - p - x) / ratio)
            return stats.norm.cdf((math.copysign(1, q - p) * x * math.sqrt(n) - za * s) / s)

        cut = [max(-p, q - p - 12 * sd), min(1 - p, q - p + 12 * sd)]
        points = [q - p + k * sd for k in (-6, -3, -1, 0, 1, 3, 6)]
        weight = lambda x: math.exp(-0.5 * ((x - q + p) / sd) ** 2)
        top = integrate.quad(lambda x: weight(x) * power_at(x), *cut, points=points, epsabs=0, epsrel=1e-13, limit=500)[0]
        bottom = integrate.quad(weight, *cut, points=points, epsabs=0, epsrel=1e-13, limit=500)[0]
        rows.append({"p": p, "q": q, "alpha": alpha, "power": power, "ratio": ratio, "sizes": sizes, "effect_sd": sd,
                     "assurance": top / bottom})
    return rows


def main():
    about = ("A/B tests; see ab_reference.py. Beta and gamma pairs: posterior parameters. Student: location, scale, degrees. "
             "Revenue: units, conversions, sum, sum of logs.")
    write(TESTS / "BayesExperimentsTests/Fixtures/ab_reference.json", about,
          beta_tails=beta_tails(), gamma_tails=gamma_tails(), student_tails=student_tails(), beta_pairs=beta_pairs(),
          gamma_pairs=gamma_pairs(), student_pairs=student_pairs(), several=several(), contrasts=contrasts(),
          revenue=revenue(), sample_ratio=sample_ratio(), plans=plans())


if __name__ == "__main__":
    main()
