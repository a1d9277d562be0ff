"""Trains the generator on the tokens of the training pictures, by filling in masked ones."""
import hashlib
import math
from pathlib import Path

import torch
import torch.nn.functional as F

from data import Batches, Pool, to_floats
from drawing import CLASSES
from networks import Generator, Tokenizer

from . import processes
from .loop import Loop, load_average


def train_generator(run, settings, device, start=None):
    own, shape = settings["generator"], settings["tokenizer"]
    torch.manual_seed(own["seed"])
    tokenizer = load_average("tokenizer", run, Tokenizer(shape, settings["size"]), device)
    batches = TokenBatches(run, settings, tokenizer, device)
    loop = Loop("generator", run, Generator(own, shape["tokens"], shape["codes"], len(CLASSES)), own, device, start)

    def loss_of_step(step):
        number = processes.number(step)
        ids, classes = batches(number, own["batch"])
        dice = torch.Generator().manual_seed(number)
        rand = lambda *shape: torch.rand(*shape, generator=dice).to(device)
        # The share of masked tokens follows the schedule with which they are filled in.
        share = torch.arccos(rand(len(ids), 1)) / (math.pi / 2)
        order = rand(*ids.shape).argsort(1).argsort(1)
        masked = order < (share * ids.shape[1]).ceil().clamp(min=1)
        classes = torch.where(rand(len(ids)) < own["class_dropout"], len(CLASSES), classes)
        logits = loop.model(torch.where(masked, shape["codes"], ids), classes).float()
        loss = F.cross_entropy(logits[masked], ids[masked], label_smoothing=own["label_smoothing"])
        with torch.no_grad():
            right = (logits[masked].argmax(-1) == ids[masked]).float().mean()
        return loss, {"loss": loss, "right": right}

    return loop.run(loss_of_step)


class TokenBatches:
    """Tokens and classes of a batch. On a CPU the pool's tokens, found once for a tokenizer and a pool, and kept beside it."""

    def __init__(self, run, settings, tokenizer, device):
        self.tokenizer, self.device, self.ids = tokenizer, device, None
        if device.type == "cuda":
            self.batches = Batches(run, settings, device)
            return
        path, source = Path(run) / "tokens.pt", fingerprint(tokenizer, settings["pool"])
        if path.exists():
            saved = torch.load(path, weights_only=True)
            if isinstance(saved, dict) and saved["source"] == source:
                self.ids = saved["ids"]
                return
        share = Pool(run, settings).load().chunk(processes.count())[processes.rank()]
        with torch.no_grad():
            self.ids = processes.gather(torch.cat([tokenizer.encode(to_floats(part)) for part in share.split(128)]))
        if processes.rank() == 0:
            torch.save({"source": source, "ids": self.ids}, path.with_suffix(".tmp"))
            path.with_suffix(".tmp").rename(path)

    @torch.no_grad()
    def __call__(self, step, count):
        if self.ids is None:
            # Past the pictures that the tokenizer was trained on.
            pictures, classes = self.batches(step + (1 << 20), count)
            return self.tokenizer.encode(pictures), classes
        chosen = torch.randint(len(self.ids), (count,), generator=torch.Generator().manual_seed(step))
        return self.ids[chosen], chosen % len(CLASSES)


def fingerprint(tokenizer, pool):
    """A hash of the tokenizer's weights and of how many pictures the pool has: another one, other tokens."""
    found = hashlib.sha256(str(pool).encode())
    for name, tensor in tokenizer.state_dict().items():
        found.update(name.encode())
        found.update(tensor.cpu().numpy().tobytes())
    return found.hexdigest()
