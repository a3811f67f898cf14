"""A try-on, then a second pass over the enlarged latent, then an upscaler."""

from ..forms import Form
from ..graph import Graph
from ..job import Job
from ..parts import (
    canvas,
    decoded,
    encoded,
    models,
    packed,
    photo,
    restored,
    result,
    sampled,
    words,
)


def draw(graph: Graph, form: Form, lora: str) -> None:
    with graph.group("1  Pictures", column=1):
        person = photo(graph, form, "Person", "person")
        garment = photo(graph, form, "Garment", "garment")
        size = canvas(graph, form, person)
    with graph.group("2  Model and prompt", column=0, band=1):
        loaded = models(graph, form, lora)
        text = encoded(graph, loaded.clip, words(graph, "try-on"))
    with graph.group("3  First pass", column=3):
        pack = packed(graph, loaded, text, size, span=2, person=person, garment=garment)
        first = sampled(graph, form, pack)
        larger = graph.add(
            "LatentUpscaleBy", 3, samples=first, upscale_method="bislerp", scale_by=1.5
        )
    with graph.group("4  Second pass and upscaler", column=7):
        second = sampled(graph, form, pack, right=0, latent=larger["LATENT"], denoise=0.4)
        image = decoded(graph, loaded.vae, second, right=1)
        whole = restored(graph, image, pack.conditions, right=2, size="generated")
        large = graph.add(
            "ImageScaleBy",
            3,
            image=whole["image"],
            upscale_method="lanczos",
            scale_by=2.0,
        )
    result(graph, 11, large["IMAGE"], "tryon_hires", before=person, number=5)


JOB = Job(
    "tryon_hires",
    "Try-on in high resolution",
    (
        "Drop a photo into **Person** and one into **Garment**, and press **Run**.",
        "The second pass draws finer detail: **denoise** in the second Any2Any Sampler says how "
        "much it may change, 0.3 to 0.5.",
        "**scale_by** in Upscale Latent By and in Upscale Image By make it larger. An upscale "
        "model goes in the latter's place: Load Upscale Model, Upscale Image (using Model).",
    ),
    draw,
)
