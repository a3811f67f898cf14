"""The paper dolls are the same for a seed, and the measures know right from wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from training.dolls.pictures import Triple, drawn_triple, worn
from training.dolls.prints import DIRECTIONS, PLACES, Pattern
from training.scoring.measures import inside_psnr, logo_is_right, stripes_are_right


def first_with(kind: str) -> Triple:
    """Return the first try-on of a garment with that kind of print."""
    triples = map(drawn_triple, range(100))
    return next(triple for triple in triples if triple.top.pattern.kind == kind)


def redrawn(triple: Triple, **changes) -> np.ndarray:
    """Return the target with another print."""
    pattern = replace(triple.top.pattern, **changes)
    return worn(triple.person, replace(triple.top, pattern=pattern)).rgb


def test_a_seed_gives_its_pictures_again():
    first, again = drawn_triple(7), drawn_triple(7)
    assert (first.target.rgb == again.target.rgb).all()
    assert first.caption == again.caption


def test_source_and_target_differ_in_the_clothes_alone():
    triple = drawn_triple(7)
    clothes = (triple.source.clothes > 0) | (triple.target.clothes > 0)
    # outlines and the white rim reach a few pixels beyond the cloth
    near = sum(np.roll(clothes, (y, x), (0, 1)) for y in range(-9, 10) for x in range(-9, 10)) > 0
    assert inside_psnr(triple.source.rgb, triple.target.rgb, ~near) == float("inf")


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_stripes_are_right_only_in_their_direction(direction):
    triple = first_with("stripes")
    pattern = replace(triple.top.pattern, direction=direction)
    top = replace(triple.top, pattern=pattern)
    truth = replace(triple, top=top, target=worn(triple.person, top))
    verdicts = {
        other: stripes_are_right(redrawn(triple, direction=other), truth) for other in DIRECTIONS
    }
    assert verdicts == {other: other == direction for other in DIRECTIONS}
    plain = worn(triple.person, replace(top, pattern=Pattern("plain"))).rgb
    assert not stripes_are_right(plain, truth)


def test_a_logo_is_right_only_in_its_colour_and_place():
    triple = first_with("logo")
    assert logo_is_right(triple.target.rgb, triple)
    place = next(place for place in PLACES if place != triple.top.pattern.place)
    plain = worn(triple.person, replace(triple.top, pattern=Pattern("plain"))).rgb
    assert not logo_is_right(plain, triple)
    assert not logo_is_right(redrawn(triple, rgb=triple.top.rgb), triple)
    assert not logo_is_right(redrawn(triple, place=place), triple)
