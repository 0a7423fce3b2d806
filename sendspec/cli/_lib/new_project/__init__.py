"""Files of a new project: an example worth copying, and the schemas that editors read."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from sendspec.cli._lib.editor_schemas import schema_files
from sendspec.timezones import time_zone

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_SHIPPED: Final = {
    "sendspec.yaml": "sendspec.yaml",
    "campaigns/spring-sale.yaml": "campaigns/spring-sale.yaml",
    "campaigns/order-ready.yaml": "campaigns/order-ready.yaml",
    "contacts/customers-en.csv": "contacts/customers-en.csv",
    "contacts/customers-fr.csv": "contacts/customers-fr.csv",
    "contacts/opt-out.csv": "contacts/opt-out.csv",
    ".gitignore": "gitignore",
}
"""Names in a project, with those in this package, where git must not read `.gitignore`."""

_ZONE: Final = "America/New_York"
_START, _END = "2026-01-05T10:00:00-05:00", "2026-01-12T19:00:00-05:00"
"""The instants of the example as shipped; a new project has other days."""

_DAYS: Final = 7


def new_project_files(now: datetime) -> Mapping[str, str]:
    """Return names and texts; the example may be sent from the day before `now` until a week after it."""
    shipped = files(__name__)
    texts = {
        name: shipped.joinpath(*source.split("/")).read_text("utf-8") for name, source in _SHIPPED.items()
    }
    today = now.astimezone(time_zone(_ZONE)).replace(minute=0, second=0, microsecond=0)
    start = (today - timedelta(days=1)).replace(hour=10)
    end = (today + timedelta(days=_DAYS)).replace(hour=19)
    instants = {_START: start.isoformat(), _END: end.isoformat()}
    for name, text in texts.items():
        for written, instant in instants.items():
            text = text.replace(written, instant)  # noqa: PLW2901 - the same text
        texts[name] = text
    return {**texts, **schema_files()}
