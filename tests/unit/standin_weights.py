"""Small files in place of the metrics' networks: random, or mostly zeros, under their names."""

from __future__ import annotations

from pathlib import Path

import torch
import torchvision
from torch import nn

from evaluation import weights

CLIP_SIZES = {
    "embed_dim": 16,
    "image_resolution": 224,
    "vision_layers": 1,
    "vision_width": 64,
    "vision_patch_size": 32,
    "context_length": 4,
    "vocab_size": 8,
    "transformer_width": 64,
    "transformer_heads": 1,
    "transformer_layers": 1,
}


class Means(nn.Module):
    """A picture's mean colour, as Inception-v3's 2048 features."""

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return pictures.mean((2, 3)).repeat(1, 683)[:, :2048]


class Inception(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = Means()

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.layers(pictures)


def put_backbone(hub: Path, which: weights.Weights, network: type) -> None:
    """Put a torchvision network whose classifier is all zeros, and takes no room."""
    torch.manual_seed(0)
    state = network(weights=None).state_dict()
    for name, weight in state.items():
        if name.startswith("classifier"):
            state[name] = torch.zeros(1).expand(weight.shape)
    torch.save(state, hub / "checkpoints" / which.file)


def put_squeezenet(hub: Path) -> None:
    put_backbone(hub, weights.SQUEEZENET, torchvision.models.squeezenet1_1)


def put_alexnet(hub: Path) -> None:
    put_backbone(hub, weights.ALEXNET, torchvision.models.alexnet)


def put_vgg16(hub: Path) -> None:
    put_backbone(hub, weights.VGG16, torchvision.models.vgg16)


def put_inception(hub: Path) -> None:
    torch.jit.script(Inception()).save(str(hub / "checkpoints" / weights.INCEPTION.file))


def put_clip(hub: Path) -> dict[str, torch.Tensor]:
    """Put a CLIP of one layer, as TorchScript like the published one; return its weights."""
    from pyiqa.archs.clip_model import CLIP

    torch.manual_seed(0)
    network = CLIP(**CLIP_SIZES).eval()
    side, length = CLIP_SIZES["image_resolution"], CLIP_SIZES["context_length"]
    example = torch.zeros(1, 3, side, side), torch.zeros(1, length, dtype=torch.long)
    torch.jit.trace(network, example).save(str(hub / "checkpoints" / weights.CLIP.file))
    return network.state_dict()
