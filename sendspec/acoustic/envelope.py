"""Parser of the vendor's answers: it accepts any bytes and raises nothing.

Every REST answer is documented as `{"meta": {"generalErrors": [], "fieldErrors": {}, …}, "data": …}`.
A refusal has data null and its texts in `generalErrors` or `fieldErrors`. Gateways before the vendor
answer HTML.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    Mask = Callable[[str], str]
    """Masks text of the vendor."""

EVIDENCE_CHARACTERS: Final = 300
TRY_AGAIN: Final = "run the same command again later"
"""The hint of an error that may not occur again."""

_ELLIPSIS: Final = "…"
_READ_CHARACTERS: Final = 4096
"""Text beyond this never gets into evidence, so it is not masked."""


class ErrorText(NamedTuple):
    """One text of a refusal, with the property that the vendor names in `fieldErrors`."""

    text: str
    field: str | None = None

    def __str__(self) -> str:
        return self.text if self.field is None else f"{self.field}: {self.text}"


class Envelope(NamedTuple):
    """The error texts and the data of an answer's body, as far as they are readable.

    `vendors` is true if the body has the documented form. Any other body may come from a gateway
    between sendspec and the vendor, so its refusals prove nothing. `next_page` is `nextPageUrl` as it is.
    """

    vendors: bool
    errors: tuple[ErrorText, ...]
    data: Any
    next_page: Any = None


def read_envelope(body: bytes) -> Envelope:
    """Return the body as the vendor's envelope; `vendors` is false if it is not one."""
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
    return Envelope(vendors=True, errors=(*errors, *about), data=data, next_page=meta.get("nextPageUrl"))


def read_json(body: bytes) -> Any:
    """Return the value of a JSON document, None if the body is not valid JSON.

    A document with a duplicate key has two meanings, so it is not valid here. The same holds for
    NaN, Infinity, numbers of thousands of digits and nesting that exhausts the parser.
    """
    try:
        return json.loads(body, object_pairs_hook=_unique_keys, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None


def short(text: str, mask: Mask, characters: int = EVIDENCE_CHARACTERS) -> str:
    """Return a text for a terminal or the ledger: masked, printable, at most 300 characters.

    It is masked after control and invisible characters are removed, because these could split a number
    or a secret. It is cut after masking, because half a number or secret would not be masked.
    """
    spaced = "".join(ch if ch.isprintable() else " " if ch.isspace() else "" for ch in text)
    masked = mask(" ".join(spaced.split())[:_READ_CHARACTERS])
    if len(masked) <= characters:
        return masked
    return masked[: characters - 1] + _ELLIPSIS


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("duplicate key")
    return document


def _refuse_constant(constant: str) -> None:
    raise ValueError(constant)
