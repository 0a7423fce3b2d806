"""Templates that only print names: `Acme: {{ discount }}% off`. Most are such, and they need no parser.

A name may be that of a part, as in `{{ send.address }}` and `{{ message[locale] }}`.

They are printed as the evaluator prints them, with the same charges. Everything else is left to the
evaluator: other syntax, names that do not exist, values other than text and integers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sendspec.lazy_pattern import lazy_pattern
from sendspec.template.values import INTEGER_MAX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.template.budget import Budget

_WORD: Final = "[A-Za-z][A-Za-z0-9_]*"
_NAME: Final = lazy_pattern(rf"\{{\{{ *({_WORD})(?:\.({_WORD})|\[({_WORD})\])? *\}}\}}")
_WORDS: Final = frozenset(
    {"true", "false", "none", "True", "False", "None", "not", "and", "or", "in", "is", "if", "elif", "else"}
    | {"for", "set", "loop", "recursive"}
)
"""Names that Jinja may read as something else."""
_SOURCE_LENGTH_MAX: Final = 2_000


class PrintedName(NamedTuple):
    """A name, or one of its parts: that of the key `attribute`, or of the key that the name `item` has."""

    owner: str
    attribute: str | None
    item: str | None


Part = str | PrintedName


def split_names(source: str) -> tuple[Part, ...] | None:
    """Return the texts and names of a template in turn, a text first; None if it has any other syntax."""
    if len(source) > _SOURCE_LENGTH_MAX or "\r" in source:
        return None
    # A text, and the three groups of the name after it.
    pieces = _NAME.split(source)
    if any("{" in text or text.startswith("}") for text in pieces[::4]):
        return None
    parts: list[Part] = pieces[:1]
    for at in range(1, len(pieces), 4):
        name = PrintedName(*pieces[at : at + 3])
        if name.owner in _WORDS or name.item in _WORDS:
            return None
        parts += [name, pieces[at + 3]]
    return tuple(parts)


def print_names(parts: tuple[Part, ...], context: Mapping[str, Any], budget: Budget) -> str | None:
    """Return the text of a template of such parts, None if the evaluator must print it or report an error."""
    pieces: list[str] = []
    steps = 0
    for part in parts:
        if isinstance(part, str):
            pieces.append(part)
            continue
        value, cost = _value_of(part, context)
        if type(value) is int and -INTEGER_MAX <= value <= INTEGER_MAX:
            value = repr(value)
        if type(value) is not str:
            return None
        pieces.append(value)
        steps += cost
    text = "".join(pieces)
    if steps + len(text) > budget.left:
        return None
    budget.charge(steps + len(text))
    return text


def _value_of(name: PrintedName, context: Mapping[str, Any]) -> tuple[Any, int]:
    """Return the value of a name or of a part of one, None if it has none, and the steps of the evaluator."""
    owner, attribute, item = name
    value = context.get(owner)
    if attribute is None and item is None:
        return value, 1
    key = attribute if item is None else context.get(item)
    part = value.get(key) if type(value) is dict and type(key) is str else None
    return part, 2 if item is None else 3
