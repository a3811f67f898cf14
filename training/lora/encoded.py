"""What is encoded once and kept on disk: pictures as latents, prompts as embeddings.

A file's name is the digest of all that makes its contents, so a cache is never stale, serves every
run over the same data, and may be deleted at any time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from any2any_core.panels import Panel, joined_picture, split_latent

from ..stage import written_whole
from .examples import Example, picture_key
from .texts import Texts

VERSION = 1
"""Goes up when the same pictures are encoded otherwise."""


@dataclass(frozen=True)
class Cache:
    """A folder of encodings. `pictures`, `texts`: what stands for the encoders in the digests."""

    folder: Path
    together: bool
    pictures: str
    texts: str

    def latents_path(self, example: Example) -> Path:
        parts = [picture_key(picture) for picture in example.triple.pictures]
        return self.path(
            "latents", self.pictures, self.together, example.size, example.roles, *parts
        )

    def text_path(self, prompt: str) -> Path:
        return self.path("text", self.texts, prompt)

    def path(self, kind: str, *parts: object) -> Path:
        key = "\n".join(map(str, (VERSION, kind, *parts)))
        return self.folder / f"{kind}-{hashlib.sha256(key.encode()).hexdigest()[:24]}.safetensors"

    def latents(self, example: Example) -> list[torch.Tensor]:
        """Return the latents [16,h,w] of an example: target first, then the conditions."""
        tensors = load_file(self.latents_path(example))
        return [tensors[str(number)].float() for number in range(len(tensors))]

    def text(self, prompt: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the text [T,4096] and the pooled vector [768] of a prompt."""
        tensors = load_file(self.text_path(prompt))
        return tensors["text"].float(), tensors["pooled"].float()

    def missing(self, paths: dict[Path, object]) -> dict[Path, object]:
        return {path: what for path, what in paths.items() if not path.is_file()}

    def encode_pictures(
        self, examples: Iterable[Example], autoencoder: Callable[[], nn.Module], device, told
    ) -> None:
        """Encode what is not there yet; `told(done, count)` is called after each."""
        missing = self.missing({self.latents_path(one): one for one in examples})
        module = autoencoder().to(device) if missing else None
        for done, (path, example) in enumerate(missing.items(), 1):
            latents = encoded(module, example, self.together, device)
            # half: its 11 bits keep more of a latent than bfloat16's 8
            write(path, {str(n): one.half().cpu() for n, one in enumerate(latents)})
            told(done, len(missing))

    def encode_texts(self, prompts: Iterable[str], texts: Callable[[], Texts], told) -> None:
        """Encode the prompts that are not there yet."""
        missing = self.missing({self.text_path(one): one for one in prompts})
        encoders = texts() if missing else None
        for done, (path, prompt) in enumerate(missing.items(), 1):
            text, pooled = encoders.embedded(prompt)
            write(path, {"text": text.cpu().contiguous(), "pooled": pooled.cpu().contiguous()})
            told(done, len(missing))


@torch.no_grad()
def encoded(autoencoder: nn.Module, example: Example, together: bool, device) -> list[torch.Tensor]:
    """Return the latents [16,h,w] of target and conditions; these as one picture, or apart."""

    def latent(picture: torch.Tensor) -> torch.Tensor:
        return autoencoder.encode(picture.movedim(-1, 1).to(device))  # [1,16,h,w]

    panels: tuple[Panel, ...] = example.panels()
    if together:
        conditions = split_latent(latent(joined_picture(panels)), panels)
    else:
        conditions = tuple(latent(panel.picture) for panel in panels)
    return [one[0].contiguous() for one in (latent(example.target()), *conditions)]


def write(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    """Write a safetensors file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as part:
        save_file(tensors, part)


def file_key(path: Path) -> str:
    """Return what stands for an encoder in the digests: its file's, or folder's, size and time."""
    files = sorted(path.rglob("*.safetensors")) if path.is_dir() else [path]
    stats = [(one, one.stat()) for one in files if one.is_file()]
    return " ".join(f"{one.resolve()} {stat.st_size} {stat.st_mtime_ns}" for one, stat in stats)
