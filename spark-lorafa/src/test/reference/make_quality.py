"""Makes the sentiment task of docs/quality.md: the text to pre-train on, a tokenizer, first weights, sentences.

    make_quality.py SST2 ALPACA.json OUT

SST2 is a folder with train.tsv and dev.tsv (a sentence, a tab, 0 or 1), ALPACA.json a list of objects with
instruction, input and output. OUT gets init/ (a RoBERTa of first weights, 1.5 million, with its byte-level BPE),
text.jsonl (column text: the sentences of train.tsv and Alpaca's texts), train.jsonl, choose.jsonl and report.jsonl
(text, label; the last two are the halves of dev.tsv).
"""

import json
import os
import random
import sys

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast, RobertaConfig, RobertaForMaskedLM

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
VOCABULARY = 3000
WORDS = 40


def sentences(file):
    with open(file, encoding="utf-8") as lines:
        return [(text, int(label)) for text, label in (line.rstrip("\n").split("\t") for line in lines if line.strip())]


def pieces(text):
    words = text.lower().split()
    return [" ".join(words[i : i + WORDS]) for i in range(0, len(words), WORDS)]


def write(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def tokenizer(texts, folder):
    bpe = Tokenizer(models.BPE(unk_token="<unk>"))
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    bpe.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bpe.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=VOCABULARY, special_tokens=SPECIAL[:4], initial_alphabet=alphabet, show_progress=False
        ),
    )
    bpe.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
    bpe.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token="<s>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
        model_max_length=128,
    )
    fast.save_pretrained(folder)
    return len(fast)


def look_at_neighbours(model):
    """Sinusoidal positions, and keys like the queries: attention starts with a token's neighbours."""
    table = model.roberta.embeddings.position_embeddings.weight.data
    at = torch.arange(table.shape[0]).unsqueeze(1) / 50.0 ** (torch.arange(0, table.shape[1], 2) / table.shape[1])
    table[:, 0::2], table[:, 1::2] = torch.sin(at), torch.cos(at)
    table *= model.config.initializer_range * 2**0.5
    for layer in model.roberta.encoder.layer:
        layer.attention.self.key.weight.data.copy_(layer.attention.self.query.weight.data)


def main(sst2, alpaca, out):
    os.makedirs(os.path.join(out, "init"), exist_ok=True)
    train, dev = sentences(os.path.join(sst2, "train.tsv")), sentences(os.path.join(sst2, "dev.tsv"))
    with open(alpaca, encoding="utf-8") as file:
        tasks = json.load(file)
    texts = [text for text, _ in train]
    for task in tasks:
        texts += pieces(" ".join([task["instruction"], task["input"], task["output"]]))
    random.Random(0).shuffle(texts)
    write(os.path.join(out, "text.jsonl"), [{"text": text} for text in texts])
    for name, rows in [("train", train), ("choose", dev[0::2]), ("report", dev[1::2])]:
        write(os.path.join(out, name + ".jsonl"), [{"text": text, "label": label} for text, label in rows])

    folder = os.path.join(out, "init")
    torch.manual_seed(0)
    config = RobertaConfig(
        vocab_size=tokenizer(texts, folder),
        hidden_size=192,
        num_hidden_layers=2,
        num_attention_heads=6,
        intermediate_size=768,
        max_position_embeddings=130,
        type_vocab_size=1,
        layer_norm_eps=1e-5,
        bos_token_id=0,
        pad_token_id=1,
        eos_token_id=2,
        initializer_range=0.08,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    model = RobertaForMaskedLM(config)
    look_at_neighbours(model)
    model.save_pretrained(folder)
    print(len(texts), "texts,", model.num_parameters(), "parameters")


if __name__ == "__main__":
    main(*sys.argv[1:])
