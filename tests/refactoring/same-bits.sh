#!/usr/bin/env bash
# Proves that two checkouts, each built in Release, train, evaluate, predict and answer alike: the same bits in every file, the same documents.
# Usage: tests/refactoring/same-bits.sh BEFORE AFTER          plays the scene on both trees, and compares
#        tests/refactoring/same-bits.sh collect TREE RESULTS  plays it on one tree; keeps what came out in the new folder RESULTS
#        tests/refactoring/same-bits.sh compare RESULTS RESULTS [--intended FILE]
# Exit code: 0 equal but for the intended changes, 1 different, 2 something is wrong with the command, a tree or a result.
# intended-changes.json beside this script names what is to differ, each with its reason (CONTRIBUTING, "The proof that a change to training owes").
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v python3 > /dev/null || { echo "python3 is missing (its standard library is enough)." >&2; exit 2; }
exec env PYTHONDONTWRITEBYTECODE=1 python3 "$here/samebits" "$@"
