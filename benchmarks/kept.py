"""Results kept piece by piece under .any2any/quality, so that a stopped run goes on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np

from devtools.comfyui import ROOT

FOLDER = ROOT / ".any2any" / "quality"
DEMO = ROOT / "demo"
LORAS = DEMO / "loras"


@dataclass(frozen=True)
class Piece:
    """One way's pictures of one batch: by picture the PSNR to the full one, and the score.

    full, reuse: calls of the transformer with all tokens and with the target's alone.
    """

    to_full: list[float]
    score: list[float]
    full: int
    reuse: int
    seconds: float


class Kept:
    """The pieces of the demo model that is there now; others' stay in folders of their own."""

    def __init__(self, folder: Path = FOLDER):
        self.folder = folder / weights_digest()

    def path(self, *names: str) -> Path:
        return self.folder.joinpath(*names)

    def piece(self, *names: str) -> Piece | None:
        path = self.path(*names, "numbers.json")
        return Piece(**json.loads(path.read_text())) if path.is_file() else None

    def keep(self, piece: Piece, *names: str) -> None:
        text = json.dumps(asdict(piece)).encode()
        written(self.path(*names, "numbers.json"), lambda file: file.write(text))

    def pictures(self, *names: str) -> np.ndarray | None:
        path = self.path(*names, "pictures.npz")
        return np.load(path)["pictures"] if path.is_file() else None

    def keep_pictures(self, pictures: np.ndarray, *names: str) -> None:
        path = self.path(*names, "pictures.npz")
        written(path, lambda file: np.savez_compressed(file, pictures=pictures))


def written(path: Path, write) -> None:
    """Write a file under a temporary name, then rename it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as file:
        write(file)
    temporary.replace(path)


def weights_digest() -> str:
    """Return what stands for all weights but the LoRAs, of which a job has its own."""
    files = sorted(set(DEMO.rglob("*.safetensors")) - set(LORAS.iterdir()))
    return digest(*(file.read_bytes() for file in files))


@cache
def lora_digest(name: str) -> str:
    return digest((LORAS / name).read_bytes())


def digest(*parts: str | bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part.encode() if isinstance(part, str) else part)
    return whole.hexdigest()[:12]
