"""Sets of triples: what is read, what is refused, and what a task makes of a triple."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from any2any_core.geometry import Size
from any2any_core.triple_folder import folder_triples
from any2any_core.triples import Picture, Triple

PERSON, GARMENT, TARGET = (48, 64), (40, 40), (48, 64)


def put(path: Path, size: tuple[int, int], seed: int = 0, mode: str = "RGB") -> None:
    """Write a picture of noise; the suffix says its format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (size[1], size[0], len(Image.new(mode, (1, 1)).getbands()))
    levels = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    Image.fromarray(levels.squeeze(), mode).save(path)


def put_triple(folder: Path, name: str, suffix: str = ".png") -> None:
    for seed, (panel, size) in enumerate(
        {"person": PERSON, "garment": GARMENT, "target": TARGET}.items()
    ):
        put(folder / panel / f"{name}{suffix}", size, seed)


def put_lines(folder: Path, *lines) -> None:
    text = "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in lines)
    (folder / "captions.jsonl").write_text(text, encoding="utf-8")


def test_a_set_with_captions_and_tasks(tmp_path):
    put_triple(tmp_path, "b")
    put_triple(tmp_path, "a", ".jpg")
    put(tmp_path / "garment/c.webp", GARMENT)
    put(tmp_path / "target/c.png", TARGET)
    put_lines(
        tmp_path,
        {"name": "b", "caption": "빨간 상의", "garment_caption": "a top", "task": "vitonhd"},
        "",
        {"name": "a", "caption": "blue"},
        {"name": "c", "caption": "green", "task": "model-free"},
    )
    first, second, third = folder_triples(tmp_path)
    assert (first.name, first.task, first.caption) == ("a", "try-on", "blue")
    assert first.person.source == tmp_path / "person/a.jpg"
    assert (second.name, second.task, second.caption) == ("b", "vitonhd", "빨간 상의")
    assert second.garment_caption == "a top"
    assert (third.name, third.task, third.person) == ("c", "model-free", None)
    assert third.pictures == (third.garment, third.target)
    assert [np.asarray(one.opened()).shape for one in second.pictures] == [
        (64, 48, 3),
        (40, 40, 3),
        (64, 48, 3),
    ]


@pytest.mark.parametrize(
    "panels, task",
    [
        pytest.param(["person", "garment"], "try-on", id="both"),
        pytest.param(["person"], "garment reconstruction", id="a person"),
        pytest.param(["garment"], "model-free", id="a garment"),
    ],
)
def test_without_captions_the_files_decide_the_task(tmp_path, panels, task):
    for panel in [*panels, "target"]:
        put(tmp_path / panel / "x.png", TARGET)
    (triple,) = folder_triples(tmp_path)
    assert triple.task == task
    assert triple.caption == ""


def test_hidden_files_and_what_lies_beside_are_not_looked_at(tmp_path):
    put_triple(tmp_path, "a")
    (tmp_path / "target/.b.png.part").write_bytes(b"half")
    (tmp_path / "README.txt").write_text("words")
    assert [one.name for one in folder_triples(tmp_path)] == ["a"]


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-400])


PROBLEMS = {
    "a truncated PNG": (lambda f: truncated(f / "person/a.png"), ["person/a.png cannot be read"]),
    "a truncated JPEG": (
        lambda f: (put(f / "target/b.jpg", TARGET), put(f / "person/b.png", PERSON),
                   put(f / "garment/b.png", GARMENT), truncated(f / "target/b.jpg")),
        ["target/b.jpg cannot be read", "no line for b"],
    ),
    "text in place of a picture": (
        lambda f: (f / "garment/a.png").write_text("no"), ["garment/a.png cannot be read"],
    ),
    "an empty file": (
        lambda f: (f / "garment/a.png").write_bytes(b""), ["garment/a.png cannot be read"],
    ),
    "a picture too small": (
        lambda f: put(f / "garment/a.png", (12, 40)), ["garment/a.png is 12x40 pixels"],
    ),
    "16 bits a channel": (
        lambda f: Image.new("I;16", (40, 40)).save(f / "garment/a.png"),
        ["garment/a.png has pixels of the kind I;16"],
    ),
    "a missing garment of try-on": (
        lambda f: (f / "garment/a.png").unlink(),
        ["a for try-on has person/a.png and target/a.png"],
    ),
    "a missing target": (
        lambda f: (f / "target/a.png").unlink(),
        ["a for try-on has person/a.png and garment/a.png"],
    ),
    "a person that the task has not": (
        lambda f: put_lines(f, {"name": "a", "task": "model-free"}),
        ["a for model-free has person/a.png and garment/a.png and target/a.png, but garment and"],
    ),
    "a line without pictures": (
        lambda f: put_lines(f, {"name": "a"}, {"name": "gone"}), ["gone has no picture"],
    ),
    "pictures without a line": (lambda f: put_lines(f), ["captions.jsonl has no line for a"]),
    "a person of another size": (
        lambda f: put(f / "person/a.png", (48, 60)),
        ["person/a.png is 48x60 pixels and target/a.png is 48x64"],
    ),
    "a garment over four targets wide": (
        lambda f: put(f / "garment/a.png", (500, 64)),
        ["garment/a.png picture is 500x64", "4 times"],
    ),
    "two files of one name": (
        lambda f: put(f / "person/a.jpg", PERSON), ["person/a.png has the name of person/a.jpg"],
    ),
    "a file that is no picture": (
        lambda f: (f / "person/notes.txt").write_text("x"), ["person/notes.txt is no picture file"],
    ),
    "a folder among the pictures": (
        lambda f: (f / "person/more.png").mkdir(), ["person/more.png is no picture file"],
    ),
    "a line that is no JSON": (
        lambda f: put_lines(f, {"name": "a"}, "{name: b}"),
        ["captions.jsonl line 2: it is no JSON"],
    ),
    "a line that is a list": (
        lambda f: put_lines(f, ["a"]), ["captions.jsonl line 1: it has no name"],
    ),
    "a caption that is a number": (
        lambda f: put_lines(f, {"name": "a", "caption": 3}),
        ["captions.jsonl line 1: its caption is 3"],
    ),
    "a key that is not known": (
        lambda f: put_lines(f, {"name": "a", "text": "red"}),
        ["captions.jsonl line 1: it has 'text'"],
    ),
    "a task that is not known": (
        lambda f: put_lines(f, {"name": "a", "task": "tryon"}),
        ["captions.jsonl line 1: its task is 'tryon'", "garment reconstruction"],
    ),
    "a name twice": (
        lambda f: put_lines(f, {"name": "a"}, {"name": "a"}), ["captions.jsonl line 2: a is there"],
    ),
    "another encoding": (
        lambda f: (f / "captions.jsonl").write_bytes('{"name": "ü"}'.encode("latin-1")),
        ["captions.jsonl is not in UTF-8"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("spoil, parts", PROBLEMS.values(), ids=PROBLEMS)
def test_a_problem_is_named_with_its_file(tmp_path, spoil, parts):
    put_triple(tmp_path, "a")
    put_lines(tmp_path, {"name": "a", "task": "try-on"})
    folder_triples(tmp_path)
    spoil(tmp_path)
    with pytest.raises(ValueError) as error:
        folder_triples(tmp_path)
    message = str(error.value)
    assert message.startswith(str(tmp_path))
    assert [part for part in parts if part not in message] == []


def test_all_problems_are_told_at_once(tmp_path):
    for name in "abcd":
        put_triple(tmp_path, name)
    truncated(tmp_path / "person/a.png")
    truncated(tmp_path / "garment/a.png")
    (tmp_path / "target/b.png").unlink()
    put(tmp_path / "person/d.png", (32, 32))
    with pytest.raises(ValueError) as error:
        folder_triples(tmp_path)
    first, *lines = str(error.value).split("\n- ")
    assert "4 problems" in first
    assert len(lines) == 4
    for line, part in zip(sorted(lines), ["b has", "garment/a", "person/a", "person/d"]):
        assert line.startswith(part)


@pytest.mark.parametrize(
    "make, part",
    [
        pytest.param(lambda f: None, "has no folder target", id="nothing there"),
        pytest.param(lambda f: (f / "target").mkdir(), "there is no picture", id="an empty set"),
    ],
)
def test_a_folder_that_is_no_set_is_refused(tmp_path, make, part):
    make(tmp_path)
    with pytest.raises(ValueError, match=part):
        folder_triples(tmp_path)


def test_a_target_is_cropped_to_a_person_made_of_its_middle(tmp_path):
    """As the published sets have it: 50x70 pixels, of which the person keeps 48x64."""
    put(tmp_path / "person/a.png", (48, 64))
    put(tmp_path / "garment/a.png", GARMENT)
    put(tmp_path / "target/a.png", (50, 70))
    (triple,) = folder_triples(tmp_path)
    whole = Image.open(tmp_path / "target/a.png")
    assert triple.target.opened().tobytes() == whole.crop((1, 3, 49, 67)).tobytes()


def file_bytes(picture: Image.Image, **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, **options)
    return file.getvalue()


def test_a_picture_is_opened_upright_and_on_white():
    turned = Image.new("RGB", (30, 20), "red")
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = Picture("x.jpg", file_bytes(turned, format="JPEG", exif=exif))
    assert picture.size == Size(20, 30)
    assert picture.opened().size == (20, 30)
    clear = Picture("x.png", file_bytes(Image.new("RGBA", (2, 2), (9, 9, 9, 0)), format="PNG"))
    assert np.asarray(clear.opened()).tolist() == [[[255] * 3] * 2] * 2


def test_a_picture_needs_no_memory_until_it_is_opened(tmp_path):
    put_triple(tmp_path, "a")
    (triple,) = folder_triples(tmp_path)
    assert all(isinstance(one.source, Path) for one in triple.pictures)


P, G, T = (Picture(name, name.encode()) for name in ("p", "g", "t"))
WORDS = {"caption": "of t", "person_caption": "of p", "garment_caption": "of g"}
TRY_ON = Triple("x", "try-on", P, G, T, **WORDS)
MODEL_FREE = Triple("x", "model-free", None, G, T, "of t", "", "of g")
TAKEN_OFF = Triple("x", "garment reconstruction", T, None, G, "of g", "of t", "")

TASKS = {
    "try-on as itself": (TRY_ON, "try-on", TRY_ON),
    "try-on as vitonhd": (TRY_ON, "vitonhd", Triple("x", "vitonhd", P, G, T, **WORDS)),
    "try-on as model-free": (TRY_ON, "model-free", MODEL_FREE),
    "try-on as reconstruction": (TRY_ON, "garment reconstruction", TAKEN_OFF),
    "model-free as reconstruction": (MODEL_FREE, "garment reconstruction", TAKEN_OFF),
    "reconstruction as model-free": (TAKEN_OFF, "model-free", MODEL_FREE),
}


@pytest.mark.parametrize("triple, task, expected", TASKS.values(), ids=TASKS)
def test_a_triple_serves_other_tasks(triple, task, expected):
    assert triple.for_task(task) == expected


@pytest.mark.parametrize("triple", [MODEL_FREE, TAKEN_OFF], ids=lambda one: one.task)
def test_a_try_on_needs_the_person_in_other_clothes(triple):
    with pytest.raises(ValueError, match="needs the person in other clothes"):
        triple.for_task("try-on")


def test_its_prompt_is_inferences_own():
    assert TRY_ON.prompt == "<MODEL> of p <GARMENT> of g <TARGET> of t"
    assert TAKEN_OFF.prompt == "<MODEL> of t <TARGET> of g"
    assert MODEL_FREE.prompt == "<GARMENT> of g <TARGET> of t"
