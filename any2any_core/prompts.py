"""Prompts in the published models' form: tags in plain text, no special tokens."""

from __future__ import annotations

from dataclasses import dataclass

MODEL_TAG, GARMENT_TAG, TARGET_TAG = "<MODEL>", "<GARMENT>", "<TARGET>"


@dataclass(frozen=True)
class Task:
    """A task's default texts; None marks a panel that the task does not have."""

    person: str | None
    garment: str | None
    target: str


TASKS = {
    "try-on": Task("a person with fashion garment.", "a garment.", "model with fashion garment"),
    "garment reconstruction": Task(
        "a person with fashion garment.", None, "the same garment laid flat."
    ),
    "model-free": Task(
        None,
        "The image shows a fashion garment.",
        "a smiling person with the garment in white background",
    ),
    "vitonhd": Task("a person", "a garment", ""),
}
"""The reference's example prompts (app.py, test_vitonhd.py), one task a row."""

VITONHD_PROMPT = (
    "The set of three images display model, garment and the model wearing the garment. "
    "<IMAGE1> {person} <IMAGE2> {garment} <IMAGE3> <IMAGE1> model wear <IMAGE2> garment."
)


def task_prompt(task: str, person: str = "", garment: str = "", target: str = "") -> str:
    """Return the prompt for `task`; an empty text takes the task's default.

    Raises:
        ValueError: an unknown task.
    """
    if task not in TASKS:
        raise ValueError(
            f"The task is '{task}', but one of {', '.join(TASKS)} was expected: choose one."
        )
    default = TASKS[task]
    person = person.strip() or default.person
    garment = garment.strip() or default.garment
    target = target.strip() or default.target
    if task == "vitonhd":
        return VITONHD_PROMPT.format(person=person, garment=garment)
    parts = [
        f"{MODEL_TAG} {person}" if default.person else "",
        f"{GARMENT_TAG} {garment}" if default.garment else "",
        f"{TARGET_TAG} {target}",
    ]
    return " ".join(part for part in parts if part)
