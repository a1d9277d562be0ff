"""Trains the model of this folder from nothing:

    python3 models/sprites/train.py --run DIR [--stage classifier|proxy|tokenizer|generator]
        [--start-from FOLDER] [--processes N] [--device cpu|cuda]

Without --stage it runs all four and then writes tokenizer/ and generator/ here. The settings are in settings.json. The run's
folder keeps the drawn pictures, the log and checkpoints; interrupted, the same command goes on where it was. --start-from begins
with the weights of a model folder, such as this one, instead of random ones.
"""
import argparse
from pathlib import Path

import torch

from data import Pool
from export import export
from settings import FOLDER, load_settings
from training import processes
from training.classifier import train_classifier
from training.generator import train_generator
from training.proxy import train_proxy
from training.tokenizer import train_tokenizer

STAGES = {
    "classifier": lambda run, settings, device, start: train_classifier("classifier", run, settings, device),
    "proxy": train_proxy,
    "tokenizer": train_tokenizer,
    "generator": train_generator,
}


def train(stages, run, device_name, start_from):
    settings, device = load_settings(), torch.device(device_name)
    for name in stages:
        start = start_from / name / "model.safetensors" if start_from and name in ("tokenizer", "generator") else None
        STAGES[name](run, settings, device, start)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", required=True, help="folder for pictures, log and checkpoints")
    parser.add_argument("--stage", choices=STAGES, help="only this one")
    parser.add_argument("--start-from", type=Path, help="model folder whose weights to begin with")
    parser.add_argument("--processes", type=int, default=1, help="on a CPU, best as many as it has cores; each takes a batch of its own")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    # Drawn here, or every process would draw it.
    if options.device == "cpu":
        Pool(options.run, load_settings()).draw_missing()
    stages = [options.stage] if options.stage else list(STAGES)
    processes.run_in_processes(options.processes, train, stages, options.run, options.device, options.start_from)
    if options.stage is None:
        export(options.run, FOLDER)
