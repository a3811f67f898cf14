"""Last stage, what words do: the same garments on whomever the prompt describes."""

from __future__ import annotations

import numpy as np

from any2any_core.prompts import task_prompt

from ..demo_nodes import Nodes
from ..dolls.dresses import drawn_dress
from ..dolls.pictures import flat
from ..dolls.tops import drawn_top
from ..export import ALL_JOBS_LORA
from .sheets import crossed
from .try_ons import Scores

SEED = 9_300_000
WORDS = (
    "a woman with long blond hair, tan skin, navy trousers, yellow background",
    "a man with short black hair, brown skin, grey trousers, green background",
    "a woman with curly red hair, pale skin, red trousers, blue background",
    "a man with no hair, dark skin, beige trousers, pink background",
)
"""What the four rows' prompts ask for."""
TOPS, DRESSES = 6, 2


def score_words(nodes: Nodes) -> Scores:
    """Return the pictures of eight garments, each with all words; they have no figures."""
    garments = [drawn_top(np.random.default_rng(SEED + i)) for i in range(TOPS)]
    garments += [drawn_dress(np.random.default_rng(SEED + TOPS + i)) for i in range(DRESSES)]
    flats = [flat(garment).rgb for garment in garments]
    prompts = [task_prompt("model-free", target=words) for words in WORDS for _ in flats]
    pictures = nodes.made(ALL_JOBS_LORA, prompts, garment=flats * len(WORDS))
    return Scores({}, crossed(pictures, flats))
