"""Last stage: 64 unseen try-ons through the pack's nodes in ComfyUI, and their figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from any2any_core.geometry import Size

from ..demo_nodes import Nodes, round_trip
from ..dolls.frames import reframed
from ..dolls.pictures import Triple, drawn_triple, flat, worn
from ..dolls.tops import Top, drawn_top
from ..export import ISOLATED_LORA
from .measures import inside_psnr, logo_is_right, stripes_are_right
from .sheets import sheet

SEED = 9_000_000
TRIPLES = 64
OTHER_SIZES = {"wide": Size(256, 192), "large": Size(192, 256)}
MANY_STEPS = 20
"""In which the try-ons are scored as well: other samplers' figures are of so many."""


@dataclass(frozen=True, eq=False)
class Scores:
    """What 64 try-ons came to; `figures` by name, and the sheet of all pictures."""

    figures: dict[str, float]
    sheet: Image.Image


def score(nodes: Nodes, count: int = TRIPLES) -> Scores:
    """Return the figures of `count` unseen try-ons, with the LoRA on, off, and another garment."""
    triples = [drawn_triple(SEED + i) for i in range(count)]
    swaps = [drawn_top(np.random.default_rng(SEED + TRIPLES + i)) for i in range(count)]
    persons = [triple.source.rgb for triple in triples]
    garments = [triple.flat.rgb for triple in triples]
    results = nodes.dressed(persons, garments)
    without = nodes.dressed(persons, garments, strength=0.0)
    swapped = nodes.dressed(persons, [flat(top).rgb for top in swaps])
    isolated = nodes.dressed(persons, garments, lora=ISOLATED_LORA)
    with nodes.sampling(steps=MANY_STEPS):
        slowly = nodes.dressed(persons, garments)

    truths = [triple.target.rgb for triple in triples]
    clothes = [triple.target.clothes > 127 for triple in triples]
    rest = [~where for where in clothes]
    everywhere = [np.ones_like(where) for where in clothes]
    figures = {
        **other_sizes(nodes, triples),
        "psnr": mean_psnr(results, truths, everywhere),
        "psnr_outside": mean_psnr(results, truths, rest),
        "psnr_inside": mean_psnr(results, truths, clothes),
        "psnr_many_steps": mean_psnr(slowly, truths, everywhere),
        "psnr_outside_many_steps": mean_psnr(slowly, truths, rest),
        "psnr_inside_many_steps": mean_psnr(slowly, truths, clothes),
        "psnr_isolated": mean_psnr(isolated, truths, everywhere),
        "psnr_outside_isolated": mean_psnr(isolated, truths, rest),
        "psnr_inside_isolated": mean_psnr(isolated, truths, clothes),
        "psnr_of_input": mean_psnr(persons, truths, everywhere),
        "psnr_lora_off": mean_psnr(without, truths, everywhere),
        "psnr_inside_lora_off": mean_psnr(without, truths, clothes),
        "psnr_autoencoder": mean_psnr(round_trip(nodes, truths), truths, everywhere),
        "stripes_right": share(results, triples, "stripes", stripes_are_right),
        "logos_right": share(results, triples, "logo", logo_is_right),
        "nearer_to_other_garment": sum(map(nearer_to, swapped, triples, swaps)) / count,
    }
    return Scores(figures, try_on_sheet(triples, results))


def other_sizes(nodes: Nodes, triples: list[Triple]) -> dict[str, float]:
    """Return the figures of the try-ons on a wider wall and of larger dolls."""
    figures = {}
    garments = [triple.flat.rgb for triple in triples]
    for name, size in OTHER_SIZES.items():
        persons, truths = (
            [reframed(getattr(triple, side).rgb, size) for triple in triples]
            for side in ("source", "target")
        )
        with nodes.sampling(size=size):
            results = nodes.dressed(persons, garments)
        everywhere = [np.ones(truth.shape[:2], bool) for truth in truths]
        figures[f"psnr_{name}"] = mean_psnr(results, truths, everywhere)
    return figures


def mean_psnr(results, truths, masks) -> float:
    return float(np.mean([inside_psnr(*one) for one in zip(results, truths, masks)]))


def share(results, triples: list[Triple], kind: str, is_right) -> float:
    """Return how often a print of a kind is right."""
    rights = [
        is_right(result, triple)
        for result, triple in zip(results, triples)
        if triple.top.pattern.kind == kind
    ]
    return sum(rights) / len(rights)


def nearer_to(result: np.ndarray, triple: Triple, top: Top) -> bool:
    """Tell whether the result is nearer to the person in `top` than in the triple's own top."""
    other = worn(triple.person, top)
    where = (other.clothes > 127) | (triple.target.clothes > 127)
    return inside_psnr(result, other.rgb, where) > inside_psnr(result, triple.target.rgb, where)


def try_on_sheet(triples: list[Triple], results: list[np.ndarray]) -> Image.Image:
    """Return all try-ons, each as person, garment, result, truth; a gap between two try-ons."""
    rows = [
        (triple.source.rgb, triple.flat.rgb, result, triple.target.rgb)
        for triple, result in zip(triples, results)
    ]
    return sheet(rows, columns=4)
