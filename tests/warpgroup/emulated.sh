#!/usr/bin/env bash
# Runs a command, by which the tests of networks on an emulated Hopper GPU run and do not skip themselves (EmulatedHopperTests):
#
#   tests/warpgroup/emulated.sh COMMAND…
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$(dirname "$0")"/build.sh library.cpp "$work/library.so" -shared -fPIC
export TITOK_EMULATED_HOPPER=$work/library.so
"$@"
