"""The rows of the table, in its order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.bench.rows import campaigns, contacts, formats, lockfile, queries, sending, startup

if TYPE_CHECKING:
    from tests.bench.comparison import Row

ROWS: Final[tuple[Row, ...]] = (
    *contacts.ROWS,
    *queries.ROWS,
    *sending.ROWS,
    *campaigns.ROWS,
    *formats.ROWS,
    *lockfile.ROWS,
    *startup.ROWS,
)
