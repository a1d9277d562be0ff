#!/usr/bin/env bash
# Publishes titok and the tests for Windows and runs them under Wine, on the Vulkan driver of the system below it.
#
#   tests/windows.sh [COMMAND…]     COMMAND, if any, starts Wine; it must keep this folder's and /tmp's paths
#
# Left out are the tests of kernels and of whole networks: the same modules on the same driver as without Wine.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
publish() { dotnet publish "$1" -c Release -r win-x64 --self-contained -p:PublishDir="$work/$2/" -v quiet -nologo -p:NuGetAudit=false; }
publish src/Titok.Cli titok
publish tests/Titok.Vulkan.Tests tests

export WINEPREFIX=$work/wine WINEDEBUG=-all HOME=$work XDG_RUNTIME_DIR=$work
export TITOK_PROGRAM="Z:${work//\//\\}\\titok\\titok.exe"
# .NET stops threads to collect garbage. With AVX-512 a span was then, once, said to have a line feed that it had not.
export DOTNET_EnableAVX512=0
# A required driver has to have the validation layers, which Wine does not pass on.
unset TITOK_REQUIRE_DRIVER
classes=()
for room in Checkpoints Cli Demo Embedding Gpu Graphs Zoo; do classes+=(-class "Titok.Vulkan.Tests.$room.*"); done
"$@" wine "$work/tests/Titok.Vulkan.Tests.exe" "${classes[@]}" -noColor
