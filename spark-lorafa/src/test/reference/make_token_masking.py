"""Makes ../resources/reference/token-masking.json: the drawing of TokenMasking's Javadoc, written again in Python."""

import json
import os
import random

from make_batch_order import G, MASK, mix

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "resources", "reference", "token-masking.json")


def uniform(z):
    return (z >> 11) / (1 << 53)


def masked(ids, vocabulary, special, mask, probability, seed, document, step):
    plain = [i for i in range(vocabulary) if i not in special and i != mask]
    key = mix(mix(mix(seed + G) + document) + (step + 1) * G)
    read, labels = list(ids), [-100] * len(ids)
    for position, token in enumerate(ids):
        first = mix(key + (position + 1) * G)
        second = mix(first + G)
        if token in plain and uniform(first) < probability:
            labels[position] = token
            if uniform(second) < 0.8:
                read[position] = mask
            elif uniform(second) < 0.9:
                read[position] = plain[mix(second + G) % len(plain)]
    return read, labels


if __name__ == "__main__":
    draw = random.Random(3)
    cases = []
    for length, probability, seed, document, step in [
        (30, 0.15, 42, 0, 0),
        (30, 0.15, 42, 0, 1),
        (60, 0.5, -7, MASK - 5, 1000),
        (80, 0.9, 0, 12345678901234567890, 1 << 40),
    ]:
        ids = [0] + [draw.randrange(50) for _ in range(length)] + [2, 1, 1]
        special, mask, vocabulary = [0, 1, 2, 3], 45, 48
        read, labels = masked(ids, vocabulary, special, mask, probability, seed, document, step)
        signed = document - (1 << 64) if document >> 63 else document
        cases.append(
            {
                "probability": probability,
                "seed": seed,
                "document": signed,
                "step": step,
                "vocabulary": vocabulary,
                "special": special,
                "mask": mask,
                "ids": ids,
                "read": read,
                "labels": labels,
            }
        )
    with open(OUT, "w", encoding="utf-8") as file:
        json.dump(cases, file)
        file.write("\n")
