"""Makes the LLaMA reference values in ../resources/reference with transformers, PEFT and torch.optim.AdamW.

Everything is fp32, eager attention, one thread and seeded, so that a second run writes the same numbers on
the same library versions. README.md describes each file.
"""

import json
import math
import os
import shutil

os.environ["HF_HUB_OFFLINE"] = "1"

import peft
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.normpath(os.path.join(HERE, "..", "resources", "reference"))
VOCAB = 97
BATCH_SIZE = 4
RANK = 4
ALPHA = 8

SCHEDULES = {
    "constant": lambda o, warmup, total: transformers.get_constant_schedule_with_warmup(o, warmup),
    "linear": transformers.get_linear_schedule_with_warmup,
    "cosine": transformers.get_cosine_schedule_with_warmup,
}


def write_json(path, value):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1, ensure_ascii=True)
        file.write("\n")


def save_tensors(tensors, path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    save_file({k: v.detach().contiguous().clone() for k, v in tensors.items()}, path)


# ---------------------------------------------------------------- models


def randomize(model, seed):
    """Large random weights and norm weights far from one, so that no factor is hidden by being 1 or small."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name:
                parameter.uniform_(0.5, 1.6, generator=generator)
            else:
                parameter.normal_(0.0, 0.4 if "embed" in name or "lm_head" in name else 0.18, generator=generator)


def make_gqa():
    config = LlamaConfig(
        vocab_size=VOCAB,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=12,
        rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": 5000.0},
        max_position_embeddings=128,
        tie_word_embeddings=False,
        bos_token_id=1,
        eos_token_id=2,
    )
    model = LlamaForCausalLM(config)
    randomize(model, 11)
    folder = os.path.join(OUT, "llama-gqa")
    model.save_pretrained(folder)
    keep(folder, "config.json", "model.safetensors")
    return folder


def make_tied():
    """bf16, sharded, tied, and a config.json as transformers 4 wrote it: no head_dim, no num_key_value_heads."""
    config = LlamaConfig(
        vocab_size=VOCAB,
        hidden_size=32,
        intermediate_size=40,
        num_hidden_layers=2,
        num_attention_heads=4,
        rms_norm_eps=1e-6,
        rope_parameters={"rope_type": "default", "rope_theta": 700.0},
        max_position_embeddings=64,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
    )
    model = LlamaForCausalLM(config)
    randomize(model, 12)
    folder = os.path.join(OUT, "llama-tied")
    model.to(torch.bfloat16).save_pretrained(folder, max_shard_size="16KB")
    write_json(
        os.path.join(folder, "config.json"),
        {
            "architectures": ["LlamaForCausalLM"],
            "bos_token_id": 1,
            "eos_token_id": 2,
            "hidden_act": "silu",
            "hidden_size": 32,
            "initializer_range": 0.02,
            "intermediate_size": 40,
            "max_position_embeddings": 64,
            "model_type": "llama",
            "num_attention_heads": 4,
            "num_hidden_layers": 2,
            "pretraining_tp": 1,
            "rms_norm_eps": 1e-06,
            "rope_scaling": None,
            "rope_theta": 700.0,
            "tie_word_embeddings": True,
            "torch_dtype": "bfloat16",
            "transformers_version": "4.33.1",
            "use_cache": True,
            "vocab_size": VOCAB,
        },
    )
    os.remove(os.path.join(folder, "generation_config.json"))
    loaded = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
    assert loaded.config.rope_parameters["rope_theta"] == 700.0, loaded.config.rope_parameters
    assert loaded.config.num_key_value_heads == 4 and loaded.config.head_dim == 8
    return folder


def keep(folder, *names):
    for name in os.listdir(folder):
        if name not in names:
            os.remove(os.path.join(folder, name))


def load(folder):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    model.config._name_or_path = os.path.basename(folder)
    model.name_or_path = os.path.basename(folder)
    return model.train()


# ---------------------------------------------------------------- data


def make_rows():
    """24 sequences of 3 to 30 tokens that follow a noisy rule (so the loss can fall), labels -100 in places."""
    generator = torch.Generator().manual_seed(21)

    def draw(low, high):
        return int(torch.randint(low, high, (1,), generator=generator))

    rows = []
    for index in range(24):
        length = 3 if index == 5 else 30 if index == 10 else draw(5, 27)
        ids = [1, draw(3, VOCAB)]
        while len(ids) < length:
            ids.append(draw(3, VOCAB) if draw(0, 5) == 0 else 3 + (ids[-1] * 5 + 7) % (VOCAB - 3))
        labels = list(ids)
        if index % 3 == 0:  # a prompt without loss
            prompt = draw(1, max(2, length // 2))
            labels[:prompt] = [-100] * prompt
        if index % 4 == 1:  # holes
            for position in range(length):
                if draw(0, 4) == 0:
                    labels[position] = -100
        if index == 7:  # a sequence that contributes nothing
            labels = [-100] * length
        rows.append({"input_ids": ids, "labels": labels})
    return rows


def collate(rows):
    longest = max(len(row["input_ids"]) for row in rows)
    pad = lambda values, filler: values + [filler] * (longest - len(values))
    return {
        "input_ids": torch.tensor([pad(row["input_ids"], 0) for row in rows]),
        "attention_mask": torch.tensor([pad([1] * len(row["input_ids"]), 0) for row in rows]),
        "labels": torch.tensor([pad(row["labels"], -100) for row in rows]),
    }


def loss_tokens(rows):
    return sum(label != -100 for row in rows for label in row["labels"][1:])


def step_rows(rows, step):
    return [rows[(step * BATCH_SIZE + i) % len(rows)] for i in range(BATCH_SIZE)]


# ---------------------------------------------------------------- training


def logits_of(model, inputs):
    model.eval()
    with torch.no_grad():
        result = [model(input_ids=torch.tensor([ids])).logits[0].float() for ids in inputs]
    model.train()
    return result


def gram_inverses(model):
    """1/s^2 (A A^T)^-1 for each B, computed once: A is frozen. Inverted in fp64, stored in fp32."""
    inverses = {}
    for module in model.modules():
        if isinstance(module, peft.tuners.lora.Linear):
            a = module.lora_A["default"].weight.detach().double()
            inverse = torch.linalg.inv(a @ a.T) / module.scaling["default"] ** 2
            inverses[module.lora_B["default"].weight] = inverse.float()
    return inverses


def train(model, rows, settings, micro_batches):
    """The plain loop. With micro_batches each sequence runs alone, unpadded, and is weighted by its tokens."""
    names = {p: n for n, p in model.named_parameters() if p.requires_grad}
    parameters = list(names)
    no_decay = [p for p in parameters if settings["decay_matrices_only"] and p.dim() < 2]
    groups = [{"params": [p for p in parameters if not any(p is q for q in no_decay)]}]
    if no_decay:
        groups.append({"params": no_decay, "weight_decay": 0.0})
    optimizer = torch.optim.AdamW(
        groups,
        lr=settings["learning_rate"],
        betas=(settings["beta1"], settings["beta2"]),
        eps=settings["epsilon"],
        weight_decay=settings["weight_decay"],
        foreach=False,
    )
    schedule = SCHEDULES[settings["schedule"]](optimizer, settings["warmup_steps"], settings["schedule_steps"])
    inverses = gram_inverses(model) if settings["gradient_correction"] == "gram" else {}
    result = {"learning_rates": [], "losses": [], "grad_norms": [], "loss_tokens": []}
    first_gradients = None
    for step in range(settings["steps"]):
        batch_rows = step_rows(rows, step)
        tokens = loss_tokens(batch_rows)
        optimizer.zero_grad(set_to_none=False)
        if micro_batches:
            loss = 0.0
            for row in batch_rows:
                count = loss_tokens([row])
                if count:
                    part = model(**collate([row])).loss * (count / tokens)
                    part.backward()
                    loss += part.item()
        else:
            output = model(**collate(batch_rows)).loss
            output.backward()
            loss = output.item()
        if first_gradients is None:
            first_gradients = {names[p]: p.grad.clone() for p in parameters}
        limit = settings["max_grad_norm"]
        norm = torch.nn.utils.clip_grad_norm_(parameters, limit if limit > 0 else math.inf)
        for parameter, inverse in inverses.items():
            parameter.grad.copy_(parameter.grad @ inverse)
        result["learning_rates"].append(optimizer.param_groups[0]["lr"])
        result["losses"].append(loss)
        result["grad_norms"].append(norm.item())
        result["loss_tokens"].append(tokens)
        optimizer.step()
        schedule.step()
    return result, first_gradients


BASE_SETTINGS = {
    "steps": 20,
    "schedule_steps": 20,
    "learning_rate": 2e-2,
    "schedule": "cosine",
    "warmup_steps": 3,
    "beta1": 0.9,
    "beta2": 0.999,
    "epsilon": 1e-8,
    "weight_decay": 0.01,
    "decay_matrices_only": False,
    "max_grad_norm": 1.0,
    "gradient_correction": "none",
    "batch_size": BATCH_SIZE,
}
OTHER = {
    "learning_rate": 1e-2,
    "schedule": "linear",
    "warmup_steps": 0,
    "beta1": 0.8,
    "beta2": 0.95,
    "weight_decay": 0.2,
    "max_grad_norm": 0.0,
}
SHORT = {"steps": 5, "schedule": "constant", "warmup_steps": 0, "learning_rate": 1e-2}


def adapter_key(name):
    """The name that PEFT writes into adapter_model.safetensors."""
    return name.replace(".default", "")


def save_adapter(model, folder):
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    keep(folder, "adapter_config.json", "adapter_model.safetensors")
    path = os.path.join(folder, "adapter_config.json")
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    for key in ("target_modules", "exclude_modules"):
        if isinstance(config[key], list):
            config[key] = sorted(config[key])  # PEFT writes a set: another order each time
    write_json(path, config)


def make_adapter(base, seed, nonzero, name, **options):
    torch.manual_seed(seed)
    options = {"target_modules": "all-linear", **options}
    config = LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, bias="none", task_type="CAUSAL_LM", **options)
    model = get_peft_model(load(base), config)
    generator = torch.Generator().manual_seed(seed + 1)
    for key, parameter in model.named_parameters():
        if "lora_A" in key:
            bound = 1.0 / math.sqrt(parameter.shape[1])
            assert 0.9 * bound < parameter.abs().max() <= bound, key
        elif "lora_B" in key:
            assert parameter.count_nonzero() == 0
            if nonzero:
                parameter.data.normal_(0.0, 0.1, generator=generator)
        elif "modules_to_save" in key and nonzero:
            parameter.data.add_(torch.randn(parameter.shape, generator=generator), alpha=0.05)
    folder = os.path.join(OUT, name)
    save_adapter(model, folder)
    return folder


def open_method(method, base, adapter):
    if method == "full":
        return load(base)
    model = PeftModel.from_pretrained(load(base), adapter, is_trainable=True).train()
    if method == "lora-fa":
        for name, parameter in model.named_parameters():
            if "lora_A" in name:
                parameter.requires_grad_(False)
    return model


def difference(left, right):
    return max((left[k] - right[k]).abs().max().item() for k in left)


def run(name, method, base, rows, inputs, adapter=None, overrides=None, save=("gradients", "final", "logits")):
    settings = {**BASE_SETTINGS, **(overrides or {})}
    folder = os.path.join(OUT, "runs", name)
    shutil.rmtree(folder, ignore_errors=True)
    states = []
    for micro_batches in (False, True):
        model = open_method(method, base, adapter)
        before = logits_of(model, inputs)
        start = {k: v.clone() for k, v in model.named_parameters()}
        trainable = [k for k, v in model.named_parameters() if v.requires_grad]
        result, gradients = train(model, rows, settings, micro_batches)
        end = dict(model.named_parameters())
        for key, value in start.items():  # what is frozen keeps its bits
            assert key in trainable or torch.equal(value, end[key]), key
        if method == "lora-fa":
            assert all("lora_A" not in k and "base_layer" not in k for k in trainable)
            assert all("lora_B" in k or "modules_to_save" in k for k in trainable), trainable
        states.append((model, result, gradients, {k: end[k].detach() for k in trainable}, logits_of(model, inputs)))
    model, result, gradients, final, after = states[0]
    _, other, other_gradients, other_final, other_after = states[1]
    losses = lambda r: {"losses": torch.tensor(r["losses"], dtype=torch.float64)}
    noise = {
        "losses": difference(losses(result), losses(other)),
        "first_gradients": difference(gradients, other_gradients),
        "final": difference(final, other_final),
        "logits": max((a - b).abs().max().item() for a, b in zip(after, other_after)),
    }
    write_json(
        os.path.join(folder, "run.json"),
        {
            "method": method,
            "model": os.path.basename(base),
            "adapter": adapter and os.path.basename(adapter),
            "settings": settings,
            "trainable_parameters": sum(v.numel() for v in final.values()),
            **result,
            "difference_of_unpadded_micro_batches": noise,
        },
    )
    key = adapter_key if adapter else lambda k: k
    if "gradients" in save:
        gradients = {k: v for k, v in gradients.items() if adapter or ".layers.1." not in k}  # for size
        save_tensors({key(k): v for k, v in gradients.items()}, os.path.join(folder, "gradients.safetensors"))
    if "final" in save:
        if adapter:
            save_adapter(model, os.path.join(folder, "adapter-final"))
        else:
            save_tensors(final, os.path.join(folder, "final.safetensors"))
    if "logits" in save:
        tensors = {f"before.{i}": v for i, v in enumerate(before)} | {f"after.{i}": v for i, v in enumerate(after)}
        save_tensors(tensors, os.path.join(folder, "logits.safetensors"))
    print(
        f"{name:16s} loss {result['losses'][0]:.4f} -> {result['losses'][-1]:.4f}"
        f"  norm {min(result['grad_norms']):.3f}..{max(result['grad_norms']):.3f}"
        f"  noise {' '.join(f'{k} {v:.1e}' for k, v in noise.items())}"
    )


def make_schedules():
    cases = []
    for kind, factory in SCHEDULES.items():
        for warmup, total in [(0, 10), (3, 20), (5, 12), (1, 1), (10, 10), (4, 3)]:
            optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
            schedule = factory(optimizer, warmup, total)
            factors = []
            for _ in range(total + 2):  # two steps past the end, too
                factors.append(optimizer.param_groups[0]["lr"])
                optimizer.step()
                schedule.step()
            cases.append({"schedule": kind, "warmup_steps": warmup, "total_steps": total, "factors": factors})
    write_json(os.path.join(OUT, "schedules.json"), cases)


def main():
    gqa = make_gqa()
    tied = make_tied()
    rows = make_rows()
    write_json(os.path.join(OUT, "batches.json"), {"batch_size": BATCH_SIZE, "rows": rows})
    inputs = [rows[10]["input_ids"][:12], rows[0]["input_ids"][:5]]
    write_json(os.path.join(OUT, "input.json"), {"input_ids": inputs})
    make_schedules()

    zero = make_adapter(gqa, 31, False, "adapter-zero")
    nonzero = make_adapter(gqa, 41, True, "adapter-nonzero")
    rslora = make_adapter(gqa, 51, True, "adapter-rslora", use_rslora=True, target_modules=["q_proj", "v_proj"])
    down = make_adapter(gqa, 61, True, "adapter-down", target_modules=["layers.2.mlp.down_proj", "1.self_attn.v_proj"])
    head = make_adapter(gqa, 71, False, "adapter-head", modules_to_save=["lm_head"])

    patterns = make_adapter(
        gqa,
        81,
        True,
        "adapter-patterns",
        target_modules=["q_proj", "v_proj", "up_proj", "down_proj"],
        layers_to_transform=[0, 2],
        rank_pattern={"v_proj": 2, r"layers\.2\.mlp\.(up|down)_proj": 6},
        alpha_pattern={"up_proj": 3, "^model.layers.0.self_attn.q_proj": 16},
        use_rslora=True,
    )
    regex = make_adapter(
        gqa,
        91,
        True,
        "adapter-regex",
        target_modules=r".*\.(?P<layer>[12])\.(self_attn\.(q|o)_proj|mlp\.gate_proj)",
        exclude_modules=["1.mlp.gate_proj"],
    )

    both = ["embed_tokens", "lm_head"]
    saved = make_adapter(gqa, 101, True, "adapter-saved", target_modules=["q_proj"], modules_to_save=both)
    few = {"target_modules": ["v_proj"]}
    tied_head = make_adapter(tied, 111, True, "adapter-tied-head", **few, modules_to_save=["lm_head"])
    tied_embed = make_adapter(tied, 121, True, "adapter-tied-embed", **few, modules_to_save=["embed_tokens"])
    make_adapter(tied, 131, True, "adapter-tied-both", **few, modules_to_save=both)

    run("lora-fa", "lora-fa", gqa, rows, inputs, zero)
    run("lora", "lora", gqa, rows, inputs, zero, save=("final", "logits"))  # A's first gradients are zero here
    run("full", "full", gqa, rows, inputs, overrides={"learning_rate": 5e-3, "decay_matrices_only": True})
    run("lora-fa-nonzero", "lora-fa", gqa, rows, inputs, nonzero, OTHER)
    run("lora-nonzero", "lora", gqa, rows, inputs, nonzero, OTHER)
    run("gram", "lora-fa", gqa, rows, inputs, nonzero, {"gradient_correction": "gram"}, ("final", "logits"))
    run("rslora", "lora-fa", gqa, rows, inputs, rslora, SHORT, ("logits",))
    run("down", "lora-fa", gqa, rows, inputs, down, SHORT, ("gradients", "logits"))
    run("head", "lora-fa", gqa, rows, inputs, head, SHORT, ("final", "logits"))
    gram = {**SHORT, "gradient_correction": "gram"}
    run("patterns", "lora-fa", gqa, rows, inputs, patterns, gram, ("final", "logits"))
    run("regex", "lora", gqa, rows, inputs, regex, SHORT, ("logits",))
    run("saved", "lora-fa", gqa, rows, inputs, saved, SHORT, ("logits",))
    run("tied-head", "lora-fa", tied, rows, inputs, tied_head, SHORT, ("logits",))
    run("tied-embed", "lora-fa", tied, rows, inputs, tied_embed, SHORT, ("logits",))
    run("tied-full", "full", tied, rows, inputs, None, {**SHORT, "decay_matrices_only": True}, ("logits",))
    write_json(
        os.path.join(OUT, "versions.json"),
        {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__},
    )


if __name__ == "__main__":
    main()
