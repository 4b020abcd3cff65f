"""Puts a trained base model, in bf16, and the letters into the plugin's resources.

    python save_demo.py FOLDER CHECKPOINT

FOLDER is what make_data.py made, CHECKPOINT what `spark-lorafa train --method full` wrote.
"""

import json
import os
import shutil
import sys

import torch
from safetensors.torch import load_file, save_file

HERE = os.path.dirname(os.path.abspath(__file__))
RESOURCES = os.path.normpath(os.path.join(HERE, "..", "spark-lorafa/src/main/resources/io/github/sparklorafa/demo"))
LIMIT = 4_000_000


def main(folder, checkpoint):
    base = os.path.join(RESOURCES, "base")
    os.makedirs(base, exist_ok=True)
    tensors = {name: t.to(torch.bfloat16) for name, t in load_file(os.path.join(checkpoint, "model.safetensors")).items()}
    save_file(tensors, os.path.join(base, "model.safetensors"), metadata={"format": "pt"})
    with open(os.path.join(checkpoint, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    config["dtype"] = "bfloat16"
    with open(os.path.join(base, "config.json"), "w", encoding="utf-8") as file:
        json.dump(config, file, indent=2, sort_keys=True)
        file.write("\n")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(os.path.join(checkpoint, name), os.path.join(base, name))
    for name in ("train.jsonl", "held-out.jsonl"):
        shutil.copyfile(os.path.join(folder, name), os.path.join(RESOURCES, name))
    for path, _, names in os.walk(RESOURCES):
        for name in names:
            os.chmod(os.path.join(path, name), 0o644)
    size = sum(os.path.getsize(os.path.join(path, name)) for path, _, names in os.walk(RESOURCES) for name in names)
    assert size < LIMIT, size
    print(f"{size:,} bytes in {RESOURCES}")


if __name__ == "__main__":
    main(*sys.argv[1:])
