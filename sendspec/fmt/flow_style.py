"""Canonical text of a list in brackets or a mapping in braces that is on one line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sendspec.fmt.key_order import in_order
from sendspec.fmt.layout import Flow
from sendspec.fmt.scalar_style import canonical_key, canonical_scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.fmt.layout import Scalar
    from sendspec.load.yaml_values import SchemaTypes

_COLON: Final = re.compile(r" *: *")
_COMMA: Final = re.compile(r" *, *")
_END: Final = re.compile(r" *,? *")


def canonical_flow(flow: Flow, text: str, types: SchemaTypes) -> str:
    """Return a list or mapping of one line of the document `text`, with one space after `,` and `:`.

    If it has several lines, single pairs or missing values, it is returned as it is written.
    """
    written = text[flow.start : flow.end]
    if "\n" in written or not _is_regular(flow, text):
        return written
    parts = [(None if key is None else key.value, part) for key, part in _parts(flow, text, types)]
    if flow.is_mapping:
        parts = in_order(parts, types, lambda each: each[0] or "")
    inside = ", ".join(part for _, part in parts)
    return f"{{{inside}}}" if flow.is_mapping else f"[{inside}]"


def _parts(flow: Flow, text: str, types: SchemaTypes) -> Iterator[tuple[Scalar | None, str]]:
    for key, value in flow.entries:
        of_value = types.of_items() if key is None else types.of_key(key.value)
        if isinstance(value, Flow):
            part = canonical_flow(value, text, of_value)
        else:
            part = canonical_scalar(value, text[value.start : value.end], of_value, has_comment=False)
        if key is not None:
            part = f"{canonical_key(key, text[key.start : key.end], types)}: {part}"
        yield key, part


def _is_regular(flow: Flow, text: str) -> bool:
    """Return whether only commas, colons and spaces are between the keys and values."""
    if text[flow.start] not in "[{":
        return False
    at, between = flow.start + 1, re.compile(" *")
    for key, value in flow.entries:
        if key is not None:
            if not between.fullmatch(text, at, key.start):
                return False
            at, between = key.end, _COLON
        if value.start == value.end or not between.fullmatch(text, at, value.start):
            return False
        if isinstance(value, Flow) and text[value.start] not in "[{":
            return False
        at, between = value.end, _COMMA
    return (_END if flow.entries else re.compile(" *")).fullmatch(text, at, flow.end - 1) is not None
