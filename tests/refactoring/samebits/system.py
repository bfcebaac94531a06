"""A private system of a tree: `up` with one worker, which can be told where to die."""

import ctypes
import json
import pathlib
import signal
import subprocess
import time

from errors import Refused
from tree import Tree

# Places of CrashPoints: a trainer dies at the first, a worker at the second. A file with a count arms each; the process that dies takes it along.
STEP_DONE = "step-done"
CHECKPOINT_PUBLISHED = "checkpoint-published"

START_LIMIT = 300
STOP_LIMIT = 300
PARENT_DEATH_SIGNAL = 1


class System:
    """Up from `with` to its end."""

    def __init__(self, tree: Tree, log: pathlib.Path):
        self._tree = tree
        self._log = log
        self._armed = tree.data_dir.parent / "armed"
        self._armed.mkdir()

    def __enter__(self) -> "System":
        settings = {
            "CHANGEDETECTION_CRASH_POINT": str(self._armed),
            # Nothing is collected but what the scene collects.
            "CHANGEDETECTION_RETENTION__GRACE": "1.00:00:00",
        }
        with self._log.open("w") as log:
            self._up = subprocess.Popen(
                ["dotnet", str(self._tree.program), "up", "--workers", "1", "--slots", "cpu"],
                env=self._tree.environment(settings), cwd=self._armed.parent,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, preexec_fn=_end_with_parent)
        try:
            until("'up' to say that it is ready", self._says_ready, START_LIMIT)
            until("the worker to be ready", lambda: self.workers("ready"), START_LIMIT, every=1)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_) -> None:
        if (code := self._up.poll()) is not None:
            raise Refused(f"'up' ended with {code} in the middle of the scene; was it stopped from outside?\n{self._log.read_text()}")
        self._stop()

    def _stop(self) -> None:
        self._up.send_signal(signal.SIGTERM)
        try:
            self._up.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self._up.kill()
            self._up.wait()

    def arm(self, point: str, count: int) -> pathlib.Path:
        """The first process to reach the place so often from now on dies there, as from kill -9. The file is gone once that has happened."""
        file = self._armed / point
        file.write_text(str(count))
        return file

    def workers(self, state: str) -> list:
        listed = json.loads(self._tree.read("worker", "list", "--json").output)
        return [worker for worker in listed if worker["state"] == state]

    def _says_ready(self) -> bool:
        said = self._log.read_text()
        if self._up.poll() is not None:
            raise Refused(f"'up' ended with {self._up.returncode}:\n{said}")
        return any(line.startswith("Ready") for line in said.splitlines())


def until(what: str, condition, limit: float, every: float = 0.2):
    """Waits for a condition, and returns what made it true. Seconds; `every` is more where asking costs the processor something."""
    deadline = time.monotonic() + limit
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise Refused(f"waited {limit:.0f} s for {what}")
        time.sleep(every)
    return found


def _end_with_parent() -> None:
    """A collection that is killed leaves no system behind."""
    ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)
