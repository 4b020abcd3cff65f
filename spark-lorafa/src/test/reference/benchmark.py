"""Measures spark-lorafa and PEFT in turn on the 134M LLaMA of docs/performance.md, one process a measurement.

  v/bin/python benchmark.py spark-lorafa/target/spark-lorafa-0.1.0-SNAPSHOT.jar [--dtype bf16,fp32] [--rounds 5] [--steps 4]

Each round runs every contender once, so that all see the same machine; the figures are medians over rounds, and ratios are
taken within a round. With two dtypes a round runs those of both. Prints a table in Markdown for each dtype and, with --json,
the raw lines.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent


def ours(method, dtype, options):
    return ["java", "-Xmx32m", "-Xmn2m", "-XX:+UseSerialGC", "-cp", options.jar, "io.github.sparklorafa.train.Benchmark",
            f"method={method}", f"dtype={dtype}", f"steps={options.steps}"]


def peft(method, dtype, options, *more):
    return [sys.executable, str(HERE / "benchmark_peft.py"), "--method", method, "--dtype", dtype, "--rounds", "1",
            "--warmup", str(options.steps), "--steps", str(options.steps), "--threads", "2", *more]


def contenders(dtype, options):
    """The first is what the others are compared with. In fp32 PEFT's adapters have one dtype only."""
    named = {
        "spark-lorafa `lora-fa`": ours("lora-fa", dtype, options),
        "spark-lorafa `lora`": ours("lora", dtype, options),
        "PEFT LoRA-FA": peft("lora-fa", dtype, options),
        "PEFT LoRA": peft("lora", dtype, options),
    }
    if dtype == "bf16":
        fp32 = ["--adapter-dtype", "fp32"]
        named["PEFT LoRA-FA, its default fp32 adapters"] = peft("lora-fa", dtype, options, *fp32)
        named["PEFT LoRA, its default fp32 adapters"] = peft("lora", dtype, options, *fp32)
    return named


def measure(command):
    lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return json.loads([line for line in lines.splitlines() if line.startswith("{")][-1])


def rate(run):
    return run["tokens_per_second"][0]


def table(dtype, names, rounds):
    first = names[0]
    print(f"\n{dtype}\n\n| | tokens/s | least to most | `lora-fa` here is | peak, MiB | `lora-fa`'s peak is |\n|---|---|---|---|---|---|")
    for name in names:
        rates = [rate(round_[name]) for round_ in rounds]
        peak = [round_[name]["peak_rss_bytes"] for round_ in rounds]
        faster = [rate(round_[first]) / rate(round_[name]) for round_ in rounds]
        leaner = [round_[first]["peak_rss_bytes"] / round_[name]["peak_rss_bytes"] for round_ in rounds]
        print(f"| {name} | {statistics.median(rates):.0f} | {min(rates):.0f} to {max(rates):.0f} | "
              f"{statistics.median(faster):.2f} × | {statistics.median(peak) / 2**20:.0f} | {statistics.median(leaner):.2f} × |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("jar")
    parser.add_argument("--dtype", default="bf16,fp32")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    commands = {dtype: contenders(dtype, options) for dtype in options.dtype.split(",")}
    rounds = {dtype: [] for dtype in commands}
    for _ in range(options.rounds):
        for dtype, named in commands.items():
            rounds[dtype].append({name: measure(command) for name, command in named.items()})
            if options.json:
                print(json.dumps({dtype: rounds[dtype][-1]}), flush=True)
    for dtype, named in commands.items():
        table(dtype, list(named), rounds[dtype])


if __name__ == "__main__":
    main()
