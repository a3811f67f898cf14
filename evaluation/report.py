"""What came out, beside the paper's own numbers: as text, Markdown or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

HEADS = ("metric", "ours", "paper", "ours - paper", "better")
NOT_COMPUTED = "-"


@dataclass(frozen=True)
class Row:
    """A metric's number, or why there is none."""

    name: str
    higher_is_better: bool
    published: str
    value: float | None
    why_not: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as text, with as many digits as the paper gives and one more."""
        digits = len(self.published.partition(".")[2]) + 1
        ours, apart = NOT_COMPUTED, NOT_COMPUTED
        if self.value is not None:
            ours = f"{self.value:.{digits}f}"
            apart = f"{self.value - float(self.published):+.{digits}f}"
        better = "higher" if self.higher_is_better else "lower"
        return self.name, ours, self.published, apart, better


@dataclass(frozen=True)
class Report:
    """A table's numbers."""

    title: str
    rows: Sequence[Row]
    left_out: int
    """Pairs of the list that are not in the numbers."""

    @property
    def remarks(self) -> list[str]:
        """What the table does not say: a line for each reason."""
        remarks = []
        if self.left_out:
            remarks.append(
                f"{self.left_out} pairs of the list are missing: numbers of a part do not compare "
                "with the paper's."
            )
        for why_not in dict.fromkeys(row.why_not for row in self.rows if row.why_not):
            names = [row.name for row in self.rows if row.why_not == why_not]
            remarks.append(f"Without {' and '.join(names)}: {why_not}")
        return remarks

    def text(self) -> str:
        rows = [HEADS, *(row.cells for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines = [
            "  ".join(
                cell.ljust(width) if place in (0, 4) else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(row, widths))
            ).rstrip()
            for row in rows
        ]
        return "\n".join([self.title, "", *lines, *("", *self.remarks)]).rstrip() + "\n"

    def markdown(self) -> str:
        rows = [HEADS, ("---", "---:", "---:", "---:", "---"), *(row.cells for row in self.rows)]
        lines = [f"| {' | '.join(row)} |" for row in rows]
        remarks = [f"- {remark}" for remark in self.remarks]
        return "\n".join([f"**{self.title}**", "", *lines, "", *remarks]).rstrip() + "\n"

    def json(self) -> str:
        metrics = {
            row.name: {
                "value": row.value,
                "published": float(row.published),
                "higher_is_better": row.higher_is_better,
            }
            | ({"why_not": row.why_not} if row.why_not else {})
            for row in self.rows
        }
        report = {"title": self.title, "left_out": self.left_out, "metrics": metrics}
        return json.dumps(report, indent=2) + "\n"


FORMS: dict[str, Callable[[Report], str]] = {".md": Report.markdown, ".json": Report.json}
"""What a report's file may end with."""


def written(report: Report, path: Path) -> None:
    """Write a report, whole or not at all, in the form that the file's name ends with."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}")
    part.write_text(FORMS[path.suffix](report), encoding="utf-8")
    part.replace(path)
