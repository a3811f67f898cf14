"""A table on the screen and in a file, and the exit status."""

from __future__ import annotations

import sys
from pathlib import Path

from devtools.tables import markdown

from .machine import machine
from .workload import Workload


def shown(text: str, output: Path | None) -> None:
    """Print a benchmark's text, and write it to the file of --output, if there is one."""
    print(text)
    if output:
        output.write_text(text, encoding="utf-8")


def reported(rows: list[list[str]], sizes: Workload, missed: list[str]) -> int:
    """Print the table, write it if asked to, and return the exit status: 1 if a bar was missed."""
    shown(f"{machine(sizes.threads)}\n\n{sizes}\n\n{markdown(rows)}\n", sizes.output)
    for sentence in missed:
        print(sentence, file=sys.stderr)
    return 1 if missed else 0
