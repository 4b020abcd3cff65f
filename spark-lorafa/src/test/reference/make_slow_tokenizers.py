"""Makes small checkpoints without a tokenizer.json, in ../resources/reference/slow-tokenizers, and the ids that transformers gives
for awkward texts: SentencePiece models of LLaMA, T5 and XLM-RoBERTa, RoBERTa's and GPT-2's vocabulary and merges, BERT's vocabulary.

Needs sentencepiece 0.2.2 and protobuf 7 too. With folders as arguments it makes the same of the tokenizers in them, to standard output.
"""

import json
import os
import sys

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import sentencepiece
from make_tokenizer import TEXTS, corpus
from tokenizers import ByteLevelBPETokenizer, BertWordPieceTokenizer
from transformers import BertTokenizer, GPT2Tokenizer, LlamaTokenizer, RobertaTokenizer, T5Tokenizer, XLMRobertaTokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.normpath(os.path.join(HERE, "..", "resources", "reference", "slow-tokenizers"))

MORE = [
    "ﬁne ＡＢＣ １２３ ½ №",
    "שלום עולם",
    "a\u0300\u0323 e\u0301\u0302 नमस्ते",
    "x" * 150,
    "tab\tand\x01control\x1f\x85end",
    "<pad> <mask> <extra_id_0> <extra_id_1>x [MASK] [CLS]",
    "Hello</s>world </s> again<s>x",
    "  <mask>  y",
    "中文字符 test 한국어",
    "word " * 40,
]
CLASSES = {
    "llama": LlamaTokenizer,
    "llama-legacy": LlamaTokenizer,
    "t5": T5Tokenizer,
    "xlm-roberta": XLMRobertaTokenizer,
    "roberta": RobertaTokenizer,
    "gpt2": GPT2Tokenizer,
    "bert": BertTokenizer,
    "bert-cased": BertTokenizer,
}


def train(name, file, **options):
    folder = os.path.join(OUT, name)
    os.makedirs(folder, exist_ok=True)
    lines = os.path.join(folder, "corpus.txt")
    with open(lines, "w", encoding="utf-8") as f:
        f.write("\n".join(corpus()))
    sentencepiece.SentencePieceTrainer.train(
        input=lines, model_prefix=os.path.join(folder, "m"), minloglevel=2, num_threads=1, hard_vocab_limit=False, **options
    )
    os.remove(lines)
    os.remove(os.path.join(folder, "m.vocab"))
    os.rename(os.path.join(folder, "m.model"), os.path.join(folder, file))
    return folder


def rules():
    """A few rules of NFKC: all of them would be 240 KB."""
    path = os.path.join(OUT, "rules.tsv")
    with open(path, "w") as f:
        for source, target in [("ﬁ", "fi"), ("Ａ", "A"), ("Ｂ", "B"), ("\u00a0", " "), ("\u200b", " "), ("½", "1/2"), ("e\u0301", "é"), ("\t", " "), ("\x01", "")]:
            f.write(" ".join(f"{ord(c):X}" for c in source) + "\t" + " ".join(f"{ord(c):X}" for c in target) + "\n")
    return path


def config(folder, **values):
    with open(os.path.join(folder, "tokenizer_config.json"), "w") as f:
        json.dump(values, f)
        f.write("\n")


def make():
    os.makedirs(OUT, exist_ok=True)
    for name in ("llama", "llama-legacy"):
        folder = train(
            name, "tokenizer.model", model_type="bpe", vocab_size=420, byte_fallback=True, character_coverage=0.99,
            normalization_rule_name="identity", remove_extra_whitespaces=False, user_defined_symbols=["<|user|>"],
        )  # fmt: skip
        config(folder, tokenizer_class="LlamaTokenizer", add_bos_token=True, add_eos_token=False, legacy=name != "llama")
    tsv = rules()
    folder = train(
        "t5", "spiece.model", model_type="unigram", vocab_size=200, normalization_rule_tsv=tsv,
        pad_id=0, eos_id=1, unk_id=2, bos_id=-1,
    )  # fmt: skip
    config(folder, tokenizer_class="T5Tokenizer", extra_ids=5)
    folder = train("xlm-roberta", "sentencepiece.bpe.model", model_type="unigram", vocab_size=180, normalization_rule_tsv=tsv)
    config(folder, tokenizer_class="XLMRobertaTokenizer")
    os.remove(tsv)
    for name, special in (("roberta", ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]), ("gpt2", ["<|endoftext|>"])):
        folder = os.path.join(OUT, name)
        os.makedirs(folder, exist_ok=True)
        tokenizer = ByteLevelBPETokenizer()
        tokenizer.train_from_iterator(corpus(), vocab_size=400, special_tokens=special, show_progress=False)
        tokenizer.save_model(folder)
        config(folder, tokenizer_class="RobertaTokenizer" if name == "roberta" else "GPT2Tokenizer")
    for name in ("bert", "bert-cased"):
        folder = os.path.join(OUT, name)
        os.makedirs(folder, exist_ok=True)
        tokenizer = BertWordPieceTokenizer(lowercase=name == "bert")
        tokenizer.train_from_iterator(corpus(), vocab_size=260, show_progress=False)
        tokenizer.save_model(folder)
        config(folder, tokenizer_class="BertTokenizer", do_lower_case=name == "bert")
    for name in CLASSES:
        with open(os.path.join(OUT, name, "tokens.json"), "w") as f:
            json.dump(reference(os.path.join(OUT, name), CLASSES[name]), f)
            f.write("\n")


def reference(folder, kind, **options):
    tokenizer = kind.from_pretrained(folder, **options)
    rows = []
    for text in TEXTS + MORE:
        ids = tokenizer(text)["input_ids"]
        bare = tokenizer(text, add_special_tokens=False)["input_ids"]
        pair = tokenizer([text], ["Ada sells a kite"])["input_ids"][0]
        rows.append({"text": text, "ids": ids, "ids_without_special": bare, "with_pair": pair})
    return {"vocab_size": len(tokenizer), "eos_token_id": tokenizer.eos_token_id, "texts": rows}


if __name__ == "__main__":
    if sys.argv[1:]:
        name, folder = sys.argv[1:]
        json.dump(reference(folder, CLASSES[name], **({"add_bos_token": True} if "llama" in name else {})), sys.stdout)
    else:
        make()
        print({name: len(json.load(open(os.path.join(OUT, name, "tokens.json")))["texts"]) for name in CLASSES})
