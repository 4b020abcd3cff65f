"""Makes the reference values of the other model types in ../resources/reference, after make_llama.py.

Tiny models of each type, 20 training steps of each with PEFT, and logits of LLaMA under each rotary scaling.
README.md describes each file.
"""

import json
import os

import torch
from transformers import AutoConfig, AutoModelForCausalLM
from transformers import LlamaConfig, MistralConfig, Phi3Config, Qwen2Config, Qwen3Config

from make_llama import OUT, VOCAB, make_adapter, make_rows, randomize, run, save_tensors, write_json

SHAPE = {
    "vocab_size": VOCAB,
    "hidden_size": 32,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "rms_norm_eps": 1e-5,
    "max_position_embeddings": 128,
    "tie_word_embeddings": True,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": None,
}


def make_model(name, config, seed, **saving):
    """The weights in bf16, for size; all values are taken from them in fp32."""
    model = AutoModelForCausalLM.from_config(config)
    randomize(model, seed)
    folder = os.path.join(OUT, name)
    model.to(torch.bfloat16).save_pretrained(folder, **saving)
    os.remove(os.path.join(folder, "generation_config.json"))
    return folder


def make_models():
    theta = {"rope_type": "default", "rope_theta": 3000.0}
    models = {
        "llama-bias": make_model(
            "llama-bias", LlamaConfig(**SHAPE, attention_bias=True, mlp_bias=True, rope_parameters=theta), 81
        ),
        "mistral": make_model("mistral", MistralConfig(**SHAPE, sliding_window=6, rope_parameters=theta), 82),
        "qwen2": make_model(
            "qwen2",
            Qwen2Config(
                **SHAPE, use_sliding_window=True, sliding_window=5, max_window_layers=1, rope_parameters=theta
            ),
            83,
            max_shard_size="12KB",
        ),
        "qwen3": make_model(
            "qwen3",
            Qwen3Config(
                **SHAPE,
                head_dim=12,
                use_sliding_window=True,
                sliding_window=4,
                layer_types=["sliding_attention", "full_attention"],
                rope_parameters=theta,
            ),
            84,
        ),
        "phi3": make_model(
            "phi3", Phi3Config(**SHAPE, sliding_window=7, rope_parameters={**theta, "partial_rotary_factor": 0.75}), 85
        ),
    }
    # mistral as transformers 4 wrote it.
    path = os.path.join(models["mistral"], "config.json")
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    config["rope_theta"] = config.pop("rope_parameters")["rope_theta"]
    config["torch_dtype"] = config.pop("dtype")
    write_json(path, config)
    return models


ROPES = {
    "linear": {"rope_theta": 5000.0, "rope_scaling": {"type": "linear", "factor": 2.5}},
    "llama3": {
        "rope_theta": 5000.0,
        "rope_scaling": {
            "rope_type": "llama3",
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 64,
        },
    },
    "yarn": {
        "rope_theta": 5000.0,
        "rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32},
    },
    "yarn-attention-factor": {
        "rope_parameters": {
            "rope_type": "yarn",
            "rope_theta": 5000.0,
            "factor": 4.0,
            "original_max_position_embeddings": 32,
            "attention_factor": 1.7,
            "beta_fast": 4.0,
            "beta_slow": 0.25,
            "truncate": False,
        },
    },
    "yarn-mscale": {
        "rope_parameters": {
            "rope_type": "yarn",
            "rope_theta": 5000.0,
            "factor": 4.0,
            "mscale": 2.0,
            "mscale_all_dim": 0.5,
        },
    },
}


def make_ropes(ids):
    """llama-gqa with another config.json each, and the logits of the last ten positions."""
    base = os.path.join(OUT, "llama-gqa")
    with open(os.path.join(base, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    del config["rope_parameters"]
    logits = {}
    for name, rope in ROPES.items():
        folder = os.path.join(OUT, "ropes", name)
        write_json(os.path.join(folder, "config.json"), {**config, **rope})
        model = AutoModelForCausalLM.from_pretrained(
            base, config=AutoConfig.from_pretrained(folder), dtype=torch.float32, attn_implementation="eager"
        ).eval()
        with torch.no_grad():
            logits[name] = model(input_ids=torch.tensor([ids])).logits[0, -10:].float()
        rotary = model.model.rotary_emb
        print(f"{name:22s} frequencies {rotary.inv_freq.tolist()} factor {rotary.attention_scaling}")
    save_tensors(logits, os.path.join(OUT, "ropes", "logits.safetensors"))


def main():
    rows = make_rows()
    inputs = [rows[10]["input_ids"][:12], rows[0]["input_ids"][:5]]
    models = make_models()
    make_ropes(rows[10]["input_ids"])
    for seed, name in enumerate(["mistral", "qwen2", "qwen3", "phi3"]):
        adapter = make_adapter(models[name], 91 + seed, False, "adapter-" + name)
        run(name, "lora-fa", models[name], rows, inputs, adapter, save=("final", "logits"))
    run("llama-bias-full", "full", models["llama-bias"], rows, inputs, None, FULL_SHORT, ("logits",))
    for name in ["qwen2", "qwen3"]:
        run(name + "-full", "full", models[name], rows, inputs, None, FULL, ("final", "logits"))


# Without decay: which weights it spares is not what these runs are about.
FULL = {"learning_rate": 5e-3, "weight_decay": 0.0}
FULL_SHORT = {**FULL, "steps": 5, "schedule": "constant", "warmup_steps": 0}


if __name__ == "__main__":
    main()
