"""The machine and the versions, in words. Imports none of the packages that it names."""

from __future__ import annotations

import os
import platform
import re
import sys
from importlib.metadata import version
from pathlib import Path


def comfyui_folder() -> Path:
    """Return the ComfyUI to measure with; ends the program if there is none."""
    folder = Path(os.environ.get("COMFYUI_PATH", ""))
    if not (folder / "comfyui_version.py").is_file():
        sys.exit(
            f"COMFYUI_PATH is '{os.environ.get('COMFYUI_PATH', '')}', but the folder of a ComfyUI "
            "was expected: set it (`python dev.py test` leaves one in .any2any/comfyui)."
        )
    return folder


def machine(threads: int) -> str:
    """Return `2 cores of AMD EPYC, 2 threads; Python 3.11.2, torch 2.14.1, ...`."""
    text = (comfyui_folder() / "comfyui_version.py").read_text(encoding="utf-8")
    comfyui = re.search(r'__version__ = "(.+)"', text)
    return (
        f"{os.cpu_count()} cores of {processor()}, {threads} threads; "
        f"Python {platform.python_version()}, torch {version('torch')}, "
        f"diffusers {version('diffusers')}, ComfyUI {comfyui.group(1) if comfyui else 'unknown'}"
    )


def processor() -> str:
    """Return the processor's name where the system tells, else its kind."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        name = re.search(r"^model name\s*: (.+)$", cpuinfo.read_text(), re.MULTILINE)
        if name:
            return name.group(1).strip()
    return platform.machine()
