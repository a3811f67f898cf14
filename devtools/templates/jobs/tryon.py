"""A person and a garment: the person wears it."""

from ..forms import Form
from ..graph import Graph
from ..job import Job
from ..parts import canvas, encoded, models, photo, result, tried_on, words


def draw(graph: Graph, form: Form, lora: str) -> None:
    with graph.group("1  Pictures", column=1):
        person = photo(graph, form, "Person", "person")
        garment = photo(graph, form, "Garment", "garment")
        size = canvas(graph, form, person)
    with graph.group("2  Model and prompt", column=0, band=1):
        loaded = models(graph, form, lora)
        text = encoded(graph, loaded.clip, words(graph, "try-on"))
    with graph.group("3  Try-on", column=3):
        tried = tried_on(graph, form, loaded, text, size, person=person, garment=garment)
    result(graph, 8, tried, "tryon", before=person)


JOB = Job(
    "tryon",
    "Try-on",
    (
        "Drop a photo into **Person** and one into **Garment**: any size, no mask.",
        "Press **Run**.",
        "Another picture: another **seed** in Any2Any Sampler.",
    ),
    draw,
)
