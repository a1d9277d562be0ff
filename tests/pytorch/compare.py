"""Runs `titok bench` and PyTorch side by side on one model folder, in turn, and prints the ratios.

    compare.py --titok PATH --model DIR [--batch N] [--device cpu|cuda] [--runs N] [--rounds N] [--steps N]
               [--dtypes fp32,bf16] [--forms eager,compile]

`titok bench --model L-32 --random-weights --weights DIR` makes such a folder.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

parser = argparse.ArgumentParser(description="Race titok against PyTorch.")
parser.add_argument("--titok", required=True)
parser.add_argument("--model", required=True)
parser.add_argument("--batch", default="1")
parser.add_argument("--device", default="cpu")
parser.add_argument("--runs", default="3")
parser.add_argument("--rounds", type=int, default=2, help="how often each takes its turn")
parser.add_argument("--steps")
parser.add_argument("--precision", default="auto", help="of titok")
parser.add_argument("--dtypes", default="fp32,bf16", help="of PyTorch")
parser.add_argument("--forms", default="eager,compile", help="of PyTorch")
options = parser.parse_args()

shared = ["--model", options.model, "--batch", options.batch, "--runs", options.runs]
if options.steps:
    shared += ["--steps", options.steps]
peer = [sys.executable, str(Path(__file__).parent / "peer.py"), *shared, "--device", options.device]
contenders = {
    "titok": [options.titok, "bench", *shared, "--precision", options.precision, "--json"],
    **{f"PyTorch {dtype} {form}": [*peer, "--dtype", dtype, "--form", form] for dtype in options.dtypes.split(",") for form in options.forms.split(",")},
}

results = {name: [] for name in contenders}
failed = 0
for _ in range(options.rounds):
    for name, command in contenders.items():
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode == 0:
            results[name].append(json.loads(run.stdout.splitlines()[-1]))
            print(name, run.stdout.splitlines()[-1], file=sys.stderr, flush=True)
        else:
            failed += 1
            print(f"{name}: {run.stderr.strip().splitlines()[-1] if run.stderr.strip() else run.returncode}", file=sys.stderr, flush=True)

if not results["titok"]:
    sys.exit("titok failed, and there is nothing to compare with")
for what, key in (("generating", "total_ms"), ("encoding", "encode_ms")):
    ours = statistics.median(r[key] for r in results["titok"])
    print(f"{what:24}{'ms':>10}{'titok takes':>14}")
    for name, runs in results.items():
        if runs:
            total = statistics.median(r[key] for r in runs)
            print(f"{name:24}{total:10.0f}{ours / total:13.2f}×")
        else:
            print(f"{name:24}    failed")
sys.exit(failed > 0)
