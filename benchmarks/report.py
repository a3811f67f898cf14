"""A table on the screen and in a file, and the exit status."""

from __future__ import annotations

import sys

from devtools.tables import markdown

from .machine import machine
from .workload import Workload


def reported(rows: list[list[str]], sizes: Workload, missed: list[str]) -> int:
    """Print the table, write it if asked to, and return the exit status: 1 if a bar was missed."""
    text = f"{machine(sizes.threads)}\n\n{sizes}\n\n{markdown(rows)}\n"
    print(text)
    if sizes.output:
        sizes.output.write_text(text, encoding="utf-8")
    for sentence in missed:
        print(sentence, file=sys.stderr)
    return 1 if missed else 0
