"""A job: one thing that people want done, described once and drawn in both forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .forms import AE, CLIP_L, FLUX, T5, TRYON, File, Form, lora_file
from .graph import Graph
from .saved import NOTE

NOTE_WIDTH = 400.0
LINE, LETTERS = 19.0, 54
"""A note's line height in pixels, and about how many letters a line takes."""

DEMO_REMARK = """\
The demo model ships with the pack and runs on any computer, but it knows paper dolls only, such as
those in `demo/examples` in the pack's folder, and their tops, trousers, dresses and jackets. For
photos open `{name}`, the same graph on FLUX.1-dev."""

FLUX_REMARK = """\
Short of memory or time: lower **max_side** in Any2Any Canvas, or width and height.

| file | folder in `models` | licence |
|---|---|---|
{rows}

Any fp8 or GGUF form of {stem} does as well, with its own loader."""


@dataclass(frozen=True)
class Job:
    """What a template is for, and how it is drawn."""

    name: str
    title: str
    steps: tuple[str, ...]
    """What to do, first things first; Markdown."""
    draw: Callable[[Graph, Form, str | None], None]
    """Draws the graph, given the form and the LoRA's name."""
    lora: str | None = TRYON
    model: File = FLUX

    def graph(self, form: Form) -> Graph:
        """Return the job drawn in a form: the note, then everything else."""
        graph = Graph()
        text = self.note(form)
        graph.add(
            NOTE,
            title="Read me",
            at_least=(NOTE_WIDTH, note_height(text)),
            text=text,
            extra={"color": "#432", "bgcolor": "#000"},
        )
        self.draw(graph, form, self.lora)
        return graph

    def note(self, form: Form) -> str:
        steps = "\n".join(f"{number}. {step}" for number, step in enumerate(self.steps, 1))
        if form.is_demo:
            heading, remark = f"{self.title}, with the demo model", DEMO_REMARK
            remark = remark.replace("\n", " ").format(name=self.name)
        else:
            loras = (lora_file(self.lora),) if self.lora else ()
            files = (self.model, *loras, CLIP_L, T5, AE)
            heading = f"{self.title}, with {self.model.title}"
            rows = "\n".join(file.row for file in files)
            remark = FLUX_REMARK.format(rows=rows, stem=self.model.stem)
        return f"# {heading}\n\n{steps}\n\n{remark}"


def note_height(text: str) -> float:
    """Return about how high the note must be to show its text without scrolling."""
    lines = 0
    for line in text.splitlines():
        shown = line.split("](")[0] if line.startswith("|") else line
        lines += 2 if line.startswith(("#", "|")) else 1 + len(shown) // LETTERS
    return 40 + LINE * lines
