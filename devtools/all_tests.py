"""`python dev.py test --all`: every test, and the browser's once more with the newest front end.

Prints a line a run for docs/compatibility.md. ANY2ANY_FRONT_END names a front end's folder; without
it the newest comfyui-frontend-package is fetched.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

from .environment import HOME
from .installer import InstallError, pip

FRONT_END = "comfyui-frontend-package"
STATIC = "comfyui_frontend_package/static/"
LOG = HOME / "install.log"
COUNTED = ("tests", "failures", "errors", "skipped")


@dataclass(frozen=True)
class Outcome:
    """What a run of pytest came to."""

    what: str
    front_end: str
    passed: int
    skipped: int
    failed: int
    minutes: float

    def row(self) -> str:
        """Return the run as a line of docs/compatibility.md."""
        versions = f"{comfyui_version()} | {self.front_end} | {platform.python_version()}"
        counts = f"{self.passed} | {self.skipped} | {self.failed} | {self.minutes:.0f}"
        date = time.strftime("%Y-%m-%d")
        return f"| {date} | {self.what} | {versions} | {version('torch')} | {counts} |"


def main() -> None:
    words = sys.argv[1:]
    outcomes = [tested("all", version(FRONT_END), words)]
    for folder, number in newest_front_end():
        os.environ["ANY2ANY_FRONT_END"] = str(folder)
        outcomes.append(tested("tests/browser", number, ["tests/browser", *words]))
    print("\nfor docs/compatibility.md:")
    for outcome in outcomes:
        print(outcome.row())
    sys.exit(any(outcome.failed for outcome in outcomes))


def tested(what: str, front_end: str, words: list[str]) -> Outcome:
    """Run pytest with these words and count what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        start = time.monotonic()
        command = [sys.executable, "-m", "pytest", f"--junitxml={report}", *words]
        code = subprocess.run(command).returncode
        minutes = (time.monotonic() - start) / 60
        if not report.is_file():
            sys.exit(f"pytest ended with {code} and made no report: see what it said above")
        suites = ElementTree.parse(report).getroot().iter("testsuite")
        counts = [{name: int(suite.get(name, 0)) for name in COUNTED} for suite in suites]
    ran, failures, errors, skipped = (sum(count[name] for count in counts) for name in COUNTED)
    failed = failures + errors
    return Outcome(what, front_end, ran - failed - skipped, skipped, failed, minutes)


def newest_front_end() -> Iterator[tuple[Path, str]]:
    """Yield the newest front end's folder and version; nothing where it cannot be had.

    Nor where it is the one that every test has run with.
    """
    if given := os.environ.pop("ANY2ANY_FRONT_END", None):
        yield Path(given), Path(given).name
        return
    try:
        folder, number = fetched_front_end()
    except InstallError as error:
        print(f"the newest front end cannot be had, so nothing runs with it: {error}")
        return
    if number != version(FRONT_END):
        yield folder, number


def fetched_front_end() -> tuple[Path, str]:
    """Return the folder and version of the newest front end, unpacked all at once."""
    HOME.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=HOME) as folder:
        download = ["download", "--no-deps", "--dest", folder, FRONT_END]
        pip(Path(sys.executable), download, "fetching the newest front end", LOG, verbose=False)
        (wheel,) = Path(folder).glob("*.whl")
        number = wheel.name.split("-")[1]
        target = HOME / f"front_end-{number}"
        if not target.is_dir():
            with zipfile.ZipFile(wheel) as archive:
                members = [name for name in archive.namelist() if name.startswith(STATIC)]
                archive.extractall(folder, members)
            (Path(folder) / STATIC).rename(target)
    return target, number


def comfyui_version() -> str:
    text = (Path(os.environ["COMFYUI_PATH"]) / "comfyui_version.py").read_text(encoding="utf-8")
    return re.search(r'__version__ = "(.+)"', text)[1]


if __name__ == "__main__":
    main()
