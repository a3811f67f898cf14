"""The LoRA that was trained on VITON-HD, with its own positions, prompt and size."""

from ..forms import VITONHD, Form
from ..graph import Graph
from ..job import Job
from ..parts import encoded, models, photo, result, tried_on, words

SIZE = (384, 512)


def draw(graph: Graph, form: Form, lora: str) -> None:
    with graph.group("1  Pictures", column=1):
        person = photo(graph, form, "Person", "person")
        garment = photo(graph, form, "Garment", "garment")
    with graph.group("2  Model and prompt", column=0, band=1):
        loaded = models(graph, form, lora)
        text = encoded(graph, loaded.clip, words(graph, "vitonhd"))
    with graph.group("3  Try-on", column=3):
        size = form.size if form.is_demo else SIZE
        tried = tried_on(graph, form, loaded, text, size, "vitonhd", person=person, garment=garment)
    result(graph, 8, tried, "vitonhd", before=person)


JOB = Job(
    "vitonhd",
    "Try-on with the VITON-HD LoRA",
    (
        "Drop a photo into **Person**, upright and from the front as in VITON-HD, and a top laid "
        "flat into **Garment**.",
        "Press **Run**. It was trained at 384x512: keep **width** and **height** in Condition "
        "Image Encode.",
        "Layout, prompt and LoRA belong together; change them together.",
    ),
    draw,
    VITONHD,
)
