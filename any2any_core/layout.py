"""The layout: which panels there are and which ids they get, as a string that travels.

It rides in a conditioning, so that two conditionings with different conditions meet in one run:

    any2any/1 layout=vitonhd panels=person,garment conditions=clean

`any2any/1` is the grammar's version; then come `key=value` fields in any order. Where a panel's
empty surround was dropped, a further field says what was kept: `frames=-,48x36@4+6` is a whole
person, and of a garment of 48x36 tokens those from row 4 and column 6 on.

A LoRA says in its header which layout it was trained with (see `lora.HEADER_KEY`); training and
inference must agree on all of it. What a layout fixes beside the ids:

- `any2any`, `vitonhd`, `canvas`: attention is full both ways, and one modulation vector, of the
  step's timestep, the guidance and the pooled text, is every token's.
- `isolated`, the ids of `any2any`: condition tokens attend to condition tokens alone (all panels
  among each other; neither text nor target), text and target attend to everything. The condition
  tokens' modulation vector, in every block, is that of timestep 0, the run's own guidance, and a
  pooled text of zeros (put through the pooled text's embedder as any other would be). So their keys
  and values depend on the conditions, their ids and the guidance, and on no prompt, seed or step:
  computed once, they serve a whole run, and nothing is lost. Text and target have the step's own
  vector, as ever; schedule and noise are those of `any2any`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .geometry import Frame
from .panels import GARMENT, PERSON, ROLES

PREFIX = "any2any/"
VERSION = 1

ANY2ANY = "any2any"
VITONHD = "vitonhd"
CANVAS = "canvas"
ISOLATED = "isolated"
LAYOUTS = (ANY2ANY, VITONHD, CANVAS, ISOLATED)

WHOLE = "-"
FRAME = re.compile(r"(\d+)x(\d+)@(\d+)\+(\d+)")

CLEAN = "clean"
NOISED = "noised"


@dataclass(frozen=True)
class Layout:
    """The order and kind of the condition panels and the rule that gives their ids.

    Raises:
        ValueError: an unknown rule or role, no panel, panels not in the order person, garments, or
            isolated conditions that are not clean.
    """

    name: str
    roles: tuple[str, ...]
    clean: bool = True
    frames: tuple[Frame | None, ...] = ()

    def __post_init__(self) -> None:
        if self.name not in LAYOUTS:
            raise ValueError(
                f"The layout is '{self.name}', but one of {', '.join(LAYOUTS)} was expected: "
                "update this pack if the workflow comes from a newer one."
            )
        persons = self.roles.count(PERSON)
        ordered = (PERSON,) * persons + (GARMENT,) * (len(self.roles) - persons)
        if not self.roles or persons > 1 or self.roles != ordered:
            raise ValueError(
                f"The layout's panels are {','.join(self.roles) or 'none'}, but at most one "
                f"person, then garments, were expected (roles: {', '.join(ROLES)}): "
                "connect the conditions through ConditionImageEncode."
            )
        if self.isolated and not self.clean:
            raise ValueError(
                "The layout is 'isolated' with noised conditions, but clean ones were expected, "
                "as it computes them once: switch clean_conditions on, or choose another layout."
            )
        if self.frames and len(self.frames) != len(self.roles):
            raise ValueError(
                f"The layout has {len(self.frames)} frames for {len(self.roles)} panels, but one "
                "each was expected: pack the conditions again with AdaptivePositionPack."
            )

    @property
    def isolated(self) -> bool:
        """Whether the conditions see themselves alone, so that they are computed once a run."""
        return self.name == ISOLATED

    @property
    def person_on_target(self) -> bool:
        """Whether the person shares the target's columns: only beside a garment."""
        return self.roles[0] == PERSON and len(self.roles) > 1

    def frame(self, number: int, token_h: int, token_w: int) -> Frame:
        """Return panel `number`'s frame; without one, what is there is the whole panel."""
        frame = self.frames[number] if self.frames else None
        return frame or Frame(token_h, token_w)

    def __str__(self) -> str:
        conditions = CLEAN if self.clean else NOISED
        text = (
            f"{PREFIX}{VERSION} layout={self.name} panels={','.join(self.roles)} "
            f"conditions={conditions}"
        )
        if any(self.frames):
            text += f" frames={','.join(str(frame or WHOLE) for frame in self.frames)}"
        return text


def is_layout(text: object) -> bool:
    """Return whether a conditioning's `reference_latents_method` is one of ours, any version."""
    return isinstance(text, str) and text.startswith(PREFIX)


def parse_layout(text: str) -> Layout:
    """Return the layout that `str(layout)` wrote.

    Raises:
        ValueError: not ours, another version, or a field that is missing, unknown or malformed.
    """
    head, *fields = text.split(" ")
    if head != f"{PREFIX}{VERSION}":
        raise ValueError(
            f"The conditioning's layout is '{text}', but this pack reads '{PREFIX}{VERSION} ...': "
            "update the pack, or pack the conditions again with AdaptivePositionPack."
        )
    values = dict(field.partition("=")[::2] for field in fields)
    frames = values.pop("frames", None)
    if set(values) != {"layout", "panels", "conditions"} or values["conditions"] not in (
        CLEAN,
        NOISED,
    ):
        raise ValueError(
            f"The conditioning's layout is '{text}', but the fields layout, panels and "
            f"conditions={CLEAN}|{NOISED} were expected: pack the conditions again with "
            "AdaptivePositionPack."
        )
    roles = tuple(values["panels"].split(","))
    clean = values["conditions"] == CLEAN
    return Layout(values["layout"], roles, clean, parse_frames(frames) if frames else ())


def parse_frames(text: str) -> tuple[Frame | None, ...]:
    """Return the frames of a `frames` field.

    Raises:
        ValueError: one is malformed.
    """
    matches = [FRAME.fullmatch(part) for part in text.split(",")]
    if any(match is None and part != WHOLE for match, part in zip(matches, text.split(","))):
        raise ValueError(
            f"The conditioning's layout has the frames '{text}', but '{WHOLE}' or "
            "'HxW@Y+X' for each panel was expected: pack the conditions again with "
            "AdaptivePositionPack."
        )
    return tuple(match and Frame(*map(int, match.groups())) for match in matches)
