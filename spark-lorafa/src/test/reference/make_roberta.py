"""Makes the RoBERTa, XLM-RoBERTa and BERT reference values in ../resources/reference with transformers, PEFT and
torch.optim.AdamW: classifications of each kind and masked language models, by all three methods.

As make_llama.py, whose parts it uses: fp32, eager attention, one thread, seeded. Every dropout of the
configurations is 0. README.md describes each file.
"""

import math
import os
import shutil

os.environ["HF_HUB_OFFLINE"] = "1"

import peft
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model

from make_llama import ALPHA, BASE_SETTINGS, BATCH_SIZE, OTHER, OUT, RANK, SCHEDULES, SHORT
from make_llama import adapter_key, difference, keep, save_adapter, save_tensors, step_rows, write_json

VOCAB = 47
MASK = VOCAB - 1
PAD = 1
HIDDEN = 16
SHAPE = {
    "vocab_size": VOCAB,
    "hidden_size": HIDDEN,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": 34,
    "layer_norm_eps": 1e-5,
}
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "classifier_dropout": 0.0}

# ---------------------------------------------------------------- models


def randomize(model, seed):
    """Large random weights, norms far from one, biases far from zero, so that no factor or term is hidden."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name.lower() and name.endswith("weight"):
                parameter.uniform_(0.5, 1.6, generator=generator)
            elif name.endswith("bias"):
                parameter.normal_(0.0, 0.2, generator=generator)
            else:
                parameter.normal_(0.0, 0.6 if "embeddings" in name else 0.2, generator=generator)


def make_model(name, kind, seed, **options):
    config_class = getattr(transformers, kind.split("For")[0] + "Config")
    config = config_class(**{**SHAPE, **options})
    model = getattr(transformers, kind)(config)
    randomize(model, seed)
    folder = os.path.join(OUT, name)
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    keep(folder, "config.json", "model.safetensors")
    return folder


def add_tokenizer(folder):
    """A word for each id, with a mask token: training by masks asks for it, although the rows have labels."""
    specials = {"<s>": 0, "<pad>": PAD, "</s>": 2, "<mask>": MASK}
    vocabulary = dict(sorted({**{f"w{i}": i for i in range(3, MASK)}, **specials}.items(), key=lambda item: item[1]))
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    write_json(
        os.path.join(folder, "tokenizer.json"),
        {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [{"id": i, "content": token, **flags} for token, i in specials.items()],
            "normalizer": None,
            "pre_tokenizer": {"type": "Whitespace"},
            "post_processor": None,
            "decoder": None,
            "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<pad>"},
        },
    )
    write_json(os.path.join(folder, "tokenizer_config.json"), {"mask_token": "<mask>", "pad_token": "<pad>"})


def load(folder, problem_type=None, labels=None):
    options = dict(NO_DROPOUT)
    if problem_type:
        options["problem_type"] = problem_type
    if labels:
        options["num_labels"] = labels
    config = transformers.AutoConfig.from_pretrained(folder)
    kind = getattr(transformers, config.architectures[0])
    model = kind.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager", **options)
    model.config._name_or_path = os.path.basename(folder)
    model.name_or_path = os.path.basename(folder)
    return model.train()


# ---------------------------------------------------------------- data


def make_rows():
    """24 sequences of 3 to 30 tokens with labels of each kind that follow from their ids."""
    generator = torch.Generator().manual_seed(23)

    def draw(low, high):
        return int(torch.randint(low, high, (1,), generator=generator))

    rows = []
    for index in range(24):
        length = 3 if index == 5 else 30 if index == 10 else draw(5, 27)
        ids = [0] + [draw(3, MASK) for _ in range(length - 2)] + [2]
        if index == 6:
            ids[2] = PAD  # a padding token inside a text is a token, without a position of its own
        masked, labels = list(ids), [-100] * length
        for position in range(1, length - 1):
            if draw(0, 4) == 0 and index != 7:  # row 7 contributes nothing
                labels[position] = ids[position]
                masked[position] = MASK
        rows.append(
            {
                "input_ids": ids,
                "single": [ids[1] % 3],
                "multi": [ids[1] % 2, ids[-2] % 2, int(length > 15)],
                "regression": [round((ids[1] - 25) / 15, 3)],
                "masked_ids": masked,
                "masked": labels,
            }
        )
    return rows


def collate(rows, kind):
    key = "masked_ids" if kind == "masked" else "input_ids"
    longest = max(len(row[key]) for row in rows)
    pad = lambda values, filler: values + [filler] * (longest - len(values))
    batch = {
        "input_ids": torch.tensor([pad(row[key], PAD) for row in rows]),
        "attention_mask": torch.tensor([pad([1] * len(row[key]), 0) for row in rows]),
    }
    if kind == "masked":
        batch["labels"] = torch.tensor([pad(row["masked"], -100) for row in rows])
    elif kind == "single":
        batch["labels"] = torch.tensor([row["single"][0] for row in rows])
    else:
        batch["labels"] = torch.tensor([row[kind] for row in rows], dtype=torch.float32)
    return batch


def loss_terms(rows, kind):
    return sum(label != -100 for row in rows for label in row["masked"]) if kind == "masked" else len(rows)


# ---------------------------------------------------------------- training


def logits_of(model, rows, kind):
    model.eval()
    with torch.no_grad():
        batches = [collate([row], kind) for row in rows]
        result = [model(**{k: v for k, v in b.items() if k != "labels"}).logits[0].float() for b in batches]
    model.train()
    return result


def train(model, rows, kind, settings, micro_batches):
    """The plain loop. With micro_batches each sequence runs alone, unpadded, and is weighted by its terms."""
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
    result = {"learning_rates": [], "losses": [], "grad_norms": [], "loss_terms": []}
    first_gradients = None
    for step in range(settings["steps"]):
        batch_rows = step_rows(rows, step)
        terms = loss_terms(batch_rows, kind)
        optimizer.zero_grad(set_to_none=False)
        loss = 0.0
        for part in [[row] for row in batch_rows] if micro_batches else [batch_rows]:
            count = loss_terms(part, kind)
            if count:
                output = model(**collate(part, kind)).loss * (count / terms)
                output.backward()
                loss += output.item()
        if first_gradients is None:
            first_gradients = {names[p]: p.grad.clone() for p in parameters}
        limit = settings["max_grad_norm"]
        norm = torch.nn.utils.clip_grad_norm_(parameters, limit if limit > 0 else math.inf)
        result["learning_rates"].append(optimizer.param_groups[0]["lr"])
        result["losses"].append(loss)
        result["grad_norms"].append(norm.item())
        result["loss_terms"].append(terms)
        optimizer.step()
        schedule.step()
    return result, first_gradients


def make_adapter(base, seed, nonzero, name, **options):
    torch.manual_seed(seed)
    config = LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, bias="none", **options)
    model = get_peft_model(load(base), config)
    generator = torch.Generator().manual_seed(seed + 1)
    for key, parameter in model.named_parameters():
        if nonzero and "lora_B" in key:
            parameter.data.normal_(0.0, 0.1, generator=generator)
        elif nonzero and "modules_to_save" in key:
            parameter.data.add_(torch.randn(parameter.shape, generator=generator), alpha=0.05)
    folder = os.path.join(OUT, name)
    save_adapter(model, folder)
    return folder


def open_method(method, base, adapter, problem_type, labels):
    if method == "full":
        return load(base, problem_type, labels)
    model = PeftModel.from_pretrained(load(base, problem_type, labels), adapter, is_trainable=True).train()
    for name, parameter in model.named_parameters():
        if method == "lora-fa" and "lora_A" in name:
            parameter.requires_grad_(False)
    return model


PROBLEMS = {
    "single": "single_label_classification",
    "multi": "multi_label_classification",
    "regression": "regression",
    "masked": None,
}


def run(name, method, base, rows, kind, adapter=None, overrides=None, save=("gradients", "final", "logits")):
    settings = {**BASE_SETTINGS, "decay_matrices_only": True, **(overrides or {})}
    folder = os.path.join(OUT, "runs", name)
    shutil.rmtree(folder, ignore_errors=True)
    shown = [rows[10], rows[6]]
    states = []
    for micro_batches in (False, True):
        model = open_method(method, base, adapter, PROBLEMS[kind], None)
        before = logits_of(model, shown, kind)
        start = {k: v.clone() for k, v in model.named_parameters()}
        trainable = [k for k, v in model.named_parameters() if v.requires_grad]
        result, gradients = train(model, rows, kind, settings, micro_batches)
        end = dict(model.named_parameters())
        for key, value in start.items():  # what is frozen keeps its bits
            assert key in trainable or torch.equal(value, end[key]), key
        if method == "lora-fa":
            assert all("lora_B" in k or "modules_to_save" in k for k in trainable), trainable
        final = {k: end[k].detach() for k in trainable}
        states.append((model, result, gradients, final, logits_of(model, shown, kind)))
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
            "kind": kind,
            "model": os.path.basename(base),
            "adapter": adapter and os.path.basename(adapter),
            "settings": settings,
            "trainable_parameters": sum(v.numel() for v in final.values()),
            **result,
            "difference_of_unpadded_micro_batches": noise,
        },
    )
    key = (lambda k: adapter_key(k).replace("modules_to_save.", "")) if adapter else lambda k: k
    if "gradients" in save:
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
        f"{name:24s} loss {result['losses'][0]:.4f} -> {result['losses'][-1]:.4f}"
        f"  norm {min(result['grad_norms']):.3f}..{max(result['grad_norms']):.3f}"
        f"  noise {' '.join(f'{k} {v:.1e}' for k, v in noise.items())}"
    )


def main():
    classifier = make_model(
        "roberta", "RobertaForSequenceClassification", 211, num_labels=3, pad_token_id=PAD, type_vocab_size=1
    )
    regression = make_model(
        "roberta-regression", "RobertaForSequenceClassification", 212, num_labels=1, num_hidden_layers=1
    )
    masked = make_model("roberta-mlm", "RobertaForMaskedLM", 213, pad_token_id=PAD)
    xlm = make_model(
        "xlm-roberta", "XLMRobertaForSequenceClassification", 214, num_labels=3, pad_token_id=PAD, num_hidden_layers=1
    )
    bert = make_model(
        "bert", "BertForSequenceClassification", 215, num_labels=3, pad_token_id=PAD, hidden_act="gelu_new"
    )
    bert_masked = make_model("bert-mlm", "BertForMaskedLM", 216, pad_token_id=PAD, num_hidden_layers=1)
    add_tokenizer(masked)
    add_tokenizer(bert_masked)
    rows = make_rows()
    write_json(os.path.join(OUT, "roberta-rows.json"), {"batch_size": BATCH_SIZE, "rows": rows})

    head = {"target_modules": "all-linear", "task_type": "SEQ_CLS"}
    encoder = {"target_modules": ["query", "key", "value", "intermediate.dense", "attention.output.dense"]}
    trained = make_adapter(classifier, 221, False, "adapter-roberta", **head)
    frozen = make_adapter(classifier, 231, True, "adapter-roberta-frozen", **encoder)
    nonzero = make_adapter(classifier, 241, True, "adapter-roberta-nonzero", **head)
    regressing = make_adapter(regression, 251, False, "adapter-roberta-regression", **head)
    masking = make_adapter(masked, 261, True, "adapter-roberta-mlm", target_modules="all-linear")
    parted = make_adapter(
        masked, 291, True, "adapter-roberta-mlm-head", target_modules=["query", "value"], modules_to_save=["lm_head"]
    )
    cross = make_adapter(xlm, 271, True, "adapter-xlm-roberta", **head)
    pooled = make_adapter(bert, 281, True, "adapter-bert", **head)

    full = {"learning_rate": 5e-3}
    run("roberta-lora-fa", "lora-fa", classifier, rows, "single", trained)
    run("roberta-lora", "lora", classifier, rows, "single", nonzero, OTHER)
    run("roberta-lora-fa-frozen", "lora-fa", classifier, rows, "single", frozen, OTHER)
    run("roberta-lora-frozen", "lora", classifier, rows, "single", frozen)
    run("roberta-full", "full", classifier, rows, "single", None, full)
    run("roberta-multi", "lora-fa", classifier, rows, "multi", nonzero, save=("gradients", "logits"))
    run("roberta-multi-full", "full", classifier, rows, "multi", None, {**SHORT, **full}, ("logits",))
    run("roberta-regression", "lora-fa", regression, rows, "regression", regressing, save=("gradients", "logits"))
    run("roberta-mlm", "lora-fa", masked, rows, "masked", masking)
    run("roberta-mlm-lora", "lora", masked, rows, "masked", masking, OTHER, ("logits",))
    run("roberta-mlm-full", "full", masked, rows, "masked", None, full, ("gradients", "logits"))
    run("roberta-mlm-head", "lora-fa", masked, rows, "masked", parted)
    run("roberta-mlm-head-lora", "lora", masked, rows, "masked", parted, OTHER, ("logits",))
    run("xlm-roberta", "lora-fa", xlm, rows, "single", cross, save=("final", "logits"))
    run("bert", "lora-fa", bert, rows, "single", pooled, save=("gradients", "logits"))
    run("bert-full", "full", bert, rows, "single", None, full, ("gradients", "logits"))
    run("bert-mlm-full", "full", bert_masked, rows, "masked", None, full, ("gradients", "logits"))


if __name__ == "__main__":
    main()
