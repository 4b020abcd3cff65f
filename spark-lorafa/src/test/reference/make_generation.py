"""Makes generation.json with transformers: processed logits, and texts of llama-gqa, greedy and by beam search."""

import json
import os

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from transformers import LlamaForCausalLM
from transformers.generation.logits_process import (
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)

OUT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "resources", "reference"))
VOCAB = 97
PROMPTS = [[1, 10, 60, 28, 56], [1, 5], [1, 90, 3, 3, 17, 44, 8, 61, 61, 12, 30], [1, 71, 20]]
SETTINGS = [  # temperature, top-k, top-p, repetition penalty
    (0.7, 0, 1.0, 1.0),
    (1.0, 5, 1.0, 1.0),
    (1.0, 0, 0.8, 1.0),
    (1.0, 0, 0.05, 1.0),
    (1.0, 0, 1.0, 1.4),
    (0.5, 20, 0.9, 1.2),
    (2.5, 60, 0.99, 0.7),
]


def processed(logits, seen, temperature, top_k, top_p, penalty):
    """In the order of GenerationMixin._get_logits_processor, which leaves out what is off."""
    processors = LogitsProcessorList()
    if penalty != 1.0:
        processors.append(RepetitionPenaltyLogitsProcessor(penalty))
    if temperature != 1.0:
        processors.append(TemperatureLogitsWarper(temperature))
    if top_k != 0:
        processors.append(TopKLogitsWarper(top_k))
    if top_p < 1.0:
        processors.append(TopPLogitsWarper(top_p))
    scores = processors(torch.tensor([seen]), torch.tensor([logits]))[0]
    return [None if score == float("-inf") else score for score in scores.tolist()]


def logits_cases():
    generator = torch.Generator().manual_seed(5)
    cases = []
    for temperature, top_k, top_p, penalty in SETTINGS:
        logits = (3 * torch.randn(VOCAB, generator=generator)).tolist()
        seen = torch.randint(0, VOCAB, (12,), generator=generator).tolist()
        cases.append(
            {
                "temperature": temperature,
                "top_k": top_k,
                "top_p": top_p,
                "repetition_penalty": penalty,
                "logits": logits,
                "seen": seen,
                "processed": processed(logits, seen, temperature, top_k, top_p, penalty),
            }
        )
    return cases


def greedy_cases():
    model = LlamaForCausalLM.from_pretrained(
        os.path.join(OUT, "llama-gqa"), dtype=torch.float32, attn_implementation="eager"
    ).eval()
    cases = []
    for penalty in (1.0, 1.3):
        for prompt in PROMPTS:
            with torch.no_grad():
                ids = model.generate(
                    torch.tensor([prompt]),
                    attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
                    do_sample=False,
                    max_new_tokens=40,
                    repetition_penalty=penalty,
                    eos_token_id=2,
                    pad_token_id=0,
                )
            written = ids[0, len(prompt) :].tolist()
            cases.append(
                {
                    "repetition_penalty": penalty,
                    "prompt": prompt,
                    "written": [id for id in written if id != 2],
                    "ended": 2 in written,
                }
            )
    return cases


def beam_cases():
    model = LlamaForCausalLM.from_pretrained(
        os.path.join(OUT, "llama-gqa"), dtype=torch.float32, attn_implementation="eager"
    ).eval()
    cases = []
    for beams, penalty, early in [(2, 1.0, False), (4, 1.0, True), (3, 2.0, "never"), (4, -0.5, False)]:
        for prompt in PROMPTS:
            with torch.no_grad():
                ids = model.generate(
                    torch.tensor([prompt]),
                    attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
                    do_sample=False,
                    max_new_tokens=30,
                    num_beams=beams,
                    length_penalty=penalty,
                    early_stopping=early,
                    eos_token_id=2,
                    pad_token_id=0,
                )
            written = ids[0, len(prompt) :].tolist()
            cases.append(
                {
                    "num_beams": beams,
                    "length_penalty": penalty,
                    "early_stopping": early,
                    "prompt": prompt,
                    "written": written[: written.index(2)] if 2 in written else written,
                    "ended": 2 in written,
                }
            )
    return cases


with open(os.path.join(OUT, "generation.json"), "w", encoding="utf-8") as file:
    json.dump({"logits": logits_cases(), "greedy": greedy_cases(), "beams": beam_cases()}, file)
    file.write("\n")
