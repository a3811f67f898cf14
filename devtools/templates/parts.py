"""What jobs share: photos, models, words, one pass, the result."""

from __future__ import annotations

from dataclasses import dataclass

from .forms import DEMO_LORAS, FLUX, Form, linked, lora_file
from .graph import Graph, Node, Out

PHOTO = (270.0, 540.0)
PREVIEW = (270.0, 330.0)
PACK_PREVIEW = (700.0, 840.0)
RESULT = (420.0, 640.0)
SAMPLER, SHOWING_SAMPLER = (270.0, 340.0), (420.0, 720.0)
"""With room for the line that says what a run costs; one that shows its pictures, too."""

Size = tuple[Out | int, Out | int]
"""Width and height in pixels: widgets' values, or from Any2AnyCanvas."""


@dataclass(frozen=True)
class Models:
    """A job's models, the LoRA on."""

    model: Out
    clip: Out
    vae: Out


def photo(graph: Graph, form: Form, title: str, what: str, right: int = 0) -> Out:
    """Add a LoadImage for one of the form's pictures."""
    return photo_node(graph, form, title, what, right)["IMAGE"]


def photo_node(graph: Graph, form: Form, title: str, what: str, right: int = 0) -> Node:
    return graph.add("LoadImage", right, title=title, at_least=PHOTO, image=form.picture(what))


def canvas(
    graph: Graph, form: Form, image: Out, right: int = 1, max_side: int | None = None
) -> Size:
    """Add what takes the size of the picture to make from a photo."""
    node = graph.add(
        "Any2AnyCanvas",
        right,
        image=image,
        max_side=max_side or form.max_side,
        min_side=form.min_side,
    )
    return node["width"], node["height"]


def models(graph: Graph, form: Form, lora: str) -> Models:
    """Add the loaders, the LoRA and its report."""
    loaded = form.load(graph, FLUX)
    patched = with_lora(graph, form, loaded.model, lora)
    report = patched["report"]
    graph.add("PreviewAny", 2, title="LoRA report", at_least=(270, 190), source=report)
    return Models(patched["model"], loaded.clip, loaded.vae)


def with_lora(graph: Graph, form: Form, model: Out, lora: str) -> Node:
    """Add the LoRA, in the demo form the demo's own."""
    name = DEMO_LORAS[lora] if form.is_demo else lora
    links = None if form.is_demo else linked(lora_file(name))
    return graph.add("LoadTryonLoRA", 1, model=model, lora_name=name, extra=links)


def words(graph: Graph, task: str, right: int = 1, **texts: str) -> Out:
    """Add the prompt's text."""
    return graph.add("Any2AnyPrompt", right, task=task, **texts)["prompt"]


def encoded(
    graph: Graph,
    clip: Out,
    text: Out | str,
    right: int = 2,
    title: str = "Prompt",
    guidance: float = 3.5,
) -> Out:
    """Add the text's encoding and FLUX.1-dev's guidance."""
    encode = graph.add(
        "CLIPTextEncode",
        right,
        title=title,
        clip=clip,
        text=text,
        extra={"color": "#232", "bgcolor": "#353"},
    )
    words = encode["CONDITIONING"]
    return graph.add("FluxGuidance", right + 1, conditioning=words, guidance=guidance)[
        "CONDITIONING"
    ]


@dataclass(frozen=True)
class Packed:
    """What a sampler takes, and the conditions that it came from."""

    model: Out
    positive: Out
    negative: Out
    latent: Out
    conditions: Out


def packed(
    graph: Graph,
    given: Models,
    text: Out,
    size: Size,
    layout: str = "auto",
    right: int = 0,
    span: int = 3,
    previews: bool = True,
    **pictures: Out,
) -> Packed:
    """Add conditions and pack with their previews: two columns, and more below what follows.

    Args:
        text: the encoded prompt, with guidance.
        span: columns from the sampler's on, for the preview below them.
        pictures: person, garment and so on, by the input's name.
    """
    width, height = size
    encode = graph.add(
        "ConditionImageEncode", right, vae=given.vae, width=width, height=height, **pictures
    )
    pack = graph.add(
        "AdaptivePositionPack",
        right + 1,
        model=given.model,
        positive=text,
        conditions=encode["conditions"],
        layout=layout,
    )
    if previews:
        seen, canvas_seen = encode["preview"], pack["preview"]
        graph.add(
            "PreviewImage", right + 1, title="What the model sees", at_least=PREVIEW, images=seen
        )
        graph.add(
            "PreviewImage",
            right + 2,
            span=span,
            title="Canvas, positions and cost",
            at_least=PACK_PREVIEW,
            images=canvas_seen,
        )
    return Packed(
        pack["model"], pack["positive"], pack["negative"], pack["latent"], encode["conditions"]
    )


def sampled(
    graph: Graph, form: Form, given: Packed, right: int = 2, latent: Out | None = None, **widgets
) -> Out:
    """Add our sampler on the pack, or on another latent with the same conditions."""
    settings = {"seed": 0, "control_after_generate": form.after, "steps": form.steps} | widgets
    return graph.add(
        "Any2AnySampler",
        right,
        at_least=SAMPLER,
        model=given.model,
        positive=given.positive,
        negative=given.negative,
        latent=latent or given.latent,
        **settings,
    )["latent"]


def decoded(graph: Graph, vae: Out, latent: Out, right: int = 3) -> Out:
    return graph.add("VAEDecode", right, samples=latent, vae=vae)["IMAGE"]


def restored(graph: Graph, image: Out, conditions: Out, right: int = 4, **inputs) -> Node:
    """Add the way back to the photo's own size."""
    return graph.add("Any2AnyRestore", right, image=image, conditions=conditions, **inputs)


def tried_on(
    graph: Graph,
    form: Form,
    given: Models,
    text: Out,
    size: Size,
    layout: str = "auto",
    **pictures: Out,
) -> Out:
    """Add one whole pass, in five columns, from the photos to a picture in the person's size."""
    pack = packed(graph, given, text, size, layout, **pictures)
    image = decoded(graph, given.vae, sampled(graph, form, pack))
    return restored(graph, image, pack.conditions)["image"]


def result(
    graph: Graph, column: int, image: Out, name: str, before: Out | None = None, number: int = 4
) -> None:
    """Add the group with the saved picture, beside the one that it was made from."""
    with graph.group(f"{number}  Result", column):
        if before:
            graph.add("PreviewImage", title="Before", at_least=RESULT, images=before)
        graph.add(
            "SaveImage",
            1 if before else 0,
            title="After" if before else "Result",
            at_least=RESULT,
            images=image,
            filename_prefix=f"any2any/{name}",
        )
