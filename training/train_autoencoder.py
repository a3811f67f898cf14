"""Stage 1: the autoencoder, on crops of dolls."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from .autoencoder import Autoencoder
from .dolls.people import drawn_person
from .dolls.pictures import Picture, flat, worn
from .dolls.tops import drawn_top
from .looks import GARMENTS, LOOKS, drawn_wardrobe
from .stage import Average, Stage

SEED = 1
CROP, BATCH = 64, 8
PICTURES = 4000
RATE, WARMUP = 1.5e-3, 100
LATENT_NOISE = 0.06
"""Deviation of the noise on latents, in latents' own: the decoder learns to forgive a sampler."""


def drawn_pictures(count: int, seed: int) -> torch.Tensor:
    """Return [count,3,H,W] uint8: three dolls to every garment laid flat."""
    rng = np.random.default_rng(seed)
    drawings = [
        flat(drawn_top(rng)) if i % 4 == 3 else worn(drawn_person(rng), drawn_top(rng))
        for i in range(count)
    ]
    return stacked(drawings)


def drawn_others(count: int, seed: int) -> torch.Tensor:
    """Return [count,3,H,W] uint8: as many of people's looks and garments of every kind."""
    rng = np.random.default_rng(seed)
    drawings = []
    for i in range(count):
        wardrobe = drawn_wardrobe(rng)
        looks, garment = list(wardrobe.looks()), rng.choice(GARMENTS)
        drawings.append(
            flat(wardrobe.garments[garment]) if i % 4 == 3 else worn(*looks[rng.choice(LOOKS)])
        )
    return stacked(drawings)


def stacked(drawings: list[Picture]) -> torch.Tensor:
    return torch.from_numpy(np.stack([d.rgb for d in drawings])).permute(0, 3, 1, 2)


def crops(pictures: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Return a batch of random crops [BATCH,3,CROP,CROP] in 0..1."""
    count, _, height, width = pictures.shape

    def draw(limit: int) -> list[int]:
        return torch.randint(limit, (BATCH,), generator=generator).tolist()

    places = zip(draw(count), draw(height - CROP + 1), draw(width - CROP + 1))
    return torch.stack([pictures[i, :, y : y + CROP, x : x + CROP] for i, y, x in places]) / 255


def psnr(model: Autoencoder, pictures: torch.Tensor) -> float:
    """Return the mean PSNR in dB of whole pictures [B,3,H,W] uint8, there and back."""
    with torch.no_grad():
        truth = pictures / 255
        result = model.taesd_decoder(model.taesd_encoder(truth)).clamp(0, 1)
    return (-10 * (result - truth).square().mean((1, 2, 3)).log10()).mean().item()


def rate(step: int, steps: int) -> float:
    """Return the learning rate: a short warm-up, then a cosine to 0."""
    return RATE * min(step / WARMUP, 1) * 0.5 * (1 + math.cos(math.pi * step / steps))


def train(work: Path, steps: int, start: dict[str, torch.Tensor] | None = None) -> Autoencoder:
    """Return the trained autoencoder, going on from the checkpoint, else from `start`'s weights."""
    torch.manual_seed(SEED)
    model, stage = Autoencoder(), Stage(work, "autoencoder")
    if start:
        model.load_state_dict(start)
        if not steps and not stage.checkpoint.is_file():
            return model  # measured anew, the latents' mean would differ in its last digit
    trained(model, stage, steps)
    model.normalise(drawn_pictures(16, SEED + 10_000) / 255)
    return model


def train_decoder(work: Path, model: Autoencoder, steps: int) -> Autoencoder:
    """Return the autoencoder with its decoder trained on, the latents as they were."""
    model.taesd_encoder.requires_grad_(False)
    trained(model, Stage(work, "decoder"), steps)
    return model


def trained(model: Autoencoder, stage: Stage, steps: int) -> None:
    """Train what of the model is trainable to `steps`; its weights end as the average."""
    model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(
        [p for p in model.parameters() if p.requires_grad], RATE, betas=(0.9, 0.98)
    )
    average, first = Average(model, 0.995), 0
    if state := stage.resumed():
        model.load_state_dict(state["model"])
        average.resume(state["average"], state["step"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    if first >= steps:  # neither drawn for nor logged again
        model.load_state_dict(average.weights, strict=False)
        return
    generator = torch.Generator().manual_seed(SEED + first)
    held_out = drawn_pictures(16, SEED + 10_000)
    halves = [draw(PICTURES // 2, SEED + first) for draw in (drawn_pictures, drawn_others)]
    pictures = torch.cat(halves)
    for step in range(first + 1, steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = rate(step, steps)
        loss = there_and_back_loss(model, crops(pictures, generator), generator)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        average.update(model)
        if step % 250 == 0:
            stage.record(step=step, loss=loss.item(), psnr=psnr(model, held_out))
        if stage.due() or step == steps:
            stage.save(
                {
                    "model": model.state_dict(),
                    "average": average.weights,
                    "optimizer": optimizer.state_dict(),
                    "step": step,
                }
            )
    model.load_state_dict(average.weights, strict=False)
    stage.record(step=steps, psnr_of_average=psnr(model, held_out))


def there_and_back_loss(
    model: Autoencoder, batch: torch.Tensor, generator: torch.Generator
) -> torch.Tensor:
    """Return the mean squared error of crops [B,3,h,w] through noisy latents."""
    batch = batch.to(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        latents = model.taesd_encoder(batch)
        noise = torch.randn(latents.shape, generator=generator)
        result = model.taesd_decoder(latents + LATENT_NOISE * latents.detach().std() * noise)
    return F.mse_loss(result.float(), batch)
