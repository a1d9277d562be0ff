"""Writes and reads .safetensors files, so that the recipe needs nothing but PyTorch and numpy."""
import json
import struct

import torch

TYPES = {"F16": torch.float16, "F32": torch.float32, "I32": torch.int32}
NAMES = {kind: name for name, kind in TYPES.items()}


def write_safetensors(path, tensors, dtype=torch.float16):
    """Tensors by name, as numbers of this type; with None as those that they are."""
    header, data, at = {}, [], 0
    for name, tensor in sorted(tensors.items()):
        stored = tensor.detach().to("cpu", dtype or tensor.dtype).contiguous()
        raw = stored.numpy().tobytes()
        header[name] = {"dtype": NAMES[stored.dtype], "shape": list(stored.shape), "data_offsets": [at, at + len(raw)]}
        data.append(raw)
        at += len(raw)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
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
        data = bytearray(raw[8 + length + begin : 8 + length + end])
        tensors[name] = torch.frombuffer(data, dtype=TYPES[entry["dtype"]]).float().reshape(entry["shape"])
    return tensors


def load_weights(model, path):
    """Gives a model the weights of a file, which has to have all of them and no others."""
    missing, unexpected = model.load_state_dict(read_safetensors(path), strict=False)
    # How often a code was used is of the training, and not exported.
    missing = [name for name in missing if name != "quantize.count"]
    if missing or unexpected:
        raise ValueError(f"{path} does not fit: it lacks {missing or 'nothing'}, and has {unexpected or 'nothing'} besides")
