"""Holds the PyTorch networks against the golden numbers of the published code, so that a race is run between equals."""

import json
import sys
from pathlib import Path

import torch

from titok_torch import Generator, Tokenizer, read_safetensors

goldens = Path(__file__).parent.parent / "Titok.Vulkan.Tests" / "Goldens"
failed = greedy = 0


def report(name, holds, told):
    global failed
    failed += not holds
    print(f"{'ok    ' if holds else 'FAILED'} {name}: {told}")


with torch.inference_mode():
    for name in ("generator_vit", "generator_uvit"):
        generator, golden = Generator(goldens / name), read_safetensors(goldens / name / "golden.safetensors")
        for run, settings in json.loads((goldens / name / "runs.json").read_text()).items():
            if not run.startswith("greedy"):
                continue
            greedy += 1
            tokens = generator.generate(
                torch.tensor([3, 7]),
                settings["num_sample_steps"],
                settings["guidance_scale"],
                settings["guidance_decay"],
                settings["randomize_temperature"],
                settings.get("softmax_temperature_annealing", False),
            )
            expected = golden[f"{run}.tokens"]
            report(f"{name} {run}", torch.equal(tokens, expected.reshape(tokens.shape)), f"{(tokens == expected.reshape(tokens.shape)).float().mean():.0%} of the tokens")

    tokenizer, golden = Tokenizer(goldens / "tokenizer_legacy"), read_safetensors(goldens / "tokenizer_legacy" / "golden.safetensors")
    tokens = tokenizer.encode(golden["image"])
    expected = golden["tokens"].reshape(tokens.shape)
    report("tokenizer_legacy encode", torch.equal(tokens, expected), f"{(tokens == expected).float().mean():.0%} of the tokens")
    error = (tokenizer.decode(expected.long()) - golden["decoded"]).norm() / golden["decoded"].norm()
    report("tokenizer_legacy decode", error < 1e-4, f"relative L2 {error:.1e}")

# Three kinds of guidance for each of both generators.
report("greedy runs", greedy == 6, f"{greedy} of 6 were tried")
sys.exit(failed > 0)
