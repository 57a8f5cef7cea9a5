"""Tables of benchmark results: ours, ratios to the peers, and two files side by side."""

import math
from statistics import median

from bayes_process import table


def number(value, digits=3):
    """`value` with that many significant digits and thousands separated; a dash for None."""
    if value is None or not math.isfinite(value):
        return "-"
    if value == 0:
        return "0"
    places = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    return f"{round(value, digits - 1 - math.floor(math.log10(abs(value)))):,.{places}f}"


def whole(value):
    """A count, or the middle of some counts, rounded."""
    return "-" if value is None else f"{round(value):,}"


def middle(measured, key):
    """The median of `key` over the repeats; None when nothing was measured."""
    values = [entry[key] for entry in measured or [] if entry.get(key) is not None]
    return median(values) if values else None


def ours_table(models):
    """What `bayes` does: one line a model, medians over the repeats."""
    header = ["model", "rows", "ns/gradient", "gradients", "min ESS", "ESS/CPU s", "sampler CPU s",
              "cold CPU s", "cold wall s", "peak MiB", "divergences"]
    rows = []
    for name, entry in models.items():
        runs, cold = entry.get("runs"), entry.get("cold")
        cells = [middle(runs, key) for key in (
            "ns_per_gradient", "gradients", "min_ess", "ess_per_cpu_second", "cpu_seconds")]
        cells += [middle(cold, "cpu"), middle(cold, "wall"), middle(runs, "peak_mib")]
        divergences = middle(runs, "divergences")
        rows.append([name, f"{entry['rows']:,}", *map(number, cells), whole(divergences)])
    return table(header, rows)


def ratios(ours, theirs):
    """(gradient, ESS per CPU second): how many times better ours is, medians of paired ratios."""
    gradient, rate = [], []
    for mine, other in zip(ours or [], theirs or []):
        if mine.get("ns_per_gradient") and other.get("ns_per_gradient"):
            gradient.append(other["ns_per_gradient"] / mine["ns_per_gradient"])
        if mine.get("ess_per_cpu_second") and other.get("ess_per_cpu_second"):
            rate.append(mine["ess_per_cpu_second"] / other["ess_per_cpu_second"])
    return median(gradient) if gradient else None, median(rate) if rate else None


def disagreement(mine, other):
    """The largest |z| between the posterior means of two runs: tools that sample one posterior agree.

    None when a run is missing; infinite when the two do not have the same elements.
    """
    if "means" not in mine or "means" not in other:
        return None
    worst = 0.0
    for name, elements in mine["means"].items():
        others = other["means"].get(name, [])
        if len(others) != len(elements):
            return math.inf
        for (mean, error), (second, second_error) in zip(elements, others):
            z = abs(mean - second) / (math.hypot(error, second_error) or math.inf)
            worst = max(worst, z)
    return worst


def _largest(measured, key):
    return max((entry[key] for entry in measured or [] if entry.get(key) is not None), default=None)


def peers_table(models):
    """Each peer beside ours, with the geometric means per peer and against the best peer."""
    header = ["model", "peer", "ns/gradient", "ours better", "min ESS", "ESS/CPU s", "ours better",
              "compile CPU s", "divergences", "max |z|"]
    rows, collected = [], {}
    for name, entry in models.items():
        best = [[], []]
        for peer, measured in entry.get("peers", {}).items():
            runs = measured.get("runs")
            pair = ratios(entry.get("runs"), runs)
            for kind, ratio in enumerate(pair):
                if ratio:
                    collected.setdefault(peer, [[], []])[kind].append(ratio)
                    best[kind].append(ratio)
            rows.append([
                name, peer, number(middle(runs, "ns_per_gradient")), _times(pair[0]),
                number(middle(runs, "min_ess")), number(middle(runs, "ess_per_cpu_second")),
                _times(pair[1]), number(measured.get("compile_cpu")),
                whole(middle(runs, "divergences")),
                number(_largest(runs, "max_z"), 2)])
        for kind, found in enumerate(best):
            if found:
                collected.setdefault("best peer", [[], []])[kind].append(min(found))
    for peer in [p for p in collected if p != "best peer"] + ["best peer"]:
        for label, pick in (("geometric mean", _geometric), ("smallest", min)):
            pair = [pick(found) if found else None for found in collected.get(peer, [[], []])]
            rows.append([label, peer, "", _times(pair[0]), "", "", _times(pair[1]), "", "", ""])
    return table(header, rows)


def _times(ratio):
    return "-" if ratio is None else number(ratio) + "x"


def _geometric(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def comparison(first, second):
    """Two result files: medians of each and second / first."""
    header = ["model", "figure", "first", "second", "second/first"]
    rows = []
    for name, before in first["models"].items():
        after = second["models"].get(name)
        if after is None:
            continue
        figures = [("runs", key) for key in (
            "ns_per_gradient", "gradients", "min_ess", "ess_per_cpu_second", "peak_mib")]
        for group, key in figures + [("cold", "cpu")]:
            old, new = middle(before.get(group), key), middle(after.get(group), key)
            ratio = new / old if old and new is not None else None
            label = "cold_cpu_seconds" if group == "cold" else key
            rows.append([name, label, number(old), number(new), number(ratio)])
    return table(header, rows)
