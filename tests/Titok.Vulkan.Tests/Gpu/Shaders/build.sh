#!/usr/bin/env bash
# Compiles the shaders that only tests have, and writes the hash of each with what one of them includes, by which a test knows that
# no binary is stale. Needs shaderc's glslc (Debian: apt-get install glslc).
set -euo pipefail
cd "$(dirname "$0")"
for source in *.comp; do
    glslc --target-env=vulkan1.2 -O -o "${source%.comp}.spv" "$source"
done
for source in *.comp; do
    printf '%s  %s\n' "$(cat "$source" ../../../../shaders/common/noise.glsl | sha256sum | cut -d' ' -f1)" "$source"
done >sources.sha256
