"""Writes the trained parts as a model folder: python3 models/sprites/export.py --run DIR [--to FOLDER]."""
import argparse
import json
from pathlib import Path

import torch

from drawing import CLASSES
from networks import Generator, Tokenizer
from safetensors_file import write_safetensors
from settings import FOLDER, load_settings
from training.loop import load_average


def export(run, folder):
    settings, cpu = load_settings(), torch.device("cpu")
    shape, own = settings["tokenizer"], settings["generator"]
    vq_model = {
        "codebook_size": shape["codes"],
        "token_size": shape["token_size"],
        "use_l2_norm": True,
        "vit_enc_model_size": "sprites",
        "vit_dec_model_size": "sprites",
        "vit_enc_patch_size": shape["patch"],
        "vit_dec_patch_size": shape["patch"],
        "num_latent_tokens": shape["tokens"],
        "finetune_decoder": True,
        "is_legacy": True,
    }
    dataset = {"preprocessing": {"crop_size": settings["size"]}}
    tokenizer = load_average("tokenizer", run, Tokenizer(shape, settings["size"]), cpu)
    tensors = {name: value for name, value in tokenizer.state_dict().items() if name != "quantize.count"}
    write_part(Path(folder) / "tokenizer", {"model": {"vq_model": vq_model}, "dataset": dataset}, tensors)

    preset = json.loads((FOLDER / "presets.json").read_text())["paper"]
    generator_config = {
        "model_type": "ViT",
        "hidden_size": own["width"],
        "num_hidden_layers": own["layers"],
        "num_attention_heads": own["heads"],
        "intermediate_size": 4 * own["width"],
        "num_steps": preset["steps"],
        "image_seq_len": shape["tokens"],
        "condition_num_classes": len(CLASSES),
        "randomize_temperature": preset["temperature"],
        "guidance_scale": preset["guidance"],
        "guidance_decay": preset["guidance_decay"],
    }
    generator = load_average("generator", run, Generator(own, shape["tokens"], shape["codes"], len(CLASSES)), cpu)
    write_part(Path(folder) / "generator", {"model": {"vq_model": vq_model, "generator": generator_config}, "dataset": dataset}, generator.state_dict())


def write_part(folder, config, tensors):
    folder.mkdir(parents=True, exist_ok=True)
    write_safetensors(folder / "model.safetensors", tensors)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", required=True)
    parser.add_argument("--to", default=FOLDER)
    options = parser.parse_args()
    export(options.run, options.to)
