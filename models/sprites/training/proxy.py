"""Trains the proxy autoencoder, whose pixel decoder the tokenizer takes over."""
import torch

from data import Batches
from networks import Classifier, Proxy

from . import processes
from .loop import Loop, load_average
from .reconstruction import ReconstructionLoss


def train_proxy(run, settings, device, start=None):
    own = settings["proxy"]
    torch.manual_seed(own["seed"])
    loop = Loop("proxy", run, Proxy(settings["tokenizer"]).to(memory_format=torch.channels_last), own, device)
    distance = ReconstructionLoss(settings["losses"], load_average("classifier", run, Classifier(), device))
    batches = Batches(run, settings, device)

    def loss_of_step(step):
        pictures = batches(processes.number(step), own["batch"])[0].contiguous(memory_format=torch.channels_last)
        loss, numbers = distance(loop.model(pictures), pictures)
        return loss, {"loss": loss, **numbers}

    return loop.run(loss_of_step)
