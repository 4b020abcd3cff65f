"""Makes ../resources/reference/batch-order.json: the shuffle of BatchOrder's Javadoc, written again in Python."""

import json
import os

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "resources", "reference", "batch-order.json")
MASK = (1 << 64) - 1
G = 0x9E3779B97F4A7C15


def mix(z):
    z &= MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def order(n, seed, epoch, index):
    key = mix(mix(seed + G) + (epoch + 1) * G)
    x = index
    for r in range(96):
        pivot = mix(key + (2 * r + 1) * G) % n
        salt = mix(key + (2 * r + 2) * G)
        partner = (pivot - x) % n
        if mix(salt ^ max(x, partner)) >> 63:
            x = partner
    return x


def case(n, seed, epoch, indexes):
    return {"rows": n, "seed": seed, "epoch": epoch, "indexes": indexes, "order": [order(n, seed, epoch, i) for i in indexes]}


if __name__ == "__main__":
    cases = [case(n, seed, epoch, list(range(n))) for n in (1, 2, 3, 10, 64, 101) for seed in (0, 42, -7) for epoch in (0, 1)]
    big = 6_000_000_000
    cases.append(case(big, 123456789, 3, [0, 1, 2, big // 2, big - 1]))
    huge = (1 << 62) - 57
    cases.append(case(huge, -1, 1000, [0, 1, huge - 1]))
    with open(OUT, "w", encoding="utf-8") as file:
        json.dump(cases, file)
        file.write("\n")
