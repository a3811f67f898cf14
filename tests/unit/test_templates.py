"""The templates' files are what the generator makes of the jobs, and nothing lies on anything."""

from __future__ import annotations

import itertools

import pytest

from devtools.comfyui import ROOT
from devtools.templates.__main__ import FOLDERS, files
from devtools.templates.forms import FORMS
from devtools.templates.graph import Graph
from devtools.templates.jobs import JOBS
from devtools.templates.layout import TITLE, Box, Layout, laid_out

JOBS_AND_FORMS = [
    pytest.param(job, form, id=f"{form.prefix}{job.name}") for job in JOBS for form in FORMS
]


def test_every_file_is_what_the_generator_makes():
    made = files()
    kept = {path: path.read_text(encoding="utf-8") for path in made if path.is_file()}
    assert sorted(made) == sorted(
        path for folder in FOLDERS for path in (ROOT / folder).glob("*.json")
    )
    changed = [str(path.relative_to(ROOT)) for path in made if kept[path] != made[path]]
    assert changed == [], "run `python dev.py templates`"


def test_every_template_has_its_picture():
    folder = ROOT / "workflows"
    pictures = sorted(path.stem for path in folder.glob("*.jpg"))
    assert pictures == sorted(path.stem for path in folder.glob("*.json"))
    assert all(path.stat().st_size < 60_000 for path in folder.glob("*.jpg"))


@pytest.mark.parametrize("job", JOBS, ids=[job.name for job in JOBS])
def test_both_forms_are_the_same_graph_but_for_the_loaders(job):
    def behind_the_loaders(form) -> list[str]:
        loaders = ("UNETLoader", "DualCLIPLoader", "VAELoader", "T5TokenizerOptions")
        types = [node.type for node in job.graph(form).nodes]
        return [one for one in types if one not in (*loaders, "LoadAny2AnyDemo")]

    assert behind_the_loaders(FORMS[0]) == behind_the_loaders(FORMS[1])


@pytest.mark.parametrize(("job", "form"), JOBS_AND_FORMS)
def test_nothing_lies_on_anything(job, form):
    layout = laid_out(job.graph(form))
    whole = {node: with_title(box) for node, box in layout.nodes.items()}
    pairs = itertools.combinations(whole, 2)
    assert [(a.type, b.type) for a, b in pairs if touch(whole[a], whole[b])] == []
    frames = itertools.combinations(layout.groups, 2)
    assert [
        (a.title, b.title) for a, b in frames if touch(layout.groups[a], layout.groups[b])
    ] == []


@pytest.mark.parametrize(("job", "form"), JOBS_AND_FORMS)
def test_no_reroute_lies_behind_a_node(job, form):
    layout = laid_out(job.graph(form))
    points = {point for route in layout.routes.values() for point in route}
    assert [(node.type, point) for node, point in hidden(layout, points)] == []


def hidden(layout: Layout, points) -> list:
    return [
        (node, point)
        for node, box in layout.nodes.items()
        for point in points
        if touch(with_title(box), Box(*point, 0, 0))
    ]


def test_a_link_from_right_to_left_is_refused():
    graph = Graph()
    demo = graph.add("LoadAny2AnyDemo", 1)
    with pytest.raises(ValueError, match="from left to right"):
        graph.add("CLIPTextEncode", 1, clip=demo["clip"])


def test_an_input_that_the_node_lacks_is_refused():
    with pytest.raises(ValueError, match="has no sharpness"):
        Graph().add("LoadAny2AnyDemo", sharpness=1)


def with_title(box: Box) -> Box:
    return Box(box.left, box.top - TITLE, box.width, box.height + TITLE)


def touch(one: Box, other: Box) -> bool:
    return (
        one.left < other.right
        and other.left < one.right
        and one.top < other.bottom
        and other.top < one.bottom
    )
