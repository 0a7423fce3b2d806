"""A real Chromium, driven by Playwright, which opens pages without a network and records what they do."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
PICTURES = "SENDSPEC_PICTURES"
"""The variable with the directory that screenshots of the tests are kept in; without it they are not made."""


def missing_part() -> str | None:
    """Return why no browser can run here, None if one can."""
    return None if _chromium() else "chromium is not installed"


@dataclass
class Opened:
    """A page in the browser, with its messages on the console and the requests that it made."""

    page: Page
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def violations(self) -> list[str]:
        """Return what axe-core finds wrong in the present state of the page."""
        results = Axe().run(self.page).response
        return [
            f"{found['id']}: {node['html'][:200]} {node['failureSummary']}"
            for found in results["violations"]
            for node in found["nodes"]
        ]

    def overflows(self) -> bool:
        """Return whether the page is wider than its window."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))

    def picture(self, name: str) -> None:
        """Keep a screenshot, if the environment says where."""
        directory = os.environ.get(PICTURES)
        if directory:
            self.page.screenshot(path=Path(directory) / f"{name}.png", full_page=True)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a Chromium of the system without a window."""
    # Chromium does not start its sandbox as root, which CI is; these pages are our own.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser, url: str, *, scheme: str = "light", size: Any = DESKTOP, script: bool = True
) -> Iterator[Opened]:
    """Open a page in a profile of its own; a page in a file has no network."""
    context = browser.new_context(
        viewport=size, color_scheme=scheme, java_script_enabled=script, offline=url.startswith("file:")
    )
    context.set_default_timeout(60_000)
    try:
        tab = Opened(context.new_page())
        tab.page.on("console", lambda message: tab.messages.append(message.text))
        tab.page.on("pageerror", lambda error: tab.messages.append(str(error)))
        tab.page.on("request", lambda request: tab.requests.append(request.url))
        tab.page.goto(url)
        yield tab
    finally:
        context.close()


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
