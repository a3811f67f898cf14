"""The layout string: it survives the way there and back, and refuses what it does not know."""

import pytest

from any2any_core.geometry import Frame
from any2any_core.layout import Layout, is_layout, parse_layout


@pytest.mark.parametrize("name", ["any2any", "vitonhd", "canvas"])
@pytest.mark.parametrize("clean", [True, False], ids=["clean", "noised"])
@pytest.mark.parametrize(
    "roles", [("person",), ("garment",), ("person", "garment"), ("garment",) * 3], ids="-".join
)
def test_a_layout_survives_its_string(name, roles, clean):
    layout = Layout(name, roles, clean)
    assert is_layout(str(layout))
    assert parse_layout(str(layout)) == layout


def test_isolated_conditions_survive_their_string():
    layout = Layout("isolated", ("person", "garment"))
    assert str(layout) == "any2any/1 layout=isolated panels=person,garment conditions=clean"
    assert parse_layout(str(layout)) == layout
    assert parse_layout(str(layout)).isolated
    assert not Layout("any2any", ("person", "garment")).isolated


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param((None, Frame(48, 36, 4, 6)), id="a trimmed garment"),
        pytest.param((None, None), id="whole panels"),
    ],
)
def test_frames_survive_the_string(frames):
    layout = Layout("any2any", ("person", "garment"), frames=frames)
    again = parse_layout(str(layout))
    assert again.frame(0, 48, 36) == Frame(48, 36)
    assert again.frame(1, 40, 24) == (frames[1] or Frame(40, 24))


def test_a_layout_without_frames_is_the_string_that_older_packs_read():
    assert "frames" not in str(Layout("any2any", ("person",), frames=(None,)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "any2any/1 layout=any2any panels=person conditions=clean frames=2x2",
            "frames '2x2'",
            id="malformed-frame",
        ),
        pytest.param(
            "any2any/1 layout=any2any panels=person conditions=clean frames=-,2x2@0+0",
            "2 frames for 1 panels",
            id="too-many-frames",
        ),
        pytest.param("any2any/2 layout=any2any", "update the pack", id="newer-version"),
        pytest.param("any2any/1 layout=any2any", "pack the conditions again", id="field-missing"),
        pytest.param(
            "any2any/1 layout=spiral panels=person conditions=clean", "spiral", id="unknown-rule"
        ),
        pytest.param(
            "any2any/1 layout=isolated panels=person conditions=noised",
            "clean_conditions on",
            id="isolated-but-noised",
        ),
        pytest.param(
            "any2any/1 layout=any2any panels=garment,person conditions=clean",
            "garment,person",
            id="wrong-order",
        ),
        pytest.param(
            "any2any/1 layout=any2any panels=hat conditions=clean", "hat", id="unknown-role"
        ),
    ],
)
def test_other_strings_are_refused_by_name(text, message):
    with pytest.raises(ValueError, match=message):
        parse_layout(text)


@pytest.mark.parametrize("foreign", ["index", "offset", "uxo", None, 3], ids=str)
def test_core_methods_are_not_ours(foreign):
    assert not is_layout(foreign)
