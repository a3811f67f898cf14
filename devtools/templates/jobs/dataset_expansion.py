"""A photo and its garment: the same person in other clothes, and the three saved for training.

The paper's Figure 2b: a real photo stays the picture to be made, and only what goes in is made up.
"""

from ..forms import FILL, Form
from ..graph import Graph
from ..job import Job
from ..parts import RESULT, canvas, decoded, encoded, photo, photo_node

OTHER_CLOTHES = "the same person wearing a long-sleeved white shirt"
OTHER_TOP = (
    "a woman with curly red hair, light skin, navy trousers, green background, wearing a "
    "short-sleeved round green top"
)
CAPTION = "a person wearing a fashion garment"
DOLL_CAPTION = "a woman with curly red hair wearing a blue top with red stripes"
FOLDER = "any2any/triples"
SHEET = (700.0, 640.0)


def draw(graph: Graph, form: Form, _lora: None) -> None:
    with graph.group("1  Pictures", column=1):
        worn = photo_node(graph, form, "Person in the garment, clothes masked", "worn")
        garment = photo(graph, form, "The same garment, alone", "garment")
        width, height = canvas(graph, form, worn["IMAGE"])
        mask = graph.add(
            "GrowMask",
            1,
            title="Mask of the clothes, wider",
            mask=worn["MASK"],
            expand=4 if form.is_demo else 24,
        )["MASK"]
        target = graph.add(
            "ImageScale",
            2,
            title="Photo in that size",
            image=worn["IMAGE"],
            upscale_method="lanczos",
            width=width,
            height=height,
        )["IMAGE"]
    with graph.group("2  Model and other clothes", column=0, band=1):
        loaded = form.load(graph, FILL)
        positive = encoded(
            graph,
            loaded.clip,
            OTHER_TOP if form.is_demo else OTHER_CLOTHES,
            title="Other clothes",
            guidance=3.5 if form.is_demo else 30.0,
        )
        negative = graph.add(
            "ConditioningZeroOut", 3, conditioning=positive.node.links["conditioning"]
        )
    with graph.group("3  The person in other clothes", column=4):
        inpaint = graph.add(
            "InpaintModelConditioning",
            positive=positive,
            negative=negative["CONDITIONING"],
            vae=loaded.vae,
            pixels=target,
            mask=mask,
        )
        sampled = graph.add(
            "KSampler",
            1,
            model=loaded.model,
            positive=inpaint["positive"],
            negative=inpaint["negative"],
            latent_image=inpaint["latent"],
            seed=1,
            control_after_generate=form.after,
            steps=form.steps,
            cfg=1.0,
            sampler_name="euler",
            scheduler="simple",
        )["LATENT"]
        image = decoded(graph, loaded.vae, sampled, 2)
        person = graph.add(
            "ImageCompositeMasked",
            3,
            title="Outside the mask the photo itself",
            destination=target,
            source=image,
            mask=mask,
        )["IMAGE"]
    with graph.group("4  The triple", column=8):
        saved = graph.add(
            "Any2AnySaveTriple",
            at_least=RESULT,
            target=target,
            garment=garment,
            person=person,
            caption=DOLL_CAPTION if form.is_demo else CAPTION,
            folder=FOLDER,
        )
    with graph.group("5  Result: the set so far", column=9):
        loaded_set = graph.add("Any2AnyLoadTriples", folder=saved["folder"])
        sheet = graph.add(
            "Any2AnyContactSheet",
            1,
            images=loaded_set["target"],
            people=loaded_set["person"],
            columns=1,
        )
        graph.add(
            "SaveImage",
            2,
            title="In other clothes, and in the garment",
            at_least=SHEET,
            images=sheet["image"],
            filename_prefix="any2any/dataset_expansion",
        )


JOB = Job(
    "dataset_expansion",
    "Training data: the same person in other clothes",
    (
        "Drop a photo of somebody into **Person in the garment** and the garment alone into **The "
        "same garment**.",
        "Mask the clothes: right-click the photo, **Open in MaskEditor**, paint over them. Or "
        "connect the MASK of a segmentation node to **Mask of the clothes**: any will do.",
        "Say in **Other clothes** what to put there instead, and in **caption** what the photo "
        "shows. A captioning node's text goes into the socket of **caption**.",
        "Press **Run**. The triple lies in `output/any2any/triples`, ready for training. Run "
        "again, it is kept and nothing is made anew: take other photos, or give it a **name**.",
    ),
    draw,
    lora=None,
    model=FILL,
)
