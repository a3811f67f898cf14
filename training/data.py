"""Sets of triples in whatever form they lie there: what `--data` takes."""

from __future__ import annotations

from pathlib import Path

from any2any_core.triple_folder import folder_triples
from any2any_core.triples import Triple

from .vitonhd import vitonhd_triples


def triples_at(
    path: Path, columns: dict[str, str] | None = None, pictures: Path | None = None
) -> tuple[Triple, ...]:
    """Return the triples at a path, all checked.

    Args:
        path: a folder with person, garment and target; a parquet file, or a folder of them;
            VITON-HD's test_pairs.txt or train_pairs.txt.
        columns, pictures: of parquet files, as `parquet_triples` takes them.

    Raises:
        ValueError: all that is wrong, each with its file.
    """
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if files and files[0].suffix == ".parquet":
        from .parquet import parquet_triples  # pyarrow is needed for this alone

        return parquet_triples(files, columns, pictures)
    if columns or pictures:
        raise ValueError(
            f"{path} is no parquet file, but only such have columns and files by name: leave "
            "--columns and --pictures out."
        )
    return vitonhd_triples(path) if path.suffix == ".txt" else folder_triples(path)


def named_columns(text: str) -> dict[str, str]:
    """Return columns by what they hold, from 'person=inpaint_bytes,target=file'.

    Raises:
        ValueError: a part that is no pair.
    """
    pairs = [tuple(map(str.strip, part.partition("=")[::2])) for part in text.split(",") if text]
    for held, column in pairs:
        if not (held and column):
            raise ValueError(
                f"--columns is '{text}', but pairs were expected, as in "
                "'person=inpaint_bytes,target=file'."
            )
    return dict(pairs)
