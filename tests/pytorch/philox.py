"""The noise of the sampling loop, as docs/architecture.md defines it: Philox4x32-10, one key a picture."""
import numpy as np
import torch

_LOW = np.uint64(0xFFFFFFFF)


def philox(counter, key):
    """Ten rounds: four words of counter [..., 4] and two of key [..., 2], all uint32, to four words."""
    c = [counter[..., i].astype(np.uint64) for i in range(4)]
    k = [key[..., i].astype(np.uint64) for i in range(2)]
    for _ in range(10):
        a, b = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [(b >> np.uint64(32)) ^ c[1] ^ k[0], b & _LOW, (a >> np.uint64(32)) ^ c[3] ^ k[1], a & _LOW]
        k = [(k[0] + np.uint64(0x9E3779B9)) & _LOW, (k[1] + np.uint64(0xBB67AE85)) & _LOW]
    return np.stack(c, -1).astype(np.uint32)


def gumbel_noise(seed):
    """noise(like, step, stream) for Generator.generate: picture i of a batch has the key seed + i."""

    def noise(like, step, stream):
        batch, positions = like.shape[:2]
        elements = like.shape[2] if stream == 0 else 1
        counter = np.zeros((batch, positions, -(-elements // 4), 4), np.uint32)
        counter[..., 0] = np.arange(counter.shape[2])
        counter[..., 1] = np.arange(positions)[:, None]
        counter[..., 2], counter[..., 3] = step, stream
        seeds = np.array([(seed + i) % (1 << 64) for i in range(batch)], np.uint64)
        key = np.stack([seeds & _LOW, seeds >> np.uint64(32)], -1)[:, None, None].astype(np.uint32)
        words = philox(counter, np.broadcast_to(key, counter.shape[:3] + (2,))).reshape(batch, positions, -1)[..., :elements]
        u = (words >> np.uint32(9)).astype(np.float64) * 2.0**-23 + 2.0**-24
        return torch.from_numpy(-np.log(-np.log(u))).float().reshape(like.shape)

    return noise


assert " ".join(f"{w:08x}" for w in philox(np.zeros(4, np.uint32), np.zeros(2, np.uint32))) == "6627e8d5 e169c58d bc57ac4c 9b00dbd8"
