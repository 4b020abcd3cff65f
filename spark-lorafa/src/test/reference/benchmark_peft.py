"""Measures PEFT's tokens/s and peak memory on the 134M LLaMA of docs/performance.md, one method a process.

  benchmark_peft.py --method lora|lora-fa [--rounds 5] [--steps 4] [--warmup 2] [--threads 2]

Random weights in bf16 (fp32 with --dtype fp32), batch 2 x 512 tokens, all linears, rank 8, sdpa attention, no checkpointing. "lora" is
PEFT LoRA with torch's AdamW, "lora-fa" is PEFT's create_lorafa_optimizer. Adapters are bf16
(autocast_adapter_dtype=False, PEFT's fastest and smallest) unless --adapter-dtype fp32 (PEFT's default).
PEFT's LoRA-FA optimizer inverts A A^T with a function that has no bf16 kernel, so for bf16 adapters the
inverse is taken of an fp32 copy (see patch_pinv). --optimizer adamw trains B alone with torch's AdamW instead.

Prints one JSON line: method, dtype, adapter_dtype, optimizer, tokens_per_second (one a round), peak_rss_bytes
(VmHWM of all steps, reset before the first), load_peak_rss_bytes (VmHWM until then), baseline_rss_bytes
(VmRSS before the first step), losses (last of each round), trainable_parameters, parameters.
"""

import argparse
import json
import os
import time

parser = argparse.ArgumentParser()
parser.add_argument("--method", choices=["lora", "lora-fa"], required=True)
parser.add_argument("--dtype", choices=["bf16", "fp32"], default="bf16")
parser.add_argument("--adapter-dtype", choices=["bf16", "fp32"], default="bf16")
parser.add_argument("--optimizer", choices=["peft", "adamw"], default="peft")
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--steps", type=int, default=4)
parser.add_argument("--warmup", type=int, default=2)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--sequences", type=int, default=2)
parser.add_argument("--length", type=int, default=512)
arguments = parser.parse_args()

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["OMP_NUM_THREADS"] = str(arguments.threads)

import torch
from peft import LoraConfig, get_peft_model
from peft.optimizers import create_lorafa_optimizer
from transformers import LlamaConfig, LlamaForCausalLM

RANK, ALPHA = 8, 16


def memory(field):
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(field + ":"))


def patch_pinv():
    original = torch.linalg.pinv
    torch.linalg.pinv = lambda a: original(a.float()).to(a.dtype)


def build():
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=32000,
        hidden_size=768,
        intermediate_size=2048,
        num_hidden_layers=12,
        num_attention_heads=12,
        max_position_embeddings=1024,
        use_cache=False,
        attn_implementation="sdpa",
    )
    # Never an fp32 copy of bf16 weights: it would count as peak.
    torch.set_default_dtype({"bf16": torch.bfloat16, "fp32": torch.float32}[arguments.dtype])
    model = LlamaForCausalLM(config)
    torch.set_default_dtype(torch.float32)
    lora = LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules="all-linear", task_type="CAUSAL_LM")
    model = get_peft_model(model, lora, autocast_adapter_dtype=arguments.adapter_dtype == "fp32").train()
    if arguments.method == "lora-fa" and arguments.optimizer == "peft":
        patch_pinv()
        return model, create_lorafa_optimizer(model, r=RANK, lora_alpha=ALPHA, lr=1e-3)
    for name, parameter in model.named_parameters():
        if arguments.method == "lora-fa" and "lora_A" in name:
            parameter.requires_grad_(False)
    return model, torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3)


def main():
    model, optimizer = build()
    ids = torch.randint(0, 32000, (arguments.sequences, arguments.length))

    def step():
        loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.item()

    baseline = memory("VmRSS")
    load_peak = memory("VmHWM")
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")  # resets the peak
    for _ in range(arguments.warmup):
        step()
    speeds, losses = [], []
    for _ in range(arguments.rounds):
        start = time.perf_counter()
        for _ in range(arguments.steps):
            loss = step()
        speeds.append(round(arguments.steps * ids.numel() / (time.perf_counter() - start), 1))
        losses.append(round(loss, 4))
    print(
        json.dumps(
            {
                "method": arguments.method,
                "dtype": arguments.dtype,
                "adapter_dtype": "fp32" if arguments.dtype == "fp32" else arguments.adapter_dtype,
                "optimizer": "adamw" if arguments.method == "lora" else arguments.optimizer,
                "tokens_per_second": speeds,
                "peak_rss_bytes": memory("VmHWM"),
                "load_peak_rss_bytes": load_peak,
                "baseline_rss_bytes": baseline,
                "losses": losses,
                "trainable_parameters": sum(p.numel() for p in model.parameters() if p.requires_grad),
                "parameters": sum(p.numel() for p in model.parameters()),
            }
        )
    )


if __name__ == "__main__":
    main()
