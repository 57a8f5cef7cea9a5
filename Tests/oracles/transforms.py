"""Constraining transforms and their Jacobians -> BayesLanguageTests/Fixtures/transforms.json.

x(y) is written from its definition; the log absolute Jacobian determinant is then numerical: the matrix of
500-digit central differences of x(y), its determinant by mpmath's LU. The formulas of the engine's table are
not used, only asserted to agree at the end. What "the Jacobian" means where x has more entries than y:

- sum to zero: the map from K-1 to K dimensions is an isometry; the volume factor is sqrt(det(J'J)) = 1.
- simplex: the density of a simplex is with respect to its first K-1 coordinates (Stan's and everyone's
  convention: the Dirichlet's normalising constant refers to it), so the last coordinate is dropped before
  the determinant. With H the orthonormal basis of the sum-to-zero map, the additive log ratios of x are
  A H y, A = [I | -1], and det(A H) = sqrt(det(A A')) = sqrt(K); the additive-logistic map has determinant
  prod x_k. Hence sum log x_k + (log K)/2, exactly the table: nothing is to be added or taken away.
  (On the simplex's surface measure it would be another (log K)/2 more.)
- unit vector: K coordinates for K-1 degrees of freedom; there is no Jacobian. The added term -y'y/2 is the
  standard normal kernel of y, chosen so that the direction y/|y| is uniform on the sphere and the radius
  has a proper density that is independent of it. Only x is computed independently; the log term is that
  kernel.
- correlation Cholesky: the strictly lower entries of L, row by row, are the coordinates of x (the diagonal
  follows from them); y in the same order.
- covariance Cholesky and covariance matrix: coordinates of y and x are the lower triangle including the
  diagonal, row by row (L11, L21, L22, L31, …); x is the whole matrix, row-major.
"""
from mpmath import cosh, exp, log, mp, mpf, sqrt, tanh

from oracle import TESTS, derivative, double, exact, write


def logistic(y):
    return 1 / (1 + exp(-y))


def ordered(y, first=lambda v: v):
    x = [first(y[0])]
    for v in y[1:]:
        x.append(x[-1] + exp(v))
    return x


def sum_to_zero(y):
    """The Helmert basis: column i has 1/sqrt(i(i+1)) in rows 1…i and -i/sqrt(i(i+1)) in row i+1."""
    K = len(y) + 1
    x = [mpf(0)] * K
    for i in range(1, K):
        scale = y[i - 1] / sqrt(mpf(i * (i + 1)))
        for row in range(i):
            x[row] += scale
        x[i] -= i * scale
    return x


def simplex(y):
    z = [exp(v) for v in sum_to_zero(y)]
    return [v / sum(z) for v in z]


def triangle_size(n):
    """K with K(K+1)/2 = n."""
    return int((mp.sqrt(8 * n + 1) - 1) / 2 + mpf(1) / 4)


def correlation_cholesky(y):
    K = triangle_size(len(y)) + 1
    L = [[mpf(0)] * K for _ in range(K)]
    z = iter([tanh(v) for v in y])
    for i in range(K):
        rest = mpf(1)
        for j in range(i):
            L[i][j] = next(z) * sqrt(rest)
            rest -= L[i][j] ** 2
        L[i][i] = sqrt(rest)
    return L


def covariance_cholesky(y):
    K = triangle_size(len(y))
    v = iter(y)
    return [[(exp(next(v)) if i == j else next(v)) if j <= i else mpf(0) for j in range(K)]
            for i in range(K)]


def covariance(y):
    L = covariance_cholesky(y)
    K = len(L)
    return [[sum(L[i][m] * L[j][m] for m in range(K)) for j in range(K)] for i in range(K)]


def lower(x, strict=False):
    return [x[i][j] for i in range(len(x)) for j in range(i if strict else i + 1)]


def jacobian(f, y):
    """Matrix of d f_i / d y_j."""
    columns = []
    for j in range(len(y)):
        h = mpf(10) ** -60
        up, down = (f(y[:j] + [y[j] + s * h] + y[j + 1:]) for s in (1, -1))
        columns.append([(a - b) / (2 * h) for a, b in zip(up, down)])
    return mp.matrix([list(row) for row in zip(*columns)])


def log_det(f, y):
    return log(abs(mp.det(jacobian(f, y))))


def log_volume(f, y):
    J = jacobian(f, y)
    return log(mp.det(J.T * J)) / 2


SCALAR_Y = [0.0, 0.7, -1.3, 5.0, -8.0, 30.0, -30.0]
# support, bounds, x(y), log volume factor, table's formula for the final assertion, the ys
CASES = []


def scalar(support, bounds, x, formula, ys=SCALAR_Y):
    b = {k: mpf(v) for k, v in bounds.items()}
    CASES.append((support, bounds, lambda y: x(y, **b), lambda y: log(abs(derivative(lambda v: x(v, **b), y))),
                  lambda y: formula(y, **b), ys))


def vector(support, x, volume, formula, ys):
    CASES.append((support, {}, x, volume, formula, ys))


for a in (0.0, -2.5, 100.0):
    scalar("lower", {"lower": a}, lambda y, lower: lower + exp(y), lambda y, lower: y)
for b in (0.0, 1.0, -7.5):
    scalar("upper", {"upper": b}, lambda y, upper: upper - exp(y), lambda y, upper: y)
for a, b in ((0.0, 1.0), (-3.0, 5.0), (1e-3, 2e-3), (-1e6, 1e6)):
    scalar("interval", {"lower": a, "upper": b},
           lambda y, lower, upper: lower + (upper - lower) * logistic(y),
           lambda y, lower, upper: log(upper - lower) - abs(y) - 2 * log(1 + exp(-abs(y))),
           SCALAR_Y + [700.0, -700.0])

vector("ordered", ordered, lambda y: log_det(ordered, y), lambda y: sum(y[1:], mpf(0)),
       [[0.3], [0.0, 0.0], [-1.2, 0.4, 2.0], [3.0, -30.0, 30.0], [-30.0, -30.0, -30.0, -30.0], [30.0, 1.0]])
vector("positiveOrdered", lambda y: ordered(y, exp), lambda y: log_det(lambda v: ordered(v, exp), y),
       lambda y: sum(y, mpf(0)),
       [[0.3], [0.0, 0.0], [-1.2, 0.4, 2.0], [3.0, -30.0, 30.0], [-30.0, -30.0, -30.0, -30.0], [30.0, 1.0]])
vector("sumToZero", sum_to_zero, lambda y: log_volume(sum_to_zero, y), lambda y: mpf(0),
       [[0.0], [1.4], [0.3, -0.8], [1.0, 2.0, 3.0, -4.0], [30.0, -30.0, 30.0], [0.1] * 9])
vector("simplex", simplex, lambda y: log_det(lambda v: simplex(v)[:-1], y),
       lambda y: sum(log(v) for v in simplex(y)) + log(mpf(len(y) + 1)) / 2,
       [[0.0], [1.4], [-30.0], [30.0], [0.0, 0.0], [0.3, -0.8], [1.0, 2.0, 3.0, -4.0], [30.0, -30.0, 30.0],
        [-30.0, -30.0, -30.0], [0.1] * 9])
vector("unitVector", lambda y: [v / sqrt(sum(w * w for w in y)) for v in y],
       lambda y: -sum(v * v for v in y) / 2, lambda y: -sum(v * v for v in y) / 2,
       [[1.0, 0.0], [0.3, -0.8], [1.0, 2.0, -2.0], [30.0, -30.0, 30.0, 1e-3], [1e-8, 1e-8], [-30.0]])
vector("correlationCholesky", correlation_cholesky,
       lambda y: log_det(lambda v: lower(correlation_cholesky(v), strict=True), y),
       lambda y: (lambda L: sum(-2 * log(cosh(v)) for v in y)
                  + sum(log(1 - sum(L[i][k] ** 2 for k in range(j))) for i in range(len(L))
                        for j in range(i)) / 2)(correlation_cholesky(y)),
       [[0.0], [0.9], [-3.0], [0.2, -0.5, 0.8], [0.0] * 6, [0.5, -0.4, 0.3, -0.2, 0.1, 0.9], [30.0],
        [-30.0], [30.0, 0.1, 0.2], [5.0, -5.0, 5.0]])
triangles = [[0.0], [30.0], [-30.0], [0.2, -0.7, 0.4], [0.0] * 6, [0.3, 1.0, -0.2, -1.5, 0.6, 0.9],
             [-30.0, 2.0, 30.0], [0.1, 30.0, -0.3],
             [0.1, 0.2, -0.3, 0.4, 0.5, 0.6, -0.7, 0.8, 0.9, -1.0]]
vector("covarianceCholesky", covariance_cholesky, lambda y: log_det(lambda v: lower(covariance_cholesky(v)), y),
       lambda y: sum(
           y[k * (k + 1) // 2 + k] for k in range(triangle_size(len(y)))), triangles)
vector("covarianceMatrix", covariance, lambda y: log_det(lambda v: lower(covariance(v)), y),
       lambda y: (lambda K: K * log(mpf(2)) + sum((K - k + 1) * y[k * (k + 1) // 2 + k] for k in range(K)))(
           triangle_size(len(y))), triangles)

if __name__ == "__main__":
    mp.dps = 500  # logistic(700) differs from 1 in its 305th digit
    rows = []
    for support, bounds, x, volume, formula, ys in CASES:
        for y in ys:
            v = exact(y)
            independent = volume(v)
            assert abs(independent - formula(v)) < mpf(10) ** -35 * max(1, abs(independent)), (support, y)
            if abs(independent) < mpf(10) ** -35:  # what is left of the differences where it is exactly 0
                independent = mpf(0)
            rows.append({"support": support, "bounds": bounds, "y": y, "x": double(x(v)),
                         "logAbsDetJacobian": double(independent)})
    write(TESTS / "BayesLanguageTests/Fixtures/transforms.json",
          "Written by Tests/oracles/transforms.py (conventions there): Jacobians are numerical determinants in "
          "500-digit arithmetic; matrices are nested rows. y is the exact double, x the nearest double.",
          rows=rows)
