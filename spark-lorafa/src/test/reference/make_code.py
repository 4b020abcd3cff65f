"""Makes the code that DefaultsSweepTest trains on: the opening of each Java file of this project at one commit, so that
losses of other days can be compared.

    make_code.py OUT.jsonl.gz      (in the repository)

One row a file, in the order of their paths: text, its first 3,000 characters.
"""

import gzip
import json
import subprocess
import sys

COMMIT = "a46b3fbae93dbb9e0956de045d4faa83327cdafc"
SOURCES = "spark-lorafa/src/main/java"
CHARACTERS = 3000


def git(*arguments):
    return subprocess.run(["git", *arguments], check=True, capture_output=True).stdout.decode("utf-8")


def main(out):
    root = git("rev-parse", "--show-toplevel").strip()
    names = git("-C", root, "ls-tree", "-r", "--name-only", COMMIT, SOURCES).splitlines()
    rows = []
    for name in sorted(n for n in names if n.endswith(".java")):
        text = git("-C", root, "show", COMMIT + ":" + name)[:CHARACTERS]
        rows.append(json.dumps({"text": text}, ensure_ascii=False) + "\n")
    with open(out, "wb") as file:
        file.write(gzip.compress("".join(rows).encode("utf-8"), compresslevel=9, mtime=0))
    print(len(rows), "files")


if __name__ == "__main__":
    main(*sys.argv[1:])
