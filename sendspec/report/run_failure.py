"""Why a run of apply failed, from its receipt, for the comments of pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from sendspec.redact import Redactor
from sendspec.report.receipt_json import error_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sendspec.errors import SendspecError

_PROBLEMS_MAX: Final = 5
_NO_RECEIPT: Final = (
    "The run wrote no receipt: it was stopped, did not start, or its approval was rejected; look at its log"
)
_BLOCKED: Final = "Errors in the specs blocked the run"
"""Instead of the message of the run, which refers to findings that only its log has."""

_INTERRUPTED: Final = "The run was interrupted; run apply again"


class RunFailure(Struct, frozen=True):
    """Why a run failed, as its receipt says: messages with their hints, masked.

    `unrecorded` counts the results of requests that the ledger does not have. `of_sends` has the message
    about each send that the run left out, by its address; it is not about other sends.
    """

    messages: tuple[str, ...]
    unrecorded: int = 0
    of_sends: Mapping[str, str] = field(default_factory=dict)

    def is_about(self, addresses: Iterable[str]) -> bool:
        """Return whether the failure is about some of these sends, which are due and not sent."""
        is_general = bool(self.messages or self.unrecorded)
        return any(is_general or name in self.of_sends for name in addresses)


def failure_without_receipt() -> RunFailure:
    """Return the failure of a run that ended before it could write a receipt."""
    return RunFailure((_NO_RECEIPT,))


def failure_of_receipt(receipt: Mapping[str, Any]) -> RunFailure | None:
    """Return why the run of a receipt, in the form of its schema, failed; None if it did not."""
    unrecorded = sum(not request["recorded"] for request in receipt["requests"])
    errors = receipt["errors"]
    messages = [message for error in errors if "address" not in error for message in _messages(error)]
    of_sends = {error["address"]: _sentence(error) for error in errors if "address" in error}
    if receipt["interrupted"] and not messages:
        messages = [_INTERRUPTED]
    is_failed = messages or unrecorded or of_sends
    return RunFailure(tuple(messages), unrecorded, of_sends) if is_failed else None


def failure_of_error(error: SendspecError) -> RunFailure:
    """Return an error that ended a run before it had a receipt, as its receipt would have it."""
    return RunFailure(tuple(_messages(error_value(error))))


def _messages(error: Mapping[str, Any]) -> Iterator[str]:
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


def _sentence(error: Mapping[str, Any]) -> str:
    text = f"{error['message']}; {error['hint']}" if error.get("hint") else str(error["message"])
    return Redactor()(text)
