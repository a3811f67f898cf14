"""Pictures of a set of triples, and of a LoRA trained on one."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageChops, ImageFilter

from any2any_core.images import to_pil
from devtools.comfyui import ROOT
from devtools.contact_sheet import contact_sheet
from devtools.demo import EXAMPLE
from devtools.in_process import PACK_ALIAS
from devtools.templates.jobs.dataset_expansion import OTHER_TOP

from ..dolls.pictures import drawn_triple
from .studio import SEED, STEPS, Studio, image

TRAINING = {
    "steps": 24,
    "batch": 2,
    "rate": 1e-3,
    "warmup": 2,
    "rank": 16,
    "ema": 0.8,
    "held-out": 2,
    "sheet-every": 24,
    "sheet-steps": 12,
    "log-every": 1,
}
"""A training that takes a minute."""


def training(_: Studio) -> Image.Image:
    """Draw what the training's node shows: samples of held-out triples, and the loss."""
    with tempfile.TemporaryDirectory() as folder:
        triples, out = Path(folder) / "triples", Path(folder) / "out"
        for number in range(12):
            triple = drawn_triple(SEED + 200 + number)
            parts = {"person": triple.source, "garment": triple.flat, "target": triple.target}
            for part, drawing in parts.items():
                path = triples / part / f"{number:02}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(drawing.rgb).save(path)
        words = {"data": triples, "out": out} | TRAINING
        command = [sys.executable, "-m", "training.lora"]
        command += [f"--{name}={value}" for name, value in words.items()]
        subprocess.run(command, cwd=ROOT, check=True)
        seam = import_module(f"{PACK_ALIAS}.nodes._comfy.training")
        return seam.preview(out)[1]


def triple(studio: Studio) -> Image.Image:
    """Inpaint other clothes as the template `dataset_expansion` does it."""
    worn = Image.open(EXAMPLE / "worn.png")
    clothes = ImageChops.invert(worn.getchannel("A")).filter(ImageFilter.MaxFilter(9))
    mask = torch.from_numpy(np.asarray(clothes, dtype=np.float32) / 255)[None]
    (text,) = studio.stock["CLIPTextEncode"]().encode(studio.clip, OTHER_TOP)
    (nothing,) = studio.stock["ConditioningZeroOut"]().zero_out(text)
    positive, negative, latent = studio.stock["InpaintModelConditioning"]().encode(
        text, nothing, image(worn), studio.vae, mask
    )
    (sampled,) = studio.stock["KSampler"]().sample(
        studio.bare, 0, STEPS, 1.0, "euler", "simple", positive, negative, latent
    )
    (decoded,) = studio.stock["VAEDecode"]().decode(studio.vae, sampled)
    other = Image.composite(to_pil(decoded[0]), worn.convert("RGB"), clothes)
    return contact_sheet({"person": other, "garment": studio.garment, "target": studio.truth}, 2)
