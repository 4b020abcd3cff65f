"""Makes BLEU and ROUGE-L of awkward texts, in ../resources/reference/text-metrics.json.

BLEU and its words are sacreBLEU's. ROUGE-L is computed here from the definition in Google's rouge-score (which no
package index of this project had): words are runs of [a-z0-9] of the text in lower case, precision and recall are
those of the longest common subsequence, found here by recursion and not by a table.
"""

import functools
import json
import os
import random
import re

import sacrebleu
from sacrebleu.metrics import BLEU
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.normpath(os.path.join(HERE, "..", "resources", "reference", "text-metrics.json"))

TEXTS = [
    "",
    "   ",
    "Hello, world!",
    "Hello , world !",
    "It costs $3.50, or 1,000.25 (about 7-8 %).",
    "a-b 7-b b-7 7-",
    "e.g. i.e. U.S.A. 3. .5 5,a a,5 ...",
    "He said: \"No\"; she said 'yes' -- and left\u2026",
    "Tom &amp; Jerry &lt;b&gt; &quot;x&quot; &nbsp; &amp;lt;",
    "line one\nline two-\nthree <skipped> four",
    "non\u00a0breaking\u2003em\u200bzero\u3000ideographic\u0085next\u001cfile",
    "Gr\u00fc\u00dfe, Stra\u00dfe. na\u00efve caf\u00e9! \u00bfQu\u00e9?",
    "\u65e5\u672c\u8a9e\u3001\u30c6\u30b9\u30c8\u3002 \u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440!",
    "emoji \U0001f600\U0001f1e9\U0001f1ea. end.\U0001f600,\U0001f600",
    "trailing space \u00a0\u3000 ",
    "snake_case {braces} [brackets] a/b c\\d ^ ` ~ | @home #tag *bold* 50% <x>=y",
    "\u0130stanbul \u212aelvin \u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03a3 ABC9",
]

WORDS = "the cat sat on a mat while seven dogs of war barked at 3.5 moons , and then slept .".split()


def sentences(seed, count, noise):
    """Pairs of a reference and a damaged copy of it."""
    draw = random.Random(seed)
    pairs = []
    for _ in range(count):
        reference = [draw.choice(WORDS) for _ in range(draw.randrange(1, 18))]
        written = [draw.choice(WORDS) if draw.random() < noise else w for w in reference]
        if draw.random() < noise:
            written = written[: draw.randrange(len(written) + 1)]
        if draw.random() < noise:
            written += [draw.choice(WORDS) for _ in range(draw.randrange(4))]
        pairs.append((" ".join(written), " ".join(reference)))
    return pairs


def corpora():
    yield "awkward", [(a, b) for a, b in zip(TEXTS, TEXTS[1:] + TEXTS[:1])]
    yield "equal", [(t, t) for t in TEXTS]
    yield "noisy", sentences(1, 40, 0.2)
    yield "very noisy", sentences(2, 40, 0.7)
    yield "longer", [(w + " and so on and on", r) for w, r in sentences(3, 10, 0.1)]
    yield "shorter", [(" ".join(w.split()[:-2]), r) for w, r in sentences(4, 30, 0.1)]
    yield "no match of four", [("the cat sat", "the cat sat on"), ("a b c d", "a b x d")]
    yield "no match of two and up", [("the moons at cat war", "cat the dogs at of a war")]
    yield "texts of three words", [("one two three", "one two three")]
    yield "nothing written", [("", "the cat"), ("", "a mat")]
    yield "nothing in common", [("alpha beta gamma delta", "one two three four five")]
    yield "repeated words", [("the the the the the the the", "the cat is on the mat")]


def rouge_words(text):
    return re.findall("[a-z0-9]+", text.lower())


def rouge_l(written, expected):
    a, b = rouge_words(written), rouge_words(expected)
    if not a or not b:
        return 0.0

    @functools.lru_cache(None)
    def common(i, j):
        if i == len(a) or j == len(b):
            return 0
        if a[i] == b[j]:
            return 1 + common(i + 1, j + 1)
        return max(common(i + 1, j), common(i, j + 1))

    precision, recall = common(0, 0) / len(a), common(0, 0) / len(b)
    return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0


def main():
    tokenizer, bleu = Tokenizer13a(), BLEU()
    made = []
    for name, pairs in corpora():
        written, expected = [w for w, _ in pairs], [e for _, e in pairs]
        made.append(
            {
                "name": name,
                "written": written,
                "expected": expected,
                "bleu": bleu.corpus_score(written, [expected]).score,
                "rouge_l": [rouge_l(w, e) for w, e in pairs],
            }
        )
    result = {
        "sacrebleu": sacrebleu.__version__,
        "signature": str(bleu.get_signature()),
        "words": [{"text": t, "words": tokenizer(t.rstrip()).split()} for t in TEXTS],
        "corpora": made,
    }
    with open(OUT, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1, ensure_ascii=True)
        file.write("\n")


if __name__ == "__main__":
    main()
