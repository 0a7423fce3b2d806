"""Operators of templates: bounded, charged to the budget first, and stricter than Python's.

Arithmetic requires numbers (`'A' * 10**9` is text of a gigabyte in Python), except that `+` also
joins two texts. Results must fit 64 bits, so that a chain of operations cannot grow without bound.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sendspec.template.errors import TemplateError
from sendspec.template.values import describe_type, is_number, require_items, require_number, total_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from sendspec.template.budget import Budget

_ARITHMETIC: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}
_ORDER: Final[dict[str, tuple[str, Callable[[Any, Any], bool]]]] = {
    "lt": ("<", operator.lt),
    "lteq": ("<=", operator.le),
    "gt": (">", operator.gt),
    "gteq": (">=", operator.ge),
}


def calculate(budget: Budget, sign: str, left: Any, right: Any) -> Any:
    """Return `left sign right`; raises TemplateError unless both are numbers, and for division by 0."""
    if sign == "+" and isinstance(left, str) and isinstance(right, str):
        budget.charge(len(left) + len(right))
        return left + right
    for side, value in (("left", left), ("right", right)):
        require_number(value, f"the {side} side of '{sign}'", hint=_sign_hint(sign, left, right))
    if right == 0 and sign in {"/", "//", "%"}:
        raise TemplateError(f"the right side of '{sign}' is 0")
    return require_number(_ARITHMETIC[sign](left, right), f"the result of '{sign}'")


def _sign_hint(sign: str, left: Any, right: Any) -> str | None:
    texts = isinstance(left, str) or isinstance(right, str)
    if texts and sign == "%":
        return "use {{ price|fixed(2) }} to format decimals, and '~' to join text"
    return "use '~' to join values as text" if texts and sign == "+" else None


def compare(budget: Budget, sign: str, left: Any, right: Any) -> bool:
    """Return `left sign right`; `sign` is Jinja's: eq, ne, lt, lteq, gt, gteq, in, notin."""
    if sign == "eq":
        return equal(budget, left, right)
    if sign == "ne":
        return not equal(budget, left, right)
    if sign == "in":
        return contains(budget, right, left)
    if sign == "notin":
        return not contains(budget, right, left)
    symbol, function = _ORDER[sign]
    require_comparable(left, right, f"'{symbol}'")
    budget.charge(total_size(left) + total_size(right))
    return function(left, right)


def equal(budget: Budget, left: Any, right: Any) -> bool:
    """Return whether two values are equal, charged by their total size."""
    budget.charge(total_size(left) + total_size(right))
    return bool(left == right)


def require_comparable(left: Any, right: Any, subject: str) -> None:
    """Raise TemplateError unless both are numbers or both are texts."""
    numbers = is_number(left) and is_number(right)
    if not numbers and not (isinstance(left, str) and isinstance(right, str)):
        message = f"{subject} cannot compare {describe_type(left)} with {describe_type(right)}"
        raise TemplateError(message, hint="compare numbers with numbers, and text with text")


def contains(budget: Budget, container: Any, part: Any) -> bool:
    """Return whether `container` has `part`: text in text, an item of a list, a key of a mapping."""
    if isinstance(container, str):
        if not isinstance(part, str):
            raise TemplateError(f"the left side of 'in' must be text, not {describe_type(part)}")
        budget.charge(len(container) + len(part))
        return part in container
    if isinstance(container, Mapping):
        return isinstance(part, (str, int)) and part in container
    items = require_items(container, "the right side of 'in'")
    budget.charge(total_size(items) + len(items) * total_size(part))
    return part in items
