#!/usr/bin/env bash
# From a fresh clone to a trained and evaluated network: installs what is missing, builds, and runs the demonstration.
# Usage: deploy/demo.sh [--keep] [--data-dir DIR]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. deploy/prerequisites.sh
need_dotnet
need_postgres
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
echo "Building. The first time this fetches about 500 MB of packages and takes some minutes …"
dotnet build src/Scheduler -c Release -v quiet --nologo -clp:NoSummary
echo
exec dotnet src/Scheduler/bin/Release/net10.0/changedetection.dll demo "$@"
