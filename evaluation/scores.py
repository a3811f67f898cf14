"""Metrics that hold a result against its own true picture: a number a pair, and their mean.

Every function returns what scores batches [B,3,H,W] in 0..1, result and truth, as [B].
"""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch

Scorer = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def torchmetrics_ssim(device: str) -> Scorer:
    from torchmetrics.functional.image import structural_similarity_index_measure as ssim

    return partial(ssim, data_range=1.0, reduction="none")


def lpips_squeeze(device: str) -> Scorer:
    import lpips

    network = lpips.LPIPS(net="squeeze", verbose=False).to(device)
    return lambda result, truth: network(result, truth, normalize=True).flatten()


def pyiqa_metric(name: str, **settings) -> Callable[[str], Scorer]:
    """Return what makes one of pyiqa's metrics; it prints and logs while it is made."""

    def made(device: str) -> Scorer:
        import pyiqa

        logging.getLogger("pyiqa").setLevel(logging.WARNING)
        with contextlib.redirect_stdout(io.StringIO()):
            metric = pyiqa.create_metric(name, device=torch.device(device), **settings)
        return lambda result, truth: metric(result, truth).flatten()

    return made


def pyiqa_lpips(device: str) -> Scorer:
    """Make pyiqa's LPIPS; its linear layers are those that the package lpips brings along."""
    import lpips

    heads = Path(lpips.__file__).parent / "weights" / "v0.1" / "alex.pth"
    return pyiqa_metric("lpips", pretrained_model_path=str(heads))(device)


def dists(device: str) -> Scorer:
    """Make DISTS as torchmetrics carries it: the authors' code, and their alpha and beta."""
    from torchmetrics.functional.image.dists import DISTSNetwork

    network = DISTSNetwork().to(device)
    return lambda result, truth: network(result, truth).reshape(-1)
