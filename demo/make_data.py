"""Makes the demo's texts, its tokenizer and the random weights that its base model starts from.

    python make_data.py FOLDER

FOLDER/corpus.jsonl      {"text"}: what the base model reads; letters with a clerk's note, stories, shops
FOLDER/random-base/      config.json, model.safetensors, tokenizer.json, tokenizer_config.json
FOLDER/train.jsonl       {"prompt", "completion"}: letters and their tickets
FOLDER/held-out.jsonl    the same, of people, cities and objects that no row of train.jsonl has to do with

The corpus holds no ticket and none of the letters of the two other files.
"""

import json
import os
import random
import sys

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import LlamaConfig, LlamaForCausalLM

import world as w

SEED = 7
CORPUS_ROWS = 64_000
TRAIN_ROWS = 2_400
HELD_OUT_ROWS = 200
HELD_OUT_SHARE = 0.25
ASIDES = 0.15
SPECIAL = ["<unk>", "<s>", "</s>"]


def main(folder):
    os.makedirs(folder, exist_ok=True)
    everything = w.World.whole()
    known, held_out = everything.split(random.Random(SEED), HELD_OUT_SHARE)
    train = tickets(random.Random(SEED + 1), known, TRAIN_ROWS)
    evaluation = tickets(random.Random(SEED + 2), held_out, HELD_OUT_ROWS)
    assert not {row["prompt"] for row in train} & {row["prompt"] for row in evaluation}
    letters = {row["prompt"].removesuffix(PROMPT_END) for row in train + evaluation}
    corpus = texts(random.Random(SEED + 3), everything, CORPUS_ROWS, letters)
    write_rows(os.path.join(folder, "train.jsonl"), train)
    write_rows(os.path.join(folder, "held-out.jsonl"), evaluation)
    write_rows(os.path.join(folder, "corpus.jsonl"), ({"text": text} for text in corpus))
    tokenizer = make_tokenizer(corpus[:20_000])
    base = os.path.join(folder, "random-base")
    os.makedirs(base, exist_ok=True)
    make_weights(base, tokenizer)
    save_tokenizer(base, tokenizer)
    report(tokenizer, corpus, train + evaluation)


PROMPT_END = "\nTicket:"


def tickets(random, world, rows):
    made = {}
    while len(made) < rows:
        facts = w.draw(random, world)
        made[w.letter(random, world, facts, ASIDES)] = facts
    return [{"prompt": letter + PROMPT_END, "completion": " " + w.ticket(facts)} for letter, facts in made.items()]


def texts(random, world, rows, excluded):
    made = []
    while len(made) < rows:
        kind = random.random()
        facts = w.draw(random, world)
        if kind < 0.5:
            letter = w.letter(random, world, facts)
            if letter not in excluded:
                made.append(f"{letter}\nNote: {w.note(random, facts)}")
        elif kind < 0.9:
            made.append(w.line(random, world, facts))
        elif kind < 0.95:
            made.append(w.story(random, world))
        else:
            made.append(w.shop(random, world))
    return made


def make_tokenizer(corpus):
    """A byte-level BPE, as GPT-2 and LLaMA 3 have."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=1536, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )
    return tokenizer


def make_weights(folder, tokenizer):
    torch.manual_seed(SEED)
    config = LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=128,
        intermediate_size=320,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=4,
        head_dim=64,
        max_position_embeddings=512,
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
        initializer_range=0.05,
        bos_token_id=tokenizer.token_to_id("<s>"),
        eos_token_id=tokenizer.token_to_id("</s>"),
    )
    model = LlamaForCausalLM(config)
    for layer in model.model.layers:
        lean_to_copying(layer.self_attn, config)
    model.save_pretrained(folder)
    os.remove(os.path.join(folder, "generation_config.json"))


def lean_to_copying(attention, config):
    """Mimetic initialisation (Trockman and Kolter, 2023): each head's output undoes its values, so that attention begins
    by copying what it looks at, and a small model learns to read within minutes. It changes no shape."""
    values = attention.v_proj.weight.data
    for rows in values.split(config.head_dim):
        torch.nn.init.orthogonal_(rows)
    attention.o_proj.weight.data = 0.3 * values.T.clone()


def save_tokenizer(folder, tokenizer):
    tokenizer.save(os.path.join(folder, "tokenizer.json"), pretty=False)
    with open(os.path.join(folder, "tokenizer_config.json"), "w", encoding="utf-8") as file:
        json.dump(
            {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "bos_token": "<s>",
                "eos_token": "</s>",
                "unk_token": "<unk>",
                "model_max_length": 512,
                "model_input_names": ["input_ids", "attention_mask"],
                "clean_up_tokenization_spaces": False,
            },
            file,
        )
        file.write("\n")


def write_rows(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def report(tokenizer, corpus, rows):
    def length(texts):
        return sum(len(e.ids) for e in tokenizer.encode_batch(texts)) / len(texts)

    print(f"{tokenizer.get_vocab_size()} tokens in the vocabulary; a mean text of the corpus has {length(corpus[:2000]):.0f},")
    print(f"a letter {length([r['prompt'] for r in rows]):.0f}, its ticket {length([r['completion'] for r in rows]):.0f}")
    for text in corpus[:4]:
        print(f"- {text}")
    print(f"- {rows[0]['prompt']}{rows[0]['completion']}")


if __name__ == "__main__":
    main(sys.argv[1])
