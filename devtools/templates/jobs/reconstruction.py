"""A person alone: a garment that they wear, laid flat."""

from ..forms import ALL_TASKS, Form
from ..graph import Graph
from ..job import Job
from ..parts import canvas, decoded, encoded, models, packed, photo, result, sampled, words

WHICH = "the same garment laid flat."
WHICH_OF_A_DOLL = "the same jacket laid flat."


def draw(graph: Graph, form: Form, lora: str) -> None:
    with graph.group("1  Picture", column=1):
        person = photo(graph, form, "Person", "person_jacket")
        size = canvas(graph, form, person)
    with graph.group("2  Model and prompt", column=0, band=1):
        loaded = models(graph, form, lora)
        which = WHICH_OF_A_DOLL if form.is_demo else WHICH
        text = encoded(graph, loaded.clip, words(graph, "garment reconstruction", target=which))
    with graph.group("3  The garment laid flat", column=3):
        pack = packed(graph, loaded, text, size, span=2, person=person)
        image = decoded(graph, loaded.vae, sampled(graph, form, pack))
    result(graph, 7, image, "reconstruction", before=person)


JOB = Job(
    "reconstruction",
    "A garment off a person, laid flat",
    (
        "Drop a photo of somebody into **Person**.",
        "Say in **target** of Any2Any Prompt which garment you want, such as *the blue jeans laid "
        "flat.* Several garments of one person: one run each.",
        "Press **Run**.",
    ),
    draw,
    ALL_TASKS,
)
