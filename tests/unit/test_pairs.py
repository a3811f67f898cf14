"""A test set's list: what it gives, and every line that cannot be used."""

from __future__ import annotations

import pytest

from any2any_core.pairs import NamedPair, pairs_in, picture_file

VITONHD = "00891_00.jpg 01430_00.jpg\n03615_00.jpg 09933_00.jpg\n"
"""As VITON-HD's own."""


@pytest.fixture
def listed(tmp_path):
    def of(text: str, encoding: str = "utf-8", **how) -> list[NamedPair]:
        path = tmp_path / "test_pairs.txt"
        path.write_text(text, encoding=encoding)
        return pairs_in(path, **how)

    return of


@pytest.mark.parametrize(
    "text, encoding",
    [
        pytest.param(VITONHD, "utf-8", id="VITON-HD"),
        pytest.param(VITONHD.replace(" ", "\t").replace("\n", "\r\n"), "utf-8", id="tabs, Windows"),
        pytest.param("\n" + VITONHD.rstrip() + " \n\n", "utf-8-sig", id="empty lines, mark"),
    ],
)
def test_its_lines_are_pairs(listed, text, encoding):
    assert listed(text, encoding) == [
        NamedPair("00891_00.jpg", "01430_00.jpg"),
        NamedPair("03615_00.jpg", "09933_00.jpg"),
    ]
    assert [pair.name for pair in listed(text, encoding)] == ["00891_00", "03615_00"]


def test_everybody_wears_their_own(listed):
    assert listed(VITONHD, own_garments=True) == [
        NamedPair("00891_00.jpg", "00891_00.jpg"),
        NamedPair("03615_00.jpg", "03615_00.jpg"),
    ]


FAULTS = {
    "one name": ("a.jpg b.jpg\nc.jpg\n", "1 names on line 2"),
    "three names": ("a.jpg b.jpg 0\n", "3 names on line 1"),
    "twice": ("a.jpg b.jpg\n\na.png c.jpg\n", "'a.png' on the lines 1 and 3"),
    "a folder up": ("a.jpg ../b.jpg\n", "'../b.jpg' on line 1"),
    "dots": (".. b.jpg\n", "'..' on line 1"),
    "from the root": ("/etc/a.jpg b.jpg\n", "'/etc/a.jpg' on line 1"),
    "Windows": ("a.jpg ..\\b.jpg\n", "'..\\b.jpg' on line 1"),
    "a drive": ("c:a.jpg b.jpg\n", "'c:a.jpg' on line 1"),
    "all of them": ("a\nb\n", "1 names on line 1, 1 names on line 2"),
    "many": ("a\n" * 9, "1 names on line 5 and 4 more"),
    "empty": ("\n \n", "test_pairs.txt is empty"),
}


@pytest.mark.parametrize("text, said", FAULTS.values(), ids=FAULTS)
def test_every_bad_line_is_named(listed, text, said):
    with pytest.raises(ValueError, match="expected on each line") as error:
        listed(text)
    assert said in str(error.value)


def test_a_list_that_is_no_text_is_named(listed, tmp_path):
    with pytest.raises(ValueError, match=r"test_pairs.txt cannot be read .* expected"):
        listed("ü", encoding="latin-1")
    with pytest.raises(ValueError, match=r"gone.txt cannot be read"):
        pairs_in(tmp_path / "gone.txt")


def test_a_picture_is_known_by_its_name(tmp_path):
    for name in ("a.jpg", "a.png", "b.webp", "c.txt"):
        (tmp_path / name).touch()
    (tmp_path / "d.png").mkdir()
    found = {name: picture_file(tmp_path, name) for name in ("a.jpg", "b.jpg", "c.jpg", "d.jpg")}
    assert found == {
        "a.jpg": tmp_path / "a.jpg",
        "b.jpg": tmp_path / "b.webp",
        "c.jpg": None,
        "d.jpg": None,
    }
