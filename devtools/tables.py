"""Tables for pages and the screen."""

from __future__ import annotations


def markdown(rows: list[list[str]]) -> str:
    """Return rows as a markdown table whose columns line up; the first one is the head."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    rows = [rows[0], ["-" * width for width in widths], *rows[1:]]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |"
        for row in rows
    )
