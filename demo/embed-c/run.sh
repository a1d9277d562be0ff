#!/usr/bin/env bash
# Builds the library and this sample, and runs it: run.sh OUTPUT_FOLDER [MODEL_FOLDER]. Frames go to the folder as PNG. The
# model is the one that comes with the project, models/sprites, unless another is named.
# It needs the .NET SDK, a C compiler and the Vulkan headers, and installs what of it Debian has where it may.
# TITOK_PREFIX names a folder that has the library installed already; RUN runs the sample under something, such as valgrind.
set -euo pipefail
[ $# = 1 ] || [ $# = 2 ] || { echo "usage: run.sh OUTPUT_FOLDER [MODEL_FOLDER]" >&2; exit 2; }
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
model=${2:-$root/models/sprites}
for part in tokenizer generator; do
  [ -d "$model/$part" ] || {
    if [ $# = 1 ]; then
      echo "run.sh: models/sprites has no weights, no $part/; models/sprites/README.md tells how they are made. Name a MODEL_FOLDER" >&2
    else
      echo "run.sh: $model is no model folder: it has no $part/" >&2
    fi
    exit 1
  }
done
mkdir -p "$1"
output=$(cd -- "$1" && pwd)

[ -n "${TITOK_PREFIX:-}" ] || command -v dotnet >/dev/null ||
  { echo "run.sh: the .NET SDK 10 is not installed, or not on PATH; get it from https://dotnet.microsoft.com/download" >&2; exit 1; }
packages=()
command -v "${CC:-cc}" >/dev/null || packages+=(gcc libc6-dev)
[ -e /usr/include/vulkan/vulkan.h ] || packages+=(libvulkan-dev)
if [ -z "${TITOK_PREFIX:-}" ]; then
  command -v clang >/dev/null || packages+=(clang)
  [ -e /usr/include/zlib.h ] || packages+=(zlib1g-dev)
fi
if [ ${#packages[@]} != 0 ]; then
  command -v apt-get >/dev/null || { echo "run.sh: please install what your system calls ${packages[*]}" >&2; exit 1; }
  as_root=()
  if [ "$(id -u)" != 0 ]; then
    { command -v sudo >/dev/null && sudo -n true 2>/dev/null; } || { echo "run.sh: something is missing; install it with: sudo apt-get install -y ${packages[*]}" >&2; exit 1; }
    as_root=(sudo -n)
  fi
  install_packages() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${packages[@]}" </dev/null >&2; }
  install_packages || { "${as_root[@]}" apt-get update -q </dev/null >&2 && install_packages; }
fi

prefix=${TITOK_PREFIX:-$here/bin/prefix}
[ -n "${TITOK_PREFIX:-}" ] || "$root/src/Titok.Vulkan.Native/install.sh" "$prefix"
mkdir -p "$here/bin"
# What the library asks of its users is C99 and nothing else.
"${CC:-cc}" -std=c99 -O2 -g -Wall -Wextra -Werror -pedantic -I"$prefix/include" "$here"/main.c "$here"/host.c "$here"/png.c \
  -L"$prefix/lib" -Wl,-rpath,"$prefix/lib" -ltitok -lvulkan -o "$here/bin/embed-c"
# shellcheck disable=SC2086
exec ${RUN:-} "$here/bin/embed-c" "$model" "$output" ${DISPATCHES:-}
