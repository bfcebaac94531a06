#!/usr/bin/env bash
# Takes one condition at a time out of the statements that keep two attempts apart, and requires a test to fail each time.
# Works on a copy of the checkout; about ten minutes on two cores. Exit code 1: a mutant survived, or a test fails without any.
# Usage: tests/mutation/fences.sh [TEXT]     only the mutants whose line contains the text
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
only=${1:-}
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

scratch=$(mktemp -d)
# The tests' clusters run as another account when root runs this.
chmod 755 "$scratch"
trap 'rm -rf "$scratch"' EXIT
(cd "$root" && git ls-files -co --exclude-standard -z | xargs -0 -I{} sh -c 'test -f "{}" && printf "%s\0" "{}"' | tar --null -T - -cf -) | tar -xf - -C "$scratch"
cd "$scratch" || exit 1

runs=src/Shared/Core/Runs
fence=$runs/FencedTransaction.cs
lease=$runs/LeaseStore.cs

# file | sed expression | tests that must not all pass | what is taken away
mutants=(
    "$fence|s/ and state = 'running' for/ for/|*FenceTests.Write_OfAnAttemptWhoseRunWaitsAgain_ChangesNothing|fence: the run is running"
    "$fence|s/ for no key update//|*FenceTests.Expire_WhileTheAttemptWrites_LeavesTheRunToIt|fence: the lock on the run's row"
    "$lease|/set lease_until = clock_timestamp/,/returning/s/ and state = 'running'//|*FenceTests.Write_OfAnAttemptWhoseRunWaitsAgain_ChangesNothing|renew: the run is running"
    "$lease|/attempt = attempt + 1/,/returning attempt/s/ and state = 'queued'//|*ClaimTests.*|claim: the run is queued"
    "$lease|/attempt = attempt + 1/,/returning attempt/s/ and waits_for = 0//|*ClaimTests.Claim_RunThatIsNotToBeRun_GivesNothing|claim: it waits for no other"
    "$lease|/attempt = attempt + 1/,/returning attempt/s/ and not cancel_requested//|*ClaimTests.Claim_RunThatIsNotToBeRun_GivesNothing|claim: nobody asked for its end"
    "$lease|/attempt = attempt + 1/,/returning attempt/s/ and not pause_requested//|*ClaimTests.Claim_RunThatIsNotToBeRun_GivesNothing|claim: nobody asked for a pause"
    "$lease|s/attempt = attempt + 1/attempt = attempt/|*ClaimTests.*|claim: the number rises"
    "$lease|s/ and claim_id = @claim//|*ClaimTests.*|claim again: it is the same claim"
    "$lease|s/ and claim_id = @claim and state = 'running'/ and claim_id = @claim/|*ClaimTests.Claim_AnswerLostAndLeaseToo_GivesNothing|claim again: the run is still running"
    "$lease|s/ and r.lease_until < look.seen_at//|*FenceTests.Renew_LeaseThatRanOutButNobodyTook_IsRenewed|expire: the lease ran out"
    "$lease|s/greatest(pg_postmaster_start_time(), look.unbroken_since)/look.unbroken_since/|*ExpiryTests.Expire_ServerStartedALeaseAgoOrLess_TakesNothing|expire: the server has been up for a lease"
    "$lease|s/greatest(pg_postmaster_start_time(), look.unbroken_since)/pg_postmaster_start_time()/|*ExpiryTests.Expire_AfterAGapInWhichNobodyLooked_TakesNothingForALease|expire: somebody has looked for a lease"
    "$lease|s/for update of r skip locked/for update of r/|*FenceTests.Expire_WhileTheAttemptWrites_LeavesTheRunToIt|expire: waits for nobody who writes"
)
# Every other statement that names the attempt, present and future.
while IFS=: read -r file line _; do
    mutants+=("$file|${line}s/ and [a-z.]*attempt = @attempt//|*Runs.FenceTests.*|${file##*/}:$line: it is this attempt's")
done < <(grep -rnE ' and [a-z.]*attempt = @attempt' src --include='*.cs')

build() { dotnet build tests/Core.Tests -c Release -v quiet -p:RunAnalyzers=false "$@" > build.log 2>&1 || { cat build.log; exit 1; }; }
run() { timeout 300 tests/Core.Tests/bin/Release/net10.0/Core.Tests --no-progress "$@" > tests.log 2>&1; }

echo "building, and running the tests without a mutant …"
build
run --filter-namespace ChangeDetection.Core.Tests.Runs || { tail -40 tests.log; echo "They fail as they are."; exit 1; }

survivors=0
for mutant in "${mutants[@]}"; do
    IFS='|' read -r file expression tests what <<< "$mutant"
    [[ $mutant == *"$only"* ]] || continue
    cp "$file" original
    sed -i "$expression" "$file"
    if cmp -s "$file" original; then
        printf '%-60s %s\n' "$what" "NOT FOUND: the statement reads differently now; mend this script"
        survivors=$((survivors + 1))
        continue
    fi
    build --no-restore
    run --filter-method "$tests"
    code=$?
    killer=$(grep -m1 -oE '^failed [^ (]+' tests.log | sed 's/.*\.\([A-Za-z]*Tests\.\)/\1/')
    if [ $code -eq 2 ] && [ -n "$killer" ]; then
        printf '%-60s killed by %s (%s failed)\n' "$what" "$killer" "$(grep -c '^failed ' tests.log)"
    else
        printf '%-60s SURVIVED (%s, exit code %s)\n' "$what" "$tests" "$code"
        survivors=$((survivors + 1))
    fi
    cp original "$file"
done
echo "$survivors survived"
[ $survivors -eq 0 ]
