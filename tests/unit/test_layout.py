"""The layout string: it survives the way there and back, and refuses what it does not know."""

import pytest

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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("any2any/2 layout=any2any", "update the pack", id="newer-version"),
        pytest.param("any2any/1 layout=any2any", "pack the conditions again", id="field-missing"),
        pytest.param(
            "any2any/1 layout=spiral panels=person conditions=clean", "spiral", id="unknown-rule"
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
