"""The layout: which panels there are and which ids they get, as a string that travels.

It rides in a conditioning, so that two conditionings with different conditions meet in one run:

    any2any/1 layout=vitonhd panels=person,garment conditions=clean

`any2any/1` is the grammar's version; then come `key=value` fields in any order.
"""

from __future__ import annotations

from dataclasses import dataclass

from .panels import GARMENT, PERSON, ROLES

PREFIX = "any2any/"
VERSION = 1

ANY2ANY = "any2any"
VITONHD = "vitonhd"
CANVAS = "canvas"
LAYOUTS = (ANY2ANY, VITONHD, CANVAS)

CLEAN = "clean"
NOISED = "noised"


@dataclass(frozen=True)
class Layout:
    """The order and kind of the condition panels and the rule that gives their ids.

    Raises:
        ValueError: an unknown rule or role, no panel, or panels not in the order person, garments.
    """

    name: str
    roles: tuple[str, ...]
    clean: bool = True

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

    @property
    def person_on_target(self) -> bool:
        """Whether the person shares the target's columns: only beside a garment."""
        return self.roles[0] == PERSON and len(self.roles) > 1

    def __str__(self) -> str:
        conditions = CLEAN if self.clean else NOISED
        return (
            f"{PREFIX}{VERSION} layout={self.name} panels={','.join(self.roles)} "
            f"conditions={conditions}"
        )


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
    return Layout(values["layout"], roles, clean=values["conditions"] == CLEAN)
