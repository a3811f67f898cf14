"""Headless Chromium on the server's front end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from front_end import SETTINGS, FrontEnd

from devtools.client import Client
from devtools.comfyui import running_server
from devtools.demo import put_demo_files

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome")

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def executable() -> str:
    """The browser to start."""
    given = os.environ.get("ANY2ANY_BROWSER")
    for name in [given] if given else NAMES:
        if found := shutil.which(name):
            return found
    if given:
        pytest.skip(f"ANY2ANY_BROWSER is {given}, which cannot be started")
    pytest.skip(f"no browser: install one of {', '.join(NAMES)}, or set ANY2ANY_BROWSER to yours")


@pytest.fixture(scope="module")
def browser(executable: str) -> Iterator[Browser]:
    """A browser of the module's own.

    Not of the session's: while Playwright is there, no other test can start an event loop.
    """
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is not installed: pip install playwright"
    )
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=executable, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def front_end(browser: Browser, client: Client) -> Iterator[FrontEnd]:
    """The front end that this ComfyUI asks for."""
    with opened(browser, client) as front_end:
        yield front_end


@pytest.fixture(scope="module", params=["pinned", pytest.param("newest", marks=pytest.mark.full)])
def either_client(request) -> Client:
    """The server with the front end that this ComfyUI asks for, and one with the newest."""
    return request.getfixturevalue("client" if request.param == "pinned" else "newest_client")


@pytest.fixture(scope="module")
def either_front_end(browser: Browser, either_client: Client) -> Iterator[FrontEnd]:
    with opened(browser, either_client) as front_end:
        yield front_end


@pytest.fixture(scope="session")
def newest_client(comfy, tmp_path_factory) -> Iterator[Client]:
    """A server with the newest front end that the package index has, or ANY2ANY_FRONT_END's."""
    given = os.environ.get("ANY2ANY_FRONT_END")
    folder = Path(given) if given else fetched_front_end(tmp_path_factory.mktemp("front_end"))
    base = tmp_path_factory.mktemp("newest")
    put_demo_files(base)
    with running_server(base, front_end=folder) as running:
        yield Client(running.url)


def fetched_front_end(folder: Path) -> Path:
    """Return the newest front end's files, fetched and unpacked; skip where that cannot be done."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--dest", str(folder), "comfyui-frontend-package"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"the newest front end cannot be fetched: {done.stderr.strip()[-200:]}")
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder / "comfyui_frontend_package" / "static"


@contextmanager
def opened(browser: Browser, client: Client) -> Iterator[FrontEnd]:
    """Open a page, and close it again: each page that is left draws its graph to the end."""
    client.ask("/settings", SETTINGS)
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    try:
        yield FrontEnd(page, client)
    finally:
        page.close()
