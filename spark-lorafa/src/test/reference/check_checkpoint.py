"""Prints the logits of a full checkpoint folder as Python transformers computes them (fp32, eager).

  check_checkpoint.py MODEL_DIR INPUT.json > LOGITS.json

INPUT.json: {"input_ids": [[1, 5, ...], ...]}, rows of any length. The output is one JSON object: "logits"
[row][position][vocab]. Fails where a weight is missing, unexpected or of another shape.
"""

import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from transformers import AutoModelForCausalLM

torch.set_num_threads(1)


def check(model_dir, input_file):
    model, info = AutoModelForCausalLM.from_pretrained(
        model_dir, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    problems = {kind: sorted(map(str, keys)) for kind, keys in info.items() if keys}
    if problems:
        sys.exit(f"Cannot use the checkpoint: {problems}")
    model.eval()
    with open(input_file, encoding="utf-8") as file:
        inputs = json.load(file)["input_ids"]
    with torch.no_grad():
        return {"logits": [model(input_ids=torch.tensor([ids])).logits[0].float().tolist() for ids in inputs]}


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print(json.dumps(check(*sys.argv[1:])))
