"""`python dev.py words`: what the pack says in English, and the help pages' tables.

Both come from the schemas, so they cannot drift from them. The other languages are written by
hand; tests hold them to the English ones.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .comfyui import ROOT
from .help_pages import page_path, with_tables
from .in_process import classes_by_id, imported_comfy, imported_pack

LANGUAGES = ("en", "ko", "zh", "ja")

OPTIONS_OF_OTHERS = ("lora_name", "sampler_name", "base", "vae", "clip_l", "t5xxl")
"""Inputs whose options are file names or ComfyUI's own words: nobody translates them."""


def main() -> None:
    imported_comfy(os.environ["COMFYUI_PATH"])
    schemas = [node.GET_SCHEMA() for node in classes_by_id(imported_pack()).values()]
    english = {schema.node_id: node_words(schema) for schema in schemas}
    rewritten(words_path("en"), json.dumps(english, ensure_ascii=False, indent=2) + "\n")
    for language in LANGUAGES:
        words = words_in(language)
        for schema in schemas:
            node_id, path = schema.node_id, page_path(schema.node_id, language)
            if lacking := lacking_words(words.get(node_id, {}), english[node_id]):
                print(f"write in {language}: {node_id}'s {', '.join(lacking)}")
            elif not path.is_file():
                print(f"write {path.relative_to(ROOT)}")
            else:
                page = path.read_text(encoding="utf-8")
                rewritten(path, with_tables(page, schema, words[node_id], language))


def words_path(language: str) -> Path:
    """Return where ComfyUI looks for the pack's words in a language."""
    return ROOT / "locales" / language / "nodeDefs.json"


def words_in(language: str) -> dict[str, dict]:
    """Return each node's words by its id."""
    return json.loads(words_path(language).read_text(encoding="utf-8"))


def lacking_words(words: dict[str, Any], english: dict[str, Any]) -> list[str]:
    """Return the inputs and outputs that a node's words lack, as `inputs seed`."""
    return [
        f"{side} {key}"
        for side in ("inputs", "outputs")
        for key in english[side]
        if key not in words.get(side, {})
    ]


def node_words(schema) -> dict[str, Any]:
    """Return a schema's words in the form of ComfyUI's nodeDefs.json."""
    return {
        "display_name": schema.display_name,
        "description": schema.description,
        "inputs": {declared.id: input_words(declared) for declared in schema.inputs},
        "outputs": {
            str(index): {"name": declared.display_name, "tooltip": declared.tooltip}
            for index, declared in enumerate(schema.outputs)
        },
    }


def input_words(declared) -> dict[str, Any]:
    """Return an input's words; it is shown under its id."""
    words = {"name": declared.id, "tooltip": declared.tooltip}
    options = getattr(declared, "options", None)
    if options and declared.id not in OPTIONS_OF_OTHERS:
        words["options"] = {option: option for option in options}
    return words


def rewritten(path: Path, text: str) -> None:
    """Write a text whole or not at all, and say so; nothing if it is there already."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(path)
    print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
