"""The help pages: every node in every language, with pictures that exist and errors that occur."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from devtools.comfyui import ROOT
from devtools.help_pages import HEADINGS, PAGES, page_path
from devtools.words import LANGUAGES, words_in

ENGLISH = words_in("en")
HIDDEN = "…"
"""What a value in a sentence is written as, on the pages and here."""

LARGEST_PICTURE, LARGEST_FOLDER = 100_000, 1_500_000


@pytest.fixture(params=ENGLISH)
def node_id(request) -> str:
    return request.param


@pytest.fixture(params=LANGUAGES)
def language(request) -> str:
    return request.param


@pytest.fixture
def page(node_id, language) -> str:
    return page_path(node_id, language).read_text(encoding="utf-8")


def test_no_page_is_of_no_node():
    pages = {path.relative_to(PAGES).as_posix() for path in PAGES.rglob("*.md")}
    assert pages == {f"{node_id}/{language}.md" for node_id in ENGLISH for language in LANGUAGES}


def test_it_is_titled_as_the_front_end_calls_the_node(page, node_id, language):
    assert page.startswith(f"# {words_in(language)[node_id]['display_name']}\n")


def test_its_headings_are_the_same_in_every_language(page, node_id, language):
    english = page_path(node_id, "en").read_text(encoding="utf-8")
    for shape in (r"^#+ ", r"^\| ", r"!\["):
        assert len(re.findall(shape, page, re.M)) == len(re.findall(shape, english, re.M))


@pytest.mark.parametrize("side", ["inputs", "outputs"])
def test_it_explains_every_input_and_output(page, node_id, language, side):
    """With the tooltip's words: `python dev.py words` writes the tables."""
    if not ENGLISH[node_id][side]:
        return
    (section,) = sections(page, getattr(HEADINGS[language], side))
    words = words_in(language)[node_id][side]
    for key, english in ENGLISH[node_id][side].items():
        row = next(
            line for line in section.splitlines() if line.startswith(f"| `{english['name']}`")
        )
        assert f" | {words[key]['tooltip']} *" in row, "run `python dev.py words`"


def test_its_pictures_exist(page):
    """The front end looks for them from web/docs on, not from the page's own folder."""
    pictures = re.findall(r"!\[.+?\]\((.+?)\)", page)
    assert pictures
    assert [name for name in pictures if not (PAGES / name).is_file()] == []


def test_it_quotes_what_the_pack_really_says(page, language):
    (section,) = sections(page, HEADINGS[language].trouble)
    seen = [line.split(" | ")[0] for line in section.splitlines()[2:]]
    quoted = [quote for cell in seen for quote in re.findall("`(.+?)`", cell)]
    assert [quote for quote in quoted if quote not in all_messages()] == []


def test_every_picture_is_shown_and_small():
    used = {
        name
        for path in PAGES.rglob("*.md")
        for name in re.findall(r"!\[.+?\]\((.+?)\)", path.read_text(encoding="utf-8"))
    }
    sizes = {
        path.relative_to(PAGES).as_posix(): path.stat().st_size
        for path in PAGES.rglob("*")
        if path.is_file() and path.suffix != ".md"
    }
    assert set(sizes) == used
    assert {name: size for name, size in sizes.items() if size > LARGEST_PICTURE} == {}
    assert sum(sizes.values()) <= LARGEST_FOLDER


def sections(page: str, heading: str) -> list[str]:
    """Return what stands under each second-level heading of that name."""
    return re.findall(rf"^## {re.escape(heading)}\n\n(.*?)(?=^## |\Z)", page, re.M | re.S)


@cache
def all_messages() -> str:
    """Return every text in the pack's code, with … where a value goes."""
    texts = []
    for folder in ("nodes", "any2any_core", "training/lora"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    texts.append("".join(map(part, node.values)))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    texts.append(node.value)
    return "\n".join(texts)


def part(value: ast.expr) -> str:
    return value.value if isinstance(value, ast.Constant) else HIDDEN
