"""How near results come to their truths, a number a picture."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from devtools.scores import psnr
from evaluation.scores import Scorer, lpips_squeeze, torchmetrics_ssim
from evaluation.weights import SQUEEZENET

from .unseen import Unseen

Pictures = torch.Tensor
"""[N,h,w,3] uint8."""


@dataclass(frozen=True)
class Measure:
    """A column: its name, the digits that are kept, and which direction is better."""

    title: str
    digits: int
    higher_is_better: bool
    of: Callable[[Pictures, Unseen], np.ndarray]
    missing: Callable[[], str] = lambda: ""
    """Why it cannot be computed here, if it cannot."""


def decibels(results: Pictures, unseen: Unseen) -> np.ndarray:
    return np.array([psnr(*one) for one in zip(results.numpy(), unseen.truth.numpy())])


def garment_error(results: Pictures, unseen: Unseen) -> np.ndarray:
    """Return the root of the mean squared error where clothes are put on or off, in grey levels."""
    errors = (results.double() - unseen.truth.double()).square().mean(-1)  # [N,h,w]
    inside = (errors * unseen.clothes).sum((1, 2)) / unseen.clothes.sum((1, 2)).clamp(min=1)
    return inside.sqrt().numpy()


def scored_by(scorer: Callable[[str], Scorer], results: Pictures, unseen: Unseen) -> np.ndarray:
    """Return what one of the evaluation's metrics gives for each picture."""
    both = (pictures.permute(0, 3, 1, 2) / 255 for pictures in (results, unseen.truth))
    return scorer("cpu")(*both).numpy()


def package(name: str) -> str:
    """Return why a metric's package is missing, if it is."""
    if importlib.util.find_spec(name):
        return ""
    return f"the package {name} is not installed: pip install '.[metrics]'"


def lpips_missing() -> str:
    """Return why LPIPS cannot be had here, if it cannot."""
    try:
        SQUEEZENET.path()
    except ValueError:
        return f"{SQUEEZENET.network}'s weights, {SQUEEZENET.url}, are not in torch's hub folder"
    return package("lpips")


MEASURES = {
    "psnr": Measure("PSNR, dB", 3, True, decibels),
    "ssim": Measure(
        "SSIM", 5, True, partial(scored_by, torchmetrics_ssim), lambda: package("torchmetrics")
    ),
    "lpips": Measure("LPIPS", 5, False, partial(scored_by, lpips_squeeze), lpips_missing),
    "garment": Measure("error in the garment, grey levels", 3, False, garment_error),
}
