"""A table on the screen and in a file, and the exit status."""

from __future__ import annotations

import sys

from .machine import machine
from .workload import Workload


def markdown(rows: list[list[str]]) -> str:
    """Return rows as a markdown table whose columns line up; the first one is the head."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    rows = [rows[0], ["-" * width for width in widths], *rows[1:]]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |"
        for row in rows
    )


def reported(rows: list[list[str]], sizes: Workload, missed: list[str]) -> int:
    """Print the table, write it if asked to, and return the exit status: 1 if a bar was missed."""
    text = f"{machine(sizes.threads)}\n\n{sizes}\n\n{markdown(rows)}\n"
    print(text)
    if sizes.output:
        sizes.output.write_text(text, encoding="utf-8")
    for sentence in missed:
        print(sentence, file=sys.stderr)
    return 1 if missed else 0
