"""A garment off one person's photo and onto another person."""

from ..forms import ALL_TASKS, Form
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
    result,
    sampled,
    tried_on,
    words,
)


def draw(graph: Graph, form: Form, lora: str) -> None:
    with graph.group("1  Pictures", column=1):
        wearer = photo(graph, form, "Who wears the garment now", "person_2")
        person = photo(graph, form, "Who is to wear it", "person")
        flat_size = canvas(graph, form, wearer)
        size = canvas(graph, form, person)
    with graph.group("2  Model and prompts", column=0, band=1):
        loaded = models(graph, form, lora)
        off = encoded(graph, loaded.clip, words(graph, "garment reconstruction"))
        on = encoded(graph, loaded.clip, words(graph, "try-on"))
    with graph.group("3  Take it off", column=3):
        pack = packed(graph, loaded, off, flat_size, span=2, person=wearer)
        garment = decoded(graph, loaded.vae, sampled(graph, form, pack))
    with graph.group("4  Put it on", column=7):
        graph.add("PreviewImage", title="The garment", at_least=PREVIEW, images=garment)
        tried = tried_on(graph, form, loaded, on, size, person=person, garment=garment)
    result(graph, 12, tried, "worn_reference", before=person, number=5)


JOB = Job(
    "worn_reference",
    "A garment that somebody else wears",
    (
        "Drop the two photos into **Who wears the garment now** and **Who is to wear it**.",
        "Several garments in the first photo: say in **target** of the first Any2Any Prompt which "
        "one, such as *the red jacket laid flat.*",
        "Press **Run**. The garment comes off first; if it is not right, try another **seed** in "
        "the first Any2Any Sampler before you look at the second.",
    ),
    draw,
    ALL_TASKS,
)
