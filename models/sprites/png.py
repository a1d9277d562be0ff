"""Writes PNG files, so that the recipe needs nothing but PyTorch and numpy."""
import struct
import zlib

import numpy as np


def write_png(path, picture):
    """picture: uint8 [H, W, 3]."""
    height, width, _ = picture.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), picture.reshape(height, -1)], axis=1)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)) + chunk(b"IEND", b""))


def sheet(pictures, columns):
    """float [N, 3, S, S] in 0..1 -> uint8 [rows*S, columns*S, 3]."""
    array = (pictures.clamp(0, 1) * 255).byte().permute(0, 2, 3, 1).cpu().numpy()
    rows = len(array) // columns
    size = array.shape[1]
    return array[: rows * columns].reshape(rows, columns, size, size, 3).transpose(0, 2, 1, 3, 4).reshape(rows * size, columns * size, 3)
