"""Public forms of try-on data: parquet files and VITON-HD's folders."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from any2any_core.triples import Picture
from training.data import named_columns, triples_at
from training.lora.examples import picture_key

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

PERSON, GARMENT, TARGET = (48, 64), (40, 40), (48, 64)


def file_bytes(size: tuple[int, int], seed: int, format: str = "PNG") -> bytes:
    """Return a picture of noise as its file holds it."""
    levels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(levels).save(file, format=format)
    return file.getvalue()


def pixels(data: bytes) -> bytes:
    return Image.open(io.BytesIO(data)).tobytes()


def rows(count: int) -> dict[str, list]:
    """Return whole columns under their own names."""
    return {
        "name": [f"{n:03}" for n in range(count)],
        "person": [file_bytes(PERSON, n) for n in range(count)],
        "garment": [file_bytes(GARMENT, 100 + n) for n in range(count)],
        "target": [file_bytes(TARGET, 200 + n) for n in range(count)],
        "caption": [f"look {n}" for n in range(count)],
    }


def put(path: Path, columns: dict[str, list], group: int = 2) -> Path:
    pq.write_table(pa.table(columns), path, row_group_size=group)
    return path


def test_rows_are_triples_across_row_groups(tmp_path):
    given = rows(5)
    triples = triples_at(put(tmp_path / "a.parquet", given))
    assert [one.name for one in triples] == given["name"]
    assert [one.caption for one in triples] == given["caption"]
    assert {one.task for one in triples} == {"try-on"}
    for triple, *expected in reversed(
        list(zip(triples, given["person"], given["garment"], given["target"]))
    ):
        assert [one.opened().tobytes() for one in triple.pictures] == list(map(pixels, expected))


def test_pictures_as_the_datasets_library_writes_them(tmp_path):
    given = rows(2)
    for panel in ("person", "garment", "target"):
        given[panel] = [{"bytes": data, "path": f"{panel}.png"} for data in given[panel]]
    first, _ = triples_at(put(tmp_path / "a.parquet", given))
    assert first.target.opened().tobytes() == pixels(given["target"][0]["bytes"])


def test_columns_of_other_names_and_files_by_name(tmp_path):
    """The inpainted person as bytes, made of the photo's middle; the photo itself as a file."""
    (tmp_path / "photos").mkdir()
    photo = file_bytes((50, 70), 9)
    (tmp_path / "photos/p.png").write_bytes(photo)
    given = {
        "INPAINT_BYTES": [file_bytes((48, 64), 1)],
        "Cloth": [file_bytes(GARMENT, 2)],
        "source": ["p.png"],
    }
    path = put(tmp_path / "laion-0001.parquet", given)
    (triple,) = triples_at(path, {"target": "source"}, tmp_path / "photos")
    assert triple.name == "laion-0001-000001"
    middle = Image.open(io.BytesIO(photo)).crop((1, 3, 49, 67))
    assert triple.target.opened().tobytes() == middle.tobytes()


def test_columns_are_named_in_pairs():
    assert named_columns("") == {}
    expected = {"person": "inpaint_bytes", "target": "file"}
    assert named_columns("person=inpaint_bytes, target = file") == expected


@pytest.mark.parametrize("text", ["person", "person=", "=file", "person=a,,target=b"])
def test_what_is_no_pair_of_columns(text):
    with pytest.raises(ValueError, match=r"--columns is .* but pairs were expected"):
        named_columns(text)


@pytest.mark.parametrize(
    "given", [{"columns": {"person": "a"}}, {"pictures": Path("photos")}], ids=["columns", "files"]
)
def test_a_plain_folder_has_no_columns(tmp_path, given):
    with pytest.raises(ValueError, match=r"is no parquet file.*leave --columns and --pictures out"):
        triples_at(tmp_path, **given)


def test_the_training_knows_a_picture_in_parquet_by_its_bytes(tmp_path):
    given = rows(2)
    before, _ = triples_at(put(tmp_path / "a.parquet", given))
    _, after = triples_at(
        put(tmp_path / "b.parquet", {key: one[::-1] for key, one in given.items()})
    )
    assert picture_key(before.target) == picture_key(after.target)
    assert picture_key(before.target) != picture_key(before.person)


def test_a_folder_of_parquet_files_is_one_set(tmp_path):
    one, other = rows(2), rows(3)
    other["name"] = ["x", "y", "z"]
    put(tmp_path / "train-00000.parquet", one)
    put(tmp_path / "train-00001.parquet", other)
    assert [one.name for one in triples_at(tmp_path)] == ["000", "001", "x", "y", "z"]


def test_a_row_without_a_person_is_for_another_task(tmp_path):
    given = rows(2)
    given["person"][1] = None
    assert [one.task for one in triples_at(put(tmp_path / "a.parquet", given))] == [
        "try-on",
        "model-free",
    ]


def changed(**columns) -> dict[str, list]:
    """Return three rows, the second one's values replaced."""
    given = rows(3)
    for name, value in columns.items():
        given.setdefault(name, [None] * 3)[1] = value
    return given


ROWS = {
    "a damaged picture": (changed(garment=b"no"), "a.parquet row 2 garment cannot be read"),
    "a person of another size": (
        changed(person=file_bytes((40, 64), 0)),
        "a.parquet row 2 person is 40x64 pixels and a.parquet row 2 target is 48x64",
    ),
    "no target": (changed(target=None), "a.parquet row 2: 001 has a.parquet row 2 person"),
    "a name twice": (changed(name="000"), "a.parquet row 2 is called 000"),
    "an unknown task": (changed(task="tryon"), "a.parquet row 2 has the task 'tryon'"),
}


@pytest.mark.parametrize("given, part", ROWS.values(), ids=ROWS)
def test_a_faulty_row_is_named(tmp_path, given, part):
    with pytest.raises(ValueError) as error:
        triples_at(put(tmp_path / "a.parquet", given))
    assert part in str(error.value)


def test_all_faulty_rows_of_all_files_are_told_at_once(tmp_path):
    put(tmp_path / "a.parquet", changed(garment=b"no", target=b"no"))
    other = changed(person=None, garment=None)
    other["name"] = ["x", "y", "z"]
    put(tmp_path / "b.parquet", other)
    (tmp_path / "c.parquet").write_bytes(b"no")
    put(tmp_path / "d.parquet", {"pictures": [b""]})
    with pytest.raises(ValueError) as error:
        triples_at(tmp_path)
    message = str(error.value)
    for part in (
        "5 problems",
        "a.parquet row 2 garment cannot",
        "a.parquet row 2 target cannot",
        "b.parquet row 2: y has b.parquet row 2 target",
        "c.parquet cannot be read",
        "d.parquet has the columns pictures, but target",
    ):
        assert part in message


FILES = {
    "names without a folder": ({}, None, "is the file 'p.png', but it can only be read from"),
    "a name that leaves the folder": ({}, "photos", "is the file '../p.png'"),
    "a column that is not there": (
        {"person": "other"}, None,
        "has the columns name, person, garment, target, caption, but other were expected",
    ),
    "what no column can hold": ({"mask": "person"}, None, "The columns mask are named"),
    "a column of numbers": ({"person": "caption"}, None, "caption is int, but a picture's bytes"),
}  # fmt: skip


@pytest.mark.parametrize("columns, pictures, part", FILES.values(), ids=FILES)
def test_what_cannot_be_a_picture_is_told(tmp_path, columns, pictures, part):
    given = rows(1)
    if "file" in part:
        given["target"] = ["../p.png" if pictures else "p.png"]
    if "int" in part:
        given["caption"] = [3]
    with pytest.raises(ValueError) as error:
        path = put(tmp_path / "a.parquet", given)
        triples_at(path, columns, pictures and tmp_path / pictures)
    assert part in str(error.value)


def viton_hd(root: Path, names: list[str], people: bool = True) -> Path:
    """Write VITON-HD's folders with a list that pairs everybody with the next one's garment."""
    folders = {"image": TARGET, "cloth": GARMENT} | ({"image_synthesis": PERSON} if people else {})
    for seed, (folder, size) in enumerate(folders.items()):
        (root / "test" / folder).mkdir(parents=True)
        for name in names:
            (root / "test" / folder / name).write_bytes(file_bytes(size, seed, "JPEG"))
    lines = [f"{name} {other}" for name, other in zip(names, [*names[1:], names[0]])]
    path = root / "test_pairs.txt"
    path.write_text("\n".join(lines))
    return path


NAMES = ["00891_00.jpg", "03615_00.jpg"]


def test_everybody_of_viton_hd_is_in_their_own_garment(tmp_path):
    triples = triples_at(viton_hd(tmp_path, NAMES))
    assert [one.name for one in triples] == ["00891_00", "03615_00"]
    for triple, name in zip(triples, NAMES):
        assert triple.task == "try-on"
        assert [
            one.source.relative_to(tmp_path / "test").as_posix() for one in triple.pictures
        ] == [
            f"image_synthesis/{name}",
            f"cloth/{name}",
            f"image/{name}",
        ]


def test_viton_hd_without_people_in_other_clothes(tmp_path):
    triples = triples_at(viton_hd(tmp_path, NAMES, people=False))
    assert [(one.task, one.person) for one in triples] == [("model-free", None)] * 2


def test_viton_hds_people_come_from_the_published_parquet_too(tmp_path):
    from training.vitonhd import vitonhd_triples

    pairs = viton_hd(tmp_path, NAMES, people=False)
    data = [file_bytes(PERSON, seed) for seed in (7, 8)]
    people = put(tmp_path / "people.parquet", {"FILENAME": NAMES, "BYTES": data})
    first, second = vitonhd_triples(pairs, people)
    assert isinstance(first.person, Picture)
    assert [one.person.opened().tobytes() for one in (first, second)] == list(map(pixels, data))


def test_viton_hds_missing_and_damaged_files_are_all_named(tmp_path):
    pairs = viton_hd(tmp_path, [*NAMES, "00013_00.jpg"])
    (tmp_path / "test/cloth/00891_00.jpg").unlink()
    (tmp_path / "test/image_synthesis/00891_00.jpg").unlink()
    (tmp_path / "test/image/03615_00.jpg").write_bytes(b"no")
    with pytest.raises(ValueError) as error:
        triples_at(pairs)
    message = str(error.value)
    assert "2 problems" in message
    assert "test/cloth/00891_00.jpg, image_synthesis/00891_00.jpg of test_pairs.txt" in message
    assert "test/image/03615_00.jpg cannot be read" in message


def test_viton_hds_people_that_are_nowhere(tmp_path):
    from training.vitonhd import vitonhd_triples

    with pytest.raises(ValueError, match="neither a folder nor a parquet file"):
        vitonhd_triples(viton_hd(tmp_path, NAMES), tmp_path / "nobody")


def test_a_plain_folder_is_read_as_one(tmp_path):
    for panel in ("person", "garment", "target"):
        (tmp_path / panel).mkdir()
        (tmp_path / panel / "a.png").write_bytes(file_bytes(TARGET, 0))
    assert [one.name for one in triples_at(tmp_path)] == ["a"]
