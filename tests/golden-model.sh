#!/usr/bin/env bash
# Makes a model folder of the golden models, which are tiny and have random weights: golden-model.sh FOLDER
set -euo pipefail
goldens=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)/Titok.Vulkan.Tests/Goldens
mkdir -p "$1/tokenizer" "$1/generator"
cp "$goldens"/tokenizer_legacy/{config.json,model.safetensors} "$1/tokenizer"
cp "$goldens"/generator_vit/{config.json,model.safetensors} "$1/generator"
