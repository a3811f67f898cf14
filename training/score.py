"""Last stage: 64 unseen try-ons through the pack's nodes in ComfyUI, and their figures."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from any2any_core.contact_sheet import contact_sheet
from any2any_core.images import to_pil
from any2any_core.prompts import task_prompt
from devtools.in_process import classes_by_id, imported_comfy, imported_pack, run_node

from .dolls import HEIGHT, WIDTH, Triple, drawn_triple, flat, worn
from .export import LORA
from .measures import inside_psnr, logo_is_right, stripes_are_right
from .wardrobe import Top, drawn_top

SEED = 9_000_000
TRIPLES, STEPS, BATCH = 64, 20, 16


class Nodes:
    """The demo model behind the pack's nodes."""

    def __init__(self):
        imported_comfy(os.environ["COMFYUI_PATH"])
        import nodes

        self.stock = nodes.NODE_CLASS_MAPPINGS
        self.classes = classes_by_id(imported_pack())
        self.model, self.clip, self.vae = self.run("LoadAny2AnyDemo")

    def run(self, node_id: str, **inputs) -> tuple:
        return run_node(self.classes[node_id], **inputs)

    def dressed(
        self, persons: list[np.ndarray], garments: list[np.ndarray], strength: float = 1.0
    ) -> list[np.ndarray]:
        """Return each person [h,w,3] uint8 in its garment [h,w,3] uint8."""
        model, _ = self.run("LoadTryonLoRA", model=self.model, lora_name=LORA, strength=strength)
        results: list[np.ndarray] = []
        for first in range(0, len(persons), BATCH):
            part = slice(first, first + BATCH)
            results += self.dressed_batch(model, images(persons[part]), images(garments[part]))
        return results

    @torch.inference_mode()
    def dressed_batch(self, model, person: torch.Tensor, garment: torch.Tensor):
        (text,) = self.stock["CLIPTextEncode"]().encode(self.clip, task_prompt("try-on"))
        conditions, _ = self.run(
            "ConditionImageEncode",
            vae=self.vae,
            width=WIDTH,
            height=HEIGHT,
            person=person,
            garment=garment,
        )
        patched, positive, negative, latent, _ = self.run(
            "AdaptivePositionPack", model=model, positive=text, conditions=conditions
        )
        (sampled,) = self.run(
            "Any2AnySampler",
            model=patched,
            positive=positive,
            negative=negative,
            latent=latent,
            seed=0,
            steps=STEPS,
        )
        (decoded,) = self.stock["VAEDecode"]().decode(self.vae, sampled)
        restored, _ = self.run("Any2AnyRestore", image=decoded, conditions=conditions)
        return pictures(restored)


def images(pictures: list[np.ndarray]) -> torch.Tensor:
    """Return an IMAGE [B,h,w,3] of pictures [h,w,3] uint8."""
    return torch.from_numpy(np.stack(pictures)) / 255


def pictures(image: torch.Tensor) -> list[np.ndarray]:
    """Return the pictures [h,w,3] uint8 of an IMAGE [B,h,w,3]."""
    return list((image * 255).round().clamp(0, 255).byte().numpy())


@dataclass(frozen=True, eq=False)
class Scores:
    """What 64 try-ons came to; `figures` by name, and the sheet of all pictures."""

    figures: dict[str, float]
    sheet: Image.Image


def score(count: int = TRIPLES) -> Scores:
    """Return the figures of `count` unseen try-ons, with the LoRA on, off, and another garment."""
    nodes = Nodes()
    triples = [drawn_triple(SEED + i) for i in range(count)]
    swaps = [drawn_top(np.random.default_rng(SEED + TRIPLES + i)) for i in range(count)]
    persons = [triple.source.rgb for triple in triples]
    garments = [triple.flat.rgb for triple in triples]
    results = nodes.dressed(persons, garments)
    without = nodes.dressed(persons, garments, strength=0.0)
    swapped = nodes.dressed(persons, [flat(top).rgb for top in swaps])

    truths = [triple.target.rgb for triple in triples]
    clothes = [triple.target.clothes > 127 for triple in triples]
    rest = [~where for where in clothes]
    everywhere = [np.ones_like(where) for where in clothes]
    figures = {
        "psnr": mean_psnr(results, truths, everywhere),
        "psnr_outside": mean_psnr(results, truths, rest),
        "psnr_inside": mean_psnr(results, truths, clothes),
        "psnr_of_input": mean_psnr(persons, truths, everywhere),
        "psnr_lora_off": mean_psnr(without, truths, everywhere),
        "psnr_inside_lora_off": mean_psnr(without, truths, clothes),
        "psnr_autoencoder": mean_psnr(nodes_round_trip(nodes, truths), truths, everywhere),
        "stripes_right": share(results, triples, "stripes", stripes_are_right),
        "logos_right": share(results, triples, "logo", logo_is_right),
        "nearer_to_other_garment": sum(map(nearer_to, swapped, triples, swaps)) / count,
    }
    return Scores(figures, try_on_sheet(triples, results))


def mean_psnr(results, truths, masks) -> float:
    return float(np.mean([inside_psnr(*one) for one in zip(results, truths, masks)]))


def share(results, triples: list[Triple], kind: str, is_right) -> float:
    """Return how often a print of a kind is right."""
    rights = [
        is_right(result, triple)
        for result, triple in zip(results, triples)
        if triple.top.pattern.kind == kind
    ]
    return sum(rights) / len(rights)


def nearer_to(result: np.ndarray, triple: Triple, top: Top) -> bool:
    """Tell whether the result is nearer to the person in `top` than in the triple's own top."""
    other = worn(triple.person, top)
    where = (other.clothes > 127) | (triple.target.clothes > 127)
    return inside_psnr(result, other.rgb, where) > inside_psnr(result, triple.target.rgb, where)


@torch.inference_mode()
def nodes_round_trip(nodes: Nodes, truths: list[np.ndarray]) -> list[np.ndarray]:
    """Return pictures through the autoencoder and back: the best that any sampler could do."""
    decoded = nodes.vae.decode(nodes.vae.encode(images(truths)))
    return pictures(decoded)


def try_on_sheet(triples: list[Triple], results: list[np.ndarray]) -> Image.Image:
    """Return all try-ons, each as person, garment, result, truth; a gap between two try-ons."""
    rows = [
        np.concatenate([triple.source.rgb, triple.flat.rgb, result, triple.target.rgb], axis=1)
        for triple, result in zip(triples, results)
    ]
    sheet = contact_sheet([images(rows)], columns=4, cell=rows[0].shape[1], gap=12)
    return to_pil(sheet[0])
