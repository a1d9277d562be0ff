#!/usr/bin/env bash
# Compiles shaders/<family>/*.comp to src/Titok.Vulkan/Shaders/<name>[.<variant>].spv and shaders/<family>/*.cu to <name>.ptx
# there, and writes the hash of every shader with all it includes beside them, by which a test knows that no binary is stale.
#
# Needs shaderc's glslc of 2024 or newer (Debian: apt-get install glslc), and clang 21, of which no part is CUDA's (Debian:
# apt-get install clang-21).
set -euo pipefail
cd "$(dirname "$0")"
out=../src/Titok.Vulkan/Shaders
command -v glslc >/dev/null || { echo "shaders/build.sh: glslc is not installed; on Debian: apt-get install glslc" >&2; exit 1; }
mkdir -p "$out"

for source in */*.comp; do
    name=$(basename "$source" .comp)
    variants=$(sed -n 's/^\/\/ variants: //p' "$source")
    [ -n "$variants" ] || { echo "$source: no line '// variants:'" >&2; exit 1; }
    target=$(sed -n 's/^\/\/ target: //p' "$source")
    for variant in $variants; do
        suffix=.$variant
        case ${variant%_int8} in
            none) suffix= defines= ;;
            fp32) defines= ;;
            fp16) defines=-DFP16 ;;
            fp16_f32) defines="-DFP16 -DY_FP32" ;;
            *) echo "$source: unknown variant $variant" >&2; exit 1 ;;
        esac
        case $variant in *_int8) defines="$defines -DINT8" ;; esac
        # shellcheck disable=SC2086
        glslc --target-env="${target:-vulkan1.2}" -O $defines -o "$out/$name$suffix.spv" "$source"
    done
done

command -v clang-21 >/dev/null || { echo "shaders/build.sh: clang-21 is not installed; on Debian: apt-get install clang-21" >&2; exit 1; }
for source in */*.cu; do
    clang-21 -x cuda -std=c++20 -nocudainc -nocudalib --cuda-device-only --cuda-gpu-arch=sm_90a --cuda-feature=+ptx80 \
        -Wno-unknown-cuda-version -O3 -S -o "$out/$(basename "$source" .cu).ptx" "$source"
done

# A line a shader: the hash of its text followed by that of every common file, in the order of their names.
for kind in comp:glsl cu:cuh; do
    includes=$(find . -name "*.${kind#*:}" | LC_ALL=C sort)
    for source in */*."${kind%:*}"; do
        # shellcheck disable=SC2086
        printf '%s  %s\n' "$(cat "$source" $includes | sha256sum | cut -d' ' -f1)" "$source"
    done
done >"$out/sources.sha256"
