"""The pictures to train on: drawn afresh for every batch on a GPU; on a CPU, where drawing costs as much as training, drawn once
into a pool of files and used for several rounds.

    python3 models/sprites/data.py --run DIR        draws the pool ahead (it can be stopped and goes on where it was)
"""
import argparse
from pathlib import Path

import numpy as np
import torch

from drawing import CLASSES, draw
from settings import load_settings

PART = 1024
"""Pictures in a file of the pool."""


def to_bytes(pictures):
    """float [N, 3, S, S] in 0..1 -> uint8, rounded."""
    return (pictures * 255 + 0.5).clamp(0, 255).byte()


def to_floats(pictures):
    return pictures.float() / 255


class Pool:
    """The first `count` training pictures as uint8 [count, 3, S, S], kept in files under the run's folder."""

    def __init__(self, run, settings):
        self.folder = Path(run) / "pool"
        self.seed, self.size = settings["train_seed"], settings["size"]
        self.parts = -(-settings["pool"] // PART)

    def path(self, part):
        return self.folder / f"{self.size}-{part:03}.npy"

    def draw_missing(self, show=print):
        self.folder.mkdir(parents=True, exist_ok=True)
        for part in range(self.parts):
            path = self.path(part)
            if path.exists():
                continue
            pictures = torch.cat([to_bytes(draw(self.seed, part * PART + i, 128, self.size)[0]) for i in range(0, PART, 128)])
            unfinished = path.with_suffix(".tmp")
            with open(unfinished, "wb") as file:
                np.save(file, pictures.numpy())
            unfinished.rename(path)
            show(f"pool: {(part + 1) * PART} of {self.parts * PART} pictures")

    def load(self, wait_for_all=True):
        if wait_for_all:
            self.draw_missing()
        paths = [self.path(part) for part in range(self.parts) if self.path(part).exists()]
        return torch.from_numpy(np.concatenate([np.load(path) for path in paths]))


class Batches:
    """Batch n of training pictures, the same for a step whether or not the training was interrupted before it."""

    def __init__(self, run, settings, device):
        self.settings, self.device = settings, device
        self.pool = None if device.type == "cuda" else Pool(run, settings).load()

    def __call__(self, step, count):
        """float [count, 3, S, S] in 0..1 and classes [count]."""
        if self.pool is None:
            return draw(self.settings["train_seed"], step * count, count, self.settings["size"], self.device)
        chosen = torch.randint(len(self.pool), (count,), generator=torch.Generator().manual_seed(step))
        return to_floats(self.pool[chosen]).to(self.device), (chosen % len(CLASSES)).to(self.device)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", required=True)
    Pool(parser.parse_args().run, load_settings()).draw_missing()
