#!/usr/bin/env bash
# Measures titok on this machine's GPU, and PyTorch beside it, in less than ten minutes: whole images, encoding, single ops, the forms
# of attention, launches in chains and the demo's frames, for docs/performance.md. Not measured here are its comparison with cuBLAS
# (kernels.py), the time of a first start, int8 weights, and tiles. Run tests/gpu/prepare.sh first, where .NET is; here are needed the Vulkan loader with the GPU's
# driver, and python3 with PyTorch and CUDA (without them PyTorch's rows are left out).
#
#   tests/gpu/measure.sh [FOLDER]      results.jsonl, a line a measurement, and table.md go to FOLDER (gpu-results)
#
# Whatever fails or is left out is told; the rest is measured all the same. The last line is "N measured, N failed, N skipped", of which
# the first are lines of results.jsonl, and a set of ops that failed or was left out is one. It ends with 1 if anything failed.
#
# Nearly all of the time goes to PyTorch compiling. While it does nothing is timed; after it, everything, one by one: at first what
# is held against PyTorch. LIMIT is how many seconds all may take, 570 unless told: those of PyTorch's forms that are not compiled
# TIMING seconds (150) before it are stopped. MEANWHILE is a command to run while they compile. OPS are words by which single ops are
# picked, with | between them; all unless told. WEIGHTS is a folder to keep the models' random weights in, and to take them from.
# QUICK=1 takes a tiny model and short runs, to try the script itself on any device; a row of titok's own for which no time is left is a
# failure then.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-gpu-results}
mkdir -p "$out"
results=$out/results.jsonl
: >"$results"
titok=$here/artifacts/titok
ops=$here/artifacts/Titok.Vulkan.Benchmarks
for program in "$titok" "$ops"; do
  [ -x "$program" ] || { echo "measure.sh: there is no $program; run tests/gpu/prepare.sh first, where .NET is" >&2; exit 1; }
done
turns=$(mktemp -d)
weights=${WEIGHTS:-$turns/weights}
mkdir -p "$weights"
trap 'rm -rf "$turns"' EXIT
limit=${LIMIT:-570}
# Empty where there is no PyTorch at all.
cuda=$(python3 -c 'import torch; print(int(torch.cuda.is_available()))' 2>/dev/null)
device=cuda
[ "$cuda" = 1 ] || device=cpu

failures=0 skips=0
# skip NAME WHY
skip() {
  skips=$((skips + 1))
  echo "skipped $1: $2"
}

# failed NAME ERRORS: told with the last of what it said.
failed() {
  failures=$((failures + 1))
  echo "FAILED  $1 ($SECONDS s): $(tail -3 "$2" | tr '\n' ' ' | cut -c1-400)"
}

# within NAME SECONDS COMMAND…: runs it for at most that long, and no longer than all may take; 99 where no time is left.
within() {
  local name=$1 most=$2 left=$((limit - SECONDS))
  shift 2
  [ "$most" -le "$left" ] || most=$left
  [ "$most" -gt 5 ] || { echo "no time is left for $name" >&2; return 99; }
  timeout "$most" "$@"
}

# late NAME ERRORS: no time was left for it. A short run has time enough for all but PyTorch.
late() {
  if [ -n "${QUICK:-}" ] && [[ $1 != *PyTorch* ]]; then failed "$1" "$2"; else skip "$1" "no time is left"; fi
}

# row NAME SECONDS COMMAND…: the last line of the command's output, which is JSON, with the row's name.
row() {
  local name=$1 line status
  within "$@" >"$out/output" 2>"$out/error"
  status=$?
  [ "$status" != 99 ] || { late "$name" "$out/error"; return; }
  line=$(tail -1 "$out/output")
  if [ "$status" = 0 ] && [[ $line == *"}" ]]; then
    echo "{\"row\":\"$name\",\"result\":$line}" >>"$results"
    echo "done    $name ($SECONDS s)"
  else
    failed "$name" "$out/error"
  fi
}

# lines ROW NAME SECONDS COMMAND…: every line is a row. One that was cut short when the time was over is none.
lines() {
  local row=$1 name=$2 status
  shift
  within "$@" >"$out/output" 2>"$out/error"
  status=$?
  sed -n "s/^{.*}\$/{\"row\":\"$row\",\"result\":&}/p" "$out/output" >>"$results"
  if [ "$status" = 99 ]; then
    late "$name" "$out/error"
  elif grep -q 'has no matrix units' "$out/error"; then
    skip "$name" "$(tail -1 "$out/error")"
  elif [ "$status" != 0 ] || ! grep -q '}$' "$out/output"; then
    failed "$name" "$out/error"
  else
    echo "done    $name ($SECONDS s)"
  fi
}

# peer NAME ARGUMENT…: one of PyTorch's rows, started in the background: it compiles, and waits to be timed.
peers=()
pids=()
peer() {
  local name=$1 i=${#peers[@]}
  shift
  timeout "$((limit - 10 - SECONDS))" python3 "$here/../pytorch/peer.py" --device "$device" --dtype bf16 --turn "$turns/$i" --go "$turns/go" "$@" \
    >"$out/peer-$i.json" 2>"$out/peer-$i.error" &
  peers+=("$name")
  pids+=($!)
}

command -v nvidia-smi >/dev/null && nvidia-smi --query-gpu=name,driver_version,clocks.max.sm --format=csv,noheader
within "titok devices" 30 "$titok" devices 2>"$out/error" || failed "titok devices" "$out/error"
# What it finds wrong is for people.
within "titok doctor" 60 "$titok" doctor || true

runs=20 many=5 batch=64 models="L-32 S-128" frames=600
if [ -n "${QUICK:-}" ]; then
  runs=2 many=2 batch=2 models=tiny frames=60
  mkdir -p "$weights/tiny"
  ln -s "$here/../Titok.Vulkan.Tests/Goldens/tokenizer_legacy" "$weights/tiny/tokenizer"
  ln -s "$here/../Titok.Vulkan.Tests/Goldens/generator_vit" "$weights/tiny/generator"
else
  for model in $models; do
    within "weights of $model" 90 "$titok" bench --model "$model" --random-weights --weights "$weights/$model" --precision fp16 --batch 1 --runs 1 --warmup 0 --json \
      >/dev/null 2>"$out/error" || failed "weights of $model" "$out/error"
  done
fi
echo "weights made ($SECONDS s)"

# Why PyTorch, or what it compiles, can't be measured; empty where it can.
no_pytorch=
no_compiler=
if [ "$cuda" != 1 ] && [ -z "${QUICK:+$cuda}" ]; then
  no_pytorch="PyTorch is not here with CUDA"
elif [ "$device" = cpu ]; then
  # For a CPU PyTorch compiles by way of C++.
  within "whether PyTorch compiles" 60 python3 -c 'import torch; torch.compile(lambda x: x + 1)(torch.ones(2))' >/dev/null 2>&1 \
    || no_compiler="it wants g++, and PyTorch's and Python's headers"
fi
for model in $models; do
  encode=
  [ "$model" != S-128 ] || encode=--no-encode
  for form in compile eager; do
    why=$no_pytorch
    [ $form = eager ] || why=${why:-$no_compiler}
    for pictures in 1 "$batch"; do
      # Of many pictures only the faster form.
      [ $form = compile ] || [ "$pictures" = 1 ] || continue
      name="$model PyTorch ${form/compile/compiled} batch $pictures"
      times=(--runs "$runs" --warmup 3)
      [ "$pictures" = 1 ] || times=(--runs "$many" --warmup 2)
      # shellcheck disable=SC2086
      if [ -n "$why" ]; then skip "$name" "$why"; else peer "$name" --model "$weights/$model" --form $form --batch "$pictures" "${times[@]}" $encode; fi
    done
  done
done
[ -z "${MEANWHILE:-}" ] || bash -c "$MEANWHILE"
for i in "${!peers[@]}"; do
  while [ ! -e "$turns/$i" ] && kill -0 "${pids[i]}" 2>/dev/null && [ "$SECONDS" -lt $((limit - ${TIMING:-150})) ]; do sleep 0.2; done
done
stopped=" "
for i in "${!peers[@]}"; do
  if [ -e "$turns/$i" ]; then
    echo "warm    ${peers[i]}"
  elif kill "${pids[i]}" 2>/dev/null; then
    stopped+="$i "
    skip "${peers[i]}" "it was not compiled in time"
  fi
done
echo "PyTorch compiled ($SECONDS s)"

for model in $models; do
  row "$model titok batch 1" 60 "$titok" bench --model "$weights/$model" --precision fp16 --batch 1 --runs $runs --warmup 6 --kernels --ceilings --json
  row "$model titok batch $batch" 60 "$titok" bench --model "$weights/$model" --precision fp16 --batch $batch --runs $many --warmup 2 --kernels --json
done

touch "$turns/go"
wait "${pids[@]:-}" 2>/dev/null
for i in "${!peers[@]}"; do
  line=$(tail -1 "$out/peer-$i.json" 2>/dev/null)
  if [[ $line == *"}" ]]; then
    echo "{\"row\":\"${peers[i]}\",\"result\":$line}" >>"$results"
  elif [[ $stopped != *" $i "* ]]; then
    failed "${peers[i]}" "$out/peer-$i.error"
  fi
done
if [ "$cuda" = 1 ]; then
  row "PyTorch largest product" 30 python3 "$here/../pytorch/peer.py" --device "$device" --ceiling
else
  skip "PyTorch largest product" "PyTorch is not here with CUDA"
fi
echo "PyTorch done ($SECONDS s)"

# The demo's frames while it generates: on the clock of its own, and in a window where there is a display to be had.
for model in ${models%% *}; do
  row "$model demo, clocked" 40 "$titok" demo --model "$weights/$model" --frames $frames --stats -
  if command -v Xvfb >/dev/null; then
    Xvfb :93 -screen 0 1280x800x24 >/dev/null 2>&1 &
    display=$!
    sleep 1
    DISPLAY=:93 row "$model demo, window" 40 "$titok" demo --model "$weights/$model" --seconds $((frames / 60)) --stats -
    kill "$display"
  else
    skip "$model demo, window" "Xvfb is not here"
  fi
done

# Single ops; every line is a row.
[ -z "${QUICK:-}" ] || OPS=66x768x768
IFS='|' read -ra words <<<"${OPS:-}"
for word in "${words[@]:-}"; do
  lines op "ops${word:+ $word}" 90 "$ops" fp16 ${word:+"$word"}
done
# What GPUs without matrix units are given, and what they had before, on this one.
words=("linear 66x3072x768" "linear 4624x4096x1024" "conv3x3 128 to 128 at 256")
[ -z "${QUICK:-}" ] || words=(66x768x768)
for form in portable fma; do
  for word in "${words[@]}"; do
    lines form "$word by $form" 30 "$ops" fp16 $form "$word"
  done
done
lines attention "forms of attention" 60 "$ops" attention ${QUICK:+2x33}
lines chain "launches with barriers and in chains" 90 "$ops" chains ${QUICK:+2x33}

python3 "$here/table.py" "$results" 2>"$out/error" | tee "$out/table.md"
[ "${PIPESTATUS[0]}" = 0 ] || failed "the table" "$out/error"
rm -f "$out"/peer-*.json "$out"/peer-*.error "$out/output" "$out/error"
echo "all done ($SECONDS s)"
echo "$(wc -l <"$results") measured, $failures failed, $skips skipped"
[ "$failures" = 0 ]
