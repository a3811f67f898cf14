"""The demo model's card: figures, pictures and how to make it again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from .demo_nodes import STEPS
from .export import DEMO
from .score import Scores
from .stage import trained_hours

TEMPLATE = Path(__file__).parent / "card.md"
DECIBEL, PERCENT = "{:.1f} dB", "{:.0%}"
ROWS = {
    "psnr": ("PSNR to the true picture", DECIBEL),
    "psnr_outside": ("... outside the clothes", DECIBEL),
    "psnr_inside": ("... inside them", DECIBEL),
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


def write_card(scores: Scores, jobs: Scores, work: Path) -> None:
    """Write the card with figures and contact sheets, and keep the stages' logs beside it."""
    scores.sheet.save(DEMO / "contact_sheet.jpg", quality=88, optimize=True)
    jobs.sheet.save(DEMO / "jobs_sheet.jpg", quality=88, optimize=True)
    logs = DEMO / "logs"
    logs.mkdir(exist_ok=True)
    for log in sorted(work.glob("*.jsonl")):
        shutil.copyfile(log, logs / log.name)
    numbers = scores.figures | jobs.figures
    (DEMO / "figures.json").write_text(json.dumps(numbers, indent=1) + "\n")
    figures, job_figures = (
        "\n".join(
            f"| {title} | {form.format(numbers[name])} |" for name, (title, form) in rows.items()
        )
        for rows in (ROWS, JOB_ROWS)
    )
    stages = "\n".join(
        f"| {log.stem} | {step} | {hours:.1f} |"
        for log in sorted(logs.glob("*.jsonl"))
        for step, hours in [trained_hours(log)]
    )
    size = sum(path.stat().st_size for path in DEMO.rglob("*.safetensors")) / 1e6
    card = TEMPLATE.read_text().format(
        figures=figures,
        job_figures=job_figures,
        stages=stages,
        megabytes=f"{size:.0f}",
        steps=STEPS,
    )
    (DEMO / "README.md").write_text(card)
    print(f"{figures}\n{job_figures}")
