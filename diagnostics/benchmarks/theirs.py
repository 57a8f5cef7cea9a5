"""Measures a peer on one benchmark, in a process of its own (`peers/worker.py`)."""

import json
import os
import pathlib
import subprocess

from bayes_process import SCRATCH, BayesError

HERE = pathlib.Path(__file__).resolve().parent
PEERS = ["pystan", "nutpie", "numpyro"]


class Peer:
    """A running peer with one model compiled; it answers `gradient` and `sample`.

    It waits without using the CPU while others are measured.
    """

    def __init__(self, name, benchmark, environment, settings):
        self.name = name
        draws = settings.draws or benchmark.draws
        variables = dict(os.environ, XDG_CACHE_HOME=str(environment / "cache"))
        (SCRATCH / "peers").mkdir(parents=True, exist_ok=True)
        self._log_path = SCRATCH / "peers" / f"{name}-{benchmark.name}.log"
        self._log = open(self._log_path, "wb")
        self._process = subprocess.Popen(
            [str(environment / "venv" / "bin" / "python"), "-B",
             str(HERE / "peers" / f"{name}_peer.py"), benchmark.name, str(benchmark.data()),
             "--unknowns", ",".join(benchmark.unknowns), "--warmup", str(draws), "--draws",
             str(draws)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, env=variables,
            text=True)
        ready = self._answer()
        self.version, self.compile_cpu = ready["version"], ready["compile_cpu"]

    def gradient(self):
        """CPU nanoseconds of one log density with its gradient."""
        return self._ask("gradient")["ns_per_gradient"]

    def sample(self, seed):
        """One run of four chains, warmup included."""
        found = self._ask(f"sample {seed}")
        found["ess_per_cpu_second"] = found["min_ess"] / found["cpu_seconds"]
        return found

    def close(self):
        """Ends the process."""
        if self._process.poll() is None:
            try:
                self._process.communicate("quit\n", timeout=20)
            except (subprocess.TimeoutExpired, BrokenPipeError):
                self._process.kill()
                self._process.wait()
        self._log.close()

    def _ask(self, request):
        try:
            self._process.stdin.write(request + "\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise BayesError(f"{self.name} ended; see {self._log_path}") from error
        return self._answer()

    def _answer(self):
        line = self._process.stdout.readline()
        if not line:
            raise BayesError(f"{self.name} ended without an answer; see {self._log_path}")
        answer = json.loads(line)
        if "error" in answer:
            reason = answer["error"].splitlines()[0]
            raise BayesError(f"{self.name}: {reason}; see {self._log_path}")
        return answer
