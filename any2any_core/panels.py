"""Panels: the person and the garments, prepared and encoded, as one frozen value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch

from .geometry import Frame, Margins, Size
from .images import checked_image, image_size, padded_person, strip_picture

PERSON = "person"
GARMENT = "garment"
ROLES = (PERSON, GARMENT)

TOGETHER, SEPARATELY = "together", "separately"
"""How panels are encoded: side by side as one picture, as the reference does, or each alone."""

NO_MARGINS = Margins()


@dataclass(frozen=True, eq=False)
class Panel:
    """One condition picture, ready to be encoded.

    `picture` is [B,H,W,3] in 0..1, in whole tokens; `source` is the photo's own size. `frame` is
    there where the latent holds only a part of the picture.
    """

    role: str
    picture: torch.Tensor
    source: Size
    margins: Margins = NO_MARGINS
    frame: Frame | None = None

    @property
    def size(self) -> Size:
        return image_size(self.picture)


@dataclass(frozen=True, eq=False)
class Conditions:
    """All that packing and restoring need: the value on an ANY2ANY_CONDITIONS wire.

    `latents[i]` is panel i's raw VAE latent [B,16,H/8,W/8]; person first, then the garments.
    """

    target: Size
    panels: tuple[Panel, ...]
    latents: tuple[torch.Tensor, ...]

    @property
    def batch(self) -> int:
        return self.panels[0].picture.shape[0]

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(panel.role for panel in self.panels)

    @property
    def frames(self) -> tuple[Frame | None, ...]:
        return tuple(panel.frame for panel in self.panels)

    @property
    def person(self) -> Panel | None:
        """The person panel that was padded onto the target, if there is one."""
        return next((panel for panel in self.panels if panel.role == PERSON), None)


def prepare_panels(
    target: Size, person: torch.Tensor | None, garments: list[torch.Tensor]
) -> tuple[Panel, ...]:
    """Return the panels for photos [B,H,W,C]; which are there decides the geometry.

    A person beside a garment is padded to the target's own size; every other condition is scaled
    to the target's height and cropped to whole tokens (the reference's infer.py).

    Raises:
        ValueError: neither person nor garment, batches that do not pair up, or a bad picture.
    """
    if person is None and not garments:
        raise ValueError(
            "Neither a person nor a garment is connected, but at least one is needed: "
            "connect a LoadImage to person, garment or both."
        )
    names = ([PERSON] if person is not None else []) + [
        GARMENT if number == 1 else f"{GARMENT}_{number}" for number in range(1, len(garments) + 1)
    ]
    photos = ([person] if person is not None else []) + garments
    checked = [checked_image(photo, name) for photo, name in zip(photos, names)]
    batch = pair_batches(checked, names)[0].shape[0]
    panels = [
        person_panel(photo, target)
        if name == PERSON and garments
        else strip_panel(photo, target, name)
        for photo, name in zip(checked, names)
    ]
    return tuple(
        replace(panel, picture=panel.picture.expand(batch, -1, -1, -1)) for panel in panels
    )


def person_panel(photo: torch.Tensor, target: Size) -> Panel:
    """Return the panel of a person [B,H,W,3] that lies on the target's own columns."""
    picture, margins = padded_person(photo, target)
    return Panel(PERSON, picture, image_size(photo), margins)


def strip_panel(photo: torch.Tensor, target: Size, name: str) -> Panel:
    """Return the panel of a garment, or of a person alone, [B,H,W,3]; beside the target."""
    role = PERSON if name == PERSON else GARMENT
    return Panel(role, strip_picture(photo, target, name), image_size(photo))


def pair_batches(images: list[torch.Tensor], names: list[str]) -> list[torch.Tensor]:
    """Return the images [B,...] at one batch size: equal sizes pair up, 1 repeats.

    Raises:
        ValueError: two sizes over 1 differ; the sentence names both.
    """
    largest = max(range(len(images)), key=lambda i: images[i].shape[0])
    batch = images[largest].shape[0]
    for image, name in zip(images, names):
        if image.shape[0] not in (1, batch):
            raise ValueError(
                f"{name} has {image.shape[0]} pictures and {names[largest]} has {batch}, but "
                "batches must be equal (they pair up) or 1 (it repeats): change one of them."
            )
    return [image.expand(batch, -1, -1, -1) for image in images]


def joined_picture(panels: tuple[Panel, ...]) -> torch.Tensor:
    """Return all panels side by side, [B,H,sum of W,3]: what the reference encodes as one."""
    return torch.cat([panel.picture for panel in panels], dim=2)


def split_latent(latent: torch.Tensor, panels: tuple[Panel, ...]) -> tuple[torch.Tensor, ...]:
    """Return each panel's columns of a joined latent [B,16,H/8,W/8]."""
    widths = [panel.size.token_w * 2 for panel in panels]
    return tuple(part.contiguous() for part in latent.split(widths, dim=-1))


def each_encoded(
    panels: Sequence[Panel], encode: Callable[[torch.Tensor], torch.Tensor]
) -> tuple[torch.Tensor, ...]:
    """Return each panel's latent [B,16,H/8,W/8], encoded alone.

    A photo that stands beside a whole batch is encoded once.
    """
    latents = []
    for panel in panels:
        batch, repeated = panel.picture.shape[0], panel.picture.stride(0) == 0
        latent = encode(panel.picture[:1] if repeated else panel.picture)
        latents.append(latent.expand(batch, -1, -1, -1))
    return tuple(latents)


def pairs_encoded(
    target: Size,
    pairs: Sequence[tuple[torch.Tensor, torch.Tensor]],
    encode: Callable[[torch.Tensor], torch.Tensor],
) -> list[Conditions]:
    """Return the conditions of (person, garment) pairs, each photo [1,H,W,3] encoded alone.

    A photo that is in several pairs, the very same tensor, is prepared and encoded once.
    """
    people = {id(person): person_panel(person, target) for person, _ in pairs}
    garments = {id(garment): strip_panel(garment, target, GARMENT) for _, garment in pairs}
    panels = people | garments
    latents = {photo: encode(panel.picture) for photo, panel in panels.items()}
    return [
        Conditions(
            target,
            tuple(panels[id(photo)] for photo in pair),
            tuple(latents[id(photo)] for photo in pair),
        )
        for pair in pairs
    ]
