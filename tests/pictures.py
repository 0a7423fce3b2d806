"""The pictures of the docs: `python -m tests.pictures` writes them with Chromium into `docs/pictures/`."""

from __future__ import annotations

import tempfile
from contextlib import chdir
from pathlib import Path
from typing import Final

from sendspec.report.page import plan_page
from tests.browser import chromium, opened
from tests.page_projects import plan_at, write_project

FOLDER: Final = Path(__file__).parents[1] / "docs" / "pictures"
DESKTOP: Final = {"width": 1120, "height": 720}
PHONE: Final = {"width": 390, "height": 780}


def main() -> None:
    """Write a picture of the verdict on a desktop, and one of a card on a dark phone."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chdir(folder), chromium() as browser:
        # The page names the files as they were given, so the name of the temporary folder must not be in it.
        specs, page = Path("specs"), Path("plan.html")
        write_project(specs)
        page.write_text(plan_page(plan_at(specs)), encoding="utf-8")
        with opened(browser, page.absolute().as_uri(), size=DESKTOP) as tab:
            tab.page.screenshot(path=FOLDER / "plan-verdict.png")
        with opened(browser, page.absolute().as_uri(), size=PHONE, scheme="dark") as tab:
            tab.page.locator(".send").nth(1).evaluate("card => scrollTo(0, card.offsetTop - 12)")
            tab.page.screenshot(path=FOLDER / "plan-phone.png")


if __name__ == "__main__":
    main()
