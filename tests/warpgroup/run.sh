#!/usr/bin/env bash
# Tests the kernels for Hopper (shaders/warpgroup) where there is no such GPU: as C++, on a device that tests/warpgroup/device.cuh
# emulates. That the driver compiles them, and that the instructions are what they are emulated as, only such a GPU tells: WarpgroupTests.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Every kernel there is, is included and checked.
for source in ../../shaders/*/*.cu; do
  name=$(basename "$source" .cu)
  name=${name/_warpgroup/}
  grep -qF "#include \"${source#../../shaders/}\"" check.cpp && grep -qE "check_[a-z_]+<$name::" check.cpp || { echo "FAILED: check.cpp does not check $source"; exit 1; }
done
# The same names in place of the device's.
cp -r ../../shaders/warpgroup ../../shaders/attention ../../shaders/linear ../../shaders/conv check.cpp "$work"
cp device.cuh multiply.cuh "$work/warpgroup"
"${CXX:-g++}" -std=c++20 -O2 -Wall -Wextra -Wno-attributes -Wno-unknown-pragmas -o "$work/check" "$work/check.cpp"
"$work/check"
