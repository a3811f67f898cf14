"""Where everything lies: columns, bands, groups, and lanes for links that pass a column.

A link to the next column runs straight through the gap. One that passes columns in which nodes
stand in its way takes a lane: a line in the corridor above, between or below the bands, which it
enters and leaves at a reroute. So no link runs behind a node.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from .graph import Graph, Group, Node, Out

TITLE, SLOT = 30.0, 20.0
"""The front end's heights of a node's title and of one slot, in pixels."""

COLUMN_GAP, NODE_GAP = 90.0, 30.0
PADDING, GROUP_TITLE = 20.0, 50.0
LANE, BESIDE = 22.0, 10.0
"""How far apart lanes are, and ways up and down in the same gap."""

STEEP = 300.0
"""A longer way up or down to a lane takes a reroute more, or it would swing behind the nodes."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """Left, top, width and height in pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height


@dataclass
class Layout:
    """Every node's box without its title, every group's, and the reroutes of long links."""

    nodes: dict[Node, Box] = field(default_factory=dict)
    groups: dict[Group, Box] = field(default_factory=dict)
    routes: dict[tuple[Out, int], list[Point]] = field(default_factory=dict)
    """By a link's output and the column that it goes to: its reroutes, from left to right."""


def laid_out(graph: Graph) -> Layout:
    """Return the layout: first without lanes, to see which links need one, then with them."""
    lanes = chosen_lanes(graph, placed(graph, {}))
    layout = placed(graph, lanes)
    route(graph, layout, lanes)
    return layout


def placed(graph: Graph, lanes: dict[Out, int]) -> Layout:
    """Return nodes and groups in place, with room for the lanes' corridors."""
    layout = Layout()
    lefts = column_lefts(graph)
    top = corridor_height(lanes, 0)
    for band in range(max(node.band for node in graph.nodes) + 1):
        here = [node for node in graph.nodes if node.band == band]
        framed = any(node.group for node in here)
        first = top + TITLE + (GROUP_TITLE if framed else 0)
        filled = dict.fromkeys(range(len(lefts)), first)
        for node in sorted(here, key=lambda node: node.span):  # wide ones go below the others
            columns = range(node.column, node.column + node.span)
            y = max(filled[column] for column in columns)
            width = node.size[0]
            if node.span == 1:
                width = max(width, column_width(graph, node.column))
            else:
                width = lefts[columns[-1]] + column_width(graph, columns[-1]) - lefts[node.column]
            layout.nodes[node] = Box(lefts[node.column], y, width, node.size[1])
            for column in columns:
                filled[column] = y + node.size[1] + TITLE + NODE_GAP
        top = max(filled.values()) - TITLE - NODE_GAP + 2 * PADDING
        top += corridor_height(lanes, band + 1)
    for group in graph.groups:
        layout.groups[group] = frame(
            [box for node, box in layout.nodes.items() if node.group is group]
        )
    return layout


def column_width(graph: Graph, column: int) -> float:
    """Return the width of the column's widest node that stays in it."""
    widths = [node.size[0] for node in graph.nodes if node.column == column and node.span == 1]
    return max(widths, default=0.0)


def column_lefts(graph: Graph) -> list[float]:
    """Return each column's left edge."""
    lefts, x = [], 0.0
    for column in range(max(node.column + node.span for node in graph.nodes)):
        lefts.append(x)
        x += column_width(graph, column) + COLUMN_GAP
    return lefts


def corridor_height(lanes: dict[Out, int], corridor: int) -> float:
    count = sum(1 for one in lanes.values() if one == corridor)
    return (count + 1) * LANE if count else 0.0


def frame(boxes: list[Box]) -> Box:
    """Return the group's box around its nodes' boxes and titles."""
    left = min(box.left for box in boxes) - PADDING
    top = min(box.top for box in boxes) - TITLE - GROUP_TITLE
    right = max(box.right for box in boxes) + PADDING
    return Box(left, top, right - left, max(box.bottom for box in boxes) + PADDING - top)


def links(graph: Graph) -> list[tuple[Out, Node, str]]:
    return [(out, node, name) for node in graph.nodes for name, out in node.links.items()]


def start_y(layout: Layout, out: Out) -> float:
    return layout.nodes[out.node].top + (out.slot + 0.7) * SLOT


def end_y(layout: Layout, node: Node, name: str) -> float:
    slot = [socket["name"] for socket in node.shape.inputs].index(name)
    return layout.nodes[node].top + (slot + 0.7) * SLOT


def passed(graph: Graph, out: Out, node: Node) -> list[Node]:
    """Return the nodes in the columns that a link passes on its way."""
    return [
        other
        for other in graph.nodes
        if other.column < node.column and other.column + other.span > after(out)
    ]


def after(out: Out) -> int:
    """Return the column to the right of the output's node."""
    return out.node.column + out.node.span


def in_the_way(graph: Graph, layout: Layout, out: Out, node: Node, name: str) -> bool:
    """Tell whether a node stands between the link's two ends."""
    ends = start_y(layout, out), end_y(layout, node, name)
    boxes = [layout.nodes[other] for other in passed(graph, out, node)]
    return any(
        box.top - TITLE < max(ends) + NODE_GAP and min(ends) - NODE_GAP < box.bottom
        for box in boxes
    )


def long_links(graph: Graph, layout: Layout) -> dict[Out, list[Node]]:
    """Return, for each output with links that need a lane, the nodes that those go to."""
    found: dict[Out, list[Node]] = {}
    for out, node, name in links(graph):
        if in_the_way(graph, layout, out, node, name):
            found.setdefault(out, []).append(node)
    return found


def chosen_lanes(graph: Graph, layout: Layout) -> dict[Out, int]:
    """Return the corridor for each output with long links: the nearest from which all are free.

    Corridor 0 is above the first band, corridor n below the n-th.
    """
    last = max(node.band for node in graph.nodes)
    heights = [0.0] + [band_bottom(layout, band) for band in range(last + 1)]
    lanes = {}
    for out, nodes in long_links(graph, layout).items():
        climbs = [(after(out), start_y(layout, out))]
        climbs += [(node.column, layout.nodes[node].top) for node in nodes]
        lanes[out] = min(
            range(last + 2), key=lambda one, climbs=climbs: way(graph, layout, climbs, heights[one])
        )
    return lanes


def way(graph: Graph, layout: Layout, climbs: list[tuple[int, float]], height: float) -> float:
    """Return how far up and down a lane at `height` goes; endless where a node hides it.

    `climbs` are the columns before which it does, and the slots' heights.
    """
    if any(climbs_behind(graph, layout, *climb, height) for climb in climbs):
        return math.inf
    return sum(abs(height - end) for _, end in climbs)


def climbs_behind(graph: Graph, layout: Layout, column: int, end: float, height: float) -> bool:
    """Tell whether a node that reaches over the gap before `column` hides a way up or down in it.

    The way is from a slot at `end` to a corridor at `height`.
    """
    return any(
        other.column < column < other.column + other.span
        and layout.nodes[other].top - TITLE < max(height, end)
        and min(height, end) < layout.nodes[other].bottom
        for other in graph.nodes
    )


def band_bottom(layout: Layout, band: int) -> float:
    return max(box.bottom for node, box in layout.nodes.items() if node.band == band)


def route(graph: Graph, layout: Layout, lanes: dict[Out, int]) -> None:
    """Give every long link its reroutes: where it enters the lane, and where each link leaves."""
    lefts = column_lefts(graph)
    outs = sorted(lanes, key=lambda out: start_y(layout, out))
    tops = {
        corridor: band_bottom(layout, corridor - 1) + 2 * PADDING if corridor else 0.0
        for corridor in lanes.values()
    }
    for out, nodes in long_links(graph, layout).items():
        users = [one for one in outs if lanes[one] == lanes[out]]
        y = tops[lanes[out]] + LANE * (users.index(out) + 0.5)
        aside = COLUMN_GAP / 2 + BESIDE * (outs.index(out) % 5 - 2)
        enter, start = lefts[after(out)] - aside, start_y(layout, out)
        exits = {lefts[node.column] - aside for node in nodes}
        steep = [(enter, start)] if abs(start - y) > STEEP else []
        for node in nodes:
            xs = {enter, *(x for x in exits if x <= lefts[node.column])}
            layout.routes[out, node.column] = steep + [(x, y) for x in sorted(xs)]
