"""The scores of the other garments: full marks for true pictures, few for persons as given."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest

from training.dolls.pictures import flat, worn
from training.dolls.tops import drawn_top
from training.look_batches import OFF, TRY_ONS, off_prompt
from training.looks import A_JACKET, JACKET, PLAIN, TOP, drawn_wardrobe
from training.scoring.looks import SEED, garment_is_right, in_look, score_looks

COUNT = 5


class NoSteps:
    """Nodes whose pictures do not depend on the number of steps."""

    def sampling(self, steps: int) -> nullcontext:
        return nullcontext()


class AnswersKnown(NoSteps):
    """Nodes that know the true picture of every job, and give it."""

    def __init__(self):
        self.answers = {}
        for i in range(COUNT):
            wardrobe = drawn_wardrobe(np.random.default_rng(SEED + i))
            looks = [in_look(wardrobe, look).rgb for look in range(4)]
            flats = [flat(garment).rgb for garment in wardrobe.garments]
            first = worn(wardrobe.person, drawn_top(np.random.default_rng([SEED, i]))).rgb
            for source, target, garment in (*TRY_ONS, (PLAIN, JACKET, A_JACKET)):
                self.answers[looks[source].tobytes(), flats[garment].tobytes()] = looks[target]
            self.answers[first.tobytes(), flats[TOP].tobytes()] = looks[PLAIN]
            for look, garment, word in OFF:
                self.answers[looks[look].tobytes(), off_prompt(word)] = flats[garment]

    def made(self, lora, prompts, person, garment=None):
        asked = prompts if garment is None else [one.tobytes() for one in garment]
        return [self.answers[one.tobytes(), how] for one, how in zip(person, asked)]


class NothingDone(NoSteps):
    """Nodes that give the person back."""

    def made(self, lora, prompts, person, garment=None):
        return person


def shares(nodes) -> dict[str, float]:
    figures = score_looks(nodes, COUNT).figures
    return {name: value for name, value in figures.items() if "psnr" not in name}


def test_true_pictures_get_full_marks():
    scores = score_looks(AnswersKnown(), COUNT)
    assert {n: v for n, v in scores.figures.items() if "psnr" in n and v != float("inf")} == {}
    assert {n: v for n, v in scores.figures.items() if "psnr" not in n and v < 1} == {}


def test_persons_as_given_get_few():
    figures = shares(NothingDone())
    rights = [figures[f"{kind}_right"] for kind in ("trousers", "dress", "layers")]
    assert np.mean(rights) <= 0.3, figures


@pytest.mark.parametrize("kind", ["jacket", "top"])
def test_a_layer_of_another_colour_is_wrong(kind):
    wardrobe = drawn_wardrobe(np.random.default_rng(SEED))
    person, top, jacket = wardrobe.person, wardrobe.garments[TOP], wardrobe.garments[A_JACKET]
    truth, plain = in_look(wardrobe, JACKET), replace(top.pattern, kind="plain")
    others = {
        "top": (replace(top, rgb=(0, 255, 0), pattern=plain), jacket),
        "jacket": (top, replace(jacket, rgb=(0, 255, 0))),
    }
    result = worn(person, *others[kind]).rgb
    verdicts = {one.kind: garment_is_right(result, truth, one) for one in (top, jacket)}
    assert verdicts == {"top": kind != "top", "jacket": kind != "jacket"}
