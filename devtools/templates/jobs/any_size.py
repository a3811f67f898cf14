"""A try-on in the photo's own shape: square, portrait or landscape."""

from ..forms import Form
from ..graph import Graph
from ..job import Job
from ..parts import canvas, encoded, models, photo, result, tried_on, words

LARGEST, LARGEST_DOLL = 1536, 256


def draw(graph: Graph, form: Form, lora: str) -> None:
    with graph.group("1  Pictures", column=1):
        person = photo(graph, form, "Person", "person_wide")
        garment = photo(graph, form, "Garment", "garment")
        largest = LARGEST_DOLL if form.is_demo else LARGEST
        size = canvas(graph, form, person, max_side=largest)
    with graph.group("2  Model and prompt", column=0, band=1):
        loaded = models(graph, form, lora)
        text = encoded(graph, loaded.clip, words(graph, "try-on"))
    with graph.group("3  Try-on", column=3):
        tried = tried_on(graph, form, loaded, text, size, person=person, garment=garment)
    result(graph, 8, tried, "any_size", before=person)


JOB = Job(
    "any_size",
    "Try-on in any size",
    (
        "Drop a photo into **Person**, square, portrait or landscape, and one into **Garment**.",
        "Any2Any Canvas takes the shape from the photo. Its **max_side** is the longer side's "
        "limit, up to 1536; **Canvas, positions and cost** shows what a size costs.",
        "Press **Run**. For a size of your own, type it into Condition Image Encode in place of "
        "the two links: the person is fitted into it.",
    ),
    draw,
)
