"""Trains the tokenizer as the published ones were: first to predict the pixel codes of a proxy, then, all of it, the pictures."""
import torch

from data import Batches
from networks import Classifier, Proxy, Tokenizer

from . import processes
from .loop import Loop, load_average
from .reconstruction import ReconstructionLoss


def train_tokenizer(run, settings, device, start=None):
    own = settings["tokenizer"]
    torch.manual_seed(own["seed"])
    model = Tokenizer(own, settings["size"])
    proxy = load_average("proxy", run, Proxy(own), device)
    model.pixel_decoder.load_state_dict(proxy.pixel_decoder.state_dict())
    model.pixel_quantize.load_state_dict(proxy.pixel_quantize.state_dict())
    loop = Loop("tokenizer", run, model.to(memory_format=torch.channels_last), own, device, start)
    distance = ReconstructionLoss(settings["losses"], load_average("classifier", run, Classifier(), device))
    batches = Batches(run, settings, device)
    latest = {}

    def loss_of_step(step):
        if step == own["unquantized_steps"] and start is None:
            start_codebook(loop.model, batches, own)
        by_proxy = step < own["proxy_steps"] and start is None
        pictures = batches(processes.number(step), own["proxy_batch"] if by_proxy else own["batch"])[0].contiguous(memory_format=torch.channels_last)
        latents, commitment, ids, z = loop.model.quantized(pictures, start is not None or step >= own["unquantized_steps"])
        latest.update(z=z.detach(), ids=ids)
        if by_proxy:
            with torch.no_grad():
                wanted = proxy.code_logits(pictures).float().softmax(1)
            logits = loop.model.decoder(latents).float().log_softmax(1)
            divergence = (wanted * (wanted.clamp(min=1e-9).log() - logits)).sum(1).mean()
            return divergence + own["commitment"] * commitment, {"divergence": divergence, "commitment": commitment}
        loss, numbers = distance(loop.model.pictures(latents), pictures)
        return loss + own["commitment"] * commitment, {"loss": loss, **numbers, "commitment": commitment}

    def after_step():
        if latest["ids"] is not None:
            loop.model.quantize.follow(processes.gather(latest["z"]), processes.gather(latest["ids"]))
            processes.same(loop.model.quantize.embedding.weight)

    return loop.run(loss_of_step, after_step)


@torch.no_grad()
def start_codebook(model, batches, own):
    """From the latents of about forty a code."""
    count = max(1, 40 * own["codes"] // (own["batch"] * own["tokens"]))
    latents = [model.latents(batches(-1 - i, own["batch"])[0]) for i in range(count)]
    model.quantize.start(torch.cat(latents).flatten(0, 1))
    processes.same(model.quantize.embedding.weight)
