"""A test set's results, a pair a run, for `python dev.py evaluate`."""

from ...demo import TEST_SET
from ..forms import VITONHD, Form
from ..graph import Graph
from ..job import Job
from ..parts import RESULT, decoded, encoded, models, packed, restored, sampled, words

SIZE = (384, 512)
FLUX_SET = "vitonhd"


def draw(graph: Graph, form: Form, lora: str) -> None:
    folder = TEST_SET if form.is_demo else FLUX_SET
    with graph.group("1  Pairs", column=0):
        pairs = graph.add(
            "Any2AnyLoadPairs",
            at_least=(320.0, 0.0),
            pairs_file=f"{folder}/test_pairs.txt",
            people_folder=f"{folder}/test/image",
            garments_folder=f"{folder}/test/cloth",
            results_folder=f"any2any/{folder}",
        )
        graph.add("PreviewAny", 1, title="How far", at_least=(270.0, 120.0), source=pairs["report"])
    with graph.group("2  Model and prompt", column=0, band=1):
        loaded = models(graph, form, lora)
        task = "try-on" if form.is_demo else "vitonhd"
        text = encoded(graph, loaded.clip, words(graph, task))
    with graph.group("3  Try-on", column=3):
        size = form.size if form.is_demo else SIZE
        people, garments = pairs["person"], pairs["garment"]
        pack = packed(graph, loaded, text, size, person=people, garment=garments)
        latent = sampled(graph, form, pack, control_after_generate="fixed")
        image = decoded(graph, loaded.vae, latent)
        tried = restored(graph, image, pack.conditions, size="generated")["image"]
    with graph.group("4  Result", column=8):
        graph.add("PreviewImage", title="Person", at_least=RESULT, images=people)
        graph.add("PreviewImage", 1, title="Garment", at_least=RESULT, images=garments)
        graph.add("Any2AnySaveResult", 2, at_least=RESULT, image=tried, file=pairs["file"])


JOB = Job(
    "evaluate_vitonhd",
    "A test set's results, for the paper's metrics",
    (
        "Put VITON-HD's **test** folder and **test_pairs.txt** into `input/vitonhd`, or name "
        "other folders in Any2Any Load Pairs. **own_garments** on is the paired setting: then "
        "**people_folder** is that of the people in other clothes, and **results_folder** "
        "another one.",
        "Set the Run button to **Run (Instant)** and press it. Each run makes the next pair that "
        "has no picture yet; at the end it says that nothing is left. Stopped, it goes on where "
        "it was.",
        "`python dev.py evaluate` computes the paper's metrics of the folder: "
        "`docs/evaluation.md`.",
        "To repaint, name **masks_folder** and connect **mask** and **person** to Any2Any "
        "Restore's **mask** and **original**.",
    ),
    draw,
    VITONHD,
)
