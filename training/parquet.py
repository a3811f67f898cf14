"""Sets of triples in parquet files, as public ones come: a row a triple, pictures as bytes.

A picture's column holds the file's bytes, a struct with `bytes` as the `datasets` library writes
it, or a file's name in a folder of pictures. `COLUMNS` lists the names that are known; others are
given: `parquet_triples(files, {"person": "inpaint_bytes", "target": "file"}, Path("photos"))`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import pyarrow.parquet as pq

from any2any_core.pairs import is_file_name
from any2any_core.prompts import TASKS
from any2any_core.triple_folder import Line, lacking, made_triple
from any2any_core.triples import (
    PICTURES,
    Picture,
    Triple,
    picture_problems,
    sound_triples,
)

NAME, CAPTION, TASK = "name", "caption", "task"
WORDS = (CAPTION, "person_caption", "garment_caption", TASK)
COLUMNS = {
    NAME: ("name", "filename", "file_name", "id", "key"),
    "person": ("person", "person_image", "model", "model_image", "inpaint", "inpaint_bytes"),
    "garment": ("garment", "garment_image", "cloth", "cloth_image", "clothing"),
    "target": ("target", "target_image", "image", "img"),
    CAPTION: ("caption", "text", "target_caption"),
    "person_caption": ("person_caption", "model_caption"),
    "garment_caption": ("garment_caption", "cloth_caption"),
    TASK: ("task",),
}
"""What a column may be called, in any case of letters."""

Columns = Mapping[str, str]
"""A column's name by what it holds."""

reading = Lock()


@dataclass(frozen=True)
class Cell:
    """One picture's bytes; they are read when they are asked for."""

    file: Path
    group: int
    row: int
    column: str

    def read_bytes(self) -> bytes:
        value = group_values(self.file, self.group, self.column)[self.row].as_py()
        return value["bytes"] if isinstance(value, dict) else value


def group_values(file: Path, group: int, column: str):
    """Return a column of a row group: the smallest piece that can be read."""
    with reading:
        return read_group(file, group, column)


@lru_cache(maxsize=len(PICTURES))
def read_group(file: Path, group: int, column: str):
    return pq.ParquetFile(file).read_row_group(group, [column]).column(0)


def parquet_triples(
    files: Sequence[Path], columns: Columns | None = None, pictures: Path | None = None
) -> tuple[Triple, ...]:
    """Return the triples of all rows, all checked: every picture is read to its end.

    Args:
        files: read in this order; a row without a name is called by its file and number.
        columns: names of columns by what they hold, as the keys of `COLUMNS`, where they have
            names of their own.
        pictures: the folder of the files that are given by name.

    Raises:
        ValueError: all that is wrong, each with its file and row.
    """
    triples: dict[str, Triple] = {}
    problems: list[str] = []
    for file in files:
        try:
            found = file_columns(file, columns or {})
        except ValueError as error:
            problems.append(str(error))
            continue
        for where, line, here, faults in file_rows(file, found, pictures):
            problems += faults
            if faults:
                continue
            if line.name in triples:
                problems.append(f"{where} is called {line.name}, but an earlier row is already.")
            elif problem := lacking(line, here):
                problems.append(f"{where}: {problem}")
            else:
                triples[line.name] = made_triple(line, here)
    if not triples and not problems:
        problems.append("there is no row in it, but at least one triple was expected.")
    damaged = picture_problems(one for triple in triples.values() for one in triple.pictures)
    problems += damaged.values()
    return sound_triples(", ".join(map(str, files)), list(triples.values()), problems, damaged)


def file_columns(file: Path, given: Columns) -> dict[str, str]:
    """Return a file's columns by what they hold.

    Raises:
        ValueError: it is no parquet file, or has no column for what a triple needs.
    """
    try:
        there = pq.ParquetFile(file).schema_arrow.names
    except (OSError, ValueError) as error:  # pyarrow's own are ValueErrors
        raise ValueError(
            f"{file.name} cannot be read ({error}), but a parquet file was expected: get it again."
        ) from error
    if unknown := set(given) - set(COLUMNS):
        raise ValueError(
            f"The columns {', '.join(sorted(unknown))} are named, but only {', '.join(COLUMNS)} "
            "can be: take the others out."
        )
    small = {name.lower(): name for name in there}
    found = {
        field: small[name]
        for field, names in COLUMNS.items()
        for name in reversed(names)
        if name in small
    } | dict(given)
    missing = [column for column in given.values() if column not in there]
    if missing or "target" not in found or not {"person", "garment"} & set(found):
        raise ValueError(
            f"{file.name} has the columns {', '.join(there)}, but "
            f"{', '.join(missing) or 'target, and person or garment,'} were expected: say which "
            "columns hold them."
        )
    return found


def file_rows(
    file: Path, columns: Columns, pictures: Path | None
) -> Iterator[tuple[str, Line, dict[str, Picture], list[str]]]:
    """Yield for each row what messages call it, its words, its pictures and what is wrong."""
    parquet, number = pq.ParquetFile(file), 0
    told = {field: columns[field] for field in (NAME, *WORDS) if field in columns}
    shown = {panel: columns[panel] for panel in PICTURES if panel in columns}
    for group in range(parquet.num_row_groups):
        words = parquet.read_row_group(group, list(told.values())).to_pylist() if told else None
        for row in range(parquet.metadata.row_group(group).num_rows):
            number += 1
            where = f"{file.name} row {number}"
            given = {field: words[row][column] for field, column in told.items()} if words else {}
            line, faults = row_line(where, given, f"{file.stem}-{number:06}")
            here = {}
            for panel, column in shown.items():
                cell = Cell(file, group, row, column)
                try:
                    if picture := row_picture(f"{where} {column}", cell, pictures):
                        here[panel] = picture
                except ValueError as error:
                    faults.append(str(error))
            yield where, line, here, faults


def row_line(where: str, given: Mapping[str, Any], unnamed: str) -> tuple[Line, list[str]]:
    """Return a row's words, and what is wrong with them."""
    words = {field: value for field, value in given.items() if value not in (None, "")}
    name = words.pop(NAME, unnamed)
    faults = [
        f"{where} has the {field} {value!r}, but a text was expected: mend it."
        for field, value in words.items()
        if not isinstance(value, str)
    ]
    if TASK in words and words[TASK] not in TASKS:
        faults.append(
            f"{where} has the task {words[TASK]!r}, but one of {', '.join(TASKS)} was expected."
        )
    return (Line(str(name)) if faults else Line(str(name), **words)), faults


def row_picture(where: str, cell: Cell, pictures: Path | None) -> Picture | None:
    """Return the picture of a row's column; None where it is empty.

    Raises:
        ValueError: it is neither bytes nor a file's name in the folder of pictures.
    """
    value = group_values(cell.file, cell.group, cell.column)[cell.row].as_py()
    if isinstance(value, dict):
        value = value.get("bytes") or value.get("path")
    if value is None or isinstance(value, bytes):
        return None if value is None else Picture(where, cell)
    if not isinstance(value, str):
        raise ValueError(
            f"{where} is {type(value).__name__}, but a picture's bytes or a file's name were "
            "expected: name another column."
        )
    if pictures is None or not all(map(is_file_name, Path(value).parts)):
        raise ValueError(
            f"{where} is the file '{value}', but it can only be read from a folder of pictures: "
            "give that folder, and names inside it."
        )
    return Picture(where, pictures / value)


def named_pictures(file: Path) -> dict[str, Picture]:
    """Return the pictures of a file with one column of them, by name without an ending.

    As the published people for VITON-HD's paired test come: FILENAME and BYTES.

    Raises:
        ValueError: it has not one column of names and one of bytes.
    """
    small = {name.lower(): name for name in pq.ParquetFile(file).schema_arrow.names}
    names = next((small[name] for name in COLUMNS[NAME] if name in small), None)
    column = next((small[name] for name in ("bytes", "image") if name in small), None)
    if not (names and column):
        raise ValueError(
            f"{file.name} has the columns {', '.join(small.values())}, but FILENAME and BYTES were "
            "expected: choose another file."
        )
    found, parquet, number = {}, pq.ParquetFile(file), 0
    for group in range(parquet.num_row_groups):
        for row, name in enumerate(parquet.read_row_group(group, [names]).column(0).to_pylist()):
            number += 1
            where = f"{file.name} row {number} {column}"
            found[Path(name).stem] = Picture(where, Cell(file, group, row, column))
    return found
