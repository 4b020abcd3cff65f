"""Makes ../resources/reference/grouped-order.json: BatchOrder's order grouped by length, written again in Python."""

import json
import os

from make_batch_order import MASK, mix, order

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "resources", "reference", "grouped-order.json")


def length(row):
    return 1 + (row * row * 31 + 7 * row) % 97


def epoch_order(n, batch, joined, seed, epoch):
    shuffled = [order(n, seed, epoch, i) for i in range(n)]
    window = batch * max(1, min(50, 65536 // batch))
    head = min(n, -epoch * n % batch) if joined else 0
    result = []
    number = 0
    while len(result) < n:
        rows = shuffled[len(result):min(n, head + (number + 1) * window)]
        rows.sort(key=lambda row: -length(row))  # stable
        first = head if number == 0 else 0
        full = (len(rows) - first) // batch
        result += rows[:first]
        for j in range(full):
            at = first + batch * order(full, ((mix(seed) + epoch) & MASK), number, j)
            result += rows[at:at + batch]
        result += rows[first + full * batch:]
        number += 1
    return result


def case(n, batch, joined, seed, epoch):
    return {"rows": n, "batch": batch, "joined": joined, "seed": seed, "epoch": epoch,
            "order": epoch_order(n, batch, joined, seed, epoch)}


if __name__ == "__main__":
    cases = [case(n, batch, joined, seed, epoch)
             for n in (1, 7, 64, 230) for batch in (1, 3, 150) for joined in (False, True)
             for seed, epoch in ((42, 0), (-7, 2))]
    with open(OUT, "w", encoding="utf-8") as file:
        json.dump(cases, file, separators=(",", ":"))
        file.write("\n")
