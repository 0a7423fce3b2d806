"""Canonical quotes of a scalar: double quotes, none around names, and always around numbers that are text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sendspec.load.yaml_scalars import UnsupportedNumber, resolve_scalar

if TYPE_CHECKING:
    from sendspec.fmt.layout import Scalar
    from sendspec.load.yaml_values import SchemaTypes

_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ESCAPED_QUOTES: Final = re.compile(r'"(?:[^"\\]|\\["\\])*"')
_OTHER_TYPE: Final = re.compile(
    r"""yes|no|on|off                                            # booleans
    |[-+]?(0b[01_]+|0x[0-9a-f_]+|[0-9][0-9_]*)                   # integers
    |[-+]?([0-9][0-9_]*)?\.[0-9_]*(e[-+]?[0-9]+)?                # decimals
    |[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?                # 21:00 is 1260
    |[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?                    # dates and times""",
    re.IGNORECASE | re.VERBOSE,
)
"""Texts that YAML 1.1 reads as other values (https://yaml.org/type/), as many tools do."""


def canonical_scalar(scalar: Scalar, written: str, types: SchemaTypes, *, has_comment: bool) -> str:
    """Return a scalar with its canonical quotes; `written` is its text in the document.

    A scalar before a comment never gains or loses quotes, because a rule reports texts without them there.
    """
    if "\n" in written or scalar.style in {"|", ">"}:
        return written
    if not scalar.style:
        return f'"{scalar.value}"' if not has_comment and _needs_quotes(scalar.value, types) else written
    if not has_comment and _may_be_plain(scalar.value, types):
        return scalar.value
    if not scalar.value.isprintable():
        return written
    if scalar.style == "'":
        return written if re.search(r'["\\]', scalar.value) else f'"{scalar.value}"'
    only_quotes = _ESCAPED_QUOTES.fullmatch(written) and '\\"' in written and "'" not in scalar.value
    return f"'{scalar.value}'" if only_quotes else written


def canonical_key(key: Scalar, written: str, types: SchemaTypes) -> str:
    """Return a key without quotes if the schema names it, and else as it is written."""
    return key.value if key.value in types.key_order else written


def _needs_quotes(text: str, types: SchemaTypes) -> bool:
    """Return whether a plain scalar is a text that another reader could read as another value."""
    if not text or not types.allows_text or text in types.enumerated:
        return False
    try:
        value = resolve_scalar(text)
    except UnsupportedNumber:
        return True
    if isinstance(value, str):
        return _OTHER_TYPE.fullmatch(text) is not None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value is not None and not types.types & ({"integer", "number"} if is_number else {"boolean"})


def _may_be_plain(text: str, types: SchemaTypes) -> bool:
    is_listed = text in types.enumerated
    if not (is_listed or types.is_name) or not _NAME.fullmatch(text):
        return False
    return isinstance(resolve_scalar(text), str) and (is_listed or not _OTHER_TYPE.fullmatch(text))
