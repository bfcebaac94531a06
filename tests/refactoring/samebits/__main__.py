"""The command line of same-bits.sh."""

import argparse
import pathlib
import sys
import tempfile

import comparison
import intended
import scene
from collection import Collection
from errors import Refused

INTENDED = pathlib.Path(__file__).resolve().parent.parent / "intended-changes.json"


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["collect"]:
        parser = argparse.ArgumentParser(prog="same-bits.sh collect", description="Play the scene on one tree.")
        parser.add_argument("tree", type=pathlib.Path, help="a checkout, built in Release")
        parser.add_argument("results", type=pathlib.Path, help="a new folder")
        given = parser.parse_args(arguments[1:])
        scene.play(given.tree, given.results)
        return 0
    comparing = arguments[:1] == ["compare"]
    parser = argparse.ArgumentParser(prog="same-bits.sh compare" if comparing else "same-bits.sh", description="Compare two trees.")
    parser.add_argument("before", type=pathlib.Path, help="results of collect" if comparing else "a checkout, built in Release")
    parser.add_argument("after", type=pathlib.Path)
    parser.add_argument("--intended", type=pathlib.Path, default=INTENDED, help="changes on purpose (default: intended-changes.json)")
    given = parser.parse_args(arguments[1:] if comparing else arguments)
    changes = intended.read(given.intended)
    if comparing:
        return compare(given.before, given.after, changes)
    with tempfile.TemporaryDirectory() as folder:
        results = [pathlib.Path(folder, name) for name in ("before", "after")]
        for tree, result in zip((given.before, given.after), results):
            scene.play(tree, result)
        return compare(*results, changes)


def compare(before: pathlib.Path, after: pathlib.Path, changes: intended.Changes) -> int:
    return 0 if comparison.report(Collection.read(before), Collection.read(after), changes) else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Refused as refusal:
        print(f"error: {refusal}", file=sys.stderr)
        sys.exit(2)
