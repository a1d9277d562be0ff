"""What every stage shares: the learning rate's course, averaged weights, a log, and checkpoints to go on from."""
import copy
import time
from pathlib import Path

import torch

from safetensors_file import load_weights

from . import processes
from .muon import Muon


class Loop:
    """Trains `model` for settings["steps"] steps; killed and started again, it goes on from its latest checkpoint."""

    CHECKPOINT_EVERY_SECONDS = 180
    LOG_EVERY_STEPS = 50

    def __init__(self, name, run, model, settings, device, start=None):
        """`start`: a .safetensors file of weights to begin with."""
        if start:
            load_weights(model, start)
        self.name, self.model, self.settings, self.device = name, model.to(device), settings, device
        self.folder = Path(run)
        self.folder.mkdir(parents=True, exist_ok=True)
        decay = {"weight_decay": settings.get("weight_decay", 0.0)}
        named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
        hidden = [p for name, p in named if self.is_hidden(name, p)]
        others = [p for name, p in named if not self.is_hidden(name, p)]
        self.optimizers = [
            Muon([{"params": hidden, **decay}], settings["learning_rate"]),
            torch.optim.AdamW([{"params": others, "weight_decay": 0.0}], settings["learning_rate"], betas=(0.9, 0.98)),
        ]
        self.average = copy.deepcopy(model).eval().requires_grad_(False)
        self.step = 0

    @staticmethod
    def is_hidden(name, parameter):
        """Whether it is a matrix between two hidden layers, or the kernels of a convolution there."""
        return parameter.dim() > 1 and not any(part in name for part in ("embed", "token", "position", "conv_out", "head", "first.0", "down.0"))

    @property
    def path(self):
        return self.folder / f"{self.name}.pt"

    def load(self):
        """Whether there was a checkpoint."""
        if not self.path.exists():
            return False
        saved = torch.load(self.path, map_location=self.device, weights_only=True)
        self.model.load_state_dict(saved["model"])
        self.average.load_state_dict(saved["average"])
        for optimizer, state in zip(self.optimizers, saved["optimizers"]):
            optimizer.load_state_dict(state)
        self.step = saved["step"]
        return True

    def save(self):
        if processes.rank() != 0:
            return
        unfinished = self.path.with_suffix(".tmp")
        states = [optimizer.state_dict() for optimizer in self.optimizers]
        torch.save({"model": self.model.state_dict(), "average": self.average.state_dict(), "optimizers": states, "step": self.step}, unfinished)
        unfinished.rename(self.path)

    def rate(self):
        """Rises at first, stays, and falls to nothing in the end."""
        steps, warm_up = self.settings["steps"], self.settings.get("warm_up", 100)
        cool_down = self.settings.get("cool_down", 0.5) * steps
        return self.settings["learning_rate"] * min(1, (self.step + 1) / warm_up, max(0.02, (steps - self.step) / cool_down))

    def run(self, loss_of_step, after_step=lambda: None):
        """`loss_of_step(step)` gives the loss and numbers to show by name."""
        self.load()
        saved = began = time.monotonic()
        shown, since = {}, self.step
        while self.step < self.settings["steps"]:
            for optimizer in self.optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = self.rate()
            self.model.train()
            with torch.autocast(self.device.type, torch.bfloat16):
                loss, numbers = loss_of_step(self.step)
            self.model.zero_grad(set_to_none=True)
            loss.backward()
            processes.average([p.grad for p in self.model.parameters() if p.grad is not None])
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            for optimizer in self.optimizers:
                optimizer.step()
            after_step()
            self.step += 1
            self.follow()
            for key, value in numbers.items():
                shown[key] = shown.get(key, 0) + float(torch.as_tensor(value).detach())
            if self.step % self.LOG_EVERY_STEPS == 0 and processes.rank() == 0:
                now = time.monotonic()
                self.log(shown, self.step - since, now - began)
                shown, since, began = {}, self.step, now
            if time.monotonic() - saved > self.CHECKPOINT_EVERY_SECONDS:
                self.save()
                saved = time.monotonic()
        self.save()
        # The next stage reads what the first process has saved.
        processes.meet()
        return self.average

    @torch.no_grad()
    def follow(self):
        # A short memory at first, or the untrained weights would stay in the average for long.
        keep = min(self.settings.get("average", 0.99), (1 + self.step) / (10 + self.step))
        torch._foreach_lerp_([p for p in self.average.parameters()], [p.detach() for p in self.model.parameters()], 1 - keep)
        for ours, theirs in zip(self.average.buffers(), self.model.buffers()):
            ours.copy_(theirs)

    def log(self, sums, steps, seconds):
        numbers = "  ".join(f"{key} {value / steps:.4f}" for key, value in sums.items())
        line = f"{self.name} {self.step}/{self.settings['steps']}  {numbers}  {seconds / steps * 1000:.0f} ms/step"
        print(line, flush=True)
        with open(self.folder / "train.log", "a") as file:
            file.write(line + "\n")


def load_average(name, run, model, device):
    """The averaged weights of a stage."""
    model.load_state_dict(torch.load(f"{run}/{name}.pt", map_location=device, weights_only=True)["average"])
    return model.to(device, memory_format=torch.channels_last).eval().requires_grad_(False)
