"""A transparent cut-out, as shops have them, laid on white and tried on."""

from ..forms import Form
from ..graph import Graph
from ..job import Job
from ..parts import PREVIEW, canvas, encoded, models, photo, photo_node, result, tried_on, words


def draw(graph: Graph, form: Form, lora: str) -> None:
    with graph.group("1  Pictures", column=1):
        person = photo(graph, form, "Person", "person")
        cutout = photo_node(graph, form, "Garment, transparent around it", "cutout")
        size = canvas(graph, form, person)
        on_white = graph.add("Any2AnyOnWhite", 1, image=cutout["IMAGE"], mask=cutout["MASK"])
    with graph.group("2  Model and prompt", column=0, band=1):
        loaded = models(graph, form, lora)
        text = encoded(graph, loaded.clip, words(graph, "try-on"))
    with graph.group("3  Try-on", column=3):
        garment = on_white["image"]
        tried = tried_on(graph, form, loaded, text, size, person=person, garment=garment)
        graph.add("PreviewImage", title="The garment on white", at_least=PREVIEW, images=garment)
    result(graph, 8, tried, "cutout", before=person)


JOB = Job(
    "cutout",
    "Try-on of a transparent cut-out",
    (
        "Drop a photo into **Person**, and a PNG or WebP with a transparent background into "
        "**Garment**.",
        "Press **Run**. Any2Any On White lays the garment on white and crops to it; without "
        "transparency it changes nothing but the crop.",
    ),
    draw,
)
