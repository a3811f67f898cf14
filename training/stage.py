"""What every stage of the training shares: its folder, log, average weights and checkpoints."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a name to write to; the file takes its own name once it is whole."""
    part = path.with_suffix(".part")
    yield part
    part.replace(path)


class Average:
    """The exponential moving average of a module's trainable weights."""

    def __init__(self, module: nn.Module, decay: float = 0.998):
        self.decay, self.steps = decay, 0
        self.weights = {name: value.clone() for name, value in trainable(module).items()}

    def resume(self, weights: dict[str, torch.Tensor], steps: int) -> None:
        """Go on from an average that so many updates made."""
        self.steps = steps
        for name, value in weights.items():
            self.weights[name].copy_(value)

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        self.steps += 1
        share = 1 - min(self.decay, (1 + self.steps) / (10 + self.steps))
        weights = trainable(module)
        torch._foreach_lerp_(list(self.weights.values()), list(weights.values()), share)


def trainable(module: nn.Module) -> dict[str, torch.Tensor]:
    """Return the module's weights that are trained, by name, detached but not copied."""
    return {name: p.detach() for name, p in module.named_parameters() if p.requires_grad}


class Stage:
    """One stage's checkpoint `<name>.pt` and log `<name>.jsonl` in the work folder."""

    def __init__(self, work: Path, name: str, every_seconds: float = 120):
        work.mkdir(parents=True, exist_ok=True)
        self.checkpoint = work / f"{name}.pt"
        self.log = work / f"{name}.jsonl"
        self.every = every_seconds
        self.saved_at = self.started_at = time.monotonic()

    def resumed(self) -> dict | None:
        """Return the last checkpoint, if there is one."""
        if not self.checkpoint.is_file():
            return None
        return torch.load(self.checkpoint, map_location="cpu", weights_only=True)

    def due(self) -> bool:
        return time.monotonic() - self.saved_at > self.every

    def save(self, state: dict) -> None:
        """Write a checkpoint whole or not at all."""
        with written_whole(self.checkpoint) as part:
            torch.save(state, part)
        self.saved_at = time.monotonic()

    def record(self, **figures: float) -> None:
        """Add a line of figures to the log."""
        seconds = round(time.monotonic() - self.started_at, 1)
        rounded = {k: round(v, 5) if isinstance(v, float) else v for k, v in figures.items()}
        line = json.dumps({"seconds": seconds, **rounded})
        with self.log.open("a") as file:
            file.write(line + "\n")
        print(f"{self.checkpoint.stem} {line}", flush=True)


def trained_hours(log: Path) -> tuple[int, float]:
    """Return the steps that a stage's log has come to, and its hours over all resumed runs."""
    steps, hours, before = 0, 0.0, 0.0
    for line in log.read_text().splitlines():
        entry = json.loads(line)
        steps = max(steps, entry.get("step", entry.get("chunk", -1) + 1))
        if entry["seconds"] < before:  # the clock began anew
            hours += before / 3600
        before = entry["seconds"]
    return steps, hours + before / 3600
