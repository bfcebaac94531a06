"""What is there when everything has ended: every listing, every run in full, and every stored object."""

import pathlib
import re

from collection import Collection
from tree import Tree

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NOBODY = "0199c0de-0000-7000-8000-000000000000"


def keep(tree: Tree, collection: Collection) -> None:
    runs = collection.add("list/at-last", tree.read("list", "--json"))
    _label(runs, collection)
    for state in ("succeeded", "failed", "cancelled"):
        collection.add(f"list/{state}", tree.read("list", "--state", state, "--limit", "5", "--json"))
    collection.add("worker-list/at-last", tree.read("worker", "list", "--json"))
    collection.add("worker-list/all", tree.read("worker", "list", "--all", "--json"))
    collection.add("queue-list/at-last", tree.read("queue", "list", "--json"))
    for run in runs:
        name = collection.labels[run["id"]]
        collection.add(f"show/{name}", tree.read("show", run["id"], "--json"))
        if run["kind"] == "train":
            collection.add(f"checkpoint/list/{name}", tree.read("checkpoint", "list", run["id"], "--json"))
    for experiment in sorted({run["experiment"] for run in runs}):
        collection.add(f"show/{collection.labels[experiment]}", tree.read("show", experiment, "--json"))
    for verb in ("show", "checkpoint list", "report", "cancel", "compare"):
        collection.add(f"unknown/{verb.replace(' ', '-')}", tree.read(*verb.split(), NOBODY, "--json", codes=(2,)))


def keep_store(tree: Tree, collection: Collection) -> None:
    """The objects before collection, what would be collected, and what is left behind it."""
    store = tree.data_dir / "store"
    for path in _files(store):
        name = f"store/{_named(path, store, collection)}"
        if path.suffix in (".json", ".html"):
            collection.add_text(name, path)
        else:
            collection.add_file(name, path)
    collection.add("checkpoint/gc-dry-run", tree.read("checkpoint", "gc", "--dry-run", "--json"))
    collection.add("checkpoint/gc", tree.run("checkpoint", "gc", "--grace", "00:00:00", "--json").require())
    for path in _files(store):
        collection.add_file(f"store-after-gc/{_named(path, store, collection)}", path)


def _label(runs: list, collection: Collection) -> None:
    """The name of a run, and where several have it their order: ids sort by time."""
    for run in sorted(runs, key=lambda run: run["id"]):
        name, number = f"{run['name']} ({run['kind']})", 1
        while name in collection.labels.values():
            name, number = f"{run['name']} ({run['kind']} {number + 1})", number + 1
        collection.label(run["id"], name)
        if run["experiment"] not in collection.labels:
            collection.label(run["experiment"], f"experiment of {name}")


def _files(store: pathlib.Path) -> list[pathlib.Path]:
    # The mark of the system is an id alone, and systems of some trees have none.
    return sorted(path for path in store.rglob("*") if path.is_file() and path != store / "system.json")


def _named(path: pathlib.Path, store: pathlib.Path, collection: Collection) -> str:
    return ID.sub(lambda found: collection.labels.get(found[0], "unknown id"), path.relative_to(store).as_posix())
