#!/usr/bin/env bash
# Compiles a program of the kernels for Hopper (shaders/warpgroup) as C++, on the device that device.cuh emulates.
#
#   tests/warpgroup/build.sh PROGRAM.cpp OUT [OPTION…]
set -euo pipefail
[ $# -ge 2 ] || { sed -n "2,4p" "$0"; exit 2; }
out=$(realpath -m "$2")
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Every kernel there is, is included.
for source in ../../shaders/*/*.cu; do
  grep -qF "#include \"${source#../../shaders/}\"" kernels.h || { echo "FAILED: kernels.h does not include $source"; exit 1; }
done
# The same names in place of the device's.
cp -r ../../shaders/warpgroup ../../shaders/attention ../../shaders/linear ../../shaders/conv kernels.h "$1" "$work"
cp device.cuh multiply.cuh "$work/warpgroup"
"${CXX:-g++}" -std=c++20 -O2 -Wall -Wextra -Wno-attributes -Wno-unknown-pragmas "${@:3}" -o "$out" "$work/$1"
