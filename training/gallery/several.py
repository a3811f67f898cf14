"""Pictures of several try-ons: layers, a lookbook, its sheet."""

from __future__ import annotations

from functools import cache

from PIL import Image

from any2any_core.images import to_pil
from devtools.contact_sheet import contact_sheet

from .studio import Studio, doll, image, top


def layers(studio: Studio) -> Image.Image:
    person, inner, outer = doll(5), top(5), top(6)
    first = studio.try_on(person, inner).restored
    second = studio.try_on(first, outer).restored
    return contact_sheet(
        {
            "person": person,
            "garment": inner,
            "pass 1": first,
            "garment_2": outer,
            "pass 2": second,
        },
        2,
    )


@cache
def looks(studio: Studio) -> tuple[list[Image.Image], ...]:
    """Return two people, three garments, and every person in every garment."""
    people, garments = [doll(10), doll(11)], [top(20), top(21), top(22)]
    made = [studio.try_on(person, garment).restored for person in people for garment in garments]
    return people, garments, made


def lookbook(studio: Studio) -> Image.Image:
    _, garments, made = looks(studio)
    names = [
        f"look_p{index // len(garments) + 1:02}_g{index % len(garments) + 1:02}"
        for index in range(len(made))
    ]
    return contact_sheet(dict(zip(names, made)))


def sheet(studio: Studio) -> Image.Image:
    people, garments, made = looks(studio)
    (drawn,) = studio.run(
        "Any2AnyContactSheet",
        images=list(map(image, made)),
        people=list(map(image, people)),
        garments=list(map(image, garments)),
        columns=[0],
        cell=[220],
        gap=[8],
    )
    return to_pil(drawn[0])
