"""What the pack adds to ComfyUI's start: seconds to load it, each time in a fresh process."""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

from devtools.loading import loading
from devtools.tables import markdown

from .machine import comfyui_folder, machine
from .report import shown

BAR = 0.3


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loading", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="processes; default: 5")
    parser.add_argument("--output", type=Path, help="also write the table here")
    options = parser.parse_args(arguments)
    comfyui_folder()

    reports = [loading() for _ in range(options.rounds)]
    rows = [["", "median", "least", "most"]]
    for name, key in (("seconds", "seconds"), ("of the processor", "cpu_seconds")):
        values = [report[key] for report in reports]
        figures = (statistics.median(values), min(values), max(values))
        rows.append([name, *(f"{value:.3f}" for value in figures)])
    text = f"{machine(1)}\n\n{options.rounds} fresh processes\n\n{markdown(rows)}\n"
    shown(text, options.output)

    median = statistics.median(report["seconds"] for report in reports)
    if median > BAR:
        print(f"{median:.3f} s is over the bar of {BAR} s", file=sys.stderr)
    return int(median > BAR)


if __name__ == "__main__":
    sys.exit(main())
