#!/usr/bin/env bash
# Compiles the window's shaders, and writes the hash of each with what it includes, by which a test knows that no binary is
# stale. Needs shaderc's glslc (Debian: apt-get install glslc).
set -euo pipefail
cd "$(dirname "$0")"
for source in quad.vert quad.frag; do
    glslc --target-env=vulkan1.2 -O -o "$source.spv" "$source"
done
for source in quad.vert quad.frag; do
    printf '%s  %s\n' "$(cat "$source" quad.glsl | sha256sum | cut -d' ' -f1)" "$source"
done >sources.sha256
