"""`docs/proof.md`'s tables, its pictures, and the logs and numbers that they came from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from devtools.comfyui import ROOT

from .measures import MEASURES
from .pieces import Plan
from .pool import CHUNK
from .rows import ROWS
from .sheet import sheets
from .table import Numbers, main_table, read_numbers, seeds_table, sizes_table

PAGE = ROOT / "docs" / "proof.md"
FOLDER = ROOT / "docs" / "proof"
BEGIN, END = "<!-- ablation: written by the command -->", "<!-- end of what the command writes -->"

PICTURES = (
    "![Unseen try-ons, seed 0: person, garment, each row's result, truth](proof/tryons.jpg)",
    "![Sizes that were never trained, in the same order](proof/sizes.jpg)",
)


def report(plan: Plan, seeds: int, page: Path = PAGE, folder: Path = FOLDER) -> str:
    """Write tables, pictures, logs and numbers of what is made so far; return the tables.

    Raises:
        ValueError: nothing is.
    """
    numbers = read_numbers(plan.work, seeds)
    if not any(row in ROWS for row, _, _ in numbers):
        raise ValueError(
            f"There is no scored run of {plan.steps} steps yet, but at least one was expected: "
            "leave --report out, or give the options that the runs were made with."
        )
    text = written_tables(plan, numbers)
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in sheets(plan.work, 0).items():
        picture.save(folder / name, quality=85, optimize=True)
    for row, seed, _ in numbers:
        log = plan.work / f"{row}-{seed}.jsonl"
        if log.is_file():
            shutil.copyfile(log, folder / log.name)
    kept = {f"{row}-{seed}-{size}": lists(values) for (row, seed, size), values in numbers.items()}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(one)}" for name, one in kept.items())
    (folder / "numbers.json").write_text(f"{{\n{lines}\n}}\n")
    page.write_text(with_part(page.read_text(encoding="utf-8"), text), encoding="utf-8")
    return text


def lists(values: dict) -> dict[str, list[float]]:
    return {name: numbers.tolist() for name, numbers in values.items()}


def written_tables(plan: Plan, numbers: Numbers) -> str:
    """Return the three tables and two pictures with what they were made of."""
    made = {(row, seed) for row, seed, _ in numbers if row in ROWS}
    rows, seeds = ({one[i] for one in made} for i in (0, 1))
    what = (
        f"Runs of {plan.steps} steps: {len(made)} ({len(rows)} rows, {len(seeds)} seeds); "
        f"{plan.chunks * CHUNK} persons to train on; {plan.triples} unseen try-ons at the trained "
        f"size, {plan.others} at each other one. Work folder {plan.work.name}."
    )
    sentences = [
        f"{measure.title} was not measured: {reason}."
        for name, measure in MEASURES.items()
        if not any(name in one for one in numbers.values()) and (reason := measure.missing())
    ]
    tables = [main_table(numbers), seeds_table(numbers), PICTURES[0]]
    others = [sizes_table(numbers), PICTURES[1]]
    return "\n\n".join([what, *sentences, *tables, *others])


def with_part(page: str, text: str) -> str:
    """Return the page with the text between its two marks.

    Raises:
        ValueError: the page has lost a mark.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(
            f"{PAGE.name} has no '{BEGIN}' with '{END}' after it, but the tables go between them: "
            "put both lines back."
        )
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"
