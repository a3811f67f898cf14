"""Saved triples: whole or not there, never over another, and finished after a cut."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
import torch

from any2any_core.images import to_tensor
from any2any_core.triple_folder import Line, folder_triples
from any2any_core.triple_saving import checked_name, kept_triple, save_triple
from any2any_core.triples import PICTURES

LINE = Line("0001", "a woman in a red top", garment_caption="a red top")


def pictures(seed: int = 0) -> dict[str, torch.Tensor]:
    """Return person, garment and target of whole 8-bit levels [1,H,W,3]."""
    generator = torch.Generator().manual_seed(seed)
    sizes = {"person": (64, 48), "garment": (40, 40), "target": (64, 48)}
    return {
        panel: torch.randint(256, (1, *size, 3), generator=generator) / 255
        for panel, size in sizes.items()
    }


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_what_is_saved_is_read_back_to_the_level(tmp_path):
    given = pictures()
    save_triple(tmp_path, LINE, given)
    save_triple(tmp_path, Line("0002", "blue"), pictures(2))
    first, second = folder_triples(tmp_path)
    assert (first.name, first.task, first.caption) == ("0001", "try-on", LINE.caption)
    assert (first.garment_caption, second.caption) == ("a red top", "blue")
    for panel in PICTURES:
        assert torch.equal(to_tensor(getattr(first, panel).opened()), given[panel][0])
    assert kept_triple(tmp_path, "0001") == first
    assert kept_triple(tmp_path, "0003") is None
    assert sorted(contents(tmp_path)) == sorted(
        ["captions.jsonl", *(f"{panel}/000{n}.png" for panel in PICTURES for n in (1, 2))]
    )


def test_a_task_without_a_person(tmp_path):
    given = {panel: one for panel, one in pictures().items() if panel != "person"}
    save_triple(tmp_path, Line("a", task="model-free"), given)
    (triple,) = folder_triples(tmp_path)
    assert (triple.task, triple.person) == ("model-free", None)


def test_saving_the_same_again_changes_nothing(tmp_path):
    save_triple(tmp_path, LINE, pictures())
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")}
    save_triple(tmp_path, LINE, pictures())
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")} == before


@pytest.mark.parametrize(
    "line, given, part",
    [
        pytest.param(LINE, pictures(1), "is another picture", id="other pictures"),
        pytest.param(
            Line("0001", "other words"), pictures(), "nothing is overwritten", id="other words"
        ),
    ],
)
def test_nothing_is_overwritten(tmp_path, line, given, part):
    save_triple(tmp_path, LINE, pictures())
    before = contents(tmp_path)
    with pytest.raises(ValueError, match=part):
        save_triple(tmp_path, line, given)
    assert contents(tmp_path) == before


def test_a_file_of_another_format_is_not_overwritten_either(tmp_path):
    save_triple(tmp_path, LINE, pictures())
    (tmp_path / "person/0001.png").rename(tmp_path / "person/0001.webp")
    other = pictures() | {"person": pictures(1)["person"]}
    with pytest.raises(ValueError, match=r"person/0001\.webp"):
        save_triple(tmp_path, LINE, other)


class CutError(Exception):
    """The computer stops."""


@pytest.mark.parametrize("moment", range(5))
def test_a_cut_run_is_finished_by_the_same_run(tmp_path, monkeypatch, moment):
    """Four files take their names: three pictures, then the captions."""
    save_triple(tmp_path / "whole", LINE, pictures())
    folder = tmp_path / "cut"
    replace, count = Path.replace, itertools.count()

    def cut_at_the_moment(path, target):
        if next(count) == moment:
            raise CutError
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", cut_at_the_moment)
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)  # nobody tidies up either
    if moment < 4:
        with pytest.raises(CutError):
            save_triple(folder, LINE, pictures())
        assert kept_triple(folder, LINE.name) is None
    monkeypatch.undo()
    save_triple(folder, LINE, pictures())
    assert contents(folder) == contents(tmp_path / "whole")


def test_a_damaged_picture_is_named_and_not_overwritten(tmp_path):
    save_triple(tmp_path, LINE, pictures())
    path = tmp_path / "target/0001.png"
    path.write_bytes(path.read_bytes()[:-300])
    assert kept_triple(tmp_path, LINE.name) is None
    with pytest.raises(ValueError, match=r"target/0001\.png cannot be read"):
        save_triple(tmp_path, LINE, pictures())


def test_a_lost_picture_is_put_back(tmp_path):
    save_triple(tmp_path, LINE, pictures())
    before = contents(tmp_path)
    (tmp_path / "garment/0001.png").unlink()
    assert kept_triple(tmp_path, LINE.name) is None
    save_triple(tmp_path, LINE, pictures())
    assert contents(tmp_path) == before


def test_a_line_is_added_after_one_without_an_end(tmp_path):
    save_triple(tmp_path, LINE, pictures())
    path = tmp_path / "captions.jsonl"
    path.write_text(path.read_text().rstrip("\n"))
    save_triple(tmp_path, Line("0002"), pictures(2))
    assert [json.loads(one)["name"] for one in path.read_text().splitlines()] == ["0001", "0002"]


BAD = {
    "several pictures": (LINE, {"person": torch.zeros(2, 64, 48, 3)}, "person is a batch of 2"),
    "a person of another size": (
        LINE, {"person": torch.zeros(1, 64, 40, 3)}, "person is 40x64 pixels and target is 48x64",
    ),
    "a garment that is too wide": (
        LINE, {"garment": torch.zeros(1, 40, 400, 3)}, "at most 4 times the target's width",
    ),
    "a person that the task has not": (
        Line("a", task="model-free"), {}, "a for model-free has person and garment and target",
    ),
    "the target for a person": (
        LINE, {"person": pictures()["target"]}, "The person of 0001 is the target itself",
    ),
    "a mask": (LINE, {"person": torch.zeros(1, 64, 48)}, "The person picture has shape"),
}  # fmt: skip


@pytest.mark.parametrize("line, change, part", BAD.values(), ids=BAD)
def test_bad_triples_leave_nothing_behind(tmp_path, line, change, part):
    with pytest.raises(ValueError, match=part):
        save_triple(tmp_path, line, pictures() | change)
    assert contents(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["1", "look_01", "a.b-c d", "상의 1", "x" * 100])
def test_names(name):
    assert checked_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "../a", "a/b", "a\\b", "/a"),
        *(".a", "a.", " a", "a ", "C:a", "a\n", "a*", "x" * 101),
    ],
)
def test_names_that_leave_the_folder_or_cannot_be(name):
    with pytest.raises(ValueError, match="choose another name"):
        checked_name(name)
