"""The demo model behind the pack's nodes, for whoever scores it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from any2any_core.geometry import Size
from any2any_core.prompts import task_prompt
from devtools.in_process import classes_by_id, imported_comfy, imported_pack, run_node
from devtools.templates.forms import DEMO_FORM

from .dolls.people import HEIGHT, WIDTH
from .export import LORA

STEPS, BATCH = DEMO_FORM.steps, 16
Pictures = list[np.ndarray]
"""Each [h,w,3] uint8."""


class Nodes:
    """The demo model behind the pack's nodes.

    patched: what is done to the packed MODEL before it samples, in so many steps from this seed.
    """

    def __init__(self):
        imported_comfy(os.environ["COMFYUI_PATH"])
        import nodes

        self.stock = nodes.NODE_CLASS_MAPPINGS
        self.classes = classes_by_id(imported_pack())
        self.model, self.clip, self.vae = self.run("LoadAny2AnyDemo")
        self.patched = lambda model: model
        self.steps, self.seed, self.size = STEPS, 0, Size(WIDTH, HEIGHT)

    def run(self, node_id: str, **inputs) -> tuple:
        return run_node(self.classes[node_id], **inputs)

    @contextmanager
    def sampling(self, steps: int | None = None, size: Size | None = None) -> Iterator[None]:
        """Sample in other steps, or at another size."""
        before = self.steps, self.size
        self.steps, self.size = steps or self.steps, size or self.size
        try:
            yield
        finally:
            self.steps, self.size = before

    def dressed(
        self, persons: Pictures, garments: Pictures, strength: float = 1.0, lora: str = LORA
    ) -> Pictures:
        """Return each person in its garment."""
        prompts = [task_prompt("try-on")] * len(persons)
        return self.made(lora, prompts, strength, person=persons, garment=garments)

    def made(
        self, lora: str, prompts: list[str], strength: float = 1.0, **conditions: Pictures
    ) -> Pictures:
        """Return a picture a prompt, from its person, its garment or both."""
        model, _ = self.run("LoadTryonLoRA", model=self.model, lora_name=lora, strength=strength)
        results: Pictures = []
        for first in range(0, len(prompts), BATCH):
            part = slice(first, first + BATCH)
            batch = {name: images(pictures[part]) for name, pictures in conditions.items()}
            results += self.batch_made(model, prompts[part], batch)
        return results

    @torch.inference_mode()
    def batch_made(self, model, prompts: list[str], photos: dict[str, torch.Tensor]) -> Pictures:
        conditions, _ = self.run(
            "ConditionImageEncode",
            vae=self.vae,
            width=self.size.width,
            height=self.size.height,
            **photos,
        )
        patched, positive, negative, latent, _ = self.run(
            "AdaptivePositionPack",
            model=model,
            positive=self.conditioning(prompts),
            conditions=conditions,
        )
        (sampled,) = self.run(
            "Any2AnySampler",
            model=self.patched(patched),
            positive=positive,
            negative=negative,
            latent=latent,
            seed=self.seed,
            steps=self.steps,
        )
        (decoded,) = self.stock["VAEDecode"]().decode(self.vae, sampled)
        restored, _ = self.run(
            "Any2AnyRestore", image=decoded, conditions=conditions, size="generated"
        )
        return pictures(restored)

    def conditioning(self, prompts: list[str]) -> list:
        """Return one CONDITIONING whose batch is the prompts'."""
        encoder = self.stock["CLIPTextEncode"]()
        encoded = [encoder.encode(self.clip, prompt)[0][0] for prompt in prompts]
        texts, values = zip(*encoded)
        pooled = torch.cat([one["pooled_output"] for one in values])
        return [[torch.cat(texts), {**values[0], "pooled_output": pooled}]]


def images(pictures: Pictures) -> torch.Tensor:
    """Return an IMAGE [B,h,w,3] of pictures."""
    return torch.from_numpy(np.stack(pictures)) / 255


def pictures(image: torch.Tensor) -> Pictures:
    """Return the pictures of an IMAGE [B,h,w,3]."""
    return list((image * 255).round().clamp(0, 255).byte().numpy())


@torch.inference_mode()
def round_trip(nodes: Nodes, truths: Pictures) -> Pictures:
    """Return pictures through the autoencoder and back: the best that any sampler could do."""
    return pictures(nodes.vae.decode(nodes.vae.encode(images(truths))))
