"""Which condition K and V drift over a run of the demo model: by layer, tokens and part of the run.

For every step: how far K and V are from those of some steps before (held), and from where the line
through these and the ones as many steps earlier leads (followed), both over their own norm.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch

from devtools.tables import markdown
from training.demo_nodes import Nodes
from training.dolls.pictures import HEIGHT, WIDTH, Triple, drawn_triple

from .quality import SEED
from .report import shown

TOKEN = 16
"""A token's side in pixels."""
PANEL = (HEIGHT // TOKEN) * (WIDTH // TOKEN)
PARTS = ("sigma over 2/3", "sigma over 1/3", "sigma under 1/3")
HEAD = ["K held", "K followed", "V held", "V followed"]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, default=4)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--distance", type=int, default=4, help="in steps")
    parser.add_argument("--output", type=Path, help="also write the tables here, as markdown")
    options = parser.parse_args(arguments)
    triples = [drawn_triple(SEED + i) for i in range(options.triples)]
    nodes = Nodes()
    drift = Drift(options.distance, token_groups(triples))

    def watched(model):
        clone = model.clone()
        clone.model_options["transformer_options"]["optimized_attention_override"] = drift.attention
        return clone

    nodes.steps, nodes.patched = options.steps, watched
    nodes.dressed(*([getattr(t, name).rgb for t in triples] for name in ("source", "flat")))
    text = f"{options.triples} try-ons, {options.steps} steps, {options.distance} apart, in %\n"
    for title, rows in drift.tables.items():
        text += f"\n{markdown([[title, *HEAD], *drift.cells(rows)])}\n"
    shown(text, options.output)
    return 0


def token_groups(triples: list[Triple]) -> dict[str, torch.Tensor]:
    """Return by name which condition tokens [B,2*PANEL] are of that kind."""
    worn, flat = (
        torch.from_numpy(np.stack([of_tokens(getattr(t, name).clothes) for t in triples]))
        for name in ("source", "flat")
    )
    neither = torch.zeros_like(worn)
    return {
        "person: the top to change": torch.cat((worn, neither), 1),
        "person: all else": torch.cat((~worn, neither), 1),
        "garment: the cloth": torch.cat((neither, flat), 1),
        "garment: its surround": torch.cat((neither, ~flat), 1),
    }


def of_tokens(mask: np.ndarray) -> np.ndarray:
    """Return which tokens [PANEL] lie for the most part inside a mask [HEIGHT,WIDTH]."""
    patches = mask.astype(bool).reshape(HEIGHT // TOKEN, TOKEN, WIDTH // TOKEN, TOKEN)
    return patches.mean((1, 3)).reshape(-1) > 0.5


class Drift:
    """Sums up squared differences and norms while a run goes on."""

    def __init__(self, distance: int, groups: dict[str, torch.Tensor]):
        self.distance, self.groups = distance, groups
        self.history: dict[tuple, list] = defaultdict(list)
        self.sums: dict[tuple, np.ndarray] = defaultdict(lambda: np.zeros(2))
        self.tables: dict[str, list[str]] = {
            "layer": [],
            "tokens": [*groups],
            "steps": [*PARTS],
        }

    def attention(self, attend, q, k, v, *args, **kwargs):
        """ComfyUI's attention override: note what passes and attend as ever."""
        options = kwargs["transformer_options"]
        layer = f"{options['block_type']} {options['block_index']}"
        if layer not in self.tables["layer"]:
            self.tables["layer"].append(layer)
        for name, whole in (("K", k), ("V", v)):
            kept = whole[:, :, -2 * PANEL :].transpose(1, 2).flatten(2).clone()  # [B,2*PANEL,D]
            self.note(layer, name, kept, float(options["sigmas"].max()))
        return attend(q, k, v, *args, **kwargs)

    def note(self, layer: str, name: str, now: torch.Tensor, sigma: float) -> None:
        past = self.history[layer, name]
        past.append((sigma, now))
        if len(past) <= 2 * self.distance:
            return
        (older_sigma, older), (then_sigma, then) = past[0], past[self.distance]
        slope = (then - older) / (then_sigma - older_sigma)
        norm = now.square().sum(-1)
        for way, guess in (("held", then), ("followed", then + (sigma - then_sigma) * slope)):
            error = (now - guess).square().sum(-1)
            self.add(layer, f"{name} {way}", error, norm)
            self.add(self.part(sigma), f"{name} {way}", error, norm)
            for group, mask in self.groups.items():
                self.add(group, f"{name} {way}", error[mask], norm[mask])
        past.pop(0)

    def part(self, sigma: float) -> str:
        """Return where in the run a step is: by its sigma, which falls from 1 to 0."""
        return PARTS[min(int(3 * (1 - sigma)), 2)]

    def add(self, row: str, column: str, error: torch.Tensor, norm: torch.Tensor) -> None:
        self.sums[row, column] += (float(error.sum()), float(norm.sum()))

    def cells(self, rows: list[str]) -> list[list[str]]:
        """Return the rows' root mean squares in percent."""
        return [[row, *(self.cell(row, column) for column in HEAD)] for row in rows]

    def cell(self, row: str, column: str) -> str:
        error, norm = self.sums[row, column]
        return f"{100 * (error / norm) ** 0.5:.1f}" if norm else ""


if __name__ == "__main__":
    sys.exit(main())
