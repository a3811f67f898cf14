"""The demo model behind the pack's nodes, with dolls to stand before it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image

from any2any_core.images import to_pil, to_tensor
from any2any_core.prompts import task_prompt
from devtools.demo import EXAMPLE
from devtools.in_process import classes_by_id, imported_comfy, imported_pack, run_node
from devtools.templates.forms import DEMO_FORM

from ..dolls.pictures import HEIGHT, WIDTH, drawn_triple, flat
from ..dolls.tops import drawn_top

LORA = "any2any_demo_tryon.safetensors"
STEPS = DEMO_FORM.steps
SEED = 9_100_000
"""Dolls that no stage of the training has seen."""


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
