"""JSON Schemas as shipped: their names and texts."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

NAMES: Final = (
    "campaign",
    "project",
    "lockfile",
    "plan",
    "receipt",
    "status",
    "findings",
    "rules",
    "watch",
    "doctor",
    "payload-contact-source",
    "payload-contacts",
    "payload-external-consent",
)


@cache
def schema_text(name: str) -> str:
    """Return the text of a schema as shipped: inside an installed package, beside it in a checkout.

    Raises:
        KeyError: if `name` is not one of `NAMES`.
    """
    if name not in NAMES:
        raise KeyError(name)
    package = Path(__file__).parent
    shipped = package / "schemas" / f"{name}.schema.json"
    if shipped.is_file():
        return shipped.read_text(encoding="utf-8")
    checkout = package.parent / "schemas" / f"{name}.schema.json"
    return checkout.read_text(encoding="utf-8")
