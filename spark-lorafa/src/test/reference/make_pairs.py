"""Makes a BERT that is told which tokens are the second text's (bert-pairs/), its pairs of texts (bert-pairs.json) and
runs on them, in ../resources/reference.

With the parts of make_roberta.py, which also has the loop; run make_llama.py first. README.md describes each file.
"""

import os
import random
import shutil

import make_roberta
import torch
from make_llama import BATCH_SIZE, OUT, keep, write_json
from make_roberta import make_adapter, make_model, run
from tokenizers import BertWordPieceTokenizer
from transformers import BertTokenizer

LONGEST = 24
WORDS = "the red blue old new kite book stone river market buys finds sells lost a two ten Ada Bela Carl".split()


def make_tokenizer():
    """The vocabulary as transformers' first files have it, and as tokenizer.json."""
    folder = os.path.join(OUT, "bert-pairs-tokenizer")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    trainer = BertWordPieceTokenizer(lowercase=True)
    trainer.train_from_iterator([" ".join(WORDS)] * 3, vocab_size=70, min_frequency=1, show_progress=False)
    trainer.save_model(folder)
    tokenizer = BertTokenizer.from_pretrained(folder)
    tokenizer.save_pretrained(folder)
    keep(folder, "vocab.txt", "tokenizer.json", "tokenizer_config.json")
    return tokenizer, folder


def make_rows(tokenizer):
    """24 pairs; the label is whether both texts name the same thing. Some are cut, one has an empty second text."""
    draw = random.Random(41)
    things = ["kite", "book", "stone", "river"]
    rows = []
    for index in range(24):
        first, second = draw.choice(things), draw.choice(things)
        sentence = lambda thing, words: " ".join([draw.choice(WORDS) for _ in range(words)] + [thing])
        text, pair = sentence(first, draw.randint(1, 8)), sentence(second, draw.randint(1, 8))
        if index == 10:
            text, pair = sentence(first, 14), sentence(second, 14)
        if index == 6:
            pair = ""
        # as lists, as in a dataset's map(batched=True): alone, an empty second text counts as none
        encoded = tokenizer([text], [pair], truncation=True, max_length=LONGEST)
        ids, types = encoded["input_ids"][0], encoded["token_type_ids"][0]
        assert types == sorted(types) and (1 in types), types
        rows.append({"text": text, "text_pair": pair, "input_ids": ids, "token_type_ids": types, "single": [int(first == second)]})
    assert len(rows[10]["input_ids"]) == LONGEST
    assert all(len(row["input_ids"]) <= LONGEST for row in rows)
    return rows


def collate(rows, kind):
    batch = roberta_collate(rows, kind)
    longest = batch["input_ids"].shape[1]
    types = [row["token_type_ids"] + [0] * (longest - len(row["token_type_ids"])) for row in rows]
    return {**batch, "token_type_ids": torch.tensor(types)}


def main():
    tokenizer, folder = make_tokenizer()
    options = {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id, "type_vocab_size": 2}
    bert = make_model("bert-pairs", "BertForSequenceClassification", 217, num_labels=2, **options)
    for name in os.listdir(folder):
        shutil.move(os.path.join(folder, name), os.path.join(bert, name))
    os.rmdir(folder)
    rows = make_rows(tokenizer)
    write_json(os.path.join(OUT, "bert-pairs.json"), {"batch_size": BATCH_SIZE, "max_length": LONGEST, "rows": rows})
    adapter = make_adapter(bert, 291, True, "adapter-bert-pairs", target_modules="all-linear", task_type="SEQ_CLS")
    run("bert-pairs", "lora-fa", bert, rows, "single", adapter, save=("gradients", "logits"))
    run("bert-pairs-full", "full", bert, rows, "single", None, {"learning_rate": 5e-3}, ("gradients", "final", "logits"))


roberta_collate = make_roberta.collate
make_roberta.collate = collate

if __name__ == "__main__":
    main()
