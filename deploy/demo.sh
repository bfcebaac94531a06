#!/usr/bin/env bash
# From a fresh clone to a trained and evaluated network: installs what is missing, builds, and runs the demonstration.
# Usage: deploy/demo.sh [--keep] [--data-dir DIR]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. deploy/prerequisites.sh
need_dotnet
need_postgres
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
echo "restoring packages and building (the first time fetches about 500 MB) …"
dotnet build src/Scheduler -c Release -v quiet --nologo
exec dotnet src/Scheduler/bin/Release/net10.0/changedetection.dll demo "$@"
