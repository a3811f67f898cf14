"""A person and garments one over the other: a pass for each, inside out."""

from ..forms import ALL_TASKS, Form
from ..graph import Graph
from ..job import Job
from ..parts import SHOWING_SAMPLER, canvas, encoded, models, photo, result, words


def draw(graph: Graph, form: Form, lora: str) -> None:
    with graph.group("1  Pictures", column=1):
        person = photo(graph, form, "Person", "person")
        inner = photo(graph, form, "Innermost garment", "garment")
        outer = photo(graph, form, "Garment over it", "jacket", right=1)
        size = canvas(graph, form, person)
    with graph.group("2  Model and prompt", column=0, band=1):
        loaded = models(graph, form, lora)
        text = encoded(graph, loaded.clip, words(graph, "try-on"))
    with graph.group("3  A pass a garment", column=4):
        layers = graph.add(
            "Any2AnyLayers",
            at_least=SHOWING_SAMPLER,
            model=loaded.model,
            positive=text,
            vae=loaded.vae,
            person=person,
            garment=inner,
            garment_2=outer,
            width=size[0],
            height=size[1],
            control_after_generate=form.after,
            steps=form.steps_a_layer,
        )
    result(graph, 5, layers["image"], "layers", before=person)


JOB = Job(
    "layers",
    "Layers, inside out",
    (
        "Drop a photo into **Person**, what is worn next to the skin into **Innermost garment** "
        "and what comes over it into **Garment over it**.",
        "More layers: load them and connect **garment_3** and **garment_4** of Any2Any Layers.",
        "Press **Run**: a pass for each garment, and Any2Any Layers shows every one.",
        "A prompt for one garment alone goes into **positive_2** and so on.",
    ),
    draw,
    ALL_TASKS,
)
