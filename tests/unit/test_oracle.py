"""The oracle itself, held to ids and sizes written by hand."""

from __future__ import annotations

import pytest
import torch
from oracle.ids import layout_ids
from oracle.noise import published_noise
from oracle.pictures import on_white, strip
from PIL import Image

PERSON, GARMENT = (1, 2), (1, 1)

IDS = {
    "try-on": (
        "any2any", PERSON, [GARMENT],
        [(0, 0, 0), (0, 0, 1), (1, 0, 0), (1, 0, 1), (2, 0, 2)], None,
    ),
    "two garments and a person": (
        "any2any", PERSON, [GARMENT, (1, 2)],
        [(0, 0, 0), (0, 0, 1), (1, 0, 0), (1, 0, 1), (2, 0, 2), (2, 0, 3), (2, 0, 4)], None,
    ),
    "try-off": (
        "any2any", (1, 3), [],
        [(0, 0, 0), (0, 0, 1), (1, 0, 2), (1, 0, 3), (1, 0, 4)], None,
    ),
    "model-free": ("any2any", None, [GARMENT], [(0, 0, 0), (0, 0, 1), (1, 0, 2)], None),
    "canvas": (
        "canvas", PERSON, [GARMENT],
        [(0, 0, 0), (0, 0, 1), (0, 0, 2), (0, 0, 3), (0, 0, 4)], None,
    ),
    "vitonhd": (
        "vitonhd", PERSON, [GARMENT],
        [(0, 0, 0), (0, 0, 1), (1, 0, 0), (1, 0, 1), (2, 0, 2)],
        [(0, 0, 3), (0, 0, 4), (0, 0, 0), (0, 0, 1), (0, 0, 2)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout, person, garments, double, single", IDS.values(), ids=IDS)
def test_ids(layout, person, garments, double, single):
    got = layout_ids(layout, (1, 2), person, garments)
    assert got[0].tolist() == [list(map(float, row)) for row in double]
    assert got[1].tolist() == [list(map(float, row)) for row in single or double]


def test_ids_run_row_by_row():
    double, _ = layout_ids("any2any", (2, 1), (2, 1), [])
    assert double.tolist() == [[0, 0, 0], [0, 1, 0], [1, 0, 1], [1, 1, 1]]


def test_stretched_ids_keep_the_centre():
    """A person of 2 tokens on 3 of the target: centres at 1/4 and 3/4 of its width."""
    double, _ = layout_ids("any2any", (3, 3), (2, 2), [(2, 2)])
    assert double[9:13].tolist() == [
        [1, 0.25, 0.25], [1, 0.25, 1.75], [1, 1.75, 0.25], [1, 1.75, 1.75],
    ]  # fmt: skip
    assert double[13:15].tolist() == [[2, 0.25, 3.25], [2, 0.25, 4.75]]


@pytest.mark.parametrize(
    "layout, kept", [("any2any", slice(0, 4)), ("vitonhd", slice(6, 10))], ids=str
)
def test_published_noise_keeps_the_targets_columns(layout, kept):
    generator = torch.Generator("cpu").manual_seed(3)
    for width in [6, 4, 10] if layout == "vitonhd" else [4, 6, 10]:
        noise = torch.randn((1, 16, 2, width), generator=generator, dtype=torch.bfloat16)
    assert torch.equal(published_noise(layout, 2, 4, 6, seed=3), noise[..., kept])


@pytest.mark.parametrize(
    "photo, box",
    [((100, 50), (0, 12, 80, 52)), ((50, 100), (24, 0, 56, 64)), ((80, 64), (0, 0, 80, 64))],
    ids=["landscape", "portrait", "exact"],
)
def test_on_white(photo, box):
    padded = on_white(Image.new("RGB", photo, "black"), 80, 64)
    inverted = padded.point(lambda level: 255 - level)
    assert (padded.size, inverted.getbbox()) == ((80, 64), box)


@pytest.mark.parametrize(
    "photo, width", [((100, 50), 128), ((50, 100), 32), ((37, 64), 32)], ids=str
)
def test_strip(photo, width):
    assert strip(Image.new("RGB", photo), 64).size == (width, 64)
