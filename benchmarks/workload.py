"""What is measured: a transformer's shape and a try-on's sizes, from the command line.

Standard library only, so that a process which only starts others stays small.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

AXES = (16, 56, 56)
HEAD_DIM = sum(AXES)
GUIDANCE = 3.5
FLUX_DEV = {"heads": 24, "double": 19, "single": 38}
"""FLUX.1-dev's own size."""


@dataclass(frozen=True)
class Workload:
    """A FLUX.1-shaped transformer, and every panel's size in pixels."""

    heads: int
    double: int
    single: int
    width: int
    height: int
    text_tokens: int
    steps: int
    rounds: int
    threads: int
    output: Path | None

    @property
    def panel_tokens(self) -> int:
        return (self.width // 16) * (self.height // 16)

    def image_tokens(self, conditions: int) -> int:
        """Return the tokens of the target beside so many conditions of its own size."""
        return (1 + conditions) * self.panel_tokens

    def __str__(self) -> str:
        return (
            f"hidden {self.heads * HEAD_DIM}, {self.double} double and {self.single} single "
            f"blocks, panels of {self.width}x{self.height} ({self.panel_tokens} tokens), "
            f"{self.text_tokens} text tokens, float32, {self.steps} steps, {self.rounds} rounds"
        )


def workload(description: str, arguments: list[str] | None, **defaults: int) -> Workload:
    """Return the workload that the command line asks for; `defaults` are the command's own."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    numbers = {
        "steps": "sampling steps of one run",
        "rounds": "how often the runs A B B A are repeated",
        "threads": "torch's threads",
        "width": "of a panel, in pixels; a multiple of 16",
        "height": "of a panel, in pixels; a multiple of 16",
        "heads": f"attention heads, {HEAD_DIM} wide each",
        "double": "double blocks",
        "single": "single blocks",
        "text-tokens": "tokens of the prompt",
    }
    common = {"threads": os.cpu_count() or 1, "heads": 6, "double": 2, "single": 4}
    common |= {"text_tokens": 256}  # as ComfyUI's Flux tokenizer pads
    values = common | defaults
    for name, text in numbers.items():
        default = values[name.replace("-", "_")]
        parser.add_argument(f"--{name}", type=positive, default=default, help=text)
    parser.add_argument("--output", type=Path, help="also write the table here, as markdown")
    return Workload(**vars(parser.parse_args(arguments)))


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}, but at least 1 was expected")
    return number
