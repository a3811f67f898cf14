"""`python dev.py demo`: the shipped workflow in a real ComfyUI, its result beside the truth."""

from __future__ import annotations

import io
import json
import shutil
import sys
import time
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from .client import CancelledError, Client, NodeError, OnStep, RejectedError
from .comfyui import ROOT, running_server
from .contact_sheet import contact_sheet
from .scores import try_on_scores
from .workflow import api_prompt

BASE = ROOT / ".any2any" / "base"
OUTPUT = ROOT / "output"
WORKFLOW = ROOT / "workflows" / "demo_tryon.json"
EXAMPLE = ROOT / "demo" / "examples"
INPUT_PREFIX = "any2any_"
"""Before a picture's name in demo/examples stands this in the workflows' LoadImage nodes."""
TEST_SET = "any2any_test"
"""The folder of a small test set, in that ComfyUI's input folder."""


def main() -> None:
    start = time.monotonic()
    person, garment, truth = (
        Image.open(EXAMPLE / f"{name}.png").convert("RGB")
        for name in ("person", "garment", "truth")
    )
    print("starting ComfyUI ...", flush=True)
    put_demo_files(BASE)
    with running_server(BASE) as server:
        result = dressed(Client(server.url))
    seconds = time.monotonic() - start

    OUTPUT.mkdir(exist_ok=True)
    sheet = contact_sheet(
        {"person": person, "garment": garment, "result": result, "truth": truth}, scale=2
    )
    print(f"result:        {saved(result, OUTPUT / 'demo.png')}")
    print(f"contact sheet: {saved(sheet, OUTPUT / 'demo_sheet.png')}")
    print(f"PSNR to the truth: {try_on_scores(result, truth, person)}")
    print(f"took {seconds:.0f} s")


def put_demo_files(base: Path) -> None:
    """Put the example's pictures and the workflows where that ComfyUI looks for them."""
    workflows = base / "user" / "default" / "workflows"
    for folder in (base / "input", workflows):
        folder.mkdir(parents=True, exist_ok=True)
    for picture in EXAMPLE.glob("*.png"):
        shutil.copyfile(picture, base / "input" / f"{INPUT_PREFIX}{picture.name}")
    put_test_set(base / "input" / TEST_SET)
    for workflow in WORKFLOW.parent.glob("*.json"):
        shutil.copyfile(workflow, workflows / workflow.name)


def put_test_set(folder: Path) -> None:
    """Put a test set as VITON-HD's: two dolls, and two tops under the dolls' names."""
    names = ("00001_00.png", "00002_00.png")
    for kind, example in (("image", "person"), ("cloth", "garment")):
        pictures = folder / "test" / kind
        pictures.mkdir(parents=True, exist_ok=True)
        for name, source in zip(names, (example, f"{example}_2")):
            shutil.copyfile(EXAMPLE / f"{source}.png", pictures / name)
    (folder / "test_pairs.txt").write_text("".join(f"{name} {name}\n" for name in names))


def dressed(client: Client) -> Image.Image:
    """Return the picture that the demo workflow saves."""
    prompt = api_prompt(json.loads(WORKFLOW.read_text()), client.ask("/object_info"))
    with tqdm(unit="step", desc="sampling") as bar:
        outputs = client.run(prompt, moves(bar))
    (save,) = (key for key, node in prompt.items() if node["class_type"] == "SaveImage")
    (image,) = outputs[save]["images"]
    return Image.open(io.BytesIO(client.picture(image))).convert("RGB")


def moves(bar: tqdm) -> OnStep:
    """Return what moves the bar to a step; only the sampler has more than one."""

    def move(node: str, step: int, steps: int) -> None:
        if steps > 1:
            bar.total = steps
            bar.update(step - bar.n)

    return move


def saved(picture: Image.Image, path: Path) -> Path:
    """Write the picture whole or not at all; return its path."""
    temporary = path.with_name(f".{path.name}")
    picture.save(temporary, format="PNG")
    return temporary.replace(path)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("stopped")
    except (CancelledError, NodeError, RejectedError) as error:
        sys.exit(f"The demo did not finish: {error}")
