"""The command line of same-speed.sh."""

import argparse
import os
import pathlib
import platform
import statistics
import sys

import benches

STEP_OPTIONS = ("steps", "batch", "size", "threads")


def main() -> int:
    parser = argparse.ArgumentParser(prog="same-speed.sh", description="Compare the speed of two trees.")
    parser.add_argument("before", type=pathlib.Path, help="a checkout, built in Release")
    parser.add_argument("after", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5, help="how often each bench of each tree runs (default: 5)")
    parser.add_argument("--within", type=float, default=5, help="percent that something may be slower (default: 5)")
    parser.add_argument("--only", choices=("step", "loader"), help="one of the benches alone")
    for name in STEP_OPTIONS:
        parser.add_argument(f"--{name}", type=int, help="of the bench 'step'")
    given = parser.parse_args()
    if given.rounds < 1:
        parser.error("--rounds has to be at least 1")
    options = [word for name in STEP_OPTIONS if (value := getattr(given, name)) is not None for word in (f"--{name}", str(value))]
    measures = {"step": lambda tree: benches.step(tree, options), "loader": benches.loader}
    if given.only:
        measures = {given.only: measures[given.only]}
    trees = {"before": given.before.resolve(), "after": given.after.resolve()}
    print(f"{processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {given.rounds} rounds by turns", flush=True)
    return report(measure(trees, measures, given.rounds), given.within)


def measure(trees: dict[str, pathlib.Path], measures: dict, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Figures of before and after, paired as they were measured. Which comes first changes with the round, so that no drift favours one."""
    pairs: dict[str, list[tuple[float, float]]] = {}
    for number in range(rounds):
        for bench in measures.values():
            figures = {name: bench(trees[name]) for name in (trees if number % 2 == 0 else reversed(trees))}
            # By place: what a figure is called may have changed on purpose.
            for name, before, after in zip(figures["before"], figures["before"].values(), figures["after"].values(), strict=True):
                pairs.setdefault(name, []).append((before, after))
        print(f"round {number + 1} of {rounds} is measured", file=sys.stderr, flush=True)
    return pairs


def report(pairs: dict[str, list[tuple[float, float]]], within: float) -> int:
    """Prints medians. What is judged is the median of the rounds' own ratios: the two figures of a round saw the same machine."""
    least = 1 - within / 100
    print(f"{'':72} {'before':>8} {'after':>8} {'ratio':>6}  of the rounds")
    slower, restless = [], []
    for name, measured in pairs.items():
        ratios = sorted(after / before for before, after in measured)
        ratio = statistics.median(ratios)
        medians = [statistics.median(side) for side in zip(*measured)]
        print(f"{name[:72]:72} {medians[0]:8.1f} {medians[1]:8.1f} {ratio:6.3f}  {ratios[0]:.3f} to {ratios[-1]:.3f}")
        is_control = name.startswith(benches.CONTROL)
        if is_control and abs(ratio - 1) > within / 100:
            restless.append(name)
        if not is_control and ratio < least:
            slower.append(name)
    for name in restless:
        print(f"{name} moved by more than {within:g} %, and is the same in both trees: this machine is too busy to tell. Repeat it on a quiet one.")
    print(f"slower by more than {within:g} %: {'; '.join(slower)}" if slower else f"nothing is slower by more than {within:g} %")
    return 1 if slower else 0


def processor() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except benches.Failed as failure:
        print(f"error: {failure}", file=sys.stderr)
        sys.exit(2)
