"""Makes the examples' texts, their tokenizers, and the random weights that their bases start from.

    python make_stories.py FOLDER [REPOSITORY'S examples/data]

FOLDER/sentiment/corpus.jsonl, FOLDER/translation/corpus.jsonl     what the bases read; not kept in the repository
FOLDER/sentiment/random-base/, FOLDER/translation/random-base/     a RoBERTa and a T5
examples/data/{sentiment,translation}/{train,held-out}.csv       what the examples learn, and are judged by
"""

import csv
import json
import os
import random
import sys

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import RobertaConfig, RobertaForMaskedLM, T5Config, T5ForConditionalGeneration

import languages
import reviews

SEED = 3
HERE = os.path.dirname(os.path.abspath(__file__))


def main(folder, data=os.path.dirname(HERE)):
    sentiment(os.path.join(folder, "sentiment"), os.path.join(data, "sentiment"))
    translation(os.path.join(folder, "translation"), os.path.join(data, "translation"))


def sentiment(folder, data):
    known, unknown = reviews.Words.halves()
    write_table(os.path.join(data, "train.csv"), reviews.labelled(random.Random(SEED), known, reviews.TRAINING, 400))
    write_table(os.path.join(data, "held-out.csv"), reviews.labelled(random.Random(SEED + 1), unknown, reviews.HELD_OUT, 200))
    generator = random.Random(SEED + 2)
    corpus = [reviews.reading(generator, reviews.Words.all()) for _ in range(30_000)]
    write_rows(os.path.join(folder, "corpus.jsonl"), ({"text": text} for text in corpus))

    words = sorted({word for text in corpus for word, _ in pre_tokenizers.Whitespace().pre_tokenize_str(text.lower())})
    vocabulary = {word: i for i, word in enumerate(["<s>", "<pad>", "</s>", "<unk>", *words, "<mask>"])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", vocabulary["<s>"]), ("</s>", vocabulary["</s>"])],
    )
    save(
        os.path.join(folder, "random-base"),
        encoder(len(vocabulary)),
        tokenizer,
        {"bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>", "mask_token": "<mask>"},
    )


def encoder(vocabulary):
    torch.manual_seed(SEED)
    config = RobertaConfig(
        vocab_size=vocabulary,
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=1,
        num_attention_heads=4,
        max_position_embeddings=66,
        type_vocab_size=1,
        initializer_range=0.1,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
    )
    model = RobertaForMaskedLM(config)
    # Attention begins by copying what it looks at (Trockman and Kolter, 2023), and the head by comparing with the
    # embeddings: so that a model this small finds out within minutes which words keep company.
    with torch.no_grad():
        for layer in model.roberta.encoder.layer:
            values = torch.nn.init.orthogonal_(layer.attention.self.value.weight)
            layer.attention.output.dense.weight.copy_(values.T)
        torch.nn.init.eye_(model.lm_head.dense.weight)
        model.lm_head.dense.bias.fill_(2.0)
    return model


def translation(folder, data):
    language = languages.Velian.invented()
    everything = [range(len(words)) for words in (languages.NOUNS, languages.ADJECTIVES, languages.VERBS)]
    known = languages.pairs(random.Random(SEED), language, 2000, *everything)
    seen = {row["english"] for row in known}
    fresh = [row for row in languages.pairs(random.Random(SEED + 1), language, 100, *everything) if row["english"] not in seen]
    write_table(os.path.join(data, "train.csv"), known)
    write_table(os.path.join(data, "held-out.csv"), fresh[:60])
    generator = random.Random(SEED + 3)
    write_rows(os.path.join(folder, "corpus.jsonl"), (languages.reading(generator, language) for _ in range(40_000)))

    words, endings = languages.pieces(language)
    pieces = ["<pad>", "</s>", "<unk>", *words, *("##" + ending for ending in endings)]
    tokenizer = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.decoder = decoders.WordPiece(cleanup=False)
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    torch.manual_seed(SEED)
    config = T5Config(
        vocab_size=len(pieces),
        d_model=64,
        d_kv=16,
        d_ff=128,
        num_layers=2,
        num_heads=4,
        relative_attention_num_buckets=16,
        relative_attention_max_distance=32,
        feed_forward_proj="relu",
        decoder_start_token_id=0,
        pad_token_id=0,
        eos_token_id=1,
    )
    save(os.path.join(folder, "random-base"), T5ForConditionalGeneration(config), tokenizer, {"eos_token": "</s>"})


def save(folder, model, tokenizer, names):
    model.save_pretrained(folder)
    if os.path.exists(os.path.join(folder, "generation_config.json")):
        os.remove(os.path.join(folder, "generation_config.json"))
    names = {"unk_token": "<unk>", "pad_token": "<pad>", **names}
    tokenizer.add_special_tokens(sorted(set(names.values())))
    tokenizer.save(os.path.join(folder, "tokenizer.json"), pretty=False)
    with open(os.path.join(folder, "tokenizer_config.json"), "w", encoding="utf-8") as file:
        json.dump({"tokenizer_class": "PreTrainedTokenizerFast", **names}, file)
        file.write("\n")


def write_table(path, rows):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_rows(path, rows):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
