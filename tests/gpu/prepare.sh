#!/usr/bin/env bash
# Builds what tests/gpu/measure.sh runs on a machine that has a GPU and no .NET: the native titok and the native op
# benchmarks, stripped, in tests/gpu/artifacts (some 30 MB, not in git). Needs the .NET SDK, clang and zlib1g-dev.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$PWD/tests/gpu/artifacts
rm -rf "$out"
for project in src/Titok.Cli tests/Titok.Vulkan.Benchmarks; do
  dotnet publish "$project" -c Release -r linux-x64 -p:PublishAot=true -p:NuGetAudit=false -nodeReuse:false -v quiet -nologo -o "$out"
done
rm -f "$out"/*.pdb "$out"/*.dbg "$out"/*.xml
ls -la "$out"
