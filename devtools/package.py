"""What a user's installer brings from the registry: the tracked files that .comfyignore leaves."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from .comfyui import ROOT


def packaged_files() -> list[str]:
    """Return the package's files, relative to the repository's root.

    Raises:
        RuntimeError: this is no clone of the repository, or there is no git.
    """
    tracked = listed()
    ignored = set(listed("--ignored", "--exclude-from=.comfyignore"))
    return [name for name in tracked if name not in ignored and (ROOT / name).is_file()]


def listed(*words: str) -> list[str]:
    """Return the tracked files that git lists."""
    try:
        done = subprocess.run(
            ["git", "ls-files", "-z", "--cached", *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise RuntimeError(f"git cannot list {ROOT}'s files: run this in a clone.") from error
    return [name for name in done.stdout.split("\0") if name]


def packaged(folder: Path) -> Path:
    """Copy the package's files into `folder`, and return it."""
    for name in packaged_files():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    return folder
