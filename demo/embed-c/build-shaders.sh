#!/usr/bin/env bash
# Compiles the quad's shaders for both samples: words to include in C, and binaries for embed-csharp. Needs shaderc's glslc
# of 2026, whose bytes they are (Debian: apt-get install glslc).
set -euo pipefail
cd "$(dirname "$0")"
for stage in vert frag; do
    glslc -O --target-env=vulkan1.0 -mfmt=num "quad.$stage" -o "quad.$stage.inc"
    glslc -O --target-env=vulkan1.0 "quad.$stage" -o "../embed-csharp/quad.$stage.spv"
done
