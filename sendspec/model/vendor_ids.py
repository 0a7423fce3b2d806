"""Ids of the vendor: the job id of a contact-source request, the transaction id of the others.

The API documents a job id as a number and a transaction id as a string, and the ranges of neither. An
answer, a person and a log can all contain an id, so one place decides which ids are usable.
"""

from __future__ import annotations

from typing import Any, Final

_LARGEST_JOB_ID: Final = 2**63 - 1
_LONGEST_TRANSACTION_ID: Final = 256


def read_job_id(value: Any) -> int | None:
    """Return a usable job id, None for any other value."""
    # A bool is an int in Python, and the JSON writer of the ledger stops at 64 bits.
    valid = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LARGEST_JOB_ID
    return value if valid else None


def read_transaction_id(value: Any) -> str | None:
    """Return a usable transaction id, None for any other value."""
    # The id goes into URLs, terminals and the ledger, so it must be printable.
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        return None
    return value if len(value) <= _LONGEST_TRANSACTION_ID else None
