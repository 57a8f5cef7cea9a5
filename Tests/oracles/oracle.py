"""Shared by the oracle scripts: high-precision differences and one-row-per-line JSON.

Every argument is the exact double that the engine reads (mpf(float) is exact); every answer is computed
with at least 40 digits and written as the nearest double in its shortest form that reads back to the same
bits (at most 17 digits). Infinities and NaN are the strings "inf", "-inf", "nan".
"""
import json
import math
from pathlib import Path

from mpmath import mp, mpf

TESTS = Path(__file__).resolve().parents[1]
mp.dps = 200  # room for central differences with steps of 1e-60


def exact(value):
    """The same nested lists with every float replaced by its exact mpf."""
    if isinstance(value, (list, tuple)):
        return [exact(v) for v in value]
    return mpf(value)


def double(value):
    """The nearest double of each number, overflow to infinity."""
    if isinstance(value, (list, tuple)):
        return [double(v) for v in value]
    if isinstance(value, mpf):
        if mp.isnan(value):
            return math.nan
        if abs(value) >= mpf(2) ** 1024 - mpf(2) ** 970:
            return math.inf if value > 0 else -math.inf
    return float(value)


def derivative(f, x):
    """Central difference of a scalar function; the truncation error is of order 1e-120."""
    h = mpf(10) ** -60 * (abs(x) if x != 0 else 1)
    return (f(x + h) - f(x - h)) / (2 * h)


def gradient(f, x):
    """Partial derivatives of f in each entry of nested lists, the entries taken as independent."""
    if not isinstance(x, list):
        return derivative(f, x)

    def replaced(i, v):
        return x[:i] + [v] + x[i + 1:]

    return [gradient(lambda v, i=i: f(replaced(i, v)), x[i]) for i in range(len(x))]


def plain(value):
    """Python numbers as JSON numbers: integers stay integers, infinities and NaN become strings."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    return value


def write(path, header, **tables):
    """Writes {"about": header, table: [rows]} with one row per line, so that diffs are readable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = ['"about": ' + json.dumps(header)]
    for name, rows in tables.items():
        lines = ",\n".join(json.dumps(plain(row), allow_nan=False) for row in rows)
        parts.append(f'"{name}": [\n{lines}\n]')
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n")
    counts = ", ".join(f"{len(rows)} {name}" for name, rows in tables.items())
    print(f"{path.relative_to(TESTS.parent)}: {counts}")
