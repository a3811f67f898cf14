"""People against garments: every pair, and all on one sheet."""

from ..forms import Form
from ..graph import Graph, Out
from ..job import Job
from ..parts import SHOWING_SAMPLER, encoded, models, photo, words

SHEET = (900.0, 640.0)


def draw(graph: Graph, form: Form, lora: str) -> None:
    with graph.group("1  Pictures", column=1):
        first = photo(graph, form, "First person", "person")
        second = photo(graph, form, "Second person", "person_2")
        garments = [
            photo(graph, form, title, what, right=1)
            for title, what in (
                ("First garment", "garment"),
                ("Second garment", "garment_2"),
                ("Third garment", "garment_3"),
            )
        ]
        people = batch(graph, "People", 2, first, second)
        two = batch(graph, "Two garments", 2, *garments[:2])
        three = batch(graph, "Garments", 3, two, garments[2])
    with graph.group("2  Model and prompt", column=0, band=1):
        loaded = models(graph, form, lora)
        text = encoded(graph, loaded.clip, words(graph, "try-on"))
    width, height = form.size
    with graph.group("3  Every pair", column=5):
        looks = graph.add(
            "Any2AnyLookbook",
            at_least=SHOWING_SAMPLER,
            model=loaded.model,
            positive=text,
            vae=loaded.vae,
            people=people,
            garments=three,
            width=width,
            height=height,
            control_after_generate=form.after,
            steps=form.steps,
            filename_prefix="any2any/lookbook/look",
        )
        sheet = graph.add(
            "Any2AnyContactSheet", 1, images=looks["images"], people=people, garments=three
        )
    with graph.group("4  Result", column=7):
        graph.add(
            "SaveImage",
            title="Contact sheet",
            at_least=SHEET,
            images=sheet["image"],
            filename_prefix="any2any/lookbook/sheet",
        )


def batch(graph: Graph, title: str, right: int, first: Out, second: Out) -> Out:
    """Add two pictures' or batches' batch."""
    return graph.add("ImageBatch", right, title=title, image1=first, image2=second)["IMAGE"]


JOB = Job(
    "lookbook",
    "A lookbook: people against garments",
    (
        "Drop photos into the two people and the three garments. Batch Images gives all the "
        "first one's shape: crop them alike, or use nodes that load a folder as a list.",
        "**pairs** in Any2Any Lookbook: `all`, or `one to one`.",
        "Press **Run**. Every picture is saved when it is done; stopped and run again, it goes on "
        "where it was.",
    ),
    draw,
)
