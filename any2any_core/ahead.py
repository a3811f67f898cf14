"""Checks before the first of several try-ons, so that the last one's mistake costs no time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from .geometry import Size, fitted_size, strip_size
from .images import checked_image, image_size
from .panels import PERSON, pair_batches


def checked_person(photo: torch.Tensor, target: Size, what: str = PERSON) -> torch.Tensor:
    """Return a person [B,H,W,C] as [B,H,W,3] in 0..1, if it can be fitted into the target.

    Raises:
        ValueError: a bad picture, or one too long and thin.
    """
    photo = checked_image(photo, what)
    fitted_size(image_size(photo), target, what)
    return photo


def checked_garment(photo: torch.Tensor, target: Size, what: str) -> torch.Tensor:
    """Return a garment [B,H,W,C] as [B,H,W,3] in 0..1, if it makes a panel beside the target.

    Raises:
        ValueError: a bad picture, or one too wide or too narrow.
    """
    photo = checked_image(photo, what)
    strip_size(image_size(photo), target, what)
    return photo


def check_layers(person: torch.Tensor, garments: dict[str, torch.Tensor], target: Size) -> None:
    """Check a person and its garments by name, all [B,H,W,C], for passes one after the other.

    Raises:
        ValueError: a bad picture, or batches that do not pair up.
    """
    photos = [checked_person(person, target)]
    photos += [checked_garment(photo, target, name) for name, photo in garments.items()]
    pair_batches(photos, [PERSON, *garments])


def list_entries(inputs: dict[str, Sequence]) -> list[dict[str, Any]]:
    """Return what each run of a node gets that ComfyUI maps over lists: short ones end repeating.

    >>> list_entries({"a": [1, 2], "b": [3]})
    [{'a': 1, 'b': 3}, {'a': 2, 'b': 3}]
    """
    longest = max(map(len, inputs.values()))
    return [
        {name: values[min(index, len(values) - 1)] for name, values in inputs.items()}
        for index in range(longest)
    ]
