"""Writes and reads .safetensors files of fp16 numbers, so that the recipe needs nothing but PyTorch and numpy."""
import json
import struct

import torch


def write_safetensors(path, tensors):
    header, data, at = {}, [], 0
    for name, tensor in sorted(tensors.items()):
        raw = tensor.detach().to("cpu", torch.float16).contiguous().numpy().tobytes()
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [at, at + len(raw)]}
        data.append(raw)
        at += len(raw)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    unfinished = path.with_suffix(".tmp")
    with open(unfinished, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.writelines(data)
    unfinished.rename(path)


def read_safetensors(path):
    """Tensors by name, as fp32."""
    raw = path.read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    tensors = {}
    for name, entry in json.loads(raw[8 : 8 + length]).items():
        begin, end = entry["data_offsets"]
        tensors[name] = torch.frombuffer(bytearray(raw[8 + length + begin : 8 + length + end]), dtype=torch.float16).float().reshape(entry["shape"])
    return tensors
