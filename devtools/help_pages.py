"""The help pages' tables of inputs and outputs; everything else on a page is written by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .comfyui import ROOT

PAGES = ROOT / "web" / "docs"

LARGEST_SHOWN = 10000
"""A range that ends above this, as a seed's, tells nobody anything."""


@dataclass(frozen=True)
class Headings:
    """What stands over a page's tables, in one language."""

    inputs: str
    outputs: str
    trouble: str
    input_row: tuple[str, str]
    output_row: tuple[str, str]
    optional: str


HEADINGS = {
    "en": Headings(
        *("Inputs", "Outputs", "What goes wrong"),
        ("input", "what it is"),
        ("output", "what it is"),
        "optional",
    ),
    "ko": Headings(
        *("입력", "출력", "문제 해결"),
        ("입력", "설명"),
        ("출력", "설명"),
        "선택 사항",
    ),
    "zh": Headings(
        *("输入", "输出", "常见问题"),
        ("输入", "说明"),
        ("输出", "说明"),
        "可选",
    ),
    "ja": Headings(
        *("入力", "出力", "うまくいかないとき"),
        ("入力", "説明"),
        ("出力", "説明"),
        "任意",
    ),
}


def page_path(node_id: str, language: str) -> Path:
    """Return where the front end looks for a node's help page in a language."""
    return PAGES / node_id / f"{language}.md"


def with_tables(page: str, schema, words: dict[str, Any], language: str) -> str:
    """Return the page with its tables made anew from the schema and a language's words."""
    headings = HEADINGS[language]
    inputs = [
        row(
            declared.id,
            words["inputs"][declared.id],
            declared.get_io_type(),
            default(declared, headings.optional),
        )
        for declared in schema.inputs
    ]
    outputs = [
        row(declared.display_name, words["outputs"][str(index)], declared.get_io_type())
        for index, declared in enumerate(schema.outputs)
    ]
    page = with_section(page, headings.inputs, table(headings.input_row, inputs))
    return with_section(page, headings.outputs, table(headings.output_row, outputs))


def row(id: str, words: dict[str, str], *facts: str) -> tuple[str, str]:
    """Return an input's or output's row: two cells, for the help is shown in a narrow column.

    The id stands as code, then the name under which this language's front end shows it; the
    facts, such as type and default, follow the tooltip.
    """
    name = f"`{id}`" if words["name"] == id else f"`{id}` {words['name']}"
    return name, f"{words['tooltip']} *{', '.join(filter(None, facts))}*"


def default(declared, optional: str) -> str:
    """Return an input's default with its range, or that it may stay open."""
    value = getattr(declared, "default", None)
    largest = getattr(declared, "max", None)
    if value is None:
        return optional if declared.optional else ""
    if isinstance(value, bool):
        return str(value).lower()
    if largest is not None and largest <= LARGEST_SHOWN:
        return f"{value:g} ({declared.min:g}–{largest:g})"  # noqa: RUF001
    return str(value)


def table(heads: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    """Return a Markdown table; of no rows, nothing."""
    if not rows:
        return ""
    lines = [heads, ("---", "---"), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


def with_section(page: str, heading: str, text: str) -> str:
    """Return the page with `text` as all that stands under its second-level heading."""
    section = re.compile(rf"^## {re.escape(heading)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    return section.sub(lambda _: f"## {heading}\n\n{text}", page).rstrip("\n") + "\n"
