"""Last stage, the other jobs: garments laid flat, and persons made from a garment and words."""

from __future__ import annotations

import numpy as np

from any2any_core.prompts import task_prompt

from ..demo_nodes import Nodes, Pictures
from ..dolls.pictures import Triple, drawn_triple
from ..export import ALL_JOBS_LORA
from .attributes import attributes_right
from .measures import in_colours
from .sheets import sheet, stacked
from .try_ons import Scores, mean_psnr

SEED = 9_200_000
GARMENTS, PERSONS = 64, 100
SHOWN = 16
"""Pictures of each job on the sheet."""


def score_jobs(nodes: Nodes) -> Scores:
    """Return the figures of garment reconstruction and of model-free try-on, and their pictures."""
    triples = [drawn_triple(SEED + i) for i in range(PERSONS)]
    dressed, truths = ([getattr(t, n).rgb for t in triples[:GARMENTS]] for n in ("target", "flat"))
    prompts = [task_prompt("garment reconstruction")] * GARMENTS
    flats = nodes.made(ALL_JOBS_LORA, prompts, person=dressed)

    prompts = [task_prompt("model-free", target=triple.person.words) for triple in triples]
    garments = [triple.flat.rgb for triple in triples]
    persons = nodes.made(ALL_JOBS_LORA, prompts, garment=garments)
    figures = {
        "reconstruction_psnr": mean_psnr(flats, truths, [np.ones((192, 144), bool)] * GARMENTS),
        **model_free_figures(persons, triples),
    }
    off, made = list(zip(dressed, flats, truths)), list(zip(garments, persons))
    return Scores(figures, stacked([sheet(off[:SHOWN], columns=8), sheet(made[:SHOWN], columns=8)]))


def model_free_figures(results: Pictures, triples: list[Triple]) -> dict[str, float]:
    """Return the shares of pictures that have what words and garment ask for."""
    right: dict[str, list[bool]] = {}
    for result, triple in zip(results, triples):
        found = attributes_right(result, triple.person)
        found["cloth"] = cloth_is_right(result, triple)
        for name, is_right in found.items():
            right.setdefault(name, []).append(is_right)
    return {f"model_free_{name}": float(np.mean(values)) for name, values in right.items()}


def cloth_is_right(result: np.ndarray, triple: Triple) -> bool:
    """Tell whether most of the chest is in the cloth's colours, as in every true picture."""
    height, width = result.shape[:2]
    chest = result[int(0.42 * height) : int(0.6 * height), int(0.4 * width) : int(0.6 * width)]
    return in_colours(chest, triple.top.colours)
