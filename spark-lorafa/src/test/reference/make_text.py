"""Makes what Python gives for pairs and long texts (text/pairs.json), in ../resources/reference. Run make_tokenizer.py first."""

import json
import os

os.environ["TOKENIZERS_PARALLELISM"] = "false"

from transformers import PreTrainedTokenizerFast

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.normpath(os.path.join(HERE, "..", "resources", "reference"))

SHORT = "Ada buys a red kite."
LONG = "Bela finds two old books near the river, and Carl sells ten small stones in the market at 12:30."
PAIRS = [(SHORT, LONG), (LONG, SHORT), (LONG, LONG), ("", LONG), (LONG, ""), ("a </s> b", SHORT), (LONG, None), ("", None)]


def pairs():
    tokenizer = PreTrainedTokenizerFast.from_pretrained(os.path.join(OUT, "tokenizer"))
    rows = []
    for first, second in PAIRS:
        # even: which of two texts gets an odd token differs between versions of tokenizers where both are cut
        for length in (1000, 40, 20, 8, 6, 4):
            # as lists, as in a dataset's map(batched=True): alone, an empty second text counts as none
            second_list = None if second is None else [second]
            ids = tokenizer([first], second_list, truncation=True, max_length=length)["input_ids"][0]
            rows.append({"text": first, "pair": second, "max_length": length, "ids": ids})
    write("text/pairs.json", rows)


def write(name, value):
    path = os.path.join(OUT, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=True)
        file.write("\n")


if __name__ == "__main__":
    pairs()
