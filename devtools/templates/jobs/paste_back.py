"""A try-on in which face, hands and background stay the photo's own pixels."""

from ..forms import Form
from ..graph import Graph
from ..job import Job
from ..parts import (
    PREVIEW,
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
    with graph.group("3  Try-on", column=3):
        pack = packed(graph, loaded, text, size, person=person, garment=garment)
        image = decoded(graph, loaded.vae, sampled(graph, form, pack))
        pasted = restored(graph, image, pack.conditions, original=person, mask_from_change=True)
        graph.add("MaskPreview", 5, title="What is new", at_least=PREVIEW, mask=pasted["mask"])
    result(graph, 9, pasted["image"], "paste_back", before=person)


JOB = Job(
    "paste_back",
    "Try-on, pasted back into the photo",
    (
        "Drop a photo into **Person** and one into **Garment**, and press **Run**.",
        "**What is new** shows the mask: white comes from the result, black stays the photo, "
        "pixel for pixel.",
        "Too much is new: raise **sensitivity** in Any2Any Restore, or lower it if something "
        "of the garment is missing. A mask of your own goes into **mask**.",
    ),
    draw,
)
