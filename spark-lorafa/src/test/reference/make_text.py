"""Makes what Python gives for pairs and long texts (text/pairs.json) for conversations (text/conversations.json) and for those that are to be answered (text/prompts.json), in ../resources/reference. Run make_tokenizer.py first."""

import json
import os
import re

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import make_chat
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


# what stands between these two is the assistant's
TURNS = {
    "chatml": r"<\|im_start\|>assistant\n(.*?<\|im_end\|>\n)",
    "qwen3": r"<\|im_start\|>assistant\n(.*?<\|im_end\|>\n)",
    "phi3": r"<\|assistant\|>\n(.*?<\|end\|>\n(?:</s>$)?)",
    "llama3": r"<\|start_header_id\|>assistant<\|end_header_id\|>\n\n(.*?<\|eot_id\|>)",
    "llama31": r"<\|start_header_id\|>assistant<\|end_header_id\|>\n\n(.*?<\|eot_id\|>)",
    "mistral": r" \[/INST\](.*?</s>)",
    "llama2": r" \[/INST\](.*?</s>)",
}


def conversations():
    rows = []
    for folder in ("tokenizer", "tokenizer-metaspace"):
        tokenizer = PreTrainedTokenizerFast.from_pretrained(os.path.join(OUT, folder))
        for name, turns in (("all", make_chat.TURNS), ("without system", make_chat.TURNS[1:]), ("short", make_chat.TURNS[1:3])):
            for template in [*TURNS, "chatml-generation"]:
                if template == "mistral" and name == "all":
                    continue  # it refuses a system message
                tokenizer.chat_template = make_chat.TEMPLATES[template]
                marks = template == "chatml-generation"
                options = {"strftime_now": make_chat.strftime_now}
                encoded = tokenizer.apply_chat_template(turns, tokenize=True, return_dict=True, return_assistant_tokens_mask=marks, **options)
                ids = encoded["input_ids"]
                if marks:
                    learned = encoded["assistant_masks"]
                else:
                    text = tokenizer.apply_chat_template(turns, tokenize=False, **options)
                    offsets = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
                    spans = [m.span(1) for m in re.finditer(TURNS[template], text, re.DOTALL)]
                    assert len(spans) == len([t for t in turns if t["role"] == "assistant"]), template
                    learned = [any(start < e and end > s for s, e in spans) for start, end in offsets]
                labels = [i if l else -100 for i, l in zip(ids, learned)]
                rows.append({"tokenizer": folder, "template": template, "messages": turns, "ids": ids, "labels": labels})
    write("text/conversations.json", rows)


def prompts():
    rows = []
    for folder in ("tokenizer", "tokenizer-metaspace"):
        tokenizer = PreTrainedTokenizerFast.from_pretrained(os.path.join(OUT, folder))
        for template in [*TURNS, "chatml-generation"]:
            tokenizer.chat_template = make_chat.TEMPLATES[template]
            for turns in (make_chat.TURNS[1:], make_chat.TURNS[1:4], make_chat.TURNS[1:2], make_chat.TURNS[:3]):
                if template == "mistral" and turns[0]["role"] == "system":
                    continue  # it refuses a system message
                asked = turns[:-1] if turns[-1]["role"] == "assistant" else turns
                encoded = tokenizer.apply_chat_template(
                    asked, tokenize=True, return_dict=True, add_generation_prompt=True, strftime_now=make_chat.strftime_now
                )
                rows.append({"tokenizer": folder, "template": template, "messages": turns, "ids": encoded["input_ids"]})
    write("text/prompts.json", rows)


def write(name, value):
    path = os.path.join(OUT, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=True)
        file.write("\n")


if __name__ == "__main__":
    pairs()
    conversations()
    prompts()
