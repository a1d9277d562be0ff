#!/usr/bin/env bash
# Tests the kernels for Hopper (shaders/warpgroup) where there is no such GPU: as C++, on a device that tests/warpgroup/device.cuh
# emulates. That the driver compiles them, and that the instructions are what they are emulated as, only such a GPU tells: WarpgroupTests.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Every kernel there is, is checked.
for source in ../../shaders/*/*.cu; do
  name=$(basename "$source" .cu)
  grep -qE "check_[a-z_]+<${name/_warpgroup/}::" check.cpp || { echo "FAILED: check.cpp does not check $source"; exit 1; }
done
./build.sh check.cpp "$work/check"
"$work/check"
