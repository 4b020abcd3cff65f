"""Prints the logits of a base model with an adapter on top, as Python PEFT computes them (fp32, eager).

  check_adapter.py MODEL_DIR ADAPTER_DIR INPUT.json > LOGITS.json

The head follows the adapter's task_type and the model: a classifier (of the labels that task.json counts), a masked
language model, or a causal one. INPUT.json: {"input_ids": [[1, 5, ...], ...]}, rows of any length. The output is one JSON object: "logits"
[row][position][vocab], "adapter_modules" (how many LoRA modules took weights), "trained" (keys in the file).
Fails where a key of the adapter file has no place in the model, or a LoRA weight of the model has no key.
"""

import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from peft import PeftConfig, get_peft_model
from peft.utils import get_peft_model_state_dict, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM, AutoModelForSequenceClassification

torch.set_num_threads(1)


def load_base(model_dir, adapter_dir, task_type):
    options = {"dtype": torch.float32, "attn_implementation": "eager"}
    if task_type == "SEQ_CLS":
        with open(os.path.join(adapter_dir, "task.json"), encoding="utf-8") as file:
            options["num_labels"] = json.load(file)["num_labels"]
        return AutoModelForSequenceClassification.from_pretrained(model_dir, **options)
    encoder = AutoConfig.from_pretrained(model_dir).model_type in ("roberta", "xlm-roberta", "bert")
    return (AutoModelForMaskedLM if encoder else AutoModelForCausalLM).from_pretrained(model_dir, **options)


def check(model_dir, adapter_dir, input_file):
    config = PeftConfig.from_pretrained(adapter_dir)
    base = load_base(model_dir, adapter_dir, config.task_type)
    model = get_peft_model(base, config).eval()
    tensors = load_file(os.path.join(adapter_dir, "adapter_model.safetensors"))
    expected = get_peft_model_state_dict(model, save_embedding_layers=False)
    problems = [f"not in the model: {key}" for key in tensors.keys() - expected.keys()]
    problems += [f"not in the file: {key}" for key in expected.keys() - tensors.keys()]
    problems += [
        f"shape of {key}: {tuple(tensors[key].shape)}, the model has {tuple(expected[key].shape)}"
        for key in tensors.keys() & expected.keys()
        if tensors[key].shape != expected[key].shape
    ]
    if problems:
        sys.exit("Cannot use the adapter:\n  " + "\n  ".join(sorted(problems)))
    loaded = set_peft_model_state_dict(model, tensors)
    if loaded.unexpected_keys:
        sys.exit(f"Cannot use the adapter: unexpected {loaded.unexpected_keys}")
    with open(input_file, encoding="utf-8") as file:
        inputs = json.load(file)["input_ids"]
    with torch.no_grad():
        logits = [model(input_ids=torch.tensor([ids])).logits[0].float().tolist() for ids in inputs]
    modules = sum("lora_A" in key for key in tensors)
    return {"logits": logits, "adapter_modules": modules, "trained": sorted(tensors)}


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    print(json.dumps(check(*sys.argv[1:])))
