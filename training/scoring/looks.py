"""Last stage, the other garments: trousers, dresses, a jacket over a top, and which comes off."""

from __future__ import annotations

import numpy as np

from any2any_core.prompts import task_prompt
from devtools.templates.forms import DEMO_FORM

from ..demo_nodes import Nodes, Pictures
from ..dolls.pictures import Garment, Picture, flat, worn
from ..dolls.tops import drawn_top
from ..export import ALL_JOBS_LORA
from ..look_batches import off_prompt
from ..looks import (
    A_DRESS,
    A_JACKET,
    DRESS,
    JACKET,
    OTHER_TROUSERS,
    OWN_TROUSERS,
    PLAIN,
    TOP,
    TROUSERS,
    Wardrobe,
    drawn_wardrobe,
)
from .measures import in_colours, inside_psnr
from .sheets import sheet, stacked
from .try_ons import Scores, mean_psnr

SEED = 9_400_000
COUNT = 32
SHOWN = 12
WORN_IN = {
    PLAIN: (TOP, OWN_TROUSERS),
    DRESS: (A_DRESS, OWN_TROUSERS),
    JACKET: (A_JACKET, TOP, OWN_TROUSERS),
}
"""The garments that each look has."""
ASKED = (
    (PLAIN, TOP, "top"),
    (PLAIN, OWN_TROUSERS, "trousers"),
    (DRESS, A_DRESS, "dress"),
    (JACKET, A_JACKET, "jacket"),
)
"""A look, the garment that is to come off, and the word for it in the prompt."""


def score_looks(nodes: Nodes, count: int = COUNT) -> Scores:
    """Return the figures of `count` unseen persons' other garments, and their pictures."""
    wardrobes = [drawn_wardrobe(np.random.default_rng(SEED + i)) for i in range(count)]
    scores = [
        put_on(nodes, wardrobes, TROUSERS, OTHER_TROUSERS),
        put_on(nodes, wardrobes, DRESS, A_DRESS),
        layers(nodes, wardrobes),
        taken_off(nodes, wardrobes),
    ]
    figures = {name: value for one in scores for name, value in one.figures.items()}
    return Scores(figures, stacked([one.sheet for one in scores]))


def in_look(wardrobe: Wardrobe, look: int) -> Picture:
    """Return somebody in one of their looks."""
    return worn(*list(wardrobe.looks())[look])


def tried_on(nodes: Nodes, persons: Pictures, garments: Pictures) -> Pictures:
    prompts = [task_prompt("try-on")] * len(persons)
    return nodes.made(ALL_JOBS_LORA, prompts, person=persons, garment=garments)


def put_on(nodes: Nodes, wardrobes: list[Wardrobe], look: int, garment: int) -> Scores:
    """Return how well persons in a top put a garment on that makes another look of theirs."""
    worn_now = [in_look(one, PLAIN).rgb for one in wardrobes]
    garments = [one.garments[garment] for one in wardrobes]
    flats = [flat(one).rgb for one in garments]
    truths = [in_look(one, look) for one in wardrobes]
    results = tried_on(nodes, worn_now, flats)
    kind = garments[0].kind
    where = [truth.masks[kind] > 127 for truth in truths]
    right = [garment_is_right(*one) for one in zip(results, truths, garments)]
    figures = {
        f"{kind}_psnr_inside": mean_psnr(results, [truth.rgb for truth in truths], where),
        f"{kind}_right": float(np.mean(right)),
    }
    rows = list(zip(worn_now, flats, results, (truth.rgb for truth in truths)))
    return Scores(figures, sheet(rows[:SHOWN], columns=6))


def layers(nodes: Nodes, wardrobes: list[Wardrobe]) -> Scores:
    """Return how well persons put on a top and, in a second pass, a jacket over it."""
    other_tops = [drawn_top(np.random.default_rng([SEED, i])) for i in range(len(wardrobes))]
    persons = [worn(one.person, top).rgb for one, top in zip(wardrobes, other_tops)]
    tops, jackets = ([one.garments[n] for one in wardrobes] for n in (TOP, A_JACKET))
    inner, outer = ([flat(garment).rgb for garment in group] for group in (tops, jackets))
    with nodes.sampling(steps=DEMO_FORM.steps_a_layer):
        first = tried_on(nodes, persons, inner)
        results = tried_on(nodes, first, outer)
    truths = [in_look(one, JACKET) for one in wardrobes]
    rgbs = [truth.rgb for truth in truths]
    where = [np.maximum(truth.masks["top"], truth.masks["jacket"]) > 127 for truth in truths]
    top_right, jacket_right = (
        [garment_is_right(*one) for one in zip(results, truths, group)] for group in (tops, jackets)
    )
    figures = {
        "layers_psnr_inside": mean_psnr(results, rgbs, where),
        "layers_top_right": float(np.mean(top_right)),
        "layers_jacket_right": float(np.mean(jacket_right)),
        "layers_right": float(np.mean(np.logical_and(top_right, jacket_right))),
    }
    rows = list(zip(persons, inner, outer, first, results, rgbs))
    return Scores(figures, sheet(rows[:SHOWN], columns=4))


def taken_off(nodes: Nodes, wardrobes: list[Wardrobe]) -> Scores:
    """Return how well the garment comes off that the prompt names, and how often it is that one."""
    figures, rows, asked = {}, [], []
    for look, garment, word in ASKED:
        persons = [in_look(one, look).rgb for one in wardrobes]
        results = nodes.made(ALL_JOBS_LORA, [off_prompt(word)] * len(persons), person=persons)
        flats = [[flat(one.garments[n]).rgb for one in wardrobes] for n in WORN_IN[look]]
        truths = flats[WORN_IN[look].index(garment)]
        everywhere = [np.ones(one.shape[:2], bool) for one in truths]
        figures[f"off_psnr_{word}"] = mean_psnr(results, truths, everywhere)
        asked += [
            np.argmax([inside_psnr(result, one, all_of_it) for one in garments])
            == WORN_IN[look].index(garment)
            for result, all_of_it, *garments in zip(results, everywhere, *flats)
        ]
        rows += list(zip(persons, results, truths))[: SHOWN // 3]
    figures["off_as_asked"] = float(np.mean(asked))
    return Scores(figures, sheet(rows, columns=8))


def garment_is_right(result: np.ndarray, truth: Picture, garment: Garment) -> bool:
    """Tell whether most of where the garment truly shows is in its colours."""
    return in_colours(result[truth.masks[garment.kind] > 127], garment.colours)
