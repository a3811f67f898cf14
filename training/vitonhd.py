"""VITON-HD as triples: ROOT/test_pairs.txt with ROOT/test/image and ROOT/test/cloth.

Everybody is in their own garment, whatever the list pairs them with: that is what there is a true
picture of. The same people in other clothes are not part of VITON-HD; where there are pictures of
them (ROOT/test/image_synthesis, or the published parquet file), the triples are try-ons, else they
serve garment reconstruction and model-free try-on.
"""

from __future__ import annotations

from pathlib import Path

from any2any_core.pairs import pairs_in, picture_file
from any2any_core.triples import (
    MODEL_FREE,
    TRY_ON,
    Picture,
    Triple,
    picture_problems,
    sound_triples,
)

PAIRS = "_pairs"
WORN, GARMENTS, PEOPLE = "image", "cloth", "image_synthesis"


def vitonhd_triples(pairs: Path, people: Path | None = None) -> tuple[Triple, ...]:
    """Return the triples of a list, all checked: every picture is read to its end.

    Args:
        pairs: test_pairs.txt or train_pairs.txt; the pictures lie beside it in test or train.
        people: the same people in other clothes, a folder or a parquet file; left out,
            `image_synthesis` if it is there.

    Raises:
        ValueError: all that is wrong, each with its file.
    """
    folder = pairs.parent / pairs.stem.removesuffix(PAIRS)
    others = other_clothes(people or folder / PEOPLE, required=people is not None)
    triples, problems = [], []
    for pair in pairs_in(pairs, own_garments=True):
        found = {
            WORN: file_in(folder / WORN, pair.person),
            GARMENTS: file_in(folder / GARMENTS, pair.garment),
        }
        missing = [f"{folder.name}/{where}/{pair.person}" for where in found if not found[where]]
        person = None if others is None else others.get(pair.name)
        if others is not None and person is None:
            missing.append(f"{(people or folder / PEOPLE).name}/{pair.person}")
        if missing:
            problems.append(
                f"{', '.join(missing)} of {pairs.name} is not there, but a picture was expected: "
                "add it, or take the line out."
            )
            continue
        task = MODEL_FREE if person is None else TRY_ON
        triples.append(Triple(pair.name, task, person, found[GARMENTS], found[WORN]))
    damaged = picture_problems(one for triple in triples for one in triple.pictures)
    problems += damaged.values()
    return sound_triples(str(pairs), triples, problems, damaged)


def file_in(folder: Path, name: str) -> Picture | None:
    """Return the picture of a name in a folder, by what messages call it."""
    path = picture_file(folder, name)
    return path and Picture(f"{folder.parent.name}/{folder.name}/{path.name}", path)


def other_clothes(people: Path, required: bool) -> dict[str, Picture] | None:
    """Return the people in other clothes by name; None where there are none.

    Raises:
        ValueError: they are required and neither a folder nor a parquet file.
    """
    if people.suffix == ".parquet" and people.is_file():
        from .parquet import named_pictures  # pyarrow is needed for this alone

        return named_pictures(people)
    if people.is_dir():
        files = sorted(path for path in people.iterdir() if not path.name.startswith("."))
        return {path.stem: Picture(f"{people.name}/{path.name}", path) for path in files}
    if required:
        raise ValueError(
            f"{people} is neither a folder nor a parquet file, but the same people in other "
            "clothes were expected: look at the path, or leave it out."
        )
    return None
