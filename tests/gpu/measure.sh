#!/usr/bin/env bash
# Measures titok on this machine's GPU, and PyTorch beside it, in less than ten minutes: every row of docs/performance.md
# that needs a GPU. Run tests/gpu/prepare.sh first, where .NET is; here are needed the Vulkan loader with the GPU's driver,
# and python3 with PyTorch and CUDA (without them PyTorch's rows are left out).
#
#   tests/gpu/measure.sh [FOLDER]      results.jsonl, a line a measurement, and table.md go to FOLDER (gpu-results)
#
# QUICK=1 takes a tiny model and short runs, to try the script itself on any device. MEANWHILE is a command that is run while
# PyTorch compiles its forms and nothing is timed. LIMIT is how many seconds all may take, 570 unless told; those of PyTorch's
# forms that are not compiled 100 seconds before it are left out, and the others timed beside them.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-gpu-results}
mkdir -p "$out"
results=$out/results.jsonl
: >"$results"
titok=$here/artifacts/titok
ops=$here/artifacts/Titok.Vulkan.Benchmarks
weights=$(mktemp -d)
trap 'rm -rf "$weights" "${turns:-$weights}" "${turns:-$weights}.lock"' EXIT
cuda=$(python3 -c 'import torch; print(int(torch.cuda.is_available()))' 2>/dev/null || echo 0)
device=cuda
[ "$cuda" = 1 ] || device=cpu

# row NAME SECONDS COMMAND…: the last line of the command's output, which is JSON, with the row's name; failures are told.
row() {
  local name=$1 limit=$2 line left=$((${LIMIT:-570} - SECONDS))
  shift 2
  [ "$limit" -le "$left" ] || limit=$left
  [ "$limit" -gt 5 ] || { echo "skipped $name: the time is over"; return; }
  if line=$(timeout "$limit" "$@" 2>"$out/error" | tail -1) && [ -n "$line" ]; then
    echo "{\"row\":\"$name\",\"result\":$line}" >>"$results"
    echo "done    $name ($SECONDS s)"
  else
    echo "FAILED  $name ($SECONDS s): $(tail -3 "$out/error" | tr '\n' ' ' | cut -c1-400)"
  fi
}

# peer NAME ARGUMENT…: PyTorch's row, started in the background. All compile at once, and are timed one after another.
peers=()
peer() {
  local name=$1 file=$turns/${#peers[@]}
  shift
  peers+=("$name")
  {
    timeout "$((${LIMIT:-570} - 20 - SECONDS))" python3 "$here/../pytorch/peer.py" --device "$device" --turn "$file" --of "$peer_count" \
      --until "$(($(date +%s) - SECONDS + ${LIMIT:-570} - 100))" "$@" \
      >"$out/peer-${file##*/}.json" 2>"$out/peer-${file##*/}.error"
    touch "$file" # also of one that failed, for which the others would wait
  } &
}

command -v nvidia-smi >/dev/null && nvidia-smi --query-gpu=name,driver_version,clocks.max.sm --format=csv,noheader
timeout 30 "$titok" devices
timeout 60 "$titok" doctor || true

runs=20 batch=64 models="L-32 S-128"
if [ -n "${QUICK:-}" ]; then
  runs=2 batch=2 models=tiny
  mkdir -p "$weights/tiny"
  ln -s "$here/../Titok.Vulkan.Tests/Goldens/tokenizer_legacy" "$weights/tiny/tokenizer"
  ln -s "$here/../Titok.Vulkan.Tests/Goldens/generator_vit" "$weights/tiny/generator"
else
  for model in $models; do
    timeout 90 "$titok" bench --model "$model" --random-weights --weights "$weights/$model" --precision fp16 --batch 1 --runs 1 --warmup 0 --json >/dev/null
  done
fi
echo "weights made ($SECONDS s)"

for model in $models; do
  row "$model titok batch 1" 60 "$titok" bench --model "$weights/$model" --precision fp16 --batch 1 --runs $runs --warmup 3 --kernels --ceilings --json
  row "$model titok batch $batch" 60 "$titok" bench --model "$weights/$model" --precision fp16 --batch $batch --runs 5 --warmup 2 --kernels --json
done

# The demo's frames while it generates: on the clock of its own, and in a window where there is a display to be had.
frames=900
[ -n "${QUICK:-}" ] && frames=60
for model in ${models%% *}; do
  row "$model demo, clocked" 40 "$titok" demo --model "$weights/$model" --frames $frames --stats -
  if command -v Xvfb >/dev/null; then
    Xvfb :93 -screen 0 1280x800x24 >/dev/null 2>&1 &
    sleep 1
    DISPLAY=:93 row "$model demo, window" 40 "$titok" demo --model "$weights/$model" --seconds $((frames / 60)) --stats -
    kill $!
  else
    echo "skipped the demo's window: Xvfb is not here"
  fi
done

# Single ops; every line is a row.
word=
[ -n "${QUICK:-}" ] && word=66x768x768
# shellcheck disable=SC2086
timeout 90 "$ops" fp16 $word 2>"$out/ops.txt" | while read -r line; do echo "{\"row\":\"op\",\"result\":$line}" >>"$results"; done
cat "$out/ops.txt"
echo "done    ops ($SECONDS s)"

turns=$(mktemp -d)
if [ "$cuda" = 1 ] || [ -n "${QUICK:-}" ]; then
  set -- $models
  peer_count=$((4 * $#))
  for model in $models; do
    for form in eager compile; do
      name="$model PyTorch ${form/compile/compiled}"
      peer "$name batch 1" --model "$weights/$model" --dtype bf16 --form $form --batch 1 --runs $runs --warmup 3
      peer "$name batch $batch" --model "$weights/$model" --dtype bf16 --form $form --batch $batch --runs 5 --warmup 2
    done
  done
else
  echo "skipped PyTorch: it is not here with CUDA"
fi
# Something else to do while PyTorch compiles, and nothing is timed yet.
[ -z "${MEANWHILE:-}" ] || bash -c "$MEANWHILE"
wait
for i in "${!peers[@]}"; do
  line=$(tail -1 "$out/peer-$i.json" 2>/dev/null)
  if [ -n "$line" ]; then
    echo "{\"row\":\"${peers[i]}\",\"result\":$line}" >>"$results"
  else
    echo "FAILED  ${peers[i]}: $(tail -3 "$out/peer-$i.error" | tr '\n' ' ' | cut -c1-400)"
  fi
done
echo "PyTorch done ($SECONDS s)"

[ "$cuda" = 0 ] || row "PyTorch largest product" 30 python3 "$here/../pytorch/peer.py" --device "$device" --ceiling
python3 "$here/table.py" "$results" | tee "$out/table.md"
rm -f "$out"/peer-*.json "$out"/peer-*.error
