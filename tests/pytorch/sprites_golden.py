"""Writes what PyTorch computes from the model in models/sprites, in fp32: python3 tests/pytorch/sprites_golden.py

It goes to tests/Titok.Vulkan.Tests/Goldens/sprites/golden.safetensors: `image` [16, 3, S, S], a held-out drawn picture of each class, and
its `tokens`; `generated` [16, 32], a picture of each class by the default settings with seeds 7, 8, …, and `decoded`, their pictures.
"""
import json
import sys
from pathlib import Path

import torch

from philox import gumbel_noise
from titok_torch import Generator, Tokenizer

root = Path(__file__).resolve().parents[2]
model = root / "models" / "sprites"
sys.path.insert(0, str(model))
from drawing import CLASSES, draw  # noqa: E402
from safetensors_file import write_safetensors  # noqa: E402

SEED, SIZE = 7, 64


with torch.inference_mode():
    preset = json.loads((model / "presets.json").read_text())["paper"]
    generator, tokenizer = Generator(model / "generator"), Tokenizer(model / "tokenizer")
    # fp16 numbers, so that both sides start from the same ones in half the room.
    image = draw(2, 0, len(CLASSES), SIZE)[0].half()
    generated = generator.generate(
        torch.arange(len(CLASSES)), preset["steps"], preset["guidance"], preset["guidance_decay"], preset["temperature"], preset["anneal"], noise=gumbel_noise(SEED)
    )
    write_safetensors(root / "tests" / "Titok.Vulkan.Tests" / "Goldens" / "sprites" / "golden.safetensors", {
        "image": image,
        "tokens": tokenizer.encode(image.float()).int(),
        "generated": generated.int(),
        "decoded": tokenizer.decode(generated),
    }, dtype=None)
