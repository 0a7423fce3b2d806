"""Templates that only print names: `Acme: {{ discount }}% off`. Most are such, and they need no parser.

They are printed as the evaluator prints them, with the same charges. Everything else is left to the
evaluator: other syntax, names that do not exist, values other than text and integers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sendspec.template.values import INTEGER_MAX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.template.budget import Budget

_NAME: Final = re.compile(r"\{\{ *([A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)?) *\}\}")
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
    if any(name.partition(".")[0] in _WORDS for name in parts[1::2]):
        return None
    return parts


def print_names(parts: tuple[str, ...], context: Mapping[str, Any], budget: Budget) -> str | None:
    """Return the text of a template of such parts, None if the evaluator must print it or report an error."""
    pieces = list(parts)
    steps = 0
    for at in range(1, len(parts), 2):
        name, _, field = parts[at].partition(".")
        value = context.get(name)
        if field:
            value = value.get(field) if type(value) is dict else None
        if type(value) is int and -INTEGER_MAX <= value <= INTEGER_MAX:
            value = repr(value)
        if type(value) is not str:
            return None
        pieces[at] = value
        steps += 2 if field else 1
    text = "".join(pieces)
    if steps + len(text) > budget.left:
        return None
    budget.charge(steps + len(text))
    return text
