"""Reading what the vendor answers: any bytes in, no exception out.

Every REST answer is documented as `{"meta": {"generalErrors": [], "fieldErrors": {}, …}, "data": …}`;
a refusal has data null and its texts in either of the two. Gateways before the vendor answer HTML.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from sendspec.redact import Redactor

EVIDENCE_CHARACTERS: Final = 300
_ELLIPSIS: Final = "…"


class ErrorText(NamedTuple):
    """One text of a refusal, and the property it is about where the vendor names one."""

    text: str
    field: str | None = None

    def __str__(self) -> str:
        return self.text if self.field is None else f"{self.field}: {self.text}"


class Envelope(NamedTuple):
    """An answer's body: its error texts and its data, as far as they can be read.

    `vendors` says that it has the documented form; a body without it may come from anything that
    stands between here and the vendor, and its refusals prove nothing.
    """

    vendors: bool
    errors: tuple[ErrorText, ...]
    data: Any


def read_envelope(body: bytes) -> Envelope:
    """Read a body as the vendor's envelope; whatever is not one has `vendors` False."""
    document = read_json(body)
    if not isinstance(document, dict):
        return Envelope(vendors=False, errors=(), data=None)
    data = document.get("data")
    meta = document.get("meta")
    if not isinstance(meta, dict) or not meta.keys() & {"generalErrors", "fieldErrors"}:
        return Envelope(vendors=False, errors=(), data=data)
    general = [] if meta.get("generalErrors") is None else meta["generalErrors"]
    fields = {} if meta.get("fieldErrors") is None else meta["fieldErrors"]
    if not isinstance(general, list) or not isinstance(fields, dict):
        return Envelope(vendors=False, errors=(), data=data)
    errors = (ErrorText(_text(value)) for value in general)
    about = (ErrorText(_text(value), name) for name, value in fields.items())
    return Envelope(vendors=True, errors=(*errors, *about), data=data)


def read_json(body: bytes) -> Any:
    """Parse JSON, None for whatever is not exactly that.

    A key given twice makes a document mean two things: it is refused, as are NaN, Infinity, numbers
    of thousands of digits and nesting that exhausts the parser.
    """
    try:
        return json.loads(body, object_pairs_hook=_unique, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def short(text: str, redactor: Redactor) -> str:
    """Make a text fit for a terminal and the ledger: masked, printable, at most 300 characters.

    Control and invisible characters go before masking, so that none can split a number or a secret;
    cutting comes after it, so that none is left half.
    """
    spaced = "".join(ch if ch.isprintable() else " " if ch.isspace() else "" for ch in text)
    masked = redactor(" ".join(spaced.split()))
    if len(masked) <= EVIDENCE_CHARACTERS:
        return masked
    return masked[: EVIDENCE_CHARACTERS - 1] + _ELLIPSIS


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is given twice")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(constant)
