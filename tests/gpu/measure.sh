#!/usr/bin/env bash
# Measures titok on this machine's GPU, and PyTorch beside it, in less than ten minutes: every row of docs/performance.md
# that needs a GPU. Run tests/gpu/prepare.sh first, where .NET is; here are needed the Vulkan loader with the GPU's driver,
# and python3 with PyTorch and CUDA (without them PyTorch's rows are left out).
#
#   tests/gpu/measure.sh [FOLDER]      results.jsonl, a line a measurement, and table.md go to FOLDER (gpu-results)
#
# QUICK=1 takes a tiny model and short runs, to try the script itself on any device.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-gpu-results}
mkdir -p "$out"
results=$out/results.jsonl
: >"$results"
titok=$here/artifacts/titok
ops=$here/artifacts/Titok.Vulkan.Benchmarks
weights=$(mktemp -d)
trap 'rm -rf "$weights"' EXIT
cuda=$(python3 -c 'import torch; print(int(torch.cuda.is_available()))' 2>/dev/null || echo 0)
device=cuda
[ "$cuda" = 1 ] || device=cpu

# row NAME SECONDS COMMAND…: the last line of the command's output, which is JSON, with the row's name; failures are told.
row() {
  local name=$1 limit=$2 line left=$((570 - SECONDS))
  shift 2
  [ "$limit" -le "$left" ] || limit=$left
  [ "$limit" -gt 5 ] || { echo "skipped $name: the ten minutes are over"; return; }
  if line=$(timeout "$limit" "$@" 2>"$out/error" | tail -1) && [ -n "$line" ]; then
    echo "{\"row\":\"$name\",\"result\":$line}" >>"$results"
    echo "done    $name ($SECONDS s)"
  else
    echo "FAILED  $name ($SECONDS s): $(tail -3 "$out/error" | tr '\n' ' ' | cut -c1-400)"
  fi
}
peer() {
  local name=$1 limit=$2
  shift 2
  if [ "$cuda" = 1 ] || [ -n "${QUICK:-}" ]; then
    row "$name" "$limit" python3 "$here/../pytorch/peer.py" --device "$device" "$@"
  else
    echo "skipped $name: no PyTorch with CUDA here"
  fi
}

command -v nvidia-smi >/dev/null && nvidia-smi --query-gpu=name,driver_version,clocks.max.sm --format=csv,noheader
"$titok" devices
"$titok" doctor || true

# Single ops; every line is a row.
word=
[ -n "${QUICK:-}" ] && word=66x768x768
# shellcheck disable=SC2086
timeout 90 "$ops" fp16 $word 2>"$out/ops.txt" | while read -r line; do echo "{\"row\":\"op\",\"result\":$line}" >>"$results"; done
cat "$out/ops.txt"
echo "done    ops ($SECONDS s)"

if [ -n "${QUICK:-}" ]; then
  models="tiny"
  mkdir -p "$weights/tiny"
  ln -s "$here/../Titok.Vulkan.Tests/Goldens/tokenizer_legacy" "$weights/tiny/tokenizer"
  ln -s "$here/../Titok.Vulkan.Tests/Goldens/generator_vit" "$weights/tiny/generator"
else
  models="L-32 S-128"
fi
for model in $models; do
  if [ "$model" = tiny ]; then
    made=()
    runs=2 batch=2
  else
    made=(--random-weights --weights "$weights/$model")
    runs=20 batch=64
  fi
  name=$model
  [ "$model" = tiny ] && name=$weights/tiny
  folder=$weights/$model
  row "$model titok batch 1" 90 "$titok" bench --model "$name" "${made[@]}" --precision fp16 --batch 1 --runs $runs --warmup 2 --kernels --ceilings --json
  row "$model titok batch $batch" 60 "$titok" bench --model "$name" "${made[@]}" --precision fp16 --batch $batch --runs 3 --warmup 1 --kernels --json
  peer "$model PyTorch eager batch 1" 60 --model "$folder" --dtype bf16 --form eager --batch 1 --runs $runs --warmup 2
  peer "$model PyTorch eager batch $batch" 60 --model "$folder" --dtype bf16 --form eager --batch $batch --runs 3 --warmup 1
  peer "$model PyTorch compiled batch 1" 120 --model "$folder" --dtype bf16 --form compile --batch 1 --runs $runs --warmup 3
  peer "$model PyTorch compiled batch $batch" 120 --model "$folder" --dtype bf16 --form compile --batch $batch --runs 3 --warmup 3
  [ "$model" = tiny ] || rm -rf "$folder"
done
peer "PyTorch largest product" 30 --ceiling
python3 "$here/table.py" "$results" | tee "$out/table.md"
