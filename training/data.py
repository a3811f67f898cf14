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
    if path.suffix == ".txt":
        return vitonhd_triples(path)
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if files and files[0].suffix == ".parquet":
        from .parquet import parquet_triples  # pyarrow is needed for this alone

        return parquet_triples(files, columns, pictures)
    return folder_triples(path)
