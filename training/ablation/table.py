"""The tables out of the kept numbers: every row against the full method, pair by pair."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import t

from any2any_core.geometry import Size
from devtools.tables import markdown

from .measures import MEASURES, Measure
from .rows import AGAIN, FULL, ROWS
from .score import BOUNDS, numbers_path
from .unseen import OTHERS, TRAINED

TITLES = {
    row.name: row.title
    for trained in ROWS.values()
    for row in (trained, AGAIN.get(trained.name))
    if row
} | BOUNDS
CONFIDENCE = 0.95
Numbers = dict[tuple[str, int, str], dict[str, np.ndarray]]
"""By row, seed and size: each measure's numbers, a picture each."""


def read_numbers(work: Path, seeds: int) -> Numbers:
    """Return what is in the work folder."""
    numbers: Numbers = {}
    for name in TITLES:
        for seed in range(seeds):
            for size in (TRAINED, *OTHERS):
                path = numbers_path(work, name, seed, size)
                if path.is_file():
                    read = json.loads(path.read_text())
                    numbers[name, seed, str(size)] = {k: np.array(v) for k, v in read.items()}
    return numbers


@dataclass(frozen=True)
class Difference:
    """A row minus the full method on the same try-ons and seeds, with half 95 % intervals.

    over_tryons: of the seeds' mean, as other try-ons would have it; over_seeds: of the seeds' own
    means, as other seeds would have it, None for a single seed.
    """

    mean: float
    over_tryons: float
    over_seeds: float | None

    @property
    def decided(self) -> bool:
        """Whether neither interval holds 0."""
        return self.over_seeds is not None and abs(self.mean) > max(
            self.over_tryons, self.over_seeds
        )


def half_interval(values: np.ndarray) -> float:
    """Return half the 95 % interval of the values' mean: Student's t."""
    count = len(values)
    return float(t.ppf((1 + CONFIDENCE) / 2, count - 1) * values.std(ddof=1) / count**0.5)


def difference(numbers: Numbers, name: str, size: Size, measure: str) -> Difference | None:
    """Return a row's paired difference to full, over the seeds that both have.

    None for full itself, for what was not trained, and where there is none.
    """
    if name == FULL.name or name in BOUNDS:
        return None
    pairs = [
        (here, numbers[FULL.name, seed, str(size)])
        for (row, seed, where), here in numbers.items()
        if (row, where) == (name, str(size)) and (FULL.name, seed, where) in numbers
    ]
    pairs = [(here[measure], full[measure]) for here, full in pairs if measure in here]
    if not pairs:
        return None
    differences = np.array([here - full for here, full in pairs])  # [seeds, try-ons]
    means = differences.mean(1)
    return Difference(
        float(means.mean()),
        half_interval(differences.mean(0)),
        half_interval(means) if len(means) > 1 else None,
    )


def mean_of(numbers: Numbers, name: str, size: Size, measure: str) -> float | None:
    """Return the mean over all seeds and pictures."""
    found = [
        values[measure]
        for (row, _, where), values in numbers.items()
        if (row, where) == (name, str(size)) and measure in values
    ]
    return float(np.mean(found)) if found else None


def written(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def written_difference(value: Difference | None, digits: int) -> str:
    """Return `-1.20 ± 0.15 (seeds ± 0.40)`."""
    if value is None:
        return ""
    seeds = "one seed" if value.over_seeds is None else f"seeds ± {value.over_seeds:.{digits}f}"
    return f"{value.mean:+.{digits}f} ± {value.over_tryons:.{digits}f} ({seeds})"


def better(value: Difference, measure: Measure) -> str:
    """Return which of row and full is better, as far as the intervals tell."""
    if not value.decided:
        return "not decided"
    return "better" if (value.mean > 0) == measure.higher_is_better else "worse"


def titles(numbers: Numbers) -> list[tuple[str, str]]:
    """Return the names and titles of what there are numbers of, in order."""
    names = {name for name, _, _ in numbers}
    return [(name, title) for name, title in TITLES.items() if name in names]


def main_table(numbers: Numbers) -> str:
    """Return the table at the trained size: each measure, and each row's difference to full."""
    shown = {
        name: measure
        for name, measure in MEASURES.items()
        if mean_of(numbers, FULL.name, TRAINED, name) is not None
    }
    heads = [head for measure in shown.values() for head in (measure.title, "to full")]
    lines = [["", *heads, "PSNR against full's"]]
    for name, title in titles({key: one for key, one in numbers.items() if key[2] == str(TRAINED)}):
        line = [title]
        for measure, column in shown.items():
            digits = column.digits - 1
            line.append(written(mean_of(numbers, name, TRAINED, measure), digits))
            line.append(written_difference(difference(numbers, name, TRAINED, measure), digits))
        apart = difference(numbers, name, TRAINED, "psnr")
        lines.append([*line, better(apart, MEASURES["psnr"]) if apart else ""])
    return markdown(lines)


def sizes_table(numbers: Numbers) -> str:
    """Return PSNR at sizes that were never trained, and each row's difference to full."""
    sizes = (TRAINED, *OTHERS)
    lines = [["PSNR, dB", *map(str, sizes)]]
    for name, title in titles(numbers):
        line = [title]
        for size in sizes:
            mean = written(mean_of(numbers, name, size, "psnr"), 2)
            apart = difference(numbers, name, size, "psnr")
            line.append(f"{mean}, {written_difference(apart, 2)}" if apart else mean)
        lines.append(line)
    return markdown(lines)


def seeds_table(numbers: Numbers) -> str:
    """Return each run's own PSNR at the trained size."""
    seeds = sorted({seed for name, seed, _ in numbers if name in ROWS})
    lines = [["PSNR, dB", *(f"seed {seed}" for seed in seeds)]]
    for name, title in titles({key: one for key, one in numbers.items() if key[0] in ROWS}):
        runs = [numbers.get((name, seed, str(TRAINED))) for seed in seeds]
        lines.append([title, *(written(r and float(r["psnr"].mean()), 2) for r in runs)])
    return markdown(lines)
