"""Sizes: literal cases from the published scripts' rules, and what must hold for every size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from any2any_core.geometry import (
    Margins,
    Size,
    canvas_size,
    centred_margins,
    fitted_size,
    strip_size,
    target_size,
)

SIDES = st.integers(16, 5000)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param((576, 768), Size(576, 768), id="already-whole-tokens"),
        pytest.param((591, 783), Size(576, 768), id="floored-not-rounded"),
        pytest.param((16, 16), Size(16, 16), id="smallest"),
    ],
)
def test_target_is_floored_to_whole_tokens(asked, expected):
    assert target_size(*asked) == expected


@pytest.mark.parametrize("asked", [(15, 768), (768, 0), (-16, 64)], ids=str)
def test_target_under_one_token_is_refused(asked):
    with pytest.raises(ValueError, match=rf"{asked[0]}x{asked[1]}.*at least 16.*raise"):
        target_size(*asked)


@pytest.mark.parametrize(
    ("image", "target", "fitted", "margins"),
    [
        pytest.param(
            Size(540, 720), Size(576, 768), Size(576, 768), Margins(0, 0, 0, 0), id="same-aspect"
        ),
        pytest.param(
            Size(1000, 500), Size(576, 768), Size(576, 288), Margins(0, 240, 0, 240), id="wide"
        ),
        pytest.param(
            Size(300, 900), Size(576, 768), Size(256, 768), Margins(160, 0, 160, 0), id="tall"
        ),
        pytest.param(
            Size(301, 900), Size(576, 768), Size(256, 768), Margins(160, 0, 160, 0), id="truncated"
        ),
        pytest.param(
            Size(100, 101), Size(64, 64), Size(63, 64), Margins(0, 0, 1, 0), id="odd-pixel-right"
        ),
    ],
)
def test_person_is_fitted_and_centred(image, target, fitted, margins):
    assert fitted_size(image, target) == fitted
    assert centred_margins(fitted, target) == margins


@pytest.mark.parametrize(
    ("image", "target", "expected"),
    [
        pytest.param(Size(1535, 1750), Size(576, 768), Size(672, 768), id="wider-than-target"),
        pytest.param(Size(1166, 1750), Size(576, 768), Size(496, 768), id="narrower-cropped"),
        pytest.param(Size(512, 512), Size(576, 768), Size(768, 768), id="square"),
    ],
)
def test_garment_takes_the_targets_height(image, target, expected):
    assert strip_size(image, target) == expected


@pytest.mark.parametrize(
    ("image", "message"),
    [
        pytest.param(Size(10, 1000), r"10x1000.*only 0 wide.*at least 16.*crop", id="thread"),
        pytest.param(Size(4000, 500), r"512 wide, 128 tokens.*4 times.*crop", id="banner"),
    ],
)
def test_useless_garments_are_refused(image, message):
    with pytest.raises(ValueError, match=message):
        strip_size(image, Size(64, 64))


def test_a_person_as_thin_as_a_thread_is_refused():
    with pytest.raises(ValueError, match=r"1x3000.*0 pixels.*crop"):
        fitted_size(Size(1, 3000), Size(64, 64))


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param(Size(540, 720), Size(528, 720), id="inside-the-limits"),
        pytest.param(Size(3000, 4000), Size(768, 1024), id="shrunk"),
        pytest.param(Size(4000, 3000), Size(1024, 768), id="shrunk-landscape"),
        pytest.param(Size(64, 128), Size(384, 768), id="enlarged"),
        pytest.param(Size(128, 64), Size(768, 384), id="enlarged-landscape"),
    ],
)
def test_canvas_keeps_the_photos_aspect(image, expected):
    assert canvas_size(image) == expected


def test_contradicting_canvas_limits_are_refused():
    with pytest.raises(ValueError, match=r"min_side is 512 and max_side is 256"):
        canvas_size(Size(100, 100), max_side=256, min_side=512)


@given(SIDES, SIDES, SIDES, SIDES)
def test_a_fitted_person_touches_two_sides_and_leaves_no_gap(width, height, max_w, max_h):
    image, target = Size(width, height), target_size(max_w, max_h)
    try:
        fitted = fitted_size(image, target)
    except ValueError:
        return
    margins = centred_margins(fitted, target)
    assert fitted.width == target.width or fitted.height == target.height
    assert margins.left + fitted.width + margins.right == target.width
    assert margins.top + fitted.height + margins.bottom == target.height
    assert min(margins.left, margins.top, margins.right, margins.bottom) >= 0


@given(SIDES, SIDES, SIDES, SIDES, st.floats(0.25, 4))
def test_the_unpadded_box_stays_inside_after_any_upscale(width, height, max_w, max_h, scale):
    target = target_size(max_w, max_h)
    try:
        fitted = fitted_size(Size(width, height), target)
    except ValueError:
        return
    current = Size(max(1, round(target.width * scale)), max(1, round(target.height * scale)))
    left, top, right, bottom = centred_margins(fitted, target).box_in(target, current)
    assert 0 <= left < right <= current.width
    assert 0 <= top < bottom <= current.height
