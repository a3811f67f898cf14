"""The demo model's card: figures, pictures and how to make it again."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from devtools.templates.forms import DEMO_FORM

from ..export import DEMO
from ..stage import trained_hours
from .try_ons import MANY_STEPS, OTHER_SIZES, Scores
from .words import WORDS

TEMPLATE = Path(__file__).parent / "card.md"
DECIBEL, PERCENT = "{:.1f} dB", "{:.0%}"
ROWS = {
    "psnr": ("PSNR to the true picture", DECIBEL),
    "psnr_outside": ("... outside the clothes", DECIBEL),
    "psnr_inside": ("... inside them", DECIBEL),
    "psnr_many_steps": (f"in {MANY_STEPS} steps", DECIBEL),
    "psnr_outside_many_steps": ("... outside the clothes", DECIBEL),
    "psnr_inside_many_steps": ("... inside them", DECIBEL),
    **{f"psnr_{name}": (f"at {size}", DECIBEL) for name, size in OTHER_SIZES.items()},
    "psnr_isolated": ("with `any2any_demo_isolated`", DECIBEL),
    "psnr_outside_isolated": ("... outside the clothes", DECIBEL),
    "psnr_inside_isolated": ("... inside them", DECIBEL),
    "psnr_of_input": ("the person as given, for comparison", DECIBEL),
    "psnr_lora_off": ("the LoRA at strength 0", DECIBEL),
    "psnr_inside_lora_off": ("... inside the clothes", DECIBEL),
    "psnr_autoencoder": ("the true picture through the autoencoder alone", DECIBEL),
    "stripes_right": ("striped garments whose stripes run the right way", PERCENT),
    "logos_right": ("logos present in their colour and place", PERCENT),
    "nearer_to_other_garment": ("given another garment, nearer to that one's picture", PERCENT),
}
"""What each figure is called in the card, and how it is written."""
JOB_ROWS = {
    "reconstruction_psnr": ("garment reconstruction: PSNR to the true garment", DECIBEL),
    "model_free_background": ("model-free: the wall in the colour that was asked for", PERCENT),
    "model_free_trousers": ("... the trousers", PERCENT),
    "model_free_hair": ("... the hair", PERCENT),
    "model_free_cloth": ("... the top in the garment's colour", PERCENT),
}


LOOK_ROWS = {
    "trousers_psnr_inside": ("trousers put on: PSNR inside them", DECIBEL),
    "trousers_right": ("... in their colours", PERCENT),
    "dress_psnr_inside": ("a dress put on: PSNR inside it", DECIBEL),
    "dress_right": ("... in its colours", PERCENT),
    "layers_psnr_inside": ("a top, then a jacket over it: PSNR inside both", DECIBEL),
    "layers_jacket_right": ("... the jacket in its colours", PERCENT),
    "layers_top_right": ("... the top in its colours between the jacket's sides", PERCENT),
    "layers_right": ("... both", PERCENT),
    "off_psnr_top": ("`the same top laid flat.`: PSNR to it", DECIBEL),
    "off_psnr_trousers": ("`the same trousers laid flat.`", DECIBEL),
    "off_psnr_dress": ("`the same dress laid flat.`", DECIBEL),
    "off_psnr_jacket": ("`the same jacket laid flat.`", DECIBEL),
    "off_as_asked": ("... nearest to the garment asked for, of all that are worn", PERCENT),
}


@dataclass(frozen=True, eq=False)
class Section:
    """A part of the card: its scores, what its figures are called, and the sheet's file."""

    scores: Scores
    rows: dict[str, tuple[str, str]]
    picture: str

    @property
    def table(self) -> str:
        """Return the rows of the section's table."""
        figures = self.scores.figures
        return "\n".join(
            f"| {title} | {form.format(figures[name])} |"
            for name, (title, form) in self.rows.items()
        )


def write_card(tryons: Scores, jobs: Scores, looks: Scores, words: Scores, work: Path) -> None:
    """Write the card with figures and contact sheets, and keep the stages' logs beside it."""
    sections = {
        "figures": Section(tryons, ROWS, "contact_sheet.jpg"),
        "job_figures": Section(jobs, JOB_ROWS, "jobs_sheet.jpg"),
        "look_figures": Section(looks, LOOK_ROWS, "looks_sheet.jpg"),
        "word_figures": Section(words, {}, "words_sheet.jpg"),
    }
    numbers: dict[str, float] = {}
    for section in sections.values():
        section.scores.sheet.save(DEMO / section.picture, quality=88, optimize=True)
        numbers |= section.scores.figures
    (DEMO / "figures.json").write_text(json.dumps(numbers, indent=1) + "\n")
    logs = DEMO / "logs"
    logs.mkdir(exist_ok=True)
    for log in sorted(work.glob("*.jsonl")):
        shutil.copyfile(log, logs / log.name)
    stages = "\n".join(
        f"| {log.stem} | {step} | {hours:.1f} |"
        for log in sorted(logs.glob("*.jsonl"))
        for step, hours in [trained_hours(log)]
    )
    size = sum(path.stat().st_size for path in DEMO.rglob("*.safetensors")) / 1e6
    tables = {name: section.table for name, section in sections.items()}
    quoted = "\n".join(f"{number}. `{words}`" for number, words in enumerate(WORDS, 1))
    steps = {"steps": DEMO_FORM.steps, "steps_a_layer": DEMO_FORM.steps_a_layer}
    card = TEMPLATE.read_text().format(
        **tables, **steps, words=quoted, stages=stages, megabytes=f"{size:.0f}"
    )
    (DEMO / "README.md").write_text(card)
    print(*filter(None, tables.values()), sep="\n")
