"""A person and three garments, side by side in one pass."""

from ..forms import Form
from ..graph import Graph
from ..job import Job
from ..parts import canvas, encoded, models, photo, result, tried_on, words


def draw(graph: Graph, form: Form, lora: str) -> None:
    with graph.group("1  Pictures", column=1):
        person = photo(graph, form, "Person", "person")
        garments = {
            "garment": photo(graph, form, "Garment", "garment"),
            "garment_2": photo(graph, form, "Second garment", "garment_2", right=1),
            "garment_3": photo(graph, form, "Third garment", "garment_3", right=1),
        }
        size = canvas(graph, form, person, right=2)
    with graph.group("2  Model and prompt", column=0, band=1):
        loaded = models(graph, form, lora)
        text = encoded(graph, loaded.clip, words(graph, "try-on", garment="three garments."))
    with graph.group("3  Try-on", column=4):
        tried = tried_on(graph, form, loaded, text, size, person=person, **garments)
    result(graph, 9, tried, "outfit", before=person)


JOB = Job(
    "outfit",
    "An outfit in one pass",
    (
        "Drop a photo into **Person**, and up to three garments into the others; for two, select "
        "**Third garment** and press Ctrl-B.",
        "Say in **garment** of Any2Any Prompt what they are.",
        "Press **Run**. The LoRAs were trained with one garment at a time: where two get mixed up, "
        "open `layers`, which takes a pass for each.",
    ),
    draw,
)
