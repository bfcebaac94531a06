"""Runs the benches of a checkout once, and reads their figures: the larger, the faster."""

import pathlib
import re
import subprocess

PROGRAM = "tests/bench/bin/Release/net10.0/changedetection-bench"
STEP_LINE = re.compile(r"^round 1 (\w+)\s+[\d.]+ s/step\s+([\d.]+) GFLOP/s\s+product ([\d.]+) GFLOP/s$", re.MULTILINE)
# | loader | samples/s | CPU-ms per sample |
LOADER_ROW = re.compile(r"^\| (.+?) \| (\d+) \| ([\d.]+) \|$", re.MULTILINE)
OWN_LOADERS = 4
CONTROL = "control: "


class Failed(Exception):
    """A bench is not there, broke off, or prints something else than it did."""


def step(tree: pathlib.Path, options: list[str]) -> dict[str, float]:
    """Of the trainer's step; of TorchSharp's own and a matrix product, on which no tree has an influence."""
    printed = _run(tree, "step", *options)
    lines = {variant: (float(gflops), float(product)) for variant, gflops, product in STEP_LINE.findall(printed)}
    if set(lines) != {"default", "optimised"}:
        raise Failed(f"{tree}: the lines of the bench 'step' read differently now:\n{printed}")
    return {
        "step, GFLOP/s": lines["optimised"][0],
        f"{CONTROL}step of TorchSharp's defaults, GFLOP/s": lines["default"][0],
        f"{CONTROL}matrix product, GFLOP/s": (lines["default"][1] + lines["optimised"][1]) / 2,
    }


def loader(tree: pathlib.Path) -> dict[str, float]:
    """Samples per second of our loaders, in the order of the bench; PyTorch's as a control, where it is installed."""
    printed = _run(tree, "loader")
    rows = LOADER_ROW.findall(printed)
    if len(rows) not in (OWN_LOADERS, OWN_LOADERS + 1):
        raise Failed(f"{tree}: the table of the bench 'loader' reads differently now:\n{printed}")
    return {f"{'' if place < OWN_LOADERS else CONTROL}loader, {name}, samples/s": float(speed) for place, (name, speed, _) in enumerate(rows)}


def _run(tree: pathlib.Path, verb: str, *options: str) -> str:
    program = tree / PROGRAM
    if not program.exists():
        raise Failed(f"{tree}: there is no {PROGRAM}. Build it first: dotnet build tests/bench -c Release")
    done = subprocess.run([str(program), verb, "--rounds", "1", *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    # 1: a goal of the bench was missed, which is not what is asked here.
    if done.returncode not in (0, 1):
        raise Failed(f"{tree}: the bench '{verb}' ended with {done.returncode}:\n{done.stdout}")
    return done.stdout
