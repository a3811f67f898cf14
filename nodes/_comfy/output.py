"""Files in ComfyUI's output folder, or read from its input folder, and nowhere else."""

from __future__ import annotations

import json
from pathlib import Path

import folder_paths
from comfy.cli_args import args
from comfy_api.latest import io, ui
from PIL.PngImagePlugin import PngInfo

from ...any2any_core.digests import file_facts

OUTPUT, INPUT = "output", "input"
PLACES = {
    OUTPUT: folder_paths.get_output_directory,
    INPUT: folder_paths.get_input_directory,
}
"""ComfyUI's folders that sets of pictures lie in."""


def place_input() -> io.Combo.Input:
    """Return the input that says in which of them a set of triples lies."""
    return io.Combo.Input(
        "place",
        options=list(PLACES),
        default=OUTPUT,
        tooltip=(
            "output: the set lies in ComfyUI's output folder, where Any2AnySaveTriple puts it. "
            "input: in its input folder."
        ),
    )


def output_path(name: str) -> Path:
    """Return the path behind a name in the output folder, such as SaveImage's filename_prefix.

    Subfolders are made, and %year% and the like filled in.

    Raises:
        ValueError: it leaves the output folder.
    """
    try:
        folder, file, *_ = folder_paths.get_save_image_path(
            name, folder_paths.get_output_directory()
        )
    except OSError:
        raise
    except Exception as error:  # ComfyUI's own check raises no narrower one
        raise ValueError(
            f"The file name '{name}' leaves ComfyUI's output folder, but a place inside it was "
            "expected: write a name, or folders and a name, without '..' and a leading slash."
        ) from error
    return Path(folder) / file


def output_name(path: Path) -> str:
    """Return the name of a path in the output folder, for `output_path`."""
    return path.relative_to(folder_paths.get_output_directory()).as_posix()


def shown(*paths: Path) -> ui.SavedImages:
    """Return what shows pictures of the output folder on their node."""
    results = []
    for path in paths:
        name = Path(output_name(path))
        subfolder = "" if name.parent == Path() else str(name.parent)
        results.append(ui.SavedResult(name.name, subfolder, io.FolderType.output))
    return ui.SavedImages(results)


def png_metadata(hidden) -> PngInfo | None:
    """Return the workflow for a PNG file as SaveImage puts it in; None if the user wants none."""
    if args.disable_metadata:
        return None
    metadata = PngInfo()
    if hidden.prompt is not None:
        metadata.add_text("prompt", json.dumps(hidden.prompt))
    for key, value in (hidden.extra_pnginfo or {}).items():
        metadata.add_text(key, json.dumps(value))
    return metadata


def files_starting(name: str) -> list[tuple[str, int, int]]:
    """Return the facts of each file in the output folder that starts with `name`."""
    path = output_path(name)
    return file_facts(
        sorted(file for file in path.parent.iterdir() if file.name.startswith(path.name))
    )


def folder_in(place: str, name: str) -> Path:
    """Return a folder below ComfyUI's output or input folder, whether it is there or not.

    Raises:
        ValueError: the name is empty, or it leaves that folder.
    """
    relative = Path(name.strip().replace("\\", "/"))
    if relative.anchor or ".." in relative.parts or not relative.parts:
        raise ValueError(
            f"The folder '{name}' is not inside ComfyUI's {place} folder, but a place in it was "
            "expected: write a name, or names with '/' between, without '..' and a leading slash."
        )
    return Path(PLACES[place]()) / relative
