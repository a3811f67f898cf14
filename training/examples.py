"""The pictures in demo/examples: one try-on with its answer, and more to play with.

    python -m training.examples

All are drawn from seeds that no stage of the training has seen.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from any2any_core.geometry import Size

from .dolls.frames import reframed
from .dolls.pictures import Picture, drawn_triple, flat, worn
from .looks import A_DRESS, A_JACKET, JACKET, OTHER_TROUSERS, Wardrobe, drawn_wardrobe

FOLDER = Path(__file__).resolve().parent.parent / "demo" / "examples"

TRY_ON = 8_000_181
PERSON_2 = 8_000_185
PERSON_WIDE = 8_000_192
GARMENT_2 = 8_000_182
GARMENT_3 = 8_000_191
CUTOUT = 8_000_194
WIDE = Size(256, 192)
IN_A_JACKET = 8_100_001
LAID_FLAT = {
    "jacket": (8_100_005, A_JACKET),
    "trousers": (8_100_001, OTHER_TROUSERS),
    "dress": (8_100_007, A_DRESS),
}
"""Seeds of people who own other garments than tops, and which of them is shown."""


def export_examples(folder: Path = FOLDER) -> None:
    """Write the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    triple = drawn_triple(TRY_ON)
    pictures = {
        "person": triple.source.rgb,
        "garment": triple.flat.rgb,
        "truth": triple.target.rgb,
        "worn": clothes_masked(triple.target),
        "person_2": drawn_triple(PERSON_2).source.rgb,
        "person_wide": reframed(drawn_triple(PERSON_WIDE).source.rgb, WIDE),
        "garment_2": drawn_triple(GARMENT_2).flat.rgb,
        "garment_3": drawn_triple(GARMENT_3).flat.rgb,
        "cutout": cut_out(drawn_triple(CUTOUT).flat),
        "person_jacket": worn(*list(owned(IN_A_JACKET).looks())[JACKET]).rgb,
    }
    for name, (seed, garment) in LAID_FLAT.items():
        pictures[name] = flat(owned(seed).garments[garment]).rgb
    for name, picture in pictures.items():
        Image.fromarray(picture).save(folder / f"{name}.png")


def owned(seed: int) -> Wardrobe:
    """Return the person of a seed with all that they own."""
    return drawn_wardrobe(np.random.default_rng(seed))


def clothes_masked(worn: Picture) -> np.ndarray:
    """Return the person [h,w,4], the clothes transparent, as ComfyUI's mask editor leaves them."""
    return np.dstack([worn.rgb, 255 - worn.clothes])


def cut_out(flat: Picture) -> np.ndarray:
    """Return the garment [h,w,4], all around it transparent."""
    return np.dstack([flat.rgb, flat.clothes])


if __name__ == "__main__":
    export_examples()
