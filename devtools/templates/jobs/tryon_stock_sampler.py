"""A try-on with ComfyUI's own KSampler."""

from ..forms import Form
from ..graph import Graph
from ..job import Job
from ..parts import (
    SAMPLER,
    canvas,
    decoded,
    encoded,
    models,
    packed,
    photo,
    restored,
    result,
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
    with graph.group("3  Try-on", column=3):
        pack = packed(graph, loaded, text, size, person=person, garment=garment)
        latent = graph.add(
            "KSampler",
            2,
            at_least=SAMPLER,
            model=pack.model,
            positive=pack.positive,
            negative=pack.negative,
            latent_image=pack.latent,
            control_after_generate=form.after,
            steps=form.steps,
            cfg=1.0,
            sampler_name="euler",
            scheduler="simple",
        )
        image = decoded(graph, loaded.vae, latent["LATENT"])
        tried = restored(graph, image, pack.conditions)["image"]
    result(graph, 8, tried, "tryon_stock_sampler", before=person)


JOB = Job(
    "tryon_stock_sampler",
    "Try-on with the stock KSampler",
    (
        "Drop a photo into **Person** and one into **Garment**, and press **Run**.",
        "Keep **cfg** at 1 and **scheduler** at `simple`: Adaptive Position Pack has set the "
        "model's shift for it. `euler` is what the LoRAs are published with; others work.",
        "Whatever else takes a MODEL goes between Load Try-on LoRA and the pack: other LoRAs, "
        "EasyCache, and so on.",
    ),
    draw,
)
