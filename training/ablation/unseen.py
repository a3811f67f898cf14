"""Try-ons that no stage has seen, at any size, with their answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from any2any_core.geometry import Size
from any2any_core.panels import joined_picture, prepare_panels

from ..autoencoder import Autoencoder
from ..demo_nodes import images, pictures
from ..dolls.frames import changed_clothes, reframed
from ..dolls.people import HEIGHT, WIDTH
from ..dolls.pictures import Triple, drawn_triple
from ..pool import encoded
from ..stage import written_whole

SEED = 9_700_000
TRAINED = Size(WIDTH, HEIGHT)
OTHERS = (Size(192, 192), Size(256, 192), Size(112, 192), Size(192, 256), Size(96, 128))
"""Square, wide, narrow, larger, smaller: none of them is trained at."""
SIZES = {str(size): size for size in (TRAINED, *OTHERS)}
NARROWER = tuple(size for size in OTHERS if size.width < TRAINED.width)


@dataclass(frozen=True, eq=False)
class Unseen:
    """N try-ons of one size.

    person, garment, truth: pictures [N,h,w,3] uint8; clothes: where they are put on or off
    [N,h,w]; together, separately: latents of person [N,16,h/8,w/8] and of garment, side by side.
    """

    person: torch.Tensor
    garment: torch.Tensor
    truth: torch.Tensor
    clothes: torch.Tensor
    together: torch.Tensor
    separately: torch.Tensor

    def latents(self, together: bool) -> list[torch.Tensor]:
        """Return the conditions' latents, person and garment [N,16,h/8,..]."""
        width = self.person.shape[2] // 8
        joined = self.together if together else self.separately
        return [joined[..., :width], joined[..., width:]]


def drawn_unseen(autoencoder: Autoencoder, size: Size, count: int) -> Unseen:
    """Return `count` try-ons; at every size they are of the same dolls."""
    triples = [drawn_triple(SEED + i) for i in range(count)]
    persons, truths = (
        [reframed(getattr(triple, name).rgb, size) for triple in triples]
        for name in ("source", "target")
    )
    flats = [triple.flat.rgb for triple in triples]
    panels = prepare_panels(size, images(persons), [images(flats)])
    each = [encoded(autoencoder, pictures(panel.picture)) for panel in panels]
    return Unseen(
        person=torch.from_numpy(np.stack(persons)),
        garment=torch.from_numpy(np.stack(pictures(panels[1].picture))),
        truth=torch.from_numpy(np.stack(truths)),
        clothes=torch.from_numpy(np.stack([changed(triple, size) for triple in triples])),
        together=encoded(autoencoder, pictures(joined_picture(panels))),
        separately=torch.cat(each, dim=-1),
    )


def changed(triple: Triple, size: Size) -> np.ndarray:
    """Return where clothes are put on or off [h,w]."""
    return changed_clothes(triple, size) > 127


def unseen_path(work: Path, size: Size) -> Path:
    return work / f"unseen-{size}.safetensors"


def write_unseen(work: Path, autoencoder: Autoencoder, size: Size, count: int) -> None:
    """Draw the try-ons of a size into the work folder, if they are not there."""
    path = unseen_path(work, size)
    if not path.is_file():
        with written_whole(path) as part:
            save_file(vars(drawn_unseen(autoencoder, size, count)), part)


def read_unseen(work: Path, size: Size) -> Unseen:
    return Unseen(**load_file(unseen_path(work, size)))
