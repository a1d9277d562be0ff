"""Writes what PyTorch computes from the model in models/sprites, in fp32: python3 tests/pytorch/sprites_golden.py

It goes to tests/Titok.Vulkan.Tests/Goldens/sprites/golden.safetensors: `image` [16, 3, S, S], a held-out drawn picture of each class, and
its `tokens`; `generated` [16, 32], a picture of each class by the default settings with seeds 7, 8, …, and `decoded`, their pictures.
"""
import json
import struct
import sys
from pathlib import Path

import torch

from philox import gumbel_noise
from titok_torch import Generator, Tokenizer

root = Path(__file__).resolve().parents[2]
model = root / "models" / "sprites"
sys.path.insert(0, str(model))
from drawing import draw  # noqa: E402

SEED, SIZE = 7, 64


def write(path, tensors):
    header, data, at = {}, b"", 0
    for name, tensor in tensors.items():
        raw = tensor.contiguous().numpy().tobytes()
        kind = {torch.float16: "F16", torch.float32: "F32", torch.int32: "I32"}[tensor.dtype]
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [at, at + len(raw)]}
        data, at = data + raw, at + len(raw)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


with torch.inference_mode():
    preset = json.loads((model / "presets.json").read_text())["paper"]
    generator, tokenizer = Generator(model / "generator"), Tokenizer(model / "tokenizer")
    # fp16 numbers, so that both sides start from the same ones in half the room.
    image = draw(2, 0, 16, SIZE)[0].half()
    generated = generator.generate(
        torch.arange(16), preset["steps"], preset["guidance"], preset["guidance_decay"], preset["temperature"], preset["anneal"], noise=gumbel_noise(SEED)
    )
    write(root / "tests" / "Titok.Vulkan.Tests" / "Goldens" / "sprites" / "golden.safetensors", {
        "image": image,
        "tokens": tokenizer.encode(image.float()).int(),
        "generated": generated.int(),
        "decoded": tokenizer.decode(generated),
    })
