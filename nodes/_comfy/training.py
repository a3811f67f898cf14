"""The training command as a process of its own, with ComfyUI's progress, preview and cancel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue

import comfy.model_management as management
import comfy.utils
import folder_paths
from PIL import Image

from .progress_text import show_text

PACK = Path(__file__).parents[2]
PATIENCE = 0.5
"""Seconds between two looks at Cancel."""
FAREWELL = 10
"""Seconds that a process has to end in before it is ended."""
LARGEST_PREVIEW = 1024
LAST_LINES = 12


def files_listed(kind: str, *first: str) -> list[str]:
    """Return `first` and the names of ComfyUI's models of a kind."""
    return [*first, *folder_paths.get_filename_list(kind)]


def model_file(kind: str, name: str) -> str:
    """Return the file behind a name of `files_listed`.

    Raises:
        ValueError: there is none.
    """
    path = folder_paths.get_full_path(kind, name)
    if path is None:
        raise ValueError(
            f"There is no '{name}' in models/{kind}, but a file there was expected: press R to "
            "refresh, or choose another."
        )
    return path


def lora_folder() -> Path:
    """Return the folder that trained LoRAs go to: the first that ComfyUI looks into."""
    return Path(folder_paths.get_folder_paths("loras")[0])


def train(words: list[str], out: Path) -> None:
    """Run the command with these words to its end.

    What it does shows on the running node. Cancel ends it; its last checkpoint stays.

    Raises:
        ValueError: the command refused or failed; the sentence is its own.
    """
    management.unload_all_models()
    management.soft_empty_cache()
    command = [sys.executable, "-m", "training.lora", *words]
    environment = {**os.environ, "COMFYUI_PATH": folder_paths.base_path, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command,
        cwd=PACK,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            said = follow(process, out)
        except BaseException:
            ended(process)
            raise
    if process.returncode:
        raise ValueError("\n".join(said[-LAST_LINES:]) or f"Training ended at {process.returncode}")


def follow(process: subprocess.Popen, out: Path) -> list[str]:
    """Show what the process tells until it ends, and return what it said besides figures."""
    bar = comfy.utils.ProgressBar(1)
    said = []
    for line in lines_of(process):
        management.throw_exception_if_processing_interrupted()
        facts = figures(line)
        if facts is None:
            said += [line] if line else []
        elif "encoding" in facts:
            show_text(f"encoding {facts['encoding']}: {facts['done']} of {facts['of']}")
            bar.update_absolute(facts["done"], facts["of"])
        elif "step" in facts:
            if "loss" in facts:
                show_text(
                    f"step {facts['step']} of {facts['of']}, loss {facts['loss']:.4f}, "
                    f"{facts['seconds']:.2f} s a step"
                )
            bar.update_absolute(facts["step"], facts["of"], preview(out))
    return said


def lines_of(process: subprocess.Popen) -> Iterator[str]:
    """Yield what the process writes, and an empty line whenever it has been silent for a while."""
    lines: SimpleQueue[str | None] = SimpleQueue()

    def read() -> None:
        for line in process.stdout:
            lines.put(line.rstrip())
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    line: str | None = ""
    while line is not None:
        yield line
        try:
            line = lines.get(timeout=PATIENCE)
        except Empty:
            line = ""


def figures(line: str) -> dict | None:
    """Return the figures that a line of the command has; None for any other line."""
    try:
        value = json.loads(line)
    except json.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def ended(process: subprocess.Popen) -> None:
    """End the process, by force if it does not end by itself."""
    process.terminate()
    try:
        process.wait(FAREWELL)
    except subprocess.TimeoutExpired:
        process.kill()


def result_pictures(out: Path) -> list[Path]:
    """Return the newest sheet of samples and the curve of the loss, as far as they are there."""
    return [*sorted((out / "samples").glob("step_*.png"))[-1:], *out.glob("loss.png")]


def preview(out: Path) -> tuple[str, Image.Image, int] | None:
    """Return the pictures of a run so far, one below the other, as ComfyUI's progress takes it."""
    pictures = [Image.open(path).convert("RGB") for path in result_pictures(out)]
    if not pictures:
        return None
    width = max(one.width for one in pictures)
    whole = Image.new("RGB", (width, sum(one.height for one in pictures)), "white")
    top = 0
    for one in pictures:
        whole.paste(one, (0, top))
        top += one.height
    return "JPEG", whole, LARGEST_PREVIEW
