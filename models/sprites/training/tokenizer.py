"""Trains the tokenizer, all of it at once: first with continuous latents, then through the codebook."""
import torch

from data import Batches
from networks import Classifier, Tokenizer
from networks.classifier import perceptual_distance

from .loop import Loop


def train_tokenizer(run, settings, device):
    own = settings["tokenizer"]
    torch.manual_seed(1)
    loop = Loop("tokenizer", run, Tokenizer(own, settings["size"]).to(memory_format=torch.channels_last), own, device)
    judge = load_average("classifier", run, Classifier(), device).to(memory_format=torch.channels_last)
    batches = Batches(run, settings, device)
    latest = {}

    def loss_of_step(step):
        if step == own["unquantized_steps"]:
            start_codebook(loop.model, batches, own)
        pictures, _ = batches(step, own["batch"])
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        made, commitment, ids, z = loop.model(pictures, quantized=step >= own["unquantized_steps"])
        latest.update(z=z.detach(), ids=ids)
        difference = made - pictures
        square, absolute = difference.square().mean(), difference.abs().mean()
        with torch.no_grad():
            wanted = judge.maps(pictures)
        perceptual = perceptual_distance(judge.maps(made), wanted)
        loss = own["square_loss"] * square + own["absolute_loss"] * absolute + own["perceptual_loss"] * perceptual + own["commitment"] * commitment
        psnr = -10 * difference.detach().square().mean((1, 2, 3)).log10().mean()
        return loss, {"loss": loss, "psnr_db": psnr, "perceptual": perceptual, "commitment": commitment}

    def after_step():
        if latest["ids"] is not None:
            loop.model.quantize.follow(latest["z"], latest["ids"])

    return loop.run(loss_of_step, after_step)


@torch.no_grad()
def start_codebook(model, batches, own):
    latents = [model.latents(batches(-1 - i, own["batch"])[0]) for i in range(max(1, 40 * own["codes"] // (own["batch"] * own["tokens"])))]
    model.quantize.start(torch.cat(latents).flatten(0, 1))


def load_average(name, run, model, device):
    """The averaged weights of a finished stage."""
    model.load_state_dict(torch.load(f"{run}/{name}.pt", map_location=device, weights_only=True)["average"])
    return model.to(device).eval().requires_grad_(False)
