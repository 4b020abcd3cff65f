"""Makes two small tokenizers and the ids that Python gives for awkward texts, in ../resources/reference.

tokenizer/ is a byte-level BPE (as GPT-2, LLaMA 3), tokenizer-metaspace/ a BPE with byte fallback whose
normalizer writes U+2581 for spaces (as LLaMA 2). Each has <unk> <s> </s> <|user|> and puts <s> in front.
"""

import json
import os

os.environ["TOKENIZERS_PARALLELISM"] = "false"

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.normpath(os.path.join(HERE, "..", "resources", "reference"))
SPECIAL = ["<unk>", "<s>", "</s>", "<|user|>"]

NAMES = "Ada Bela Carl Dora Emil Fay Gus Hana Ivo Jana".split()
THINGS = "a red kite|two old books|the blue boat|some warm bread|ten small stones|a quiet dog".split("|")
VERBS = "buys sells finds loses paints carries forgets".split()
PLACES = "in the market|near the river|on Monday|at 12:30|under the bridge|for 3.50 euros".split("|")


def corpus():
    lines = []
    for i, name in enumerate(NAMES):
        for j, thing in enumerate(THINGS):
            for k, place in enumerate(PLACES):
                verb = VERBS[(i + 2 * j + 3 * k) % len(VERBS)]
                lines.append(f"{name} {verb} {thing} {place}.")
                lines.append(f"Question: who {verb} {thing}? Answer: {name}\n")
    lines += [f"{a} + {b} = {a + b}; {a} * {b} = {a * b}" for a in range(0, 40, 3) for b in range(0, 40, 7)]
    lines += ["Grüße aus Köln, schöne Straße", "el niño está aquí", "naïve café", "x = f(y)  # note\n\treturn x"] * 5
    return lines


TEXTS = [
    "",
    " ",
    "   ",
    "\n",
    "\n\n\t \r\n",
    "a",
    " a",
    "a ",
    "Ada buys a red kite in the market.",
    "ADA BUYS, A RED KITE!",
    "  leading and   inner  and trailing  ",
    "don't we'll I'M they've",
    "1234567890 3.14159 1,000,000",
    "x=f(y)  # note\n\treturn x\n",
    "Grüße, Straße, naïve café",
    "cafe\u0301 and caf\u00e9",
    "日本語のテキスト",
    "Привет мир",
    "مرحبا",
    "emoji 😀 👨‍👩‍👧 🇩🇪",
    "zero\u200bwidth \u00a0nbsp \ufeffbom",
    "null \u0000 bell \u0007 del \u007f",
    "<s>",
    "</s>",
    "text </s> more <s> text<|user|>hello",
    "<|user|> Ada<|assistant|>",
    "< s > </ s>",
    "<unk> ▁ ▁▁a",
    "Ġ Ċ literal",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \U0010ffff",
    " ".join(f"{n} finds {t} at {i}:30." for i, n in enumerate(NAMES) for t in THINGS),  # over 512 tokens
]


def add_specials(tokenizer):
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in SPECIAL])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )


def byte_level():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=420, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer


def metaspace():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    pieces = [f"<0x{i:02X}>" for i in range(256)]
    # trained on words, so that no merge crosses a space; used without a pre-tokenizer, as LLaMA 2's is
    tokenizer.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    trainer = trainers.BpeTrainer(vocab_size=256, special_tokens=SPECIAL, show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    trained = json.loads(tokenizer.to_str())["model"]
    order = sorted(trained["vocab"], key=trained["vocab"].get)
    order = SPECIAL + pieces + [t for t in order if t not in SPECIAL]
    result = Tokenizer(
        models.BPE(
            vocab={t: i for i, t in enumerate(order)},
            merges=[tuple(m) for m in trained["merges"]],
            unk_token="<unk>",
            fuse_unk=True,
            byte_fallback=True,
        )
    )
    result.normalizer = tokenizer.normalizer
    result.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return result


def save(name, tokenizer):
    add_specials(tokenizer)
    folder = os.path.join(OUT, name)
    os.makedirs(folder, exist_ok=True)
    tokenizer.save(os.path.join(folder, "tokenizer.json"), pretty=False)
    write(
        os.path.join(folder, "tokenizer_config.json"),
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": "<s>",
            "eos_token": "</s>",
            "unk_token": "<unk>",
            "model_max_length": 2048,
            "clean_up_tokenization_spaces": False,
        },
    )
    loaded = PreTrainedTokenizerFast.from_pretrained(folder)
    rows = []
    for text in TEXTS:
        ids = loaded(text)["input_ids"]
        bare = loaded(text, add_special_tokens=False)["input_ids"]
        assert ids == [loaded.bos_token_id] + bare == tokenizer.encode(text).ids, text
        rows.append(
            {
                "text": text,
                "ids": ids,
                "ids_without_special": bare,
                "decoded": tokenizer.decode(bare, skip_special_tokens=True),
            }
        )
    assert max(len(r["ids"]) for r in rows) > 600
    write(
        os.path.join(folder, "tokens.json"),
        {
            "vocab_size": tokenizer.get_vocab_size(),
            "bos_token_id": loaded.bos_token_id,
            "eos_token_id": loaded.eos_token_id,
            "texts": rows,
        },
    )
    print(name, tokenizer.get_vocab_size(), "tokens; longest text", max(len(r["ids"]) for r in rows))


def write(path, value):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=True)
        file.write("\n")


if __name__ == "__main__":
    save("tokenizer", byte_level())
    save("tokenizer-metaspace", metaspace())
