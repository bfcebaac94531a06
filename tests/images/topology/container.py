"""Processes of an image's root folder, and of this machine, each in its network namespace."""
import json
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from compose import seconds

ENTER = Path(__file__).with_name("enter.sh")
BUILDAH = ["buildah", "--storage-driver", "vfs"]


def run(*command: str, **keywords) -> str:
    """What a command prints; fails with what it said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **keywords)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


@dataclass
class Image:
    """What an image says of itself, and a working copy of its root folder."""

    name: str
    root: Path
    entrypoint: list[str]
    command: list[str]
    environment: list[str]
    user: str
    working_dir: str
    check: list[str] | None
    container: str

    @staticmethod
    def open(name: str) -> "Image":
        container = run(*BUILDAH, "from", "--pull-never", f"localhost/{name}").strip()
        root = Path(run(*BUILDAH, "mount", container).strip())
        config = json.loads(run(*BUILDAH, "inspect", "--type", "image", f"localhost/{name}"))["Docker"]["config"]
        check = (config.get("Healthcheck") or {}).get("Test")
        return Image(name, root, config.get("Entrypoint") or [], config.get("Cmd") or [], config.get("Env") or [], config["User"],
                     config.get("WorkingDir") or "/", check[1:] if check else None, container)

    def close(self) -> None:
        run(*BUILDAH, "rm", self.container)


class Process:
    """A program in a network namespace; what it prints goes to the file `log`, and what it says of errors to one beside it."""

    def __init__(self, name: str, namespace: str, command: list[str], log: Path, environment: dict[str, str] | None = None):
        self.name, self.namespace, self.log, self.errors = name, namespace, log, log.with_suffix(".errors")
        self.begun = time.monotonic()
        with log.open("w") as out, self.errors.open("w") as errors:
            # A session of its own: a signal for this script is not the program's.
            self.process = subprocess.Popen(["nsenter", f"--net=/run/netns/{namespace}", *command], stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=errors, start_new_session=True, env={**os.environ, **(environment or {})})

    def pid(self) -> int:
        return self.process.pid

    def exec(self, command: list[str]) -> subprocess.CompletedProcess:
        """Runs a command beside it."""
        return subprocess.run(["nsenter", f"--net=/run/netns/{self.namespace}", *command], capture_output=True, text=True, check=False, timeout=60)

    def stop(self, limit: float) -> int:
        """SIGTERM; the exit code. SIGKILL, and an error, when the limit passes."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        return self.wait(limit)

    def wait(self, limit: float) -> int:
        try:
            return self.process.wait(limit)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"{self.name} did not end within {limit:.0f} s:\n{self.tail()}") from None

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid(), number)

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

    def tail(self, lines: int = 30) -> str:
        return "\n".join(line for file in (self.log, self.errors) for line in file.read_text(errors="replace").splitlines()[-lines:])


class Container(Process):
    """A program of an image, with namespaces, mounts, user and environment as Compose would give it."""

    def __init__(self, name: str, image: Image, namespace: str, log: Path, *, environment: dict[str, str], mounts: list[str],
                 command: list[str] | None = None, working_dir: str | None = None, read_only: bool = True, user: str | None = None):
        self.image, self.environment = image, [*image.environment, *(f"{key}={value}" for key, value in environment.items())]
        listed = log.with_suffix(".mounts")
        listed.write_text("".join(f"{line}\n" for line in mounts))
        program = [*image.entrypoint, *(command if command is not None else image.command)]
        super().__init__(name, namespace, [
            "unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "bash", str(ENTER), str(image.root), user or image.user, name,
            "yes" if read_only else "no", str(listed), "--", f"--chdir={working_dir or image.working_dir}", *self.environment, *program], log)

    def pid(self) -> int:
        """The program itself, number 1 in its namespace: the child of unshare."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0]) if children else self.process.pid

    def exec(self, command: list[str]) -> subprocess.CompletedProcess:
        """Runs a command inside, as the image's user, as a health check does."""
        return subprocess.run(
            ["nsenter", "--target", str(self.pid()), "--mount", "--net", "--pid", "--ipc", "--uts", "setpriv", "--no-new-privs", "--",
             "chroot", f"--userspec={self.image.user}", "--groups=", str(self.image.root), "/usr/bin/env", "-i", *self.environment, *command],
            capture_output=True, text=True, check=False, timeout=60)

    def status(self, field: str) -> str:
        """A field of /proc/PID/status."""
        return re.search(rf"^{field}:\s*(.*)$", Path(f"/proc/{self.pid()}/status").read_text(), re.MULTILINE)[1]


def until(what: str, process: Process, holds, limit: str) -> float:
    """Waits until a condition holds, and returns the seconds since the process began; fails when it has ended, or the limit passes."""
    end = time.monotonic() + seconds(limit)
    while not holds():
        if process.process.poll() is not None:
            raise RuntimeError(f"{process.name} ended with exit code {process.process.returncode} before {what}:\n{process.tail()}")
        if time.monotonic() > end:
            raise RuntimeError(f"{process.name}: not {what} within {limit}:\n{process.tail()}")
        time.sleep(0.2)
    return time.monotonic() - process.begun
