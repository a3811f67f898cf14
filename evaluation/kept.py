"""What has been computed, kept on disk: the same command goes on where it was stopped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from any2any_core.digests import digest


class Kept:
    """Arrays in a folder, each under the digest of everything that made it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def array(self, made_of: Any, made: Callable[[], np.ndarray]) -> np.ndarray:
        """Return the array of `made_of`, JSON-like: from its file, or made and kept."""
        path = self.folder / f"{digest(made_of)}.npy"
        if path.is_file():
            return np.load(path, allow_pickle=False)
        array, part = made(), path.with_suffix(".part")
        with part.open("wb") as file:
            np.save(file, array, allow_pickle=False)
        part.replace(path)
        return array


def mark(file: Path) -> list:
    """Return what tells a file from an earlier one of its name, JSON-like."""
    stat = file.stat()
    return [str(file.resolve()), stat.st_size, stat.st_mtime_ns]
