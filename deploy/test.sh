#!/usr/bin/env bash
# Builds everything and runs tests. The last line is "N passed, N failed, N skipped".
# Usage: deploy/test.sh               every test but the long ones
#        deploy/test.sh fast          those that need neither a database nor a process: below two minutes
#        deploy/test.sh soak          the long ones: more seeds, longer outages, gibibytes
#        deploy/test.sh PROJECT…      some test projects only, by name (Core.Tests)
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. deploy/prerequisites.sh

results=$(mktemp -d)
# What did not build, or ended without a report: each counts as a failed test.
broken=0

# <Counters total="3" executed="2" passed="2" failed="0" …>
sum() { cat "$results"/*.trx 2>/dev/null | grep -o '<Counters [^>]*' | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]*' | awk '{ n += $1 } END { print n + 0 }'; }

finish() {
    local total passed failed
    total=$(sum total) passed=$(sum passed) failed=$(sum failed)
    rm -rf "$results"
    echo "$passed passed, $((failed + broken)) failed, $((total - passed - failed)) skipped"
    if [ $((failed + broken)) -ne 0 ] || [ "$passed" -eq 0 ]; then exit 1; else exit 0; fi
}
trap finish EXIT

# Jobs in the background do not hear Ctrl-C by themselves.
stop() {
    broken=$((broken + 1))
    jobs -p | xargs -r -n 1 pkill -TERM -P
    exit
}
trap stop INT TERM

give_up() {
    echo "$1" >&2
    broken=1
    exit
}

# Runs a test project with these arguments; what it prints comes in one piece when it has ended, so that several can run side by side.
run() {
    local project=$1 began=$SECONDS status=0
    shift
    "tests/$project/bin/Release/net10.0/$project" --progress off --report-xunit-trx --report-xunit-trx-filename "$project.trx" \
        --results-directory "$results" "$@" >"$results/$project.log" 2>&1 || status=$?
    echo "== $project ($((SECONDS - began)) s)"
    # libtorch says once per thread that it does without NNPACK here: hundreds of lines that hide what matters.
    grep -v 'NNPACK.cpp' "$results/$project.log"
    if [ ! -s "$results/$project.trx" ]; then
        [ $status -eq 0 ] && return 0
        echo "$project ended with code $status and left no report." >&2
        return 1
    fi
    [ $status -eq 0 ] || grep -q '<Counters [^>]*failed="[1-9]' "$results/$project.trx" && return 0
    echo "$project ended with code $status although no test failed." >&2
    return 1
}

# Runs test projects, as many at once as there are processors.
side_by_side() {
    local projects=$1 project
    shift
    for project in $projects; do
        while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
        { run "$project" "$@" || echo "$project" >>"$results/broken"; } &
    done
    wait
    [ ! -e "$results/broken" ] || broken=$(wc -l <"$results/broken")
}

# Their own tests run side by side already: two projects at once took as long together, and leases of whole systems run by the clock.
one_by_one() {
    local project
    for project; do
        run "$project" || broken=$((broken + 1))
    done
}

# <UnitTestResult testName="Namespace.Class.Method(…)" … duration="00:00:01.5000000" …>
slowest() {
    echo "the ten longest tests:"
    cat "$results"/*.trx | grep -o '<UnitTestResult [^>]*' |
        sed -nE 's/.* testName="([^"]*)".* duration="([0-9]+):([0-9]+):([0-9.]+)".*/\2 \3 \4 \1/p' | sed 's/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' |
        awk '{ seconds = $1 * 3600 + $2 * 60 + $3; sub(/^[^ ]+ [^ ]+ [^ ]+ /, ""); printf "%8.1f s  %s\n", seconds, $0 }' | sort -rn | head -10
}

# What a failed test said, from its name to the next one's; a log may keep only the end of this output.
failures() {
    sed 's/\x1b\[[0-9;]*m//g' "$results"/*.log | grep -v 'NNPACK.cpp' | awk '/^failed /{ told = 1; print; next } /^[^ ]/{ told = 0 } told' | head -200
}

need_dotnet
tier=${1:-all}
case $tier in
    fast) ;;
    *)
        need_postgres
        # For the browser tests; they skip, with a reason, where it cannot be installed.
        command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || install_debian_package chromium ||
            echo "chromium is missing and cannot be installed here: the browser tests will skip." >&2
        need_storage_servers
        ;;
esac
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

echo "restoring packages (locked) and building …"
dotnet restore --locked-mode -v quiet || give_up "The packages could not be restored."
dotnet build -c Release --no-restore -v quiet --nologo || give_up "The build failed."

# Worker.Tests first: side by side, the longest must not begin last.
mapfile -t projects < <(find tests -maxdepth 1 -name '*.Tests' ! -name Soak.Tests -printf '%f\n' | sort -r)
SECONDS=0
case $tier in
    fast) side_by_side "${projects[*]}" --filter-not-trait 'Needs=*' --ignore-exit-code 8 ;;
    all) one_by_one "${projects[@]}" ;;
    soak) one_by_one Soak.Tests ;;
    *) one_by_one "$@" ;;
esac
slowest
failures
echo "$SECONDS s of tests"
