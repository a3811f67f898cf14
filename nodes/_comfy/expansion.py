"""Node expansion: a node that becomes a subgraph of others while its workflow runs.

Its inputs go into the subgraph as they came, links as links: so ComfyUI's cache knows the parts
that have not changed, and lists run through as through any other nodes. ComfyUI opens lists on
their way out of a subgraph, hence Any2AnyCollect before each output.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from comfy_execution.graph_utils import GraphBuilder

from ...any2any_core.panels import Conditions

Link = list
"""[node id, output], as in a workflow's API form."""

CHAIN = 16
"""Looks in one chain: for each, ComfyUI's cache goes through all before it, by recursion."""


def given_inputs(hidden) -> dict[str, Any]:
    """Return a node's inputs as they came, for its hidden unique_id and dynprompt.

    A connected input is its Link, any other its widget's value.
    """
    return hidden.dynprompt.get_node(hidden.unique_id)["inputs"]


def encoded(
    graph: GraphBuilder, name: str, given: dict[str, Any], person: Any, garment: Any
) -> Link:
    """Add the node that encodes a person and a garment; return the link to its conditions."""
    sizes = {key: given[key] for key in ("vae", "width", "height")}
    encode = graph.node(
        "ConditionImageEncode", id=f"encode_{name}", person=person, garment=garment, **sizes
    )
    return encode.out(0)


def try_on(
    graph: GraphBuilder, name: str, given: dict[str, Any], positive: Any, conditions: Any
) -> Link:
    """Add a try-on's nodes, ids ending in `name`; return the link to its restored picture.

    `given` are model, vae, negative (or none), width, height, seed, steps, cfg and sampler_name.
    """

    def of(*names: str) -> dict[str, Any]:
        return {one: given[one] for one in names if one in given}

    pack = graph.node(
        "AdaptivePositionPack",
        id=f"pack_{name}",
        positive=positive,
        conditions=conditions,
        **of("model", "negative"),
    )
    sample = graph.node(
        "Any2AnySampler",
        id=f"sample_{name}",
        model=pack.out(0),
        positive=pack.out(1),
        negative=pack.out(2),
        latent=pack.out(3),
        **of("seed", "steps", "cfg", "sampler_name"),
    )
    decode = graph.node("VAEDecode", id=f"decode_{name}", samples=sample.out(0), **of("vae"))
    restore = graph.node(
        "Any2AnyRestore", id=f"restore_{name}", image=decode.out(0), conditions=conditions
    )
    return restore.out(0)


def layers(
    given: dict[str, Any], person: Any, garments: list[tuple[Any, Any]]
) -> tuple[dict, Link, Link]:
    """Return the subgraph of passes, and the links to the last picture and to all of them.

    `garments` are (garment, positive), innermost first; each pass dresses the one before's result.
    """
    graph = GraphBuilder()
    passes: dict[str, Link] = {}
    for number, (garment, positive) in enumerate(garments, 1):
        conditions = encoded(graph, str(number), given, person, garment)
        person = try_on(graph, str(number), given, positive, conditions)
        shown = graph.node("Any2AnyPasses", id=f"passes_{number}", image=person, **passes)
        passes = {"passes": shown.out(0)}
    image = graph.node("Any2AnyCollect", id="collect_image", images=person)
    batch = graph.node("Any2AnyCollect", id="collect_passes", images=passes["passes"])
    return graph.finalize(), image.out(0), batch.out(0)


@dataclass(frozen=True, eq=False)
class Look:
    """One picture of a lookbook: a person [1,H,W,3], a garment, and their file's name.

    conditions: the two of them if they are encoded already.
    """

    name: str
    person: torch.Tensor
    garment: torch.Tensor
    file: str
    done: bool
    conditions: Conditions | None = None


def lookbook(given: dict[str, Any], looks: Sequence[Look]) -> tuple[dict, Link]:
    """Return the subgraph that makes the looks which are not done, and the link to all pictures.

    The looks are chains, so that each is kept and shown before the next one is made.
    """
    graph = GraphBuilder()
    collected: dict[str, Link] = {}
    for start in range(0, len(looks), CHAIN):
        before: dict[str, Link] = {}
        for look in looks[start : start + CHAIN]:
            made: dict[str, Link] = {}
            if not look.done:
                conditions = look.conditions or encoded(
                    graph, look.name, given, look.person, look.garment
                )
                made["image"] = try_on(graph, look.name, given, given["positive"], conditions)
            kept = graph.node(
                "Any2AnyLook", id=f"look_{look.name}", file=look.file, **made, **before
            )
            before = {"looks": kept.out(0)}
        images = graph.node("Any2AnyCollect", id=f"collect_{start}", **before, **collected)
        collected = {"before": images.out(0)}
    return graph.finalize(), collected["before"]
