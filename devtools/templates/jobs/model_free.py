"""A garment alone: somebody wears it, and the text says who and where."""

from ..forms import ALL_TASKS, Form
from ..graph import Graph
from ..job import Job
from ..parts import decoded, encoded, models, packed, photo, result, sampled, words

WHO = "a smiling woman with long blond hair wearing the garment, in a sunny street"
DOLL = "a woman with long blond hair, tan skin, navy trousers, yellow background"


def draw(graph: Graph, form: Form, lora: str) -> None:
    with graph.group("1  Picture", column=1):
        garment = photo(graph, form, "Garment", "garment")
    with graph.group("2  Model and prompt", column=0, band=1):
        loaded = models(graph, form, lora)
        who = DOLL if form.is_demo else WHO
        text = encoded(graph, loaded.clip, words(graph, "model-free", target=who))
    with graph.group("3  A person to wear it", column=3):
        pack = packed(graph, loaded, text, form.size, span=2, garment=garment)
        image = decoded(graph, loaded.vae, sampled(graph, form, pack))
    result(graph, 7, image, "model_free")


JOB = Job(
    "model_free",
    "A garment, and somebody to wear it",
    (
        "Drop a photo of a garment into **Garment**.",
        "Say in **target** of Any2Any Prompt who wears it, and where.",
        "Press **Run**. Somebody else: another **seed** in Any2Any Sampler.",
        "Another size: **width** and **height** in Condition Image Encode.",
    ),
    draw,
    ALL_TASKS,
)
