"""Metrics that hold all results against all true pictures: distances between networks' features.

Resizing, features and distances are clean-fid's. Each function returns what turns pictures' files
into features, float [N,C].
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from .weights import CLIP, INCEPTION

FeaturesOf = Callable[[Sequence[Path]], np.ndarray]

CLIP_SIDE = 224
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_DEVIATION = (0.26862954, 0.26130258, 0.27577711)


def inception(device: str) -> FeaturesOf:
    """Make clean-fid's features: 2048 numbers of Inception-v3 at 299x299."""
    from cleanfid.inception_torchscript import InceptionV3W

    folder = INCEPTION.path().parent
    network = InceptionV3W(str(folder), download=False).to(device).eval()
    return lambda files: features(files, network, device)


def clip(device: str) -> FeaturesOf:
    """Make clean-fid's `clip_vit_b_32` features: CLIP's embedding of the middle at 224x224.

    The loader is pyiqa's copy of OpenAI's, for theirs needs pkg_resources, which is gone.
    """
    from pyiqa.archs import clip_model

    network = clip_model.load(str(CLIP.path()), device=device).eval()
    mean, deviation = (
        torch.tensor(values, device=device)[:, None, None] for values in (CLIP_MEAN, CLIP_DEVIATION)
    )

    def embedding(pictures: torch.Tensor) -> torch.Tensor:
        return network.encode_image((pictures / 255 - mean) / deviation, pos_embedding=True)

    return lambda files: features(files, embedding, device, clip_square)


def clip_square(picture: np.ndarray) -> np.ndarray:
    """Return the middle square of an RGB picture [H,W,3] uint8, 224 px on a side, bicubic."""
    from torchvision.transforms.v2 import InterpolationMode
    from torchvision.transforms.v2 import functional as V

    scaled = V.resize(Image.fromarray(picture), [CLIP_SIDE], InterpolationMode.BICUBIC)
    return np.asarray(V.center_crop(scaled, [CLIP_SIDE, CLIP_SIDE]))


def features(files: Sequence[Path], network: Callable, device: str, resize=None) -> np.ndarray:
    from cleanfid.fid import get_files_features

    return get_files_features(
        [str(file) for file in files],
        network,
        num_workers=0,
        batch_size=len(files),
        device=torch.device(device),
        mode="clean",
        custom_fn_resize=resize,
        verbose=False,
    )


def frechet_distance(results: np.ndarray, truths: np.ndarray) -> float:
    """Return the Fréchet distance between two sets of features [N,C]."""
    from cleanfid.fid import fid_from_feats

    return float(fid_from_feats(truths, results))


def kernel_distance_x1000(results: np.ndarray, truths: np.ndarray) -> float:
    """Return 1000 times the kernel distance; clean-fid draws its 100 subsets, here with seed 0."""
    from cleanfid.fid import kernel_distance

    np.random.seed(0)
    return 1000 * kernel_distance(truths, results)
