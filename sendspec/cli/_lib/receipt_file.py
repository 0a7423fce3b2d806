"""The receipt of a run, read again to report why the run failed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sendspec.cli._lib.console import error_reason
from sendspec.errors import SendspecError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.report.merged_sends import RunFailure

_PROBLEMS_MAX: Final = 5
_NO_RECEIPT: Final = (
    "The run wrote no receipt: it was stopped, did not start, or its approval was rejected; look at its log"
)
_BLOCKED: Final = "Errors in the specs blocked the run"
"""Instead of the message of the run, which refers to findings that only its log has."""

_INTERRUPTED: Final = "The run was interrupted; run apply again"


def read_failure(name: str, target: str) -> RunFailure | None:
    """Return why the run of a receipt failed, None if it did not; a missing file means that it was stopped.

    Raises:
        SendspecError: the file is not the receipt of a run of this target.
    """
    from sendspec import schema
    from sendspec.model import Location, Locations
    from sendspec.report.merged_sends import RunFailure

    try:
        receipt = json.loads(Path(name).read_bytes())
    except FileNotFoundError:
        return RunFailure((_NO_RECEIPT,))
    except (OSError, ValueError, RecursionError) as error:
        raise SendspecError(
            f"cannot read {name}: {error_reason(error)}", hint="name the file of `apply --receipt`"
        ) from error
    if schema.check("receipt", receipt, Locations(Location(name))):
        raise SendspecError(f"{name} is not a receipt", hint="name the file of `apply --receipt`")
    if receipt["target"] != target:
        raise SendspecError(
            f"{name} is the receipt of target '{receipt['target']}', not '{target}'",
            hint="use the --target of the run",
        )
    unrecorded = sum(not request["recorded"] for request in receipt["requests"])
    messages = [
        message for error in receipt["errors"] if "address" not in error for message in _messages(error)
    ]
    of_sends = {error["address"]: _sentence(error) for error in receipt["errors"] if "address" in error}
    if receipt["interrupted"] and not messages:
        messages = [_INTERRUPTED]
    is_failed = messages or unrecorded or of_sends
    return RunFailure(tuple(messages), unrecorded, of_sends) if is_failed else None


def failure_of(error: SendspecError) -> RunFailure:
    """Return an error that ended a run before it had a receipt, as its receipt would have it."""
    from sendspec.report.merged_sends import RunFailure
    from sendspec.report.receipt_json import error_value

    return RunFailure(tuple(_messages(error_value(error))))


def _messages(error: dict[str, Any]) -> Iterator[str]:
    """Yield the sentences of one error: its message with the hint, and the first problems of specs."""
    if error["reason"] == "blocked":
        yield _BLOCKED
        return
    yield _sentence(error)
    problems = error.get("problems", [])
    for problem in problems[:_PROBLEMS_MAX]:
        yield f"{problem['file']}:{problem['line']}: {_sentence(problem)}"
    if len(problems) > _PROBLEMS_MAX:
        yield f"{len(problems) - _PROBLEMS_MAX:,} more problems, which `sendspec validate` shows"


def _sentence(error: dict[str, Any]) -> str:
    from sendspec.redact import Redactor

    text = f"{error['message']}; {error['hint']}" if error.get("hint") else str(error["message"])
    return Redactor()(text)
