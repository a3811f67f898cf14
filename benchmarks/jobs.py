"""The jobs that benchmarks.quality has the demo model do, and how a picture of each is scored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from any2any_core.prompts import task_prompt
from devtools.scores import psnr
from training.dolls.pictures import Triple
from training.export import ALL_JOBS_LORA, LORA
from training.scoring.attributes import attributes_right
from training.scoring.jobs import cloth_is_right


@dataclass(frozen=True)
class Job:
    """full, reuse: costs of such a step over a plain one, counted by benchmarks.flops at 768x1024.

    conditions: by role the triple's drawing; seeds: how many pictures of each triple are made.
    """

    lora: str
    prompt: Callable[[Triple], str]
    conditions: dict[str, str]
    score: Callable[[np.ndarray, Triple], float]
    unit: str
    full: float
    reuse: float
    seeds: int


def to_truth(picture: np.ndarray, triple: Triple) -> float:
    """Return the PSNR to the true picture in dB."""
    return psnr(picture, triple.target.rgb)


def as_asked(picture: np.ndarray, triple: Triple) -> float:
    """Return the percentage of wall, trousers, hair and top that are as words and garment say."""
    right = [*attributes_right(picture, triple.person).values(), cloth_is_right(picture, triple)]
    return 100 * float(np.mean(right))


JOBS = {
    "try-on": Job(
        lora=LORA,
        prompt=lambda triple: task_prompt("try-on"),
        conditions={"person": "source", "garment": "flat"},
        score=to_truth,
        unit="dB to the truth",
        full=0.989,
        reuse=0.368,
        seeds=1,
    ),
    "model-free": Job(
        lora=ALL_JOBS_LORA,
        prompt=lambda triple: task_prompt("model-free", target=triple.person.words),
        conditions={"garment": "flat"},
        score=as_asked,
        unit="% as asked",
        full=0.992,
        reuse=0.538,
        seeds=3,
    ),
}
