"""Times single ops in PyTorch on the CPU in fp32, at shapes that tests/Titok.Vulkan.Benchmarks has too: a line of JSON each."""

import json
import time

import torch
import torch.nn.functional as F

LEAST_RUNS, LEAST_SECONDS = 5, 0.5


def seconds(op):
    """Of runs after two to warm up."""
    op()
    op()
    runs = []
    while len(runs) < LEAST_RUNS or sum(runs) < LEAST_SECONDS:
        start = time.perf_counter()
        op()
        runs.append(time.perf_counter() - start)
    return sorted(runs)


def report(name, operations, op):
    runs = seconds(op)
    median = runs[len(runs) // 2]
    print(json.dumps({
        "peer": "PyTorch", "op": name, "precision": "fp32", "ms": round(1e3 * median, 3), "least_ms": round(1e3 * runs[0], 3),
        "gflops": round(operations / median / 1e9, 1),
    }))


with torch.inference_mode():
    torch.manual_seed(0)
    for rows, columns, inner in ((289, 4096, 1024), (66, 3072, 768)):
        x, weight, bias = torch.rand(rows, inner) - 0.5, torch.rand(columns, inner) - 0.5, torch.rand(columns)
        report(f"linear {rows}x{columns}x{inner}", 2 * rows * columns * inner, lambda: F.linear(x, weight, bias))
    side, channels = 128, 128
    x = (torch.rand(1, channels, side, side) - 0.5).to(memory_format=torch.channels_last)
    weight = (torch.rand(channels, channels, 3, 3) - 0.5).to(memory_format=torch.channels_last)
    report(f"conv3x3 {channels} to {channels} at {side}", 18 * side**2 * channels**2, lambda: F.conv2d(x, weight, padding=1))
