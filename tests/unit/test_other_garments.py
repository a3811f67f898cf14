"""Trousers, dresses and jackets: worn they change nothing else, laid flat nothing else shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from any2any_core.demo_text import WORDS
from training.dolls.dresses import drawn_dress
from training.dolls.jackets import drawn_jacket
from training.dolls.people import drawn_person
from training.dolls.pictures import Picture, caption, flat, worn
from training.dolls.tops import drawn_top
from training.dolls.trousers import drawn_trousers
from training.scoring.measures import inside_psnr

DRAWN = {"trousers": drawn_trousers, "dress": drawn_dress, "jacket": drawn_jacket}


def dressed(kind: str, seed: int = 5) -> tuple[Picture, Picture]:
    """Return somebody in a top, and the same person with a garment of the kind."""
    rng = np.random.default_rng(seed)
    person, top = drawn_person(rng), drawn_top(rng)
    garment = DRAWN[kind](rng)
    after = {
        "trousers": lambda: worn(replace(person, trousers=garment), top),
        "dress": lambda: worn(person, garment),
        "jacket": lambda: worn(person, top, garment),
    }
    return worn(person, top), after[kind]()


def near(mask: np.ndarray, reach: int) -> np.ndarray:
    """Return the pixels at most `reach` from the mask's along each axis."""
    return binary_dilation(mask, iterations=reach, structure=np.ones((3, 3), bool))


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize("seed", range(2))
def test_a_garment_put_on_changes_nothing_else(kind, seed):
    pictures = dressed(kind, seed)
    changing = {"trousers": ["trousers"]}.get(kind, ["top", kind])
    masks = [p.masks[name] > 0 for p in pictures for name in changing if name in p.masks]
    reach = 12  # outlines, the white rim, and what a neckline lays bare
    clothes = near(np.any(masks, axis=0), reach)
    if kind == "trousers":  # shins are bare where one pair is short
        assert (clothes.argmax(0)[clothes.any(0)] > 80).all()
        clothes[100:] = True
    before, after = pictures
    assert inside_psnr(before.rgb, after.rgb, ~clothes) == float("inf")


@pytest.mark.parametrize("kind", DRAWN)
def test_laid_flat_it_is_all_that_is_not_white(kind):
    picture = flat(DRAWN[kind](np.random.default_rng(3)))
    assert set(picture.masks) == {kind}
    for edge in (picture.rgb[[0, -1]], picture.rgb[:, [0, -1]]):
        assert (edge == 255).all()
    clothes = picture.masks[kind] > 0
    around = near(clothes, 12)
    assert (picture.rgb[~around] == 255).all() and clothes.mean() > 0.08


def test_the_top_shows_between_the_two_sides_of_a_jacket():
    before, after = dressed("jacket")
    top, jacket = after.masks["top"] > 127, after.masks["jacket"] > 127
    assert 0.15 < top.sum() / (before.clothes > 127).sum() < 0.7
    assert not (top & jacket).any()
    inner = top & ~near(jacket, 3)
    assert inner.any() and (after.rgb[inner] == before.rgb[inner]).all()


def test_a_dress_takes_the_top_s_place():
    _, after = dressed("dress")
    assert "top" not in after.masks and (after.masks["dress"] > 127).any()


@pytest.mark.parametrize("seed", range(12))
def test_captions_name_what_is_worn_within_the_words_of_the_encoder(seed):
    rng = np.random.default_rng(seed)
    person = replace(drawn_person(rng), trousers=drawn_trousers(rng))
    words = caption(person, drawn_dress(rng))
    assert person.trousers.words in words and len(words.split()) <= WORDS
