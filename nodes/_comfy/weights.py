"""The files of weights behind a widget's text."""

from __future__ import annotations

from pathlib import Path

import folder_paths

from .lora import DEMO_LORAS


def weights_files(text: str) -> list[Path]:
    """Return the files that loaders could open for a text of that name, in all model folders."""
    found = [folder_paths.get_full_path(kind, text) for kind in folder_paths.folder_names_and_paths]
    own = [path for path in DEMO_LORAS.glob("*.safetensors") if path.name == text]
    return [*(Path(path) for path in sorted(set(filter(None, found)))), *own]
