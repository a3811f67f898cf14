"""The sizes that pictures are trained at, all in whole tokens."""

from __future__ import annotations

import re

import numpy as np

from any2any_core.geometry import TOKEN_PIXELS, Size

SIZE = re.compile(r"(\d+)x(\d+)")
RANGE = re.compile(r"(\d+)-(\d+)")

PUBLISHED = "384-896"
"""The sides that the published LoRAs were trained at, in pixels."""


def bucket_sizes(text: str, buckets: int, seed: int) -> tuple[Size, ...]:
    """Return the sizes of '576x768,768x576', or `buckets` different ones out of '384-896'.

    Raises:
        ValueError: malformed, empty, or not in multiples of 16.
    """
    if span := RANGE.fullmatch(text.strip()):
        low, high = map(int, span.groups())
        check_multiples(text, low, high)
        sides = range(low, high + 1, TOKEN_PIXELS)
        if not sides:
            raise ValueError(
                f"--sizes is '{text}', but a range from a smaller to a larger side was expected, "
                f"such as '{PUBLISHED}'."
            )
        rng = np.random.default_rng([seed, len(sides)])
        drawn = rng.permutation(len(sides) ** 2)[:buckets]
        return tuple(Size(sides[i % len(sides)], sides[i // len(sides)]) for i in drawn)
    sizes = []
    for part in text.split(","):
        match = SIZE.fullmatch(part.strip())
        if not match:
            raise ValueError(
                f"--sizes is '{text}', but widths and heights such as '576x768,768x576', or a "
                f"range of sides such as '{PUBLISHED}', were expected."
            )
        width, height = map(int, match.groups())
        check_multiples(text, width, height)
        sizes.append(Size(width, height))
    return tuple(sizes)


def check_multiples(text: str, *sides: int) -> None:
    if any(side < TOKEN_PIXELS or side % TOKEN_PIXELS for side in sides):
        raise ValueError(
            f"--sizes is '{text}', but sides in multiples of {TOKEN_PIXELS} pixels were expected: "
            "round them."
        )
