"""Prompts: the published examples, word for word."""

import pytest

from any2any_core.prompts import task_prompt


@pytest.mark.parametrize(
    ("task", "texts", "expected"),
    [
        (
            "try-on",
            {},
            "<MODEL> a person with fashion garment. <GARMENT> a garment. "
            "<TARGET> model with fashion garment",
        ),
        (
            "garment reconstruction",
            {},
            "<MODEL> a person with fashion garment. <TARGET> the same garment laid flat.",
        ),
        (
            "model-free",
            {},
            "<GARMENT> The image shows a fashion garment. "
            "<TARGET> a smiling person with the garment in white background",
        ),
        (
            "garment reconstruction",
            {"target": "the trousers laid flat.", "garment": "unused"},
            "<MODEL> a person with fashion garment. <TARGET> the trousers laid flat.",
        ),
        (
            "vitonhd",
            {"person": "a woman", "garment": "a red top"},
            "The set of three images display model, garment and the model wearing the garment. "
            "<IMAGE1> a woman <IMAGE2> a red top <IMAGE3> <IMAGE1> model wear <IMAGE2> garment.",
        ),
    ],
    ids=["try-on", "try-off", "model-free", "another-garment", "vitonhd"],
)
def test_prompts_are_the_published_ones(task, texts, expected):
    assert task_prompt(task, **texts) == expected


def test_an_unknown_task_is_refused():
    with pytest.raises(ValueError, match=r"'knitting'.*try-on"):
        task_prompt("knitting")
