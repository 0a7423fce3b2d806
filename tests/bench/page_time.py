"""Time of a page until its load event in Chromium: `python -m tests.bench.page_time URL`.

It prints the seconds as JSON, or what is missing on this machine. The time is that of the browser, from the
start of the navigation, and does not include the start of the browser.
"""

from __future__ import annotations

import json
import sys
from typing import Final

from tests.browser import chromium, missing_part, opened

_LOADED: Final = "performance.getEntriesByType('navigation')[0].loadEventEnd"
"""Milliseconds since the navigation started; https://www.w3.org/TR/navigation-timing-2/, as of 2026-11."""


def main() -> None:
    """Load the page and print its time."""
    missing = missing_part()
    if missing is not None:
        print(json.dumps({"missing": missing, "seconds": None}))
        return
    # The first page of a browser also pays for processes that later ones share.
    with chromium() as browser, opened(browser, "about:blank"), opened(browser, sys.argv[1]) as tab:
        tab.page.wait_for_function(f"{_LOADED} > 0")
        milliseconds = tab.page.evaluate(_LOADED)
    print(json.dumps({"missing": None, "seconds": milliseconds / 1000}))


if __name__ == "__main__":
    main()
