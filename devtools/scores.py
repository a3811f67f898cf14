"""How near a try-on is to its true picture."""

from __future__ import annotations

import numpy as np
from PIL import Image


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Return the peak signal-to-noise ratio in dB of 8-bit values; infinite if they are equal."""
    error = np.mean((one.astype(float) - other.astype(float)) ** 2)
    return float("inf") if error == 0 else float(10 * np.log10(255**2 / error))


def try_on_scores(result: Image.Image, truth: Image.Image, person: Image.Image) -> str:
    """Return the PSNR as text: whole, inside the clothes and outside them.

    The clothes are where the person, in other clothes, differs from the truth.
    """
    result, truth, person = (np.asarray(picture) for picture in (result, truth, person))
    clothes = (truth != person).any(axis=-1)
    return (
        f"{psnr(result, truth):.1f} dB, "
        f"{psnr(result[clothes], truth[clothes]):.1f} dB inside the clothes, "
        f"{psnr(result[~clothes], truth[~clothes]):.1f} dB outside them"
    )
