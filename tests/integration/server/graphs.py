"""Workflows in API form, with names for ids."""

from __future__ import annotations

from typing import Any

Graph = dict[str, dict]


def node(class_type: str, **inputs: Any) -> dict:
    """Return a node; a link is a list [name, output]."""
    return {"class_type": class_type, "inputs": inputs}


def demo_models() -> Graph:
    """Return the demo model's loader, its prompt and its photos, with the usual names."""
    return {
        "demo": node("LoadAny2AnyDemo"),
        "text": node("CLIPTextEncode", clip=["demo", 1], text="a person in a top"),
        "person": node("LoadImage", image="any2any_person.png"),
        "garment": node("LoadImage", image="any2any_garment.png"),
    }


def try_on(
    model: list, vae: list, width: int, height: int, seed: int = 0, steps: int = 2, **photos: list
) -> Graph:
    """Return the pack's nodes from two photos to a saved picture, on the node `text`.

    `photos` are person and garment, as links.
    """
    return {
        "encode": node(
            "ConditionImageEncode", vae=vae, width=width, height=height, encode="together", **photos
        ),
        "pack": node(
            "AdaptivePositionPack",
            model=model,
            positive=["text", 0],
            conditions=["encode", 0],
            layout="auto",
            batch_size=1,
            clean_conditions=True,
        ),
        "sample": node(
            "Any2AnySampler",
            model=["pack", 0],
            positive=["pack", 1],
            negative=["pack", 2],
            latent=["pack", 3],
            seed=seed,
            steps=steps,
            cfg=1.0,
            sampler_name="euler",
            denoise=1.0,
            noise="comfy",
        ),
        "decode": node("VAEDecode", samples=["sample", 0], vae=vae),
        "restore": node(
            "Any2AnyRestore",
            image=["decode", 0],
            conditions=["encode", 0],
            size="original",
            feather=8,
        ),
        "save": node("SaveImage", images=["restore", 0], filename_prefix="result"),
    }


def numbered(graph: Graph, number: int) -> Graph:
    """Return the graph with a number after its nodes' names, so that it can stand beside itself."""

    def renamed(value: Any) -> Any:
        linked = isinstance(value, list) and value[0] in graph
        return [f"{value[0]}_{number}", value[1]] if linked else value

    return {
        f"{name}_{number}": node(
            one["class_type"], **{key: renamed(value) for key, value in one["inputs"].items()}
        )
        for name, one in graph.items()
    }
