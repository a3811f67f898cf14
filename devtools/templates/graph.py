"""A workflow while it is drawn: nodes in groups, columns and bands, and what links them.

Columns run from left to right, bands from top to bottom; both count from 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from .shapes import Shape, shapes

NARROWEST = 270.0
"""No node is drawn narrower, so that its names and values can be read."""


@dataclass(frozen=True)
class Out:
    """A node's output: what a link comes from."""

    node: Node
    slot: int

    @property
    def type(self) -> str:
        return self.node.shape.outputs[self.slot]["type"]


@dataclass(frozen=True, eq=False)
class Group:
    """A frame with a title around its nodes; its first node lies at `column` and `band`."""

    title: str
    column: int
    band: int


@dataclass(frozen=True, eq=False)
class Node:
    """A node, its widgets' values and its links by name, and where it lies."""

    id: int
    type: str
    shape: Shape
    title: str | None
    values: dict[str, Any]
    links: dict[str, Out]
    column: int
    band: int
    span: int
    """Columns that it reaches over."""
    size: tuple[float, float]
    group: Group | None
    extra: dict[str, Any]
    """Further keys of the saved node; its `properties` join the usual ones."""

    def __getitem__(self, output: str) -> Out:
        return Out(self, self.shape.output_slot(output))


@dataclass
class Graph:
    """Nodes in the order in which they were added, which is one in which they can run."""

    nodes: list[Node] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    current: Group | None = None

    @contextmanager
    def group(self, title: str, column: int, band: int = 0) -> Iterator[None]:
        """Frame the nodes that are added inside; their places count from the group's."""
        self.current = Group(title, column, band)
        self.groups.append(self.current)
        yield
        self.current = None

    def add(
        self,
        type: str,
        /,
        right: int = 0,
        below: int = 0,
        *,
        span: int = 1,
        title: str | None = None,
        at_least: tuple[float, float] = (0, 0),
        extra: dict[str, Any] | None = None,
        beneath: dict[str, Any] | None = None,
        **inputs: Any,
    ) -> Node:
        """Add a node under those of its column and band.

        Args:
            right, below: columns and bands from the group's first, or from 0 outside of groups.
            at_least: its smallest width and height, where the front end's own is too small.
            extra: further keys of the saved node.
            beneath: values of widgets that a link covers.
            inputs: by name, a link's `Out` or a widget's value; None leaves a socket open.

        Raises:
            ValueError: the node has no such input, or a link would run from right to left.
        """
        shape = shapes()[type]
        group = self.current
        column = right + (group.column if group else 0)
        links = {name: given for name, given in inputs.items() if isinstance(given, Out)}
        values = {
            name: given for name, given in inputs.items() if name not in links and given is not None
        }
        values |= beneath or {}
        check(type, shape, links, values, column)
        node = Node(
            id=len(self.nodes) + 1,
            type=type,
            shape=shape,
            title=title,
            values=shape.widgets | values,
            links=links,
            column=column,
            band=below + (group.band if group else 0),
            span=span,
            size=(max(shape.size[0], at_least[0], NARROWEST), max(shape.size[1], at_least[1])),
            group=group,
            extra=extra or {},
        )
        self.nodes.append(node)
        return node


def check(
    type: str, shape: Shape, links: dict[str, Out], values: dict[str, Any], column: int
) -> None:
    sockets = {socket["name"] for socket in shape.inputs}
    if unknown := (set(links) - sockets) | (set(values) - set(shape.widgets)):
        raise ValueError(f"{type} has no {', '.join(sorted(unknown))}, only what shapes.json says.")
    for name, out in links.items():
        if out.node.column + out.node.span - 1 >= column:
            raise ValueError(
                f"{type}.{name} in column {column} comes from {out.node.type} in column "
                f"{out.node.column}, but links run from left to right: move one of them."
            )
