"""Pictures of one try-on: what a node's choice does to it."""

from __future__ import annotations

from PIL import Image

from any2any_core.images import to_pil
from devtools.contact_sheet import contact_sheet

from ..dolls.pictures import HEIGHT, WIDTH
from .studio import Studio, doll, image, top


def strengths(studio: Studio) -> Image.Image:
    person, garment = studio.person, studio.garment
    without = studio.try_on(person, garment, model=studio.with_lora(0.0)).restored
    dressed = studio.try_on(person, garment).restored
    return contact_sheet(
        {"person": person, "garment": garment, "strength 0": without, "strength 1": dressed}, 2
    )


def panels(studio: Studio) -> Image.Image:
    seen = studio.try_on(doll(1).crop((0, 24, WIDTH, HEIGHT - 24)), top(1)).panels
    return seen.resize((seen.width * 2, seen.height * 2), Image.LANCZOS)


def canvas(studio: Studio) -> Image.Image:
    return studio.try_on(studio.person, studio.garment).canvas


def steps(studio: Studio) -> Image.Image:
    person, garment = doll(2), top(2)
    made = {
        f"{count} steps": studio.try_on(person, garment, steps=count).restored
        for count in (3, 8, 20)
    }
    return contact_sheet({"person": person, "garment": garment} | made, 2)


def draws(studio: Studio) -> Image.Image:
    person, garment = doll(3), top(3)
    made = {
        f"{noise}, seed {seed}": studio.try_on(person, garment, noise=noise, seed=seed).restored
        for noise, seed in (("comfy", 0), ("reference", 0), ("reference", 1))
    }
    return contact_sheet({"person": person, "garment": garment} | made, 2)


def tags(studio: Studio) -> Image.Image:
    made = studio.try_on(studio.person, studio.garment).restored
    return contact_sheet(
        {
            "<MODEL> person": studio.person,
            "<GARMENT> garment": studio.garment,
            "<TARGET> target": made,
        },
        2,
    )


def way_back(studio: Studio) -> Image.Image:
    person = doll(4).crop((0, 24, WIDTH, HEIGHT - 24))
    made = studio.try_on(person, top(4))
    pasted, mask = studio.run(
        "Any2AnyRestore",
        image=made.decoded,
        conditions=made.conditions,
        original=image(person),
        mask_from_change=True,
    )
    return contact_sheet(
        {
            "person": person,
            "image": to_pil(made.decoded[0]),
            "restored": made.restored,
            "mask of what changed": to_pil(mask[0, ..., None].expand(-1, -1, 3)),
            "pasted inside it": to_pil(pasted[0]),
        },
        2,
    )


def reused(studio: Studio) -> Image.Image:
    person, garment = doll(8), top(8)
    made = {"in full": studio.try_on(person, garment).restored}
    for mode in ("balanced", "fast"):
        (model,) = studio.run("Any2AnyConditionReuse", model=studio.model, mode=mode)
        made[mode] = studio.try_on(person, garment, model=model).restored
    return contact_sheet({"person": person, "garment": garment} | made, 2)


def demo(studio: Studio) -> Image.Image:
    made = studio.try_on(studio.person, studio.garment).restored
    return contact_sheet(
        {
            "person": studio.person,
            "garment": studio.garment,
            "result": made,
            "true picture": studio.truth,
        },
        2,
    )
