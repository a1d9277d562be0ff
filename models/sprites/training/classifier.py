"""Trains a classifier of drawn pictures: one for the tokenizer's perceptual loss, another, from another seed, to judge with."""
import torch
import torch.nn.functional as F

from data import Batches
from networks import Classifier

from . import processes
from .loop import Loop


def train_classifier(name, run, settings, device):
    own = settings[name]
    torch.manual_seed(own["seed"])
    loop = Loop(name, run, Classifier(), own, device)
    batches = Batches(run, settings, device)

    def loss_of_step(step):
        pictures, classes = batches(own["seed"] * 1_000_000 + processes.number(step), own["batch"])
        logits = loop.model(jitter(pictures)).float()
        return (loss := F.cross_entropy(logits, classes)), {"loss": loss, "right": (logits.argmax(1) == classes).float().mean()}

    return loop.run(loss_of_step)


def jitter(pictures):
    """Softer, noisier, paler or darker copies, so that the features do not hang on pixel-sharp edges alone."""
    batch = len(pictures)
    dice = lambda low, high: low + (high - low) * torch.rand(batch, 1, 1, 1, device=pictures.device)
    soft = F.interpolate(F.avg_pool2d(pictures, 2), scale_factor=2.0, mode="bilinear")
    pictures = pictures.lerp(soft, dice(0, 1))
    pictures = pictures * dice(0.8, 1.2) + dice(-0.08, 0.08) + torch.randn_like(pictures) * dice(0, 0.06)
    return pictures.clamp(0, 1)
