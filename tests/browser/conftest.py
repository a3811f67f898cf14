"""Headless Chromium on the server's front end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from front_end import SETTINGS, FrontEnd

from devtools.client import Client

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
def front_end(browser: Browser, client: Client) -> FrontEnd:
    client.ask("/settings", SETTINGS)
    return FrontEnd(browser.new_page(viewport={"width": 1920, "height": 1080}), client.url)
