"""Runs the `bayes` command for the runners of this folder and says what a run cost."""

import gzip
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCRATCH = ROOT / ".build" / "diagnostics"


class BayesError(Exception):
    """A `bayes` process that failed, or whose output is not the JSON that was asked for."""


class Run:
    """A finished process: its JSON (None if it was not asked for) and what it used.

    `cpu` is user plus system time in seconds of the process and of the children it waited for,
    `wall` is in seconds, `peak_mib` is the largest resident set of any of them in MiB.
    """

    def __init__(self, output, cpu, wall, peak_mib):
        self.output, self.cpu, self.wall, self.peak_mib = output, cpu, wall, peak_mib


def find_bayes(path=None):
    """The command to run: `path`, else `./bayes` of the repository (which builds if need be)."""
    candidate = pathlib.Path(path) if path else ROOT / "bayes"
    if not candidate.is_file():
        raise BayesError(f"no bayes command at {candidate}; name one with --bayes PATH")
    return str(candidate.resolve())


def run(command, cache=None, timeout=None):
    """Runs `command` and reads one JSON object from its stdout.

    `cache` replaces the user's cache folder, where compiled models and kernels are kept.
    Output goes to files, so this process does nothing while the other one is measured.
    """
    environment = dict(os.environ)
    if cache:
        environment["XDG_CACHE_HOME"] = str(cache)
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        start = time.monotonic()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, env=environment,
            cwd=ROOT)
        usage, status = _wait(process, start, timeout)
        wall = time.monotonic() - start
        stdout.seek(0)
        stderr.seek(0)
        text, complaint = stdout.read().decode(), stderr.read().decode(errors="replace")
    shown = " ".join(map(str, command))
    if status != 0:
        tail = "\n".join(complaint.strip().splitlines()[-12:])
        raise BayesError(f"exit code {status} from: {shown}\n{tail}")
    try:
        output = json.loads(text)
    except json.JSONDecodeError as error:
        raise BayesError(f"no JSON on stdout ({error}) from: {shown}") from error
    return Run(output, usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def _wait(process, start, timeout):
    """Waits with `wait4`, whose usage is this child's alone; kills it after `timeout` seconds."""
    flags = os.WNOHANG if timeout else 0
    while True:
        pid, status, usage = os.wait4(process.pid, flags)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage, process.returncode
        if time.monotonic() - start > timeout:
            process.kill()
            os.wait4(process.pid, 0)
            process.returncode = -9
            raise BayesError(f"still running after {timeout:g} s: {' '.join(process.args)}")
        time.sleep(0.02)


def unpacked(path):
    """`path` itself, or for `NAME.gz` the file unpacked once under `.build/diagnostics`."""
    path = pathlib.Path(path)
    if path.suffix != ".gz":
        return path
    target = SCRATCH / path.parent.name / path.stem
    if not target.exists() or target.stat().st_mtime < path.stat().st_mtime:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".partial")
        with gzip.open(path, "rb") as source, open(partial, "wb") as sink:
            shutil.copyfileobj(source, sink)
        partial.replace(target)
    return target


def table(header, rows):
    """Lines of a plain-text table: the first column flush left, the others flush right."""
    cells = [header] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[k]) for row in cells) for k in range(len(header))]
    return [
        "  ".join(
            cell.ljust(width) if k == 0 else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths))).rstrip()
        for row in cells
    ]
