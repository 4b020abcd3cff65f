"""Puts a trained base, in bf16, where the examples find it.

    python save_base.py CHECKPOINT FOLDER
"""

import json
import os
import shutil
import sys

import torch
from safetensors.torch import load_file, save_file


def main(checkpoint, folder):
    os.makedirs(folder, exist_ok=True)
    tensors = {name: t.to(torch.bfloat16) for name, t in load_file(os.path.join(checkpoint, "model.safetensors")).items()}
    save_file(tensors, os.path.join(folder, "model.safetensors"), metadata={"format": "pt"})
    with open(os.path.join(checkpoint, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    config["dtype"] = "bfloat16"
    with open(os.path.join(folder, "config.json"), "w", encoding="utf-8") as file:
        json.dump(config, file, indent=2, sort_keys=True)
        file.write("\n")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(os.path.join(checkpoint, name), os.path.join(folder, name))
    for name in os.listdir(folder):
        os.chmod(os.path.join(folder, name), 0o644)


if __name__ == "__main__":
    main(*sys.argv[1:])
