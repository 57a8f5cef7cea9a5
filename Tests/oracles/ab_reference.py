"""A/B tests -> BayesExperimentsTests/Fixtures/ab_reference.json.

Beta and gamma posteriors with whole shapes: finite sums and regularised incomplete beta functions in 60 to 120 digits
(losses are differences of two such probabilities, hence the digits). Everything else: quadrature on two settings that
must agree to 1e-12. Revenue: densities on a grid, two grids that agree to 1e-10. A few minutes.
"""
import math
from fractions import Fraction
from itertools import product

import numpy as np
from mpmath import mp, mpf
from scipy import integrate, special, stats

from oracle import TESTS, write

mp.dps = 60


# Tails of the distributions.

def beta_tails():
    rows = []
    for a, b, u in [(0.5, 0.5, -3.0), (0.5, 0.5, 40.0), (81.0, 1421.0, -3.5), (81.0, 1421.0, -2.0), (2.0, 3.0, -200.0),
                    (1e5, 1e5, 0.01), (0.01, 5.0, -700.0), (0.01, 5.0, -3.0), (1e6, 0.5, 14.0), (1e6, 0.5, 13.0),
                    (1e6, 0.5, 20.0), (2e4, 1.5, 5.0), (1e4, 3e6, -5.71), (1e4, 3e6, -5.5)]:
        x = 1 / (1 + mp.exp(-mpf(u)))
        y = 1 / (1 + mp.exp(mpf(u)))
        rows.append({"a": a, "b": b, "log_odds": u,
                     "lower": float(mp.betainc(a, b, 0, x, regularized=True)),
                     "upper": float(mp.betainc(b, a, 0, y, regularized=True))})
    return rows


def gamma_tails():
    rows = []
    for shape, u in [(0.5, -30.0), (0.5, 3.0), (0.001, -700.0), (3.0, -2.0), (3.0, 4.0), (101.0, 4.6), (101.0, 4.0),
                     (101.0, 5.5), (1e5, 11.51), (1e5, 11.53), (2e6, 14.5087), (2e6, 14.51)]:
        x = mp.exp(mpf(u))
        rows.append({"shape": shape, "log_value": u,
                     "lower": float(mp.gammainc(shape, 0, x, regularized=True)),
                     "upper": float(mp.gammainc(shape, x, mp.inf, regularized=True))})
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
    """P(Beta(c, d) > Beta(a, b)) for a whole c, by the recurrence of its terms."""
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
                               (500001, 9500001, 501001, 9499001, 60), (3, 9, 60001, 940001, 60),
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
        with mp.workdps(120):
            a, ra, c, rc = map(mpf, (a, ra, c, rc))
            x = ra / (ra + rc)

            def p(s, t):
                return mp.betainc(s, t, 0, x, regularized=True)

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


def several():
    """Three arms and more by quadrature in 25 digits."""
    mp.dps = 25
    rows = []
    for arms in [[(80.5, 1420.5), (80.5, 1120.5), (50.5, 950.5)], [(0.5, 100.5), (1.5, 99.5), (3.5, 97.5), (2.5, 300.5)]]:
        arms = [(mpf(a), mpf(b)) for a, b in arms]

        def cdf(k, x):
            return mp.betainc(*arms[k], 0, x, regularized=True)

        def pdf(k, x):
            a, b = arms[k]
            return mp.exp((a - 1) * mp.log(x) + (b - 1) * mp.log(1 - x)) / mp.beta(a, b)

        cuts = [mpf(0)] + [mpf(10) ** -e for e in range(12, 2, -1)] + [mpf(k) / 100 for k in (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 50)] + [mpf(1)]
        n = range(len(arms))
        best, losses = [], []
        for k in n:
            others = [j for j in n if j != k]
            best.append(float(mp.quad(lambda x: pdf(k, x) * mp.fprod(cdf(j, x) for j in others), cuts)))
            losses.append(float(mp.quad(lambda x: cdf(k, x) * (1 - mp.fprod(cdf(j, x) for j in others)), cuts)))
        assert abs(sum(best) - 1) < 1e-13
        rows.append({"arms": [[float(a), float(b)] for a, b in arms], "best": best, "losses": losses})
    mp.dps = 60
    return rows


# Differences and lifts of two betas: distribution functions by quadrature, quantiles by root finding.

def contrasts():
    rows = []
    mp.dps = 20
    for a, b, c, d in [(50, 950, 60, 940), (1, 21, 4, 18), (950, 50, 960, 40)]:
        A, B = (mpf(a), mpf(b)), (mpf(c), mpf(d))
        mean_a, mean_b = A[0] / sum(A), B[0] / sum(B)
        sd_a = mp.sqrt(A[0] * A[1] / (sum(A) ** 2 * (sum(A) + 1)))
        lo, hi = max(mpf(0), mean_a - 14 * sd_a), min(mpf(1), mean_a + 14 * sd_a)
        pieces = [lo + (hi - lo) * k / 12 for k in range(13)]
        norm = mp.beta(*A)

        def density(x):
            return x ** (A[0] - 1) * (1 - x) ** (A[1] - 1) / norm

        def clip(x):
            return min(max(x, mpf(0)), mpf(1))

        def cdf_b(x):
            return mp.betainc(*B, 0, clip(x), regularized=True)

        def average(f, kinks):
            return mp.quad(lambda x: density(x) * f(x), sorted(set(pieces + [k for k in kinks if lo < k < hi])))

        def difference(t):
            return average(lambda x: cdf_b(x + t), [-t, 1 - t])

        def lift(r):
            return average(lambda x: cdf_b(x * (1 + r)), [1 / (1 + r)])

        def root(f, p, guess, step):
            return mp.findroot(lambda t: f(t) - p, (guess, guess + step), solver="secant", tol=1e-30, maxsteps=40, verify=False)

        sd = mp.sqrt(sd_a ** 2 + B[0] * B[1] / (sum(B) ** 2 * (sum(B) + 1)))
        row = {"a": [a, b], "b": [c, d], "sd": float(sd), "rope": 0.005,
               "rope_probability": float(difference(mpf(0.005)) - difference(mpf(-0.005)))}
        centre = mean_b - mean_a
        row["difference"] = [float(root(difference, mpf(p), centre + mpf(z) * sd, sd / 10))
                             for p, z in ((0.025, -1.9), (0.5, 0), (0.975, 1.9))]
        ratio_sd = sd / mean_a
        row["lift"] = [float(root(lift, mpf(p), mean_b / mean_a - 1 + mpf(z) * ratio_sd, ratio_sd / 20))
                       for p, z in ((0.025, -1.2), (0.5, 0), (0.975, 2.0))]
        rows.append(row)
    mp.dps = 60
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
    # Distribution functions at the nodes by the trapezoid rule, corrected at the end (Gregory) by a spline.
    from scipy.interpolate import CubicSpline
    spline_a, spline_b = (CubicSpline(np.arange(size) * step, f).antiderivative() for f in (fa, fb))
    Fa, Fb = spline_a(np.arange(size) * step), spline_b(np.arange(size) * step)
    p = np.sum(fb * Fa) * step
    loss_a = np.sum(Fa * (1 - Fb) * theta) * step
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
