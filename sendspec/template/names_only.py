"""Templates that only print names: `Acme: {{ discount }}% off`. Most are such, and they need no parser.

A name may be that of a part, as in `{{ send.address }}` and `{{ message[locale] }}`.

They are printed as the evaluator prints them, with the same charges. Everything else is left to the
evaluator: other syntax, names that do not exist, values other than text and integers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sendspec.lazy_pattern import lazy_pattern
from sendspec.template.values import INTEGER_MAX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.template.budget import Budget

_WORD: Final = "[A-Za-z][A-Za-z0-9_]*"
_NAME: Final = lazy_pattern(rf"\{{\{{ *({_WORD}(?:\.{_WORD}|\[{_WORD}\])?) *\}}\}}")
_SEPARATOR: Final = lazy_pattern(r"[.\[]")
_WORDS: Final = frozenset(
    {"true", "false", "none", "True", "False", "None", "not", "and", "or", "in", "is", "if", "elif", "else"}
    | {"for", "set", "loop", "recursive"}
)
"""Names that Jinja may read as something else."""
_SOURCE_LENGTH_MAX: Final = 2_000


def split_names(source: str) -> tuple[str, ...] | None:
    """Return the texts and names of a template in turn, a text first; None if it has any other syntax."""
    if len(source) > _SOURCE_LENGTH_MAX or "\r" in source:
        return None
    parts = tuple(_NAME.split(source))
    if any("{" in text or text.startswith("}") for text in parts[::2]):
        return None
    for name in parts[1::2]:
        first, *key = _SEPARATOR.split(name.rstrip("]"))
        if first in _WORDS or ("[" in name and key[0] in _WORDS):
            return None
    return parts


def print_names(parts: tuple[str, ...], context: Mapping[str, Any], budget: Budget) -> str | None:
    """Return the text of a template of such parts, None if the evaluator must print it or report an error."""
    pieces = list(parts)
    steps = 0
    for at in range(1, len(parts), 2):
        value, cost = _value_of(parts[at], context)
        if type(value) is int and -INTEGER_MAX <= value <= INTEGER_MAX:
            value = repr(value)
        if type(value) is not str:
            return None
        pieces[at] = value
        steps += cost
    text = "".join(pieces)
    if steps + len(text) > budget.left:
        return None
    budget.charge(steps + len(text))
    return text


def _value_of(name: str, context: Mapping[str, Any]) -> tuple[Any, int]:
    """Return the value of a name or of a part of one, None if it has none, and the steps of the evaluator."""
    owner, *keys = _SEPARATOR.split(name)
    value = context.get(owner)
    if not keys:
        return value, 1
    is_text_of_name = name.endswith("]")
    key = context.get(keys[0][:-1]) if is_text_of_name else keys[0]
    part = value.get(key) if type(value) is dict and type(key) is str else None
    return part, 3 if is_text_of_name else 2
