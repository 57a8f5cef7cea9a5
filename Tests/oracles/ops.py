"""Values and derivatives of the elementwise operations -> BayesGraphTests/Fixtures/ops.json.

rows: regular points. edges: IEEE edges where the value (and where given the derivative) is exact or a limit.
Definitions where a name is not its formula: softplus(x) = log(1 + exp x); log1mExp(x) = log(1 - exp x), x < 0;
normalCDF is the standard normal's Phi; logNormalCDF its logarithm; logAddExp(a, b) = log(exp a + exp b).
"""
import math

import mpmath as m
from mpmath import mp, mpf

from oracle import TESTS, derivative, double, exact, write

INF = math.inf


def softplus(x):
    return m.log1p(m.exp(x))


def log1m_exp(x):
    return m.log(-m.expm1(x))


def normal_cdf(x):
    return m.erfc(-x / m.sqrt(2)) / 2


TINY = [1e-300, 1e-20, 1e-10]
OPS = {
    "exp": (m.exp, [0.0, 1.0, -1.0, 1e-10, -1e-20, 0.5, 10.0, -10.0, 100.3, -100.3, 700.0, -700.0, 709.7, -745.0]),
    "log": (m.log, TINY + [5e-324, 0.5, 1.0, 1.0000000001, 0.9999999999, 2.0, 2.718281828459045, 1e3, 1e10, 1e300]),
    "log1p": (m.log1p, [0.0, 1e-300, 1e-20, 1e-10, -1e-10, 0.5, -0.5, -0.999, -0.9999999999999999, 1.0, 3.7, 1e10, 1e300]),
    "expm1": (m.expm1, [0.0, 1e-300, 1e-20, 1e-10, -1e-10, 1e-5, 0.5, -0.5, 1.0, -1.0, 5.0, -40.0, 50.0, 700.0]),
    "sqrt": (m.sqrt, TINY + [0.25, 0.5, 1.0, 2.0, 3.0, 9.0, 1e10, 1e300]),
    "square": (lambda x: x * x, [0.0, 1.0, -1.0, 0.3, -2.5, 1e-10, 1e-150, 3e3, -1e8, 1e150]),
    "pow": (m.power, [(2.0, 3.0), (2.0, 0.5), (0.3, -1.7), (10.0, -2.0), (1.5, 0.0), (1.0, 7.0), (1e-3, 2.5), (1e5, 1.5),
                      (1.0000001, 1e6), (0.999, 1e4), (1e-100, 2.0), (7.0, 1e-10)]),
    "logistic": (lambda x: 1 / (1 + m.exp(-x)), [0.0, 1e-10, 0.5, -0.5, 2.0, -2.0, 10.0, -10.0, 30.0, -30.0, 40.0, -40.0,
                                                700.0, -700.0]),
    "logit": (lambda p: m.log(p) - m.log1p(-p), [0.5, 0.25, 0.75, 0.1, 0.9, 0.5000000001, 1e-10, 1e-300, 0.9999999999,
                                                0.9999999999999999, 0.01, 0.99]),
    "abs": (abs, [1.0, -1.0, 0.3, -0.3, 1e-300, -1e-300, 2.5e7, -2.5e7, 1e300, -1e300]),
    "tanh": (m.tanh, [0.0, 1e-20, 1e-10, -1e-10, 0.1, -0.5, 1.0, -1.0, 3.0, 10.0, -18.0, 20.0, 300.0]),
    "lgamma": (m.loggamma, [1e-300, 1e-10, 1e-3, 0.1, 0.5, 0.999999, 1.0, 1.0000001, 1.5, 2.0, 2.0000001, 3.7, 10.0, 171.5,
                            1e4, 1e8, 1e100]),
    "digamma": (m.digamma, [1e-300, 1e-10, 1e-3, 0.1, 0.5, 1.0, 1.4616321449683622, 1.5, 2.0, 3.7, 10.0, 171.5, 1e4, 1e8,
                            1e100]),
    "trigamma": (lambda x: m.psi(1, x), [1e-100, 1e-10, 1e-3, 0.1, 0.5, 1.0, 1.5, 2.0, 3.7, 10.0, 171.5, 1e4, 1e8, 1e100]),
    "normalCDF": (normal_cdf, [0.0, 1e-10, 0.5, -0.5, 1.0, -1.0, 2.5, -2.5, 5.0, -5.0, 8.2, -10.0, -20.0, -37.0]),
    "logNormalCDF": (lambda x: m.log(normal_cdf(x)), [0.0, 1e-10, 0.5, -0.5, 1.0, -1.0, 3.0, -3.0, 6.0, -6.0, 10.0, -10.0,
                                                     -20.0, -40.0, -1e3, 37.0]),
    "softplus": (softplus, [0.0, 1e-10, 0.5, -0.5, 2.0, -2.0, 10.0, -10.0, 36.0, -36.0, 40.0, -40.0, 700.0, -700.0, 1e10]),
    "log1mExp": (log1m_exp, [-1e-300, -1e-20, -1e-10, -1e-3, -0.3, -0.6931471805599453, -0.7, -1.0, -3.0, -10.0, -36.0,
                             -40.0, -700.0]),
    "reciprocal": (lambda x: 1 / x, [1.0, -1.0, 0.3, -2.5, 3.0, 1e-10, 1e-150, 1e10, -1e150, 7.0]),
    "sin": (m.sin, [0.0, 1e-10, 0.5, -0.5, 1.0, 1.5707963267948966, 3.141592653589793, -3.141592653589793, 10.0, 100.0,
                    1e6]),
    "cos": (m.cos, [0.0, 1e-10, 0.5, -0.5, 1.0, 1.5707963267948966, 3.141592653589793, -3.141592653589793, 10.0, 100.0,
                    1e6]),
    "atan": (m.atan, [0.0, 1e-20, 1e-10, 0.5, -0.5, 1.0, -1.0, 3.0, 10.0, -1e3, 1e10, 1e100]),
    "erf": (m.erf, [0.0, 1e-20, 1e-10, 0.1, -0.5, 0.9, 1.0, -1.5, 2.0, 3.0, -4.0, 5.8]),
    "erfc": (m.erfc, [0.0, 1e-10, 0.1, -0.5, 0.9, 1.0, -1.5, 2.0, 3.0, -4.0, 10.0, 26.0]),
    "logAddExp": (lambda a, b: m.log(m.exp(a) + m.exp(b)), [
        (0.0, 0.0), (1.0, 2.0), (-3.0, 0.5), (0.0, -40.0), (-40.0, 0.0), (800.0, 801.0), (-800.0, -800.5), (1000.0, -1000.0),
        (1e-10, -1e-10), (-745.0, 0.0), (5.0, 5.0000001), (1e8, 1e8)]),
    "divide": (lambda a, b: a / b, [(1.0, 3.0), (-7.0, 2.0), (0.0, 5.0), (1e-200, 1e-150), (1e150, 1e-100), (3.0, 3.0),
                                    (2.0, -0.1), (1.0, 1e8)]),
}

# op, arguments, value, derivatives (None where not to be tested)
EDGES = [
    ("exp", [-INF], 0.0, [0.0]), ("exp", [INF], INF, None), ("exp", [710.0], INF, None), ("exp", [-750.0], 0.0, [0.0]),
    ("log", [0.0], -INF, None), ("log", [INF], INF, [0.0]), ("log", [-1.0], math.nan, None),
    ("log1p", [-1.0], -INF, None), ("log1p", [-1.5], math.nan, None),
    ("expm1", [-INF], -1.0, [0.0]), ("expm1", [-100.0], -1.0, None), ("expm1", [710.0], INF, None),
    ("sqrt", [0.0], 0.0, None), ("sqrt", [-1.0], math.nan, None), ("sqrt", [INF], INF, [0.0]),
    ("square", [1e200], INF, None), ("square", [-INF], INF, None), ("square", [1e-200], 0.0, None),
    ("pow", [0.0, 2.0], 0.0, None), ("pow", [0.0, 0.0], 1.0, None), ("pow", [-2.0, 3.0], -8.0, None),
    ("pow", [-2.0, 0.5], math.nan, None), ("pow", [0.0, -1.0], INF, None),
    ("logistic", [INF], 1.0, [0.0]), ("logistic", [-INF], 0.0, [0.0]), ("logistic", [800.0], 1.0, [0.0]),
    ("logistic", [-800.0], 0.0, [0.0]),
    ("logit", [0.0], -INF, None), ("logit", [1.0], INF, None), ("logit", [1.1], math.nan, None),
    ("abs", [0.0], 0.0, None), ("abs", [-INF], INF, None),
    ("tanh", [INF], 1.0, [0.0]), ("tanh", [-INF], -1.0, [0.0]), ("tanh", [1000.0], 1.0, [0.0]),
    ("lgamma", [0.0], INF, None), ("lgamma", [INF], INF, None),
    ("normalCDF", [INF], 1.0, [0.0]), ("normalCDF", [-INF], 0.0, [0.0]), ("normalCDF", [-40.0], 0.0, [0.0]),
    ("normalCDF", [9.0], 1.0, None), ("logNormalCDF", [INF], 0.0, [0.0]), ("logNormalCDF", [-INF], -INF, None),
    ("softplus", [-INF], 0.0, [0.0]), ("softplus", [INF], INF, None), ("softplus", [800.0], 800.0, [1.0]),
    ("softplus", [-800.0], 0.0, [0.0]),
    ("log1mExp", [0.0], -INF, None), ("log1mExp", [-INF], 0.0, [0.0]), ("log1mExp", [-800.0], 0.0, [0.0]),
    ("log1mExp", [0.5], math.nan, None),
    ("reciprocal", [0.0], INF, None), ("reciprocal", [-INF], -0.0, None),
    ("atan", [INF], 1.5707963267948966, [0.0]), ("atan", [-INF], -1.5707963267948966, [0.0]),
    ("erf", [INF], 1.0, [0.0]), ("erfc", [-INF], 2.0, [0.0]), ("erfc", [30.0], 0.0, [0.0]),
    ("logAddExp", [-INF, 0.0], 0.0, [0.0, 1.0]), ("logAddExp", [-INF, -INF], -INF, None),
    ("logAddExp", [INF, 0.0], INF, None), ("logAddExp", [-2000.0, 0.0], 0.0, [0.0, 1.0]),
]


def rows():
    for op, (f, points) in OPS.items():
        for point in points:
            x = exact(point if isinstance(point, tuple) else (point,))
            # digits for the smallest answers (exp(-745), Phi(-1000)) and for 1 - p near p = 1
            d = [derivative(lambda v, i=i: f(*x[:i], v, *x[i + 1:]), x[i]) for i in range(len(x))]
            yield {"op": op, "x": double(x), "value": double(f(*x)), "derivatives": double(d)}


if __name__ == "__main__":
    mp.dps = 1000
    write(TESTS / "BayesGraphTests/Fixtures/ops.json",
          "Written by Tests/oracles/ops.py (definitions there), 1000-digit arithmetic. x, value and derivatives "
          "are doubles; infinities and NaN are strings; an edge without derivatives checks the value only.",
          rows=list(rows()),
          edges=[{"op": o, "x": x, "value": v, **({} if d is None else {"derivatives": d})} for o, x, v, d in EDGES])
