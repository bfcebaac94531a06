"""A built checkout, and its command line."""

import os
import pathlib
import subprocess
from dataclasses import dataclass

from errors import Refused

PROGRAM = "src/Scheduler/bin/Release/net10.0/changedetection.dll"
TRIES = 5
# All other settings of ours would change what is played.
KEPT_SETTINGS = ("CHANGEDETECTION_POSTGRES_BIN", "CHANGEDETECTION_LIBTORCH")


@dataclass(frozen=True)
class Ran:
    """What a verb printed, and its exit code."""

    arguments: tuple[str, ...]
    exit: int
    output: str
    errors: str

    def require(self, *codes: int) -> "Ran":
        """Whatever the scene goes on with has to have ended so; without a code, well."""
        if self.exit not in (codes or (0,)):
            raise Refused(f"'{' '.join(self.arguments)}' ended with {self.exit}:\n{self.output}{self.errors}")
        return self


class Tree:
    """A checkout, built in Release."""

    def __init__(self, root: pathlib.Path, data_dir: pathlib.Path):
        self.root = root.resolve()
        self.data_dir = data_dir
        self.program = self.root / PROGRAM
        if not self.program.exists():
            raise Refused(f"{root}: there is no {PROGRAM}. Build the checkout first: dotnet build -c Release")

    def environment(self, settings: dict[str, str] | None = None) -> dict[str, str]:
        """This process's own, without the settings that its user happens to have."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CHANGEDETECTION_") or name in KEPT_SETTINGS}
        return kept | {"DOTNET_NOLOGO": "1", "CHANGEDETECTION_DATA_DIR": str(self.data_dir)} | (settings or {})

    def run(self, *arguments: str) -> Ran:
        done = subprocess.run(
            ["dotnet", str(self.program), *arguments], env=self.environment(), cwd=self.data_dir.parent,
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        return Ran(arguments, done.returncode, done.stdout, done.stderr)

    def read(self, *arguments: str, codes: tuple[int, ...] = (0,)) -> Ran:
        """
        A verb that changes nothing. It is asked again when it ends otherwise than it has to: on a busy machine it gives the database up too soon.
        """
        for _ in range(TRIES - 1):
            if (ran := self.run(*arguments)).exit in codes:
                return ran
        return self.run(*arguments).require(*codes)

    def commit(self) -> str:
        """The commit that is checked out, and whether anything was changed since; for people who read the result later."""
        describe = ["git", "-C", str(self.root), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        asked = subprocess.run(describe, capture_output=True, text=True)
        return asked.stdout.strip() if asked.returncode == 0 else "not a git checkout"
