"""The English words that ship are the schemas'."""

from __future__ import annotations

from devtools.words import node_words, words_in


def test_they_are_what_the_command_writes(node_classes):
    schemas = [node.GET_SCHEMA() for node in node_classes.values()]
    expected = {schema.node_id: node_words(schema) for schema in schemas}
    assert words_in("en") == expected, "run `python dev.py words`"
