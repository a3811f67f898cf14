"""Each template's picture: what goes in, small, beside what the demo model makes of it."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

from PIL import Image

from ..client import Client
from ..comfyui import running_server
from ..demo import BASE, EXAMPLE, INPUT_PREFIX, TEST_SET, put_demo_files
from .forms import DEMO_FORM, FORMS
from .job import Job
from .saved import prompt

SIDE = 384
"""Pixels: the front end shows thumbnails square."""

SAVING = ("SaveImage", "Any2AnySaveResult")
"""The nodes that a template's result ends in."""

MOST = 4
"""Pictures that fit beside the result."""


def write_thumbnails(jobs: tuple[Job, ...], folder: Path) -> None:
    """Run every demo form and write its picture, under both forms' names."""
    put_demo_files(BASE)
    shutil.rmtree(BASE / "output" / "any2any" / TEST_SET, ignore_errors=True)  # no pair is done
    with running_server(BASE) as server:
        client = Client(server.url)
        for job in jobs:
            thumbnail = made(job, client)
            for form in FORMS:
                path = folder / f"{form.prefix}{job.name}.jpg"
                temporary = path.with_name(f".{path.name}")
                thumbnail.save(temporary, format="JPEG", quality=85)
                temporary.replace(path)
            print(f"{job.name}.jpg", flush=True)


def made(job: Job, client: Client) -> Image.Image:
    """Run the job's demo form; return its thumbnail."""
    nodes = prompt(job.graph(DEMO_FORM))
    (save,) = (key for key, node in nodes.items() if node["class_type"] in SAVING)
    image = client.run(nodes)[save]["images"][-1]
    result = Image.open(io.BytesIO(client.picture(image))).convert("RGB")
    inputs = [name for node in nodes.values() for name in pictures_of(node)]
    return composed([Image.open(EXAMPLE / name).convert("RGBA") for name in inputs], result)


def pictures_of(node: dict) -> list[str]:
    """Return which examples a node of a prompt loads; of a test set, the first pair."""
    if node["class_type"] == "LoadImage":
        return [node["inputs"]["image"].removeprefix(INPUT_PREFIX)]
    return ["person.png", "garment.png"] if node["class_type"] == "Any2AnyLoadPairs" else []


def composed(inputs: list[Image.Image], result: Image.Image) -> Image.Image:
    """Return the result, large, with the pictures that went in on its left.

    Where they are too many the result is a sheet, and has them already.
    """
    sheet = Image.new("RGB", (SIDE, SIDE), "white")
    shown = inputs if len(inputs) <= MOST else []
    left = SIDE // 4 if shown else 0
    height = SIDE // max(3, len(shown))
    top = (SIDE - height * len(shown)) // 2
    for place, picture in enumerate(shown):
        paste_fitted(sheet, picture, (0, top + height * place, left, height))
    paste_fitted(sheet, result.convert("RGBA"), (left, 0, SIDE - left, SIDE))
    return sheet


def paste_fitted(sheet: Image.Image, picture: Image.Image, box: tuple[int, int, int, int]) -> None:
    """Paste the picture into the middle of the box (left, top, width, height), as large as fits."""
    left, top, width, height = box
    scale = min(width / picture.width, height / picture.height)
    size = round(picture.width * scale), round(picture.height * scale)
    picture = picture.resize(size, Image.LANCZOS)
    place = left + (width - size[0]) // 2, top + (height - size[1]) // 2
    sheet.paste(picture, place, picture)
