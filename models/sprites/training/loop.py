"""What every stage shares: the learning rate's course, averaged weights, a log, and checkpoints to go on from."""
import copy
import time
from pathlib import Path

import torch


class Loop:
    """Trains `model` for settings["steps"] steps; killed and started again, it goes on from its latest checkpoint."""

    CHECKPOINT_EVERY_SECONDS = 180
    LOG_EVERY_STEPS = 50

    def __init__(self, name, run, model, settings, device):
        self.name, self.model, self.settings, self.device = name, model.to(device), settings, device
        self.folder = Path(run)
        self.folder.mkdir(parents=True, exist_ok=True)
        decayed = [p for p in model.parameters() if p.requires_grad and p.dim() > 1]
        others = [p for p in model.parameters() if p.requires_grad and p.dim() <= 1]
        groups = [{"params": decayed, "weight_decay": settings.get("weight_decay", 0.0)}, {"params": others, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=settings["learning_rate"], betas=(0.9, 0.98))
        self.average = copy.deepcopy(model).eval().requires_grad_(False)
        self.step = 0

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
        self.optimizer.load_state_dict(saved["optimizer"])
        self.step = saved["step"]
        return True

    def save(self):
        unfinished = self.path.with_suffix(".tmp")
        torch.save({"model": self.model.state_dict(), "average": self.average.state_dict(), "optimizer": self.optimizer.state_dict(), "step": self.step}, unfinished)
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
            for group in self.optimizer.param_groups:
                group["lr"] = self.rate()
            self.model.train()
            with torch.autocast(self.device.type, torch.bfloat16):
                loss, numbers = loss_of_step(self.step)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimizer.step()
            after_step()
            self.step += 1
            self.follow()
            for key, value in numbers.items():
                shown[key] = shown.get(key, 0) + float(torch.as_tensor(value).detach())
            if self.step % self.LOG_EVERY_STEPS == 0:
                now = time.monotonic()
                self.log(shown, self.step - since, now - began)
                shown, since, began = {}, self.step, now
            if time.monotonic() - saved > self.CHECKPOINT_EVERY_SECONDS:
                self.save()
                saved = time.monotonic()
        self.save()
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
