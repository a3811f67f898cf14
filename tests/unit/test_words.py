"""The pack's words in every language: complete, in that language, and safe to show."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from devtools.words import LANGUAGES, words_in

LETTERS = {"ko": "[가-힣]", "zh": "[一-鿿]", "ja": "[ぁ-ヿ一-鿿]"}
SENTENCE_LETTERS = LETTERS | {"ja": "[ぁ-ヿ]"}
"""What a word has of its language's own letters; a Japanese sentence has kana, not only kanji."""

LOAN_WORDS = {"any2any", "cfg", "clip", "vae", "vitonhd"}
"""Names that stay as they are in every language, as in ComfyUI's own words."""


def texts(words: dict, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every text with its path: `("Any2AnyNoise", "inputs", "seed", "name")`."""
    for key, value in words.items():
        if isinstance(value, dict):
            yield from texts(value, (*path, key))
        else:
            yield (*path, key), value


ENGLISH = dict(texts(words_in("en")))


@pytest.fixture(params=LANGUAGES[1:])
def language(request) -> str:
    return request.param


@pytest.fixture
def translated(language) -> dict[tuple[str, ...], str]:
    return dict(texts(words_in(language)))


def test_every_text_is_there_and_no_other(translated):
    assert set(translated) == set(ENGLISH)


def test_no_text_is_left_in_english(translated, language):
    foreign = {
        path: text
        for path, text in translated.items()
        if text not in LOAN_WORDS
        and not re.search(
            (SENTENCE_LETTERS if is_sentence(path) else LETTERS)[language],
            text,
        )
    }
    assert foreign == {}


def test_only_loan_words_equal_the_english(translated):
    assert {text for path, text in translated.items() if text == ENGLISH[path]} <= LOAN_WORDS


def test_a_name_of_an_input_is_the_same_on_every_node(translated):
    """Somebody who knows one node's `steps` knows the next one's."""
    names: dict[str, set[str]] = {}
    for path, text in translated.items():
        if path[1] == "inputs" and path[-1] == "name":
            names.setdefault(path[2], set()).add(text)
    assert {given: found for given, found in names.items() if len(found) > 1} == {}


def test_an_option_is_named_in_its_tooltip(translated):
    """The front end shows options as they are sent, so tooltips must explain them by that."""
    missing = [
        path
        for path in translated
        if path[3:4] == ("options",)
        and path[4] in ENGLISH[tooltip := (*path[:3], "tooltip")]
        and path[4] not in translated[tooltip]
    ]
    assert missing == []


@pytest.mark.parametrize("every", LANGUAGES)
def test_nothing_is_taken_for_a_placeholder_a_plural_or_a_tag(every):
    """The front end's translations give `{}`, `@`, `|` and `<tag>` meanings of their own."""
    unsafe = {path: text for path, text in texts(words_in(every)) if re.search(r"[{}@|<>]", text)}
    assert unsafe == {}


def is_sentence(path: tuple[str, ...]) -> bool:
    return path[-1] in ("tooltip", "description")
