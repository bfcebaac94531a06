"""The scene that is played on a tree, the same each time: from generated images to predictions."""

import contextlib
import fcntl
import os
import pathlib
import platform
import shutil
import time

import datasets
import experiments
from collection import Collection
from errors import Refused
from tree import Tree

# The same for every tree: paths stand in configs, digests and reports. Not a folder of mktemp: PostgreSQL's account has to reach it.
HOME = pathlib.Path(os.environ.get("SAME_BITS_HOME", "/var/tmp/changedetection-same-bits"))
CONFIGS = pathlib.Path(__file__).parent / "configs"


def play(root: pathlib.Path, results: pathlib.Path) -> None:
    """Plays everything on a tree, and keeps it in a new folder."""
    tree = Tree(root, HOME / "system")
    if results.exists() and any(results.iterdir()):
        raise Refused(f"{results} is not empty. Name a new folder.")
    results.mkdir(parents=True, exist_ok=True)
    collection = Collection(results)
    with _home():
        started = time.monotonic()
        shutil.copytree(CONFIGS, HOME / "configs")
        (HOME / "data").mkdir()
        datasets.play(tree, HOME, collection)
        print(f"{root}: data sets done after {time.monotonic() - started:.0f} s", flush=True)
        experiments.play(tree, HOME, collection)
        seconds = round(time.monotonic() - started)
    collection.about = {
        "tree": str(tree.root), "commit": tree.commit(), "home": str(HOME), "seconds": seconds,
        "processor": processor(), "cores": os.cpu_count(), "host": platform.node()}
    collection.write()
    print(f"{root}: {len(collection.documents)} documents and {len(collection.files)} files in {results}, {seconds} s", flush=True)


@contextlib.contextmanager
def _home():
    """An empty folder of one scene alone. It is left behind where the scene broke off: what is in it says why."""
    with open(f"{HOME}.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(f"another scene is played in {HOME}: wait for its end, or set SAME_BITS_HOME for both trees.") from None
        shutil.rmtree(HOME, ignore_errors=True)
        HOME.mkdir(mode=0o755)
        yield
        shutil.rmtree(HOME)


def processor() -> str:
    """The processor's name: another one may compute other last bits."""
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
