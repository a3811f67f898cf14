"""V3 schemas that older and newer ComfyUIs both accept."""

from __future__ import annotations

import inspect

from comfy_api.latest import io

from .._types import CONDITIONS_TYPE, LOOKS_TYPE

Conditions = io.Custom(CONDITIONS_TYPE)
Looks = io.Custom(LOOKS_TYPE)

SEARCH_WORDS = ["try-on", "tryon", "vton", "clothes", "garment", "dress", "any2any"]


def schema(**fields) -> io.Schema:
    """Return an io.Schema without the fields that the running ComfyUI does not know."""
    fields.setdefault("search_aliases", SEARCH_WORDS)
    known = inspect.signature(io.Schema).parameters
    return io.Schema(**{key: value for key, value in fields.items() if key in known})
