"""`python dev.py templates`: write workflows/, subgraphs/ and the prompts that go with them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import tomllib

from ..comfyui import ROOT
from .blueprint import NAME, blueprint
from .forms import FORMS
from .jobs import JOBS
from .saved import prompt, workflow
from .thumbnails import write_thumbnails

WORKFLOWS, SUBGRAPHS, PROMPTS = Path("workflows"), Path("subgraphs"), Path("tests/prompts")
FOLDERS = (WORKFLOWS, SUBGRAPHS, PROMPTS)


def files() -> dict[Path, str]:
    """Return the text of every file that is made from the jobs, by its path."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version, made = project["version"], {}
    for job in JOBS:
        for form in FORMS:
            graph, name = job.graph(form), f"{form.prefix}{job.name}"
            made[ROOT / WORKFLOWS / f"{name}.json"] = text(workflow(graph, name, version))
            made[ROOT / PROMPTS / f"{name}.json"] = text(prompt(graph))
    made[ROOT / SUBGRAPHS / f"{NAME}.json"] = text(blueprint(version))
    return made


def text(value: dict) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="dev.py templates")
    parser.add_argument(
        "--thumbnails", action="store_true", help="run the demo forms and make their pictures too"
    )
    options = parser.parse_args()
    made = files()
    for path, content in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    for folder in FOLDERS:
        for path in set((ROOT / folder).glob("*.json")) - set(made):
            path.unlink()
    print(f"wrote {len(made)} files")
    if options.thumbnails:
        write_thumbnails(JOBS, ROOT / WORKFLOWS)


if __name__ == "__main__":
    main()
