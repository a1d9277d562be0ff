"""Measures the model of this folder on pictures that it was not trained on; the pictures it generates are made by titok.

    python3 models/sprites/evaluate.py --run DIR --titok PATH [--model FOLDER] [--each 64] [--seed 1000]

The judge is a classifier of its own, trained on drawn pictures in the run's folder where there is none yet. The last line is JSON:

psnr_db                 reconstruction of held-out pictures, mean over pictures of -10 log10(mean squared error)
codebook_used           share of the codes that held-out pictures use
classifier_drawn        share of held-out drawn pictures that the judge names rightly
classifier_generated    share of generated pictures that it gives the class they were asked for
classifier_worst_class  the same for the class that does worst
variety                 mean distance of two generated pictures of a class in the judge's features, over that of two drawn ones
identical               generated pictures that equal another one
frechet                 distance of the generated pictures' features from those of drawn ones, as normal distributions
frechet_drawn           the same distance for as many other drawn pictures
"""
import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch

from data import to_bytes, to_floats
from drawing import CLASSES, draw
from networks import Classifier, Tokenizer
from safetensors_file import load_weights
from settings import FOLDER, load_settings
from training.classifier import train_classifier
from training.loop import load_average


def drawn(settings, first, count, device):
    """Held-out pictures as a file would have them, and their classes."""
    parts = [draw(settings["held_out_seed"], first + i, min(128, count - i), settings["size"], device) for i in range(0, count, 128)]
    return to_floats(to_bytes(torch.cat([pictures for pictures, _ in parts]))), torch.cat([classes for _, classes in parts])


def generated(options, settings):
    """Pictures that titok makes, class by class."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pictures.npy"
        command = [options.titok, "generate", "--model", str(options.model), "--class", ",".join(CLASSES), "--count", str(options.each), "--seed", str(options.seed), "-o", str(path)]
        subprocess.run(command + options.titok_option, check=True, stdout=subprocess.DEVNULL)
        pictures = torch.from_numpy(np.load(path)).clamp(0, 1)
    # To 8 bits as titok writes them: truncated.
    return torch.floor(pictures * 255) / 255, torch.arange(len(CLASSES)).repeat_interleave(options.each)


@torch.no_grad()
def by_parts(function, pictures):
    return torch.cat([function(part) for part in pictures.split(128)])


def variety(features, classes):
    """Mean distance between two different pictures of one class, over the classes."""
    return torch.stack([torch.pdist(features[classes == c]).mean() for c in classes.unique()]).mean().item()


def frechet(a, b):
    a, b = a.double().numpy(), b.double().numpy()
    covariances = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    # The trace of the root of a product is the sum of the roots of its eigenvalues, which are real and not negative.
    roots = np.sqrt(np.clip(np.linalg.eigvals(covariances[0] @ covariances[1]).real, 0, None))
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(covariances[0]) + np.trace(covariances[1]) - 2 * roots.sum())


def main(options):
    settings, device = load_settings(), torch.device(options.device)
    if not (Path(options.run) / "judge.pt").exists():
        with torch.enable_grad():
            train_classifier("judge", options.run, settings, device)
    judge = load_average("judge", options.run, Classifier(), device)
    tokenizer = Tokenizer(settings["tokenizer"], settings["size"])
    load_weights(tokenizer, Path(options.model) / "tokenizer" / "model.safetensors")
    tokenizer.to(device).eval()

    count = options.each * len(CLASSES)
    pictures, classes = drawn(settings, 0, 2 * count, device)
    ids = by_parts(tokenizer.encode, pictures)
    decoded = torch.cat([by_parts(tokenizer.decode, part) for part in ids[:count].split(128)]).clamp(0, 1)
    psnr = -10 * (decoded - pictures[:count]).square().mean((1, 2, 3)).log10()
    features = by_parts(judge.features, pictures)
    names = judge.head(features).argmax(1)

    made, wanted = (t.to(device) for t in generated(options, settings))
    made_features = by_parts(judge.features, made)
    right = judge.head(made_features).argmax(1) == wanted
    by_class = {CLASSES[c]: right[wanted == c].float().mean().item() for c in range(len(CLASSES))}
    print("\n".join(f"{name:12}{share:7.1%}" for name, share in by_class.items()))
    result = {
        "psnr_db": psnr.mean().item(),
        "codebook_used": len(ids.unique()) / settings["tokenizer"]["codes"],
        "classifier_drawn": (names == classes).float().mean().item(),
        "classifier_generated": right.float().mean().item(),
        "classifier_worst_class": min(by_class.values()),
        "variety": variety(made_features, wanted) / variety(features[:count], classes[:count]),
        "identical": count - len(made.flatten(1).unique(dim=0)),
        "frechet": frechet(made_features, features[:count]),
        "frechet_drawn": frechet(features[count:], features[:count]),
        "pictures": count,
    }
    print(json.dumps({key: round(value, 4) for key, value in result.items()}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", required=True, help="the folder of the training run")
    parser.add_argument("--titok", required=True, help="the titok program")
    parser.add_argument("--titok-option", action="append", default=[], help="one more argument for titok generate")
    parser.add_argument("--model", default=FOLDER)
    parser.add_argument("--each", type=int, default=64, help="generated pictures of each class")
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--device", default="cpu")
    with torch.no_grad():
        main(parser.parse_args())
