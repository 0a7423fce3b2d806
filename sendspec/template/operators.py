"""The operators of templates: bounded, charged before they work, and refusing what Python would guess.

Arithmetic takes numbers only (`'A' * 10**9` is a text of a gigabyte in Python), save that `+` also
joins two texts. Results stay within 64 bits, so no chain of operations grows without bound.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sendspec.template.values import TemplateError, is_number, items, kind, number, weight

if TYPE_CHECKING:
    from collections.abc import Callable

    from sendspec.template.values import Budget

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
    """Give `left sign right`; raises TemplateError for what are not numbers, and for division by 0."""
    if sign == "+" and isinstance(left, str) and isinstance(right, str):
        budget.charge(len(left) + len(right))
        return left + right
    for side, value in (("left", left), ("right", right)):
        number(value, f"the {side} side of '{sign}'", hint=_sign_hint(sign, left, right))
    if right == 0 and sign in {"/", "//", "%"}:
        raise TemplateError(f"the right side of '{sign}' is 0")
    return number(_ARITHMETIC[sign](left, right), f"the result of '{sign}'")


def _sign_hint(sign: str, left: Any, right: Any) -> str | None:
    texts = isinstance(left, str) or isinstance(right, str)
    if texts and sign == "%":
        return "texts are not formatted here: {{ price|fixed(2) }} writes decimals, '~' joins"
    return "'~' joins anything that can be printed" if texts and sign == "+" else None


def compare(budget: Budget, sign: str, left: Any, right: Any) -> bool:
    """Give `left sign right`, `sign` being Jinja's: eq, ne, lt, lteq, gt, gteq, in, notin."""
    if sign == "eq":
        return equal(budget, left, right)
    if sign == "ne":
        return not equal(budget, left, right)
    if sign == "in":
        return contains(budget, right, left)
    if sign == "notin":
        return not contains(budget, right, left)
    shown, function = _ORDER[sign]
    comparable(left, right, f"'{shown}'")
    budget.charge(weight(left) + weight(right))
    return function(left, right)


def equal(budget: Budget, left: Any, right: Any) -> bool:
    """Tell whether two values are the same, charged for all that is inside them."""
    budget.charge(weight(left) + weight(right))
    return bool(left == right)


def comparable(left: Any, right: Any, what: str) -> None:
    """Raise TemplateError unless both are numbers or both are texts."""
    numbers = is_number(left) and is_number(right)
    if not numbers and not (isinstance(left, str) and isinstance(right, str)):
        message = f"{what} cannot tell which comes first: {kind(left)} or {kind(right)}"
        raise TemplateError(message, hint="compare numbers with numbers, texts with texts")


def contains(budget: Budget, whole: Any, part: Any) -> bool:
    """Tell whether a text has a part, a list an item, or a map a key."""
    if isinstance(whole, str):
        if not isinstance(part, str):
            raise TemplateError(f"only a text can be in a text, not {kind(part)}")
        budget.charge(len(whole) + len(part))
        return part in whole
    if isinstance(whole, Mapping):
        return isinstance(part, (str, int)) and part in whole
    found = items(whole, "the right side of 'in'")
    budget.charge(weight(found) + len(found) * weight(part))
    return part in found
