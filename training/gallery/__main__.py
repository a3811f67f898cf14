"""`python dev.py gallery`: help pages' pictures, templates' thumbnails, the demo's sheet."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import torch
from PIL import Image

from devtools.comfyui import ROOT
from devtools.demo import OUTPUT
from devtools.demo import main as run_demo
from devtools.help_pages import PAGES
from devtools.templates.__main__ import WORKFLOWS
from devtools.templates.jobs import JOBS
from devtools.templates.thumbnails import write_thumbnails

from . import drawings, own_lora, several, try_ons
from .studio import Studio

PICTURES = PAGES / "pictures"
LONG_SIDE, QUALITY = 960, 88
"""Pixels at most, and JPEG's quality: under 100 KB a picture."""

DRAWN: dict[str, Callable[[Studio], Image.Image]] = {
    "LoadTryonLoRA": try_ons.strengths,
    "ConditionImageEncode": try_ons.panels,
    "AdaptivePositionPack": try_ons.canvas,
    "Any2AnySampler": try_ons.steps,
    "Any2AnyScheduler": drawings.schedule,
    "Any2AnyNoise": try_ons.draws,
    "Any2AnyCanvas": drawings.sizes,
    "Any2AnyPrompt": try_ons.tags,
    "Any2AnyRestore": try_ons.way_back,
    "Any2AnyOnWhite": drawings.cut_out,
    "Any2AnyLayers": several.layers,
    "Any2AnyLookbook": several.lookbook,
    "Any2AnyContactSheet": several.sheet,
    "Any2AnyConditionReuse": try_ons.reused,
    "Any2AnyTrainLoRA": own_lora.training,
    "Any2AnySaveTriple": own_lora.triple,
    "LoadAny2AnyDemo": try_ons.demo,
}
"""What draws each node's picture."""


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    studio = Studio()
    with torch.inference_mode():
        for node_id, drawn in DRAWN.items():
            picture = drawn(studio)
            picture.thumbnail((LONG_SIDE, LONG_SIDE))
            path = PICTURES / f"{node_id}.jpg"
            temporary = path.with_name(f".{path.name}")
            picture.save(temporary, format="JPEG", quality=QUALITY, optimize=True)
            temporary.replace(path)
            print(f"{path.name}: {picture.width}x{picture.height}, {path.stat().st_size >> 10} KB")
    write_thumbnails(JOBS, ROOT / WORKFLOWS)
    run_demo()
    shutil.copyfile(OUTPUT / "demo_sheet.png", ROOT / "docs" / "demo.png")


if __name__ == "__main__":
    main()
