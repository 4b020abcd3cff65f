"""Makes the T5 reference values in ../resources/reference, after make_llama.py: models, training runs and generated texts.

README.md describes each file. PEFT 0.21 cannot build SEQ_2_SEQ_LM on transformers 5.18, so task_type stays null.
"""

import itertools
import json
import os
import shutil

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from transformers import T5Config, T5ForConditionalGeneration

import make_llama
from make_llama import ALPHA, BASE_SETTINGS, OUT, RANK, VOCAB, adapter_key, difference, keep, save_adapter, save_tensors, train, write_json

SHAPE = {
    "vocab_size": VOCAB,
    "d_model": 16,
    "d_kv": 6,
    "d_ff": 20,
    "num_heads": 2,
    "relative_attention_num_buckets": 8,
    "relative_attention_max_distance": 20,
    "decoder_start_token_id": 0,
}
EOS = 1


# ---------------------------------------------------------------- models


def randomize(model, seed):
    """Weights large enough that no factor is hidden, and a bias by position that matters."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "layer_norm" in name:
                parameter.uniform_(0.5, 1.6, generator=generator)
            elif "relative_attention_bias" in name:
                parameter.normal_(0.0, 1.0, generator=generator)
            else:
                large = "shared" in name or "lm_head" in name
                parameter.normal_(0.0, 0.8 if large else 0.25, generator=generator)


def make_relu():
    """v1.0: a tied head whose input is scaled; in bf16, with the aliases that older files hold."""
    config = T5Config(**SHAPE, num_layers=2, feed_forward_proj="relu")
    model = T5ForConditionalGeneration(config)
    randomize(model, 31)
    folder = os.path.join(OUT, "t5-relu")
    model.to(torch.bfloat16).save_pretrained(folder)
    tensors = {k: v.detach().contiguous().clone() for k, v in model.state_dict().items() if k != "lm_head.weight"}
    assert "encoder.embed_tokens.weight" in tensors and "decoder.embed_tokens.weight" in tensors
    save_file(tensors, os.path.join(folder, "model.safetensors"), metadata={"format": "pt"})
    keep(folder, "config.json", "model.safetensors")
    return folder


def make_gated():
    """v1.1: an own head whose input is not scaled, as transformers 5 writes it; and an unequal number of layers."""
    folder = os.path.join(OUT, "t5-gated")
    config = T5Config(
        **SHAPE, num_layers=2, num_decoder_layers=1, feed_forward_proj="gated-gelu", tie_word_embeddings=False
    )
    model = T5ForConditionalGeneration(config)
    model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.detach().clone())
    randomize(model, 32)
    model.to(torch.bfloat16).save_pretrained(folder)
    tensors = {k: v.detach().contiguous().clone() for k, v in model.state_dict().items() if "embed_tokens" not in k}
    save_file(tensors, os.path.join(folder, "model.safetensors"), metadata={"format": "pt"})
    keep(folder, "config.json", "model.safetensors")
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        written = json.load(file)
    assert written["tie_word_embeddings"] is True and written["scale_decoder_outputs"] is False, written
    loaded = load(folder)
    assert not torch.equal(loaded.lm_head.weight, loaded.shared.weight)
    return folder


def load(folder):
    model = T5ForConditionalGeneration.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", dropout_rate=0.0
    )
    model.config._name_or_path = os.path.basename(folder)
    model.name_or_path = os.path.basename(folder)
    return model.train()


# ---------------------------------------------------------------- data


def make_rows():
    """24 rows of 2 to 26 tokens to read and 1 to 14 to write: every other one plus 5; labels -100 in places."""
    generator = torch.Generator().manual_seed(22)

    def draw(low, high):
        return int(torch.randint(low, high, (1,), generator=generator))

    rows = []
    for index in range(24):
        length = 1 if index == 5 else 25 if index == 10 else draw(3, 20)
        read = [draw(2, VOCAB) for _ in range(length)]
        labels = [2 + (id + 5) % (VOCAB - 2) for id in read[::2]] + [EOS]
        if index % 4 == 1:  # holes
            labels = [-100 if draw(0, 4) == 0 else label for label in labels]
        if index == 7:  # a row that contributes nothing
            labels = [-100] * len(labels)
        rows.append({"input_ids": read + [EOS], "labels": labels})
    return rows


def collate(rows):
    def pad(key, filler):
        longest = max(len(row[key]) for row in rows)
        return torch.tensor([row[key] + [filler] * (longest - len(row[key])) for row in rows])

    longest = max(len(row["input_ids"]) for row in rows)
    mask = [[1] * len(row["input_ids"]) + [0] * (longest - len(row["input_ids"])) for row in rows]
    return {"input_ids": pad("input_ids", 0), "attention_mask": torch.tensor(mask), "labels": pad("labels", -100)}


def loss_tokens(rows):
    return sum(label != -100 for row in rows for label in row["labels"])


# The loop of make_llama.py on these batches.
make_llama.collate = collate
make_llama.loss_tokens = loss_tokens


# ---------------------------------------------------------------- training


def logits_of(model, rows):
    model.eval()
    with torch.no_grad():
        result = [model(**collate([row])).logits[0].float() for row in rows]
    model.train()
    return result


def make_adapter(base, seed, name):
    torch.manual_seed(seed)
    config = LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules="all-linear", lora_dropout=0.0, bias="none")
    model = get_peft_model(load(base), config)
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


def run(name, method, base, rows, adapter):
    settings = dict(BASE_SETTINGS)
    if method == "full":
        settings.update(learning_rate=5e-3, decay_matrices_only=True)
        adapter = None
    if name == "t5-relu-lora-fa":
        # At 0.02 a number before a ReLU is 1.3e-6 in step 8, so that rounding decides on its gradient; here none is below 2.8e-5.
        settings.update(learning_rate=0.013)
    folder = os.path.join(OUT, "runs", name)
    shutil.rmtree(folder, ignore_errors=True)
    inputs = [rows[10], rows[1]]
    states = []
    for micro_batches in (False, True):
        model = open_method(method, base, adapter)
        before = logits_of(model, inputs)
        trainable = [k for k, v in model.named_parameters() if v.requires_grad]
        result, gradients = train(model, rows, settings, micro_batches)
        end = dict(model.named_parameters())
        states.append((model, result, gradients, {k: end[k].detach() for k in trainable}, before, logits_of(model, inputs)))
    model, result, gradients, final, before, after = states[0]
    _, other, other_gradients, other_final, _, other_after = states[1]
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
    kept = {key(k): v for k, v in gradients.items() if adapter or "coder.block.1." not in k}  # for size
    save_tensors(kept, os.path.join(folder, "gradients.safetensors"))
    if adapter:
        save_adapter(model, os.path.join(folder, "adapter-final"))
    else:
        save_tensors(final, os.path.join(folder, "final.safetensors"))
    logits = {f"before.{i}": t for i, t in enumerate(before)} | {f"after.{i}": t for i, t in enumerate(after)}
    save_tensors(logits, os.path.join(folder, "logits.safetensors"))
    print(f"{name:14s} loss {result['losses'][0]:.4f} -> {result['losses'][-1]:.4f}  {noise}")


# ---------------------------------------------------------------- positions


def make_buckets():
    from transformers.models.t5.modeling_t5 import T5Attention

    cases = []
    for buckets, distance, bidirectional in [(32, 128, True), (32, 128, False), (8, 20, True), (8, 20, False), (33, 100, True)]:
        positions = torch.arange(-300, 301)
        found = T5Attention._relative_position_bucket(positions, bidirectional, buckets, distance)
        cases.append(
            {"buckets": buckets, "max_distance": distance, "bidirectional": bidirectional, "of": found.tolist()}
        )
    return cases


# ---------------------------------------------------------------- generation


def texts(folder, prompts):
    """What generate writes; several ids end a text, so that some texts end soon, 2 as in the tokenizer of the tests."""
    model = load(folder).eval()
    ends = {"t5-relu": [[EOS, 2], [EOS, 2, 7, 23, 54]], "t5-gated": [[EOS, 2], [EOS, 2, 16, 40, 61, 80]]}[os.path.basename(folder)]
    settings = [{"num_beams": 1, "repetition_penalty": penalty} for penalty in (1.0, 1.4)]
    settings += [
        {"num_beams": beams, "length_penalty": penalty, "early_stopping": early}
        for (beams, penalty), early in itertools.product([(2, 1.0), (4, 1.0), (4, 2.0), (3, 0.0), (4, -0.5)], [False, True, "never"])
    ]
    settings.append({"num_beams": 3, "repetition_penalty": 1.3, "length_penalty": 0.7, "early_stopping": False})
    cases = []
    for prompt, eos, setting in itertools.product(prompts, ends, settings):
        with torch.no_grad():
            ids = model.generate(
                torch.tensor([prompt]),
                attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
                do_sample=False,
                max_new_tokens=14,
                eos_token_id=eos,
                pad_token_id=0,
                **setting,
            )[0].tolist()
        written = ids[1:]
        end = next((i for i, id in enumerate(written) if id in eos), None)
        cases.append(
            {
                "model": os.path.basename(folder),
                "prompt": prompt,
                "ends": eos,
                **setting,
                "written": written[:end] if end is not None else written,
                "ended": end is not None,
            }
        )
    return cases


def main():
    rows = make_rows()
    write_json(os.path.join(OUT, "t5-batches.json"), {"rows": rows})
    models = {"t5-relu": make_relu(), "t5-gated": make_gated()}
    for seed, (name, base) in enumerate(models.items()):
        adapter = make_adapter(base, 41 + seed, "adapter-" + name)
        for method in ("lora-fa", "lora", "full"):
            run(f"{name}-{method}", method, base, rows, adapter)
    prompts = [rows[10]["input_ids"], rows[1]["input_ids"], rows[2]["input_ids"]]
    cases = [case for base in models.values() for case in texts(base, prompts)]
    print(f"{len(cases)} texts, {sum(case['ended'] for case in cases)} ended")
    with open(os.path.join(OUT, "t5-generation.json"), "w", encoding="utf-8") as file:
        json.dump({"max_new_tokens": 14, "texts": cases}, file)
        file.write("\n")
    with open(os.path.join(OUT, "t5-buckets.json"), "w", encoding="utf-8") as file:
        json.dump({"first": -300, "cases": make_buckets()}, file)
        file.write("\n")


if __name__ == "__main__":
    main()
