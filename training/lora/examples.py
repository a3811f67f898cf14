"""One triple at one size: its panels as inference prepares them, their places, and its prompt."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch

from any2any_core.geometry import Size, strip_size
from any2any_core.images import padded_person, to_tensor
from any2any_core.layout import Layout
from any2any_core.panels import GARMENT, PERSON, Panel, prepare_panels
from any2any_core.positions import Grid
from any2any_core.triples import Picture, Triple


@dataclass(frozen=True)
class Example:
    """What one draw is. `size` is the target's, in whole tokens."""

    triple: Triple
    size: Size

    @property
    def roles(self) -> tuple[str, ...]:
        conditions = {PERSON: self.triple.person, GARMENT: self.triple.garment}
        return tuple(role for role, picture in conditions.items() if picture)

    @property
    def shape(self) -> tuple[tuple[str, ...], Size, tuple[Size, ...]]:
        """What examples of one batch have in common: roles, target's and conditions' sizes.

        Raises:
            ValueError: a condition would be too narrow or too wide beside this target.
        """
        if len(self.roles) > 1:
            person = (self.size,)
            strips = (self.triple.garment,)
        else:
            person, strips = (), (self.triple.garment or self.triple.person,)
        sizes = tuple(strip_size(full_size(one), self.size, one.where) for one in strips)
        return self.roles, self.size, person + sizes

    def panels(self) -> tuple[Panel, ...]:
        """Return the conditions' panels, by the very functions of inference."""
        person, garment = self.triple.person, self.triple.garment
        return prepare_panels(
            self.size,
            image(person) if person else None,
            [image(garment)] if garment else [],
        )

    def target(self) -> torch.Tensor:
        """Return the picture to be made [1,H,W,3]: fitted and padded as the person is."""
        return padded_person(image(self.triple.target), self.size)[0]


def image(picture: Picture) -> torch.Tensor:
    """Return a picture as an IMAGE [1,H,W,3]."""
    return to_tensor(picture.opened())[None]


def full_size(picture: Picture) -> Size:
    """Return the size at which a picture is opened."""
    return picture.crop or picture.size


def layout_and_grids(name: str, shape: tuple) -> tuple[Layout, Grid, list[Grid]]:
    """Return what `any2any_core.positions.image_ids` asks for, of an example's shape."""
    roles, target, conditions = shape
    grids = [Grid(size.token_h, size.token_w) for size in (target, *conditions)]
    return Layout(name, roles), grids[0], grids[1:]


def picture_key(picture: Picture) -> str:
    """Return what changes when the picture does: its file's name, size and time, or its bytes."""
    if isinstance(picture.source, Path):
        stat = picture.source.stat()
        source = f"{picture.source.resolve()} {stat.st_size} {stat.st_mtime_ns}"
    else:
        stored = picture.source
        data = stored if isinstance(stored, bytes) else stored.read_bytes()
        source = hashlib.sha256(data).hexdigest()
    return f"{source} {picture.crop}"
