"""Data tables of the package; each has its sources and the date on which they were read."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """Return the content of `data/NAME.json`."""
    text = (Path(__file__).parent / "data" / f"{name}.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content
