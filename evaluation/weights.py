"""The networks behind the metrics: where their weights must lie.

Nothing is ever downloaded. The libraries look into torch's hub folder (`TORCH_HOME`); so does this,
before they are asked, and says which file is missing and where it is published.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch

PYTORCH = "https://download.pytorch.org/models"


class MissingWeightsError(ValueError):
    """A network's weights are not there, or not whole."""


@dataclass(frozen=True)
class Weights:
    """A network's file in the hub folder's `checkpoints`."""

    network: str
    url: str
    sha256: str = ""
    """How its digest begins; empty where none is published."""

    @property
    def file(self) -> str:
        return self.url.rsplit("/", 1)[1]

    def path(self) -> Path:
        """Return where the file is.

        Raises:
            MissingWeightsError: it is not there, or another than the published one.
        """
        path = Path(torch.hub.get_dir()) / "checkpoints" / self.file
        remedy = f"download {self.url} and put it there, or name another folder with --weights"
        if not path.is_file():
            raise MissingWeightsError(
                f"{self.network}'s weights were expected in {path}, but there is no such file: "
                f"{remedy}."
            )
        if not is_published(path, self.sha256):
            raise MissingWeightsError(
                f"{path} is another file than the published one, whose SHA-256 begins with "
                f"{self.sha256[:16]}: {remedy}."
            )
        return path


def is_published(path: Path, sha256: str) -> bool:
    """Return whether a file's digest begins with `sha256`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest().startswith(sha256)


SQUEEZENET = Weights("SqueezeNet 1.1", f"{PYTORCH}/squeezenet1_1-b8a52dc0.pth", "b8a52dc0")
ALEXNET = Weights("AlexNet", f"{PYTORCH}/alexnet-owt-7be5be79.pth", "7be5be79")
VGG16 = Weights("VGG-16", f"{PYTORCH}/vgg16-397923af.pth", "397923af")
INCEPTION = Weights(
    "Inception-v3",
    "https://nvlabs-fi-cdn.nvidia.com/stylegan2-ada-pytorch/pretrained/metrics/"
    "inception-2015-12-05.pt",
)
CLIP = Weights(
    "CLIP ViT-B/32",
    "https://openaipublic.azureedge.net/clip/models/"
    "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af/ViT-B-32.pt",
    "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af",
)
