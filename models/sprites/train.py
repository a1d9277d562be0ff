"""Trains the model of this folder from nothing:

    python3 models/sprites/train.py --run DIR [--stage classifier|tokenizer|generator] [--device cpu|cuda]

Without --stage it runs all three and then writes tokenizer/ and generator/ here. The settings are in settings.json. The run's
folder keeps the drawn pictures, the log and checkpoints; interrupted, the same command goes on where it was.
"""
import argparse

import torch

from export import export
from settings import FOLDER, load_settings
from training.classifier import train_classifier
from training.generator import train_generator
from training.tokenizer import train_tokenizer

STAGES = {
    "classifier": lambda *a: train_classifier("classifier", *a),
    "tokenizer": train_tokenizer,
    "generator": train_generator,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", required=True, help="folder for pictures, log and checkpoints")
    parser.add_argument("--stage", choices=STAGES, help="only this one")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    settings, device = load_settings(), torch.device(options.device)
    for name, train in STAGES.items():
        if options.stage in (None, name):
            train(options.run, settings, device)
    if options.stage is None:
        export(options.run, FOLDER)
