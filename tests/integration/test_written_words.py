"""What `python dev.py words` writes is up to date: the English words and the pages' tables."""

from __future__ import annotations

import pytest

from devtools.help_pages import page_path, with_tables
from devtools.words import LANGUAGES, node_words, words_in


@pytest.fixture(scope="module")
def schemas(node_classes) -> dict:
    return {node_id: node.GET_SCHEMA() for node_id, node in node_classes.items()}


def test_the_english_words_are_the_schemas(schemas):
    expected = {node_id: node_words(schema) for node_id, schema in schemas.items()}
    assert words_in("en") == expected, "run `python dev.py words`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_tables_are_the_schemas(schemas, language):
    words = words_in(language)
    for node_id, schema in schemas.items():
        page = page_path(node_id, language).read_text(encoding="utf-8")
        written = with_tables(page, schema, words[node_id], language)
        assert page == written, "run `python dev.py words`"
