"""A run's log: one line of figures every few steps, and their curve."""

from __future__ import annotations

import json
from pathlib import Path

from ..stage import written_whole


class Log:
    """`log.jsonl` in a run's folder; every line also goes to the screen."""

    def __init__(self, folder: Path):
        self.path, self.plot = folder / "log.jsonl", folder / "loss.png"

    def lines(self) -> list[dict]:
        """Return what was written; a line that was cut off does not count."""
        lines = []
        for text in self.path.read_text().splitlines() if self.path.is_file() else ():
            try:
                lines.append(json.loads(text))
            except json.JSONDecodeError:
                continue
        return lines

    def cut_after(self, step: int) -> None:
        """Take away what a cut run wrote after its last checkpoint."""
        kept = [line for line in self.lines() if line["step"] <= step]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(self.path) as part:
            part.write_text("".join(json.dumps(line) + "\n" for line in kept))

    def add(self, **figures: float) -> None:
        line = {k: float(f"{v:.5g}") if isinstance(v, float) else v for k, v in figures.items()}
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")
        say(**line)

    def draw(self) -> None:
        """Draw the curve of the loss: every line, and their running average."""
        from matplotlib.figure import Figure

        lines = self.lines()
        if not lines:
            return
        steps, losses, average = [], [], []
        for line in lines:
            steps.append(line["step"])
            losses.append(line["loss"])
            average.append(0.9 * average[-1] + 0.1 * losses[-1] if average else losses[-1])
        figure = Figure(figsize=(7, 3.5), dpi=100, layout="constrained")
        axes = figure.subplots()
        axes.plot(steps, losses, color="0.8", linewidth=1)
        axes.plot(steps, average, color="tab:blue", linewidth=1.5)
        axes.set(xlabel="step", ylabel="loss (target tokens)", xlim=(0, max(steps)))
        axes.grid(alpha=0.3)
        with written_whole(self.plot) as part:
            figure.savefig(part, format="png")


def say(**facts: object) -> None:
    """Print a line that people and the node read."""
    print(json.dumps(facts), flush=True)
