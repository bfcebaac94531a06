#!/usr/bin/env bash
# Holds the training step and the loader of two checkouts, each built in Release, against each other: tests/bench of both, by turns, in one run.
# Usage: tests/refactoring/same-speed.sh BEFORE AFTER [--rounds 5] [--within 5] [--only step|loader] [--steps N] [--batch N] [--size N] [--threads N]
# Exit code: 0 nothing is slower by more than --within percent, 1 something is, 2 something is wrong with the command or a tree.
# A round takes about two minutes on two quiet cores, and 1 GB below /var/tmp. The rows called "control" say how quiet the machine was.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v python3 > /dev/null || { echo "python3 is missing (its standard library is enough)." >&2; exit 2; }
exec env PYTHONDONTWRITEBYTECODE=1 python3 "$here/samespeed" "$@"
