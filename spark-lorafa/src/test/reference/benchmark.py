"""Measures spark-lorafa and PEFT in turn on the 134M LLaMA of docs/performance.md, one process a measurement.

  v/bin/python benchmark.py spark-lorafa/target/spark-lorafa-0.1.0-SNAPSHOT.jar [--rounds 5] [--steps 4]

Each round runs every contender once, so that all see the same machine; the figures are medians over rounds, and ratios are
taken within a round. Prints a table in Markdown and, with --json, the raw lines.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent


def ours(method, jar, steps):
    return ["java", "-Xmx64m", "-Xmn8m", "-XX:+UseSerialGC", "-cp", jar, "io.github.sparklorafa.train.Benchmark",
            f"method={method}", f"steps={steps}"]


def peft(method, steps, *more):
    return [sys.executable, str(HERE / "benchmark_peft.py"), "--method", method, "--rounds", "1", "--warmup", str(steps),
            "--steps", str(steps), "--threads", "2", *more]


def measure(command):
    lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return json.loads([line for line in lines.splitlines() if line.startswith("{")][-1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("jar")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    contenders = {
        "spark-lorafa lora-fa": ours("lora-fa", options.jar, options.steps),
        "spark-lorafa lora": ours("lora", options.jar, options.steps),
        "PEFT LoRA-FA": peft("lora-fa", options.steps),
        "PEFT LoRA": peft("lora", options.steps),
        "PEFT LoRA-FA, its default fp32 adapters": peft("lora-fa", options.steps, "--adapter-dtype", "fp32"),
        "PEFT LoRA, its default fp32 adapters": peft("lora", options.steps, "--adapter-dtype", "fp32"),
    }
    rounds = []
    for _ in range(options.rounds):
        rounds.append({name: measure(command) for name, command in contenders.items()})
        if options.json:
            print(json.dumps(rounds[-1]), flush=True)
    first = next(iter(contenders))
    print("| | tokens/s | of it, lora-fa is | peak, MiB | lora-fa's peak is |\n|---|---|---|---|---|")
    for name in contenders:
        rate = [round_[name]["tokens_per_second"][0] for round_ in rounds]
        peak = [round_[name]["peak_rss_bytes"] for round_ in rounds]
        faster = [r[first]["tokens_per_second"][0] / r[name]["tokens_per_second"][0] for r in rounds]
        leaner = [r[first]["peak_rss_bytes"] / r[name]["peak_rss_bytes"] for r in rounds]
        print(f"| {name} | {statistics.median(rate):.0f} | {statistics.median(faster):.2f} × | "
              f"{statistics.median(peak) / 2**20:.0f} | {statistics.median(leaner):.2f} × |")


if __name__ == "__main__":
    main()
