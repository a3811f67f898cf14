"""Real photos in the sizes and modes that people have, among a server's inputs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps


@dataclass(frozen=True)
class Photo:
    """A real photo made into another: cropped, centred, to width x height px, in a Pillow mode."""

    file: str
    width: int
    height: int
    mode: str = "RGB"

    @property
    def name(self) -> str:
        return f"{Path(self.file).stem}_{self.width}x{self.height}_{self.mode}.png"


@dataclass(frozen=True)
class Photos:
    """The folder of real photos, and the server's input folder."""

    real: Path
    inputs: Path

    def put(self, photo: Photo) -> str:
        """Put the photo among the inputs; return its name for LoadImage."""
        path = self.inputs / photo.name
        if not path.is_file():
            with Image.open(self.real / photo.file) as source:
                size = (photo.width, photo.height)
                ImageOps.fit(source.convert("RGBA"), size).convert(photo.mode).save(path)
        return photo.name
