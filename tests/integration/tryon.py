"""One try-on as literal numbers, run through the nodes and through the oracle."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from oracle.method import Conditioning, raw, sampled, scaled
from oracle.noise import comfy_noise, condition_noise
from oracle.pictures import condition_panels, encoded_together
from oracle.schedule import published_sigmas
from small_flux import random_text

SEED = 7
STEPS = 6
POSITIVE_TEXT, NEGATIVE_TEXT = 1, 2


@dataclass(frozen=True)
class Photo:
    """A photo's size in pixels; `batch` different ones."""

    width: int
    height: int
    batch: int = 1

    def image(self, seed: int) -> torch.Tensor:
        """Return an IMAGE [B,H,W,3] in 8-bit steps, soft like a photo, different for each seed."""
        generator = torch.Generator().manual_seed(seed)
        coarse = torch.rand(self.batch, 3, 6, 6, generator=generator)
        smooth = torch.nn.functional.interpolate(
            coarse, (self.height, self.width), mode="bicubic", align_corners=False
        )
        return (smooth.clamp(0, 1).movedim(1, -1) * 255).round() / 255


@dataclass(frozen=True)
class TryOn:
    """What a person connects and sets; width and height are the target's, in pixels."""

    person: Photo | None = None
    garments: tuple[Photo, ...] = ()
    width: int = 80
    height: int = 64
    layout: str = "any2any"
    clean: bool = True
    cfg: float = 1.0
    negative: bool = False
    guidance: float = 3.5

    def photos(self) -> tuple[torch.Tensor | None, list[torch.Tensor]]:
        person = self.person.image(100) if self.person else None
        return person, [photo.image(200 + i) for i, photo in enumerate(self.garments)]


@dataclass(frozen=True, eq=False)
class Packed:
    """AdaptivePositionPack's outputs, and the conditions that went in."""

    model: object
    positive: list
    negative: list
    latent: dict
    preview: torch.Tensor
    conditions: object

    def sampled(self, run, **inputs) -> torch.Tensor:
        """Return Any2AnySampler's latent [B,16,h,w]."""
        settings = {"latent": self.latent, "seed": SEED, "steps": STEPS} | inputs
        (latent,) = run(
            "Any2AnySampler",
            model=settings.pop("model", self.model),
            positive=settings.pop("positive", self.positive),
            negative=settings.pop("negative", self.negative),
            **settings,
        )
        return latent["samples"]


def packed(run, model, vae, case: TryOn, encode_inputs: dict | None = None, **inputs) -> Packed:
    """Return `case` through ConditionImageEncode and AdaptivePositionPack."""
    person, garments = case.photos()
    names = ["garment", "garment_2", "garment_3"]
    photos = dict(zip(names, garments, strict=False))
    if person is not None:
        photos["person"] = person
    conditions, _ = run(
        "ConditionImageEncode",
        vae=vae,
        width=case.width,
        height=case.height,
        **photos,
        **(encode_inputs or {}),
    )
    if case.negative:
        inputs.setdefault("negative", random_text(NEGATIVE_TEXT, case.guidance))
    outputs = run(
        "AdaptivePositionPack",
        model=model,
        positive=inputs.pop("positive", random_text(POSITIVE_TEXT, case.guidance)),
        conditions=conditions,
        layout=case.layout,
        clean_conditions=case.clean,
        **inputs,
    )
    return Packed(*outputs, conditions)


@dataclass(frozen=True, eq=False)
class Expected:
    """The oracle's side of a case: both conditionings, and the target's latent shape."""

    positive: Conditioning
    negative: Conditioning
    shape: tuple[int, int, int, int]
    cfg: float

    @property
    def image_seq_len(self) -> int:
        return self.positive.image_seq_len(torch.empty(self.shape))

    def sigmas(self, steps: int) -> torch.Tensor:
        return published_sigmas(steps, self.image_seq_len)

    def sampled(self, transformer, start=None, sigmas=None) -> torch.Tensor:
        """Return the oracle's raw latent [B,16,h,w] from ComfyUI's noise and published sigmas."""
        start = comfy_noise(self.shape, SEED) if start is None else start
        sigmas = self.sigmas(STEPS) if sigmas is None else sigmas
        return raw(sampled(transformer, start, sigmas, self.positive, self.negative, self.cfg))


def expected(vae, case: TryOn) -> Expected:
    """Return what the oracle makes of `case`, from the photos on."""
    person, garments = case.photos()
    width, height = case.width // 16 * 16, case.height // 16 * 16
    panels = condition_panels(person, garments, width, height)
    with torch.inference_mode():
        latents = [scaled(one) for one in encoded_together(panels, vae.encode)]
    text, values = random_text(POSITIVE_TEXT)[0]
    positive = Conditioning(
        text,
        values["pooled_output"],
        case.guidance,
        case.layout,
        person=latents[0] if case.person else None,
        garments=latents[1:] if case.person else latents,
        noises=None if case.clean else condition_noise([tuple(one.shape[1:]) for one in latents]),
    )
    negative = positive.zeroed()
    if case.negative:
        text, values = random_text(NEGATIVE_TEXT)[0]
        negative = positive.with_text(text, values["pooled_output"])
    shape = (latents[0].shape[0], 16, height // 8, width // 8)
    return Expected(positive, negative, shape, case.cfg)


def conditions_of(case: TryOn, vae) -> int:
    """Return the condition tokens of a case."""
    latents = expected(vae, case).positive.conditions
    return sum(latent.shape[-1] * latent.shape[-2] // 4 for latent in latents)
