#!/usr/bin/env bash
# Sets up what is missing, builds, and runs titok:  ./run.sh generate …   ./run.sh test
set -euo pipefail
cd "$(dirname "$0")"
if [ "${1:-}" = test ]; then shift; exec dotnet test --solution Titok.Vulkan.sln "$@"; fi
exec dotnet run --project src/Titok.Cli -c Release -- "$@"
