"""`python dev.py gallery`: every picture that we show, made by the nodes with the demo model.

The help pages', the templates' thumbnails (which the README shows too) and the demo's sheet.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from any2any_core.geometry import Size, canvas_size
from any2any_core.images import to_pil, to_tensor
from any2any_core.prompts import task_prompt
from any2any_core.schedule import canvas_mu, reference_sigmas
from training.dolls import HEIGHT, WIDTH, drawn_triple, flat
from training.tops import drawn_top

from .comfyui import ROOT
from .contact_sheet import contact_sheet
from .demo import EXAMPLE, OUTPUT
from .demo import main as run_demo
from .help_pages import PAGES
from .in_process import PACK_ALIAS, classes_by_id, imported_comfy, imported_pack, run_node
from .templates.__main__ import WORKFLOWS
from .templates.jobs import JOBS
from .templates.jobs.dataset_expansion import OTHER_TOP
from .templates.thumbnails import write_thumbnails

PICTURES = PAGES / "pictures"
LONG_SIDE, QUALITY = 960, 88
"""Pixels at most, and JPEG's quality: under 100 KB a picture."""

LORA = "any2any_demo_tryon.safetensors"
STEPS = 20
SEED = 9_100_000
"""Dolls that no stage of the training has seen."""

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


def doll(seed: int) -> Image.Image:
    """Return a person in some top."""
    return Image.fromarray(drawn_triple(SEED + seed).source.rgb)


def top(seed: int) -> Image.Image:
    """Return a garment laid flat."""
    return Image.fromarray(flat(drawn_top(np.random.default_rng(SEED + seed))).rgb)


def image(picture: Image.Image) -> torch.Tensor:
    """Return a picture as an IMAGE [1,H,W,3]."""
    return to_tensor(picture)[None]


@dataclass(frozen=True, eq=False)
class TryOn:
    """A try-on's pictures on its way through the nodes."""

    conditions: Any
    panels: Image.Image
    canvas: Image.Image
    decoded: torch.Tensor
    restored: Image.Image


class Studio:
    """The demo model behind the pack's nodes, and the example that ships."""

    def __init__(self) -> None:
        imported_comfy(os.environ["COMFYUI_PATH"]).utils.set_progress_bar_enabled(False)
        import nodes

        self.stock = nodes.NODE_CLASS_MAPPINGS
        self.classes = classes_by_id(imported_pack())
        self.bare, self.clip, self.vae = self.run("LoadAny2AnyDemo")
        self.model = self.with_lora(1.0)
        self.person, self.garment, self.truth = (
            Image.open(EXAMPLE / f"{name}.png").convert("RGB")
            for name in ("person", "garment", "truth")
        )

    def run(self, node_id: str, **inputs) -> tuple:
        return run_node(self.classes[node_id], **inputs)

    def with_lora(self, strength: float):
        model, _ = self.run("LoadTryonLoRA", model=self.bare, lora_name=LORA, strength=strength)
        return model

    def try_on(self, person: Image.Image, garment: Image.Image, model=None, **sampler) -> TryOn:
        """Return the person in the garment; `sampler` are inputs of Any2AnySampler."""
        (text,) = self.stock["CLIPTextEncode"]().encode(self.clip, task_prompt("try-on"))
        conditions, panels = self.run(
            "ConditionImageEncode",
            **{"vae": self.vae, "width": WIDTH, "height": HEIGHT},
            **{"person": image(person), "garment": image(garment)},
        )
        model, positive, negative, latent, canvas = self.run(
            "AdaptivePositionPack", model=model or self.model, positive=text, conditions=conditions
        )
        (sampled,) = self.run(
            "Any2AnySampler",
            **{"model": model, "positive": positive, "negative": negative, "latent": latent},
            **{"seed": 0, "steps": STEPS} | sampler,
        )
        (decoded,) = self.stock["VAEDecode"]().decode(self.vae, sampled)
        restored = self.run("Any2AnyRestore", image=decoded, conditions=conditions)[0]
        return TryOn(conditions, to_pil(panels[0]), to_pil(canvas[0]), decoded, to_pil(restored[0]))


def strengths(studio: Studio) -> Image.Image:
    person, garment = studio.person, studio.garment
    without = studio.try_on(person, garment, model=studio.with_lora(0.0)).restored
    dressed = studio.try_on(person, garment).restored
    return contact_sheet(
        {"person": person, "garment": garment, "strength 0": without, "strength 1": dressed}, 2
    )


def panels(studio: Studio) -> Image.Image:
    seen = studio.try_on(doll(1).crop((0, 24, WIDTH, HEIGHT - 24)), top(1)).panels
    return seen.resize((seen.width * 2, seen.height * 2), Image.LANCZOS)


def canvas(studio: Studio) -> Image.Image:
    return studio.try_on(studio.person, studio.garment).canvas


def steps(studio: Studio) -> Image.Image:
    person, garment = doll(2), top(2)
    made = {
        f"{count} steps": studio.try_on(person, garment, steps=count).restored
        for count in (3, 8, STEPS)
    }
    return contact_sheet({"person": person, "garment": garment} | made, 2)


def schedule(studio: Studio) -> Image.Image:
    """Draw the sigmas of 30 steps at 576x768 px, with and without the conditions' tokens."""
    width, height, edge = 640, 360, 48
    drawn = Image.new("RGB", (width, height), "white")
    draw, font = ImageDraw.Draw(drawn), ImageFont.load_default(15)
    draw.line((edge, 16, edge, height - edge, width - 16, height - edge), fill="gray")
    draw.text((8, 10), "sigma", fill="gray", font=font)
    draw.text((width - 80, height - edge + 14), "30 steps", fill="gray", font=font)
    target = (576 // 16) * (768 // 16)
    for tokens, colour, name, row in (
        (3 * target, "#1d6fd8", "whole canvas: person, garment and target", 0),
        (target, "#d8841d", "the target alone", 1),
    ):
        sigmas = reference_sigmas(30, canvas_mu(tokens)).tolist()
        points = [
            (
                edge + index / 30 * (width - edge - 16),
                height - edge - sigma * (height - edge - 16),
            )
            for index, sigma in enumerate(sigmas)
        ]
        draw.line(points, fill=colour, width=3)
        draw.text((edge + 24, height - edge - 64 + 24 * row), name, fill=colour, font=font)
    return drawn


def draws(studio: Studio) -> Image.Image:
    person, garment = doll(3), top(3)
    made = {
        f"{noise}, seed {seed}": studio.try_on(person, garment, noise=noise, seed=seed).restored
        for noise, seed in (("comfy", 0), ("reference", 0), ("reference", 1))
    }
    return contact_sheet({"person": person, "garment": garment} | made, 2)


def sizes(studio: Studio) -> Image.Image:
    """Draw photos of several shapes, to scale, in the sizes that Any2AnyCanvas gives them."""
    photos = {
        "3000x4000": (0, 0, 144, 192),
        "4000x3000": (0, 4, 144, 112),
        "2000x2000": (0, 0, 144, 144),
        "320x240": (0, 4, 144, 112),
    }
    made = {}
    for name, box in photos.items():
        size = canvas_size(Size(*map(int, name.split("x"))), 1024, 384)
        shown = studio.person.crop(box).resize((size.width // 4, size.height // 4), Image.LANCZOS)
        made[f"{name} to {size}"] = shown
    return contact_sheet(made)


def tags(studio: Studio) -> Image.Image:
    made = studio.try_on(studio.person, studio.garment).restored
    return contact_sheet(
        {
            "<MODEL> person": studio.person,
            "<GARMENT> garment": studio.garment,
            "<TARGET> target": made,
        },
        2,
    )


def way_back(studio: Studio) -> Image.Image:
    person = doll(4).crop((0, 24, WIDTH, HEIGHT - 24))
    made = studio.try_on(person, top(4))
    pasted, mask = studio.run(
        "Any2AnyRestore",
        image=made.decoded,
        conditions=made.conditions,
        original=image(person),
        mask_from_change=True,
    )
    return contact_sheet(
        {
            "person": person,
            "image": to_pil(made.decoded[0]),
            "restored": made.restored,
            "mask of what changed": to_pil(mask[0, ..., None].expand(-1, -1, 3)),
            "pasted inside it": to_pil(pasted[0]),
        },
        2,
    )


def cut_out(studio: Studio) -> Image.Image:
    """Show a top whose white is transparent, over a checkerboard, and laid on white."""
    flat_top = top(7)
    seen = np.asarray(flat_top).min(axis=2) < 250
    squares = (np.indices(seen.shape) // 8).sum(axis=0) % 2 * 40 + 180
    shown = np.where(seen[..., None], flat_top, squares[..., None]).astype(np.uint8)
    hidden = torch.from_numpy(~seen)[None].float()
    (white,) = studio.run("Any2AnyOnWhite", image=image(flat_top), mask=hidden)
    return contact_sheet({"cut-out": Image.fromarray(shown), "on white": to_pil(white[0])}, 2)


def looks(studio: Studio) -> tuple[list[Image.Image], ...]:
    """Return two people, three garments, and every person in every garment."""
    people, garments = [doll(10), doll(11)], [top(20), top(21), top(22)]
    made = [studio.try_on(person, garment).restored for person in people for garment in garments]
    return people, garments, made


def lookbook(studio: Studio) -> Image.Image:
    _, garments, made = looks(studio)
    names = [
        f"look_p{index // len(garments) + 1:02}_g{index % len(garments) + 1:02}"
        for index in range(len(made))
    ]
    return contact_sheet(dict(zip(names, made)))


def sheet(studio: Studio) -> Image.Image:
    people, garments, made = looks(studio)
    (drawn,) = studio.run(
        "Any2AnyContactSheet",
        images=list(map(image, made)),
        people=list(map(image, people)),
        garments=list(map(image, garments)),
        columns=[0],
        cell=[220],
        gap=[8],
    )
    return to_pil(drawn[0])


def reused(studio: Studio) -> Image.Image:
    person, garment = doll(8), top(8)
    made = {"in full": studio.try_on(person, garment).restored}
    for mode in ("balanced", "fast"):
        (model,) = studio.run("Any2AnyConditionReuse", model=studio.model, mode=mode)
        made[mode] = studio.try_on(person, garment, model=model).restored
    return contact_sheet({"person": person, "garment": garment} | made, 2)


def demo(studio: Studio) -> Image.Image:
    made = studio.try_on(studio.person, studio.garment).restored
    return contact_sheet(
        {
            "person": studio.person,
            "garment": studio.garment,
            "result": made,
            "true picture": studio.truth,
        },
        2,
    )


def layers(studio: Studio) -> Image.Image:
    person, inner, outer = doll(5), top(5), top(6)
    first = studio.try_on(person, inner).restored
    second = studio.try_on(first, outer).restored
    return contact_sheet(
        {
            "person": person,
            "garment": inner,
            "pass 1": first,
            "garment_2": outer,
            "pass 2": second,
        },
        2,
    )


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


DRAWN: dict[str, Callable[[Studio], Image.Image]] = {
    "LoadTryonLoRA": strengths,
    "ConditionImageEncode": panels,
    "AdaptivePositionPack": canvas,
    "Any2AnySampler": steps,
    "Any2AnyScheduler": schedule,
    "Any2AnyNoise": draws,
    "Any2AnyCanvas": sizes,
    "Any2AnyPrompt": tags,
    "Any2AnyRestore": way_back,
    "Any2AnyOnWhite": cut_out,
    "Any2AnyLayers": layers,
    "Any2AnyLookbook": lookbook,
    "Any2AnyContactSheet": sheet,
    "Any2AnyConditionReuse": reused,
    "Any2AnyTrainLoRA": training,
    "Any2AnySaveTriple": triple,
    "LoadAny2AnyDemo": demo,
}
"""What draws each node's picture."""


if __name__ == "__main__":
    main()
