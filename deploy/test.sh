#!/usr/bin/env bash
# Runs every test; the last line is "N passed, N failed, N skipped".
# Usage: deploy/test.sh [PROJECT…]       some test projects only, by name (Core.Tests)
#   CHANGEDETECTION_SOAK=1 deploy/test.sh   also the long ones
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. deploy/prerequisites.sh
need_dotnet
need_postgres
# For the browser tests; they skip, with a reason, where it cannot be installed.
command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || install_debian_package chromium \
    || echo "chromium is missing and cannot be installed here: the browser tests will skip." >&2
need_storage_servers
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

echo "restoring packages (locked) and building …"
dotnet restore --locked-mode -v quiet || exit 1
dotnet build -c Release --no-restore -v quiet --nologo || exit 1

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
projects=("$@")
[ ${#projects[@]} -gt 0 ] || mapfile -t projects < <(find tests -maxdepth 1 -name '*.Tests' -printf '%f\n' | sort)

# One project after the other: several start processes and measure time, and two cores are two cores.
failed=0
for project in "${projects[@]}"; do
    echo "== $project"
    SECONDS=0
    "tests/$project/bin/Release/net10.0/$project" --progress off --report-xunit-trx --report-xunit-trx-filename "$project.trx" --results-directory "$results"
    status=$?
    echo "   ($SECONDS s)"
    if [ ! -s "$results/$project.trx" ]; then
        echo "$project ended with code $status and left no report." >&2
        failed=$((failed + 1))
    elif [ $status -ne 0 ] && ! grep -q '<Counters [^>]*failed="[1-9]' "$results/$project.trx"; then
        echo "$project ended with code $status although no test failed." >&2
        failed=$((failed + 1))
    fi
done

# <Counters total="3" executed="2" passed="2" failed="0" …>
sum() { cat "$results"/*.trx 2>/dev/null | grep -o "<Counters [^>]*" | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]*' | awk '{ n += $1 } END { print n + 0 }'; }
total=$(sum total) passed=$(sum passed)
failed=$((failed + $(sum failed)))
skipped=$((total - passed - $(sum failed)))
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
