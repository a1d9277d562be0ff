#!/usr/bin/env bash
# Builds what runs on a machine that has a GPU and no .NET, in tests/gpu/artifacts (some 30 MB, not in git): the native titok
# and the native op benchmarks, stripped, for tests/gpu/measure.sh, and the programs here in C. Needs the .NET SDK, clang,
# zlib1g-dev and libvulkan-dev.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$PWD/tests/gpu/artifacts
rm -rf "$out"
for project in src/Titok.Cli tests/Titok.Vulkan.Benchmarks; do
  dotnet publish "$project" -c Release -r linux-x64 -p:PublishAot=true -p:NuGetAudit=false -nodeReuse:false -v quiet -nologo -o "$out"
done
for program in shared_memory launches; do
  clang -std=c99 -O1 -Wall -Wextra -Wpedantic -Werror "tests/gpu/$program.c" -o "$out/$program" -lvulkan
done
rm -f "$out"/*.pdb "$out"/*.dbg "$out"/*.xml
ls -la "$out"
