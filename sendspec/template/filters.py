"""The filters that templates may use: all of them, and each pays before it works.

They mean what Jinja's of the same name mean, only stricter: where Jinja guesses (`'x'|int` is 0)
they refuse. `fixed` is sendspec's own, for prices. A filter gets the budget, the value, and the
arguments that the template gives, which are of any kind: each checks its own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from jinja2.filters import do_title

from sendspec.template.operators import calculate, comparable
from sendspec.template.values import (
    TemplateError,
    Undefined,
    items,
    kind,
    lookup,
    number,
    text,
    weight,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sendspec.template.values import Budget

_MOST_DECIMALS: Final = 12
_LARGEST_FIXED: Final = 1e15
_WHOLE: Final = re.compile(r"\s*([+-]?[0-9]{1,19})(?:\.[0-9]{0,40})?\s*\Z")
_DECIMAL: Final = re.compile(r"\s*[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})\s*\Z")


# ── what every filter starts with


def _what(name: str) -> str:
    return f"what '{name}' takes"


def _read(budget: Budget, value: Any, name: str) -> str:
    if value is None or not isinstance(value, (str, bool, int, float)):
        raise TemplateError(f"{_what(name)} must be a text, not {kind(value)}")
    found = text(value, _what(name))
    budget.charge(len(found))
    return found


def _walk(budget: Budget, value: Any, name: str, attribute: Any = None) -> list[Any]:
    if isinstance(value, (list, tuple, Mapping)):
        budget.charge(len(value))
    found = items(value, _what(name))
    return found if attribute is None else [_pluck(each, attribute) for each in found]


def _pluck(value: Any, attribute: Any) -> Any:
    if not isinstance(attribute, (str, int)):
        raise TemplateError(f"'attribute' must be a name, not {kind(attribute)}")
    found = lookup(value, attribute)
    if isinstance(found, Undefined):
        raise found.error()
    return found


def _rankable(budget: Budget, found: list[Any], name: str, *, case_sensitive: Any) -> list[Any]:
    """Give the keys to rank `found` by, charged as sorting them is."""
    for each in found:
        comparable(found[0], each, f"'{name}'")
    budget.charge(weight(found) * len(found).bit_length())
    return [each if case_sensitive or not isinstance(each, str) else each.lower() for each in found]


# ── anything


def _default(
    _budget: Budget,
    value: Any,
    default_value: Any = "",
    boolean: Any = False,  # noqa: FBT002 - templates write `x|default('y', true)`
) -> Any:
    missing = isinstance(value, Undefined) or (boolean and not value)
    return default_value if missing else value


def _string(budget: Budget, value: Any) -> str:
    return _read(budget, value, "string")


def _length(_budget: Budget, value: Any) -> int:
    return len(value) if isinstance(value, (str, Mapping)) else len(items(value, _what("length")))


# ── texts


def _upper(budget: Budget, value: Any) -> str:
    return _read(budget, value, "upper").upper()


def _lower(budget: Budget, value: Any) -> str:
    return _read(budget, value, "lower").lower()


def _capitalize(budget: Budget, value: Any) -> str:
    return _read(budget, value, "capitalize").capitalize()


def _title(budget: Budget, value: Any) -> str:
    return do_title(_read(budget, value, "title"))


def _trim(budget: Budget, value: Any) -> str:
    return _read(budget, value, "trim").strip()


def _replace(budget: Budget, value: Any, old: Any, new: Any, count: Any = None) -> str:
    found, old, new = (_read(budget, each, "replace") for each in (value, old, new))
    times = found.count(old)
    if count is not None:
        times = min(times, whole(count, "'count'", least=0))
    budget.charge(max(0, times * (len(new) - len(old))))
    return found.replace(old, new, times)


def _urlencode(budget: Budget, value: Any) -> str:
    found = _read(budget, value, "urlencode")
    try:
        return quote(found, safe="/")
    except UnicodeEncodeError:
        raise TemplateError("a text with half a surrogate pair has no place in a URL") from None


# ── numbers


def _abs(_budget: Budget, value: Any) -> Any:
    return abs(number(value, _what("abs")))


def _int(_budget: Budget, value: Any, default: Any = None) -> int:
    if isinstance(value, str):
        written = _WHOLE.match(value)
        if written is None and default is not None:
            return whole(default, "'default'")
        value = value if written is None else int(written[1])
    return whole(int(number(value, _what("int"), hint=_unreadable(value))), "what 'int' gives")


def _float(_budget: Budget, value: Any, default: Any = None) -> float:
    if isinstance(value, str):
        if _DECIMAL.match(value):
            value = float(value)
        elif default is not None:
            value = default
    return float(number(value, _what("float"), hint=_unreadable(value)))


def _unreadable(value: Any) -> str | None:
    return "this text is no number; give a default: {{ x|int(0) }}" if isinstance(value, str) else None


def _round(_budget: Budget, value: Any, precision: Any = 0, method: Any = "common") -> Any:
    number(value, _what("round"))
    digits = whole(precision, "'precision'", least=0, most=_MOST_DECIMALS)
    if method == "common":
        return round(value, digits)
    if method not in ("ceil", "floor"):
        raise TemplateError("'method' must be 'common', 'ceil' or 'floor'")
    scale = 10**digits
    scaled = number(float(value) * scale, "what 'round' works on")
    return (math.ceil(scaled) if method == "ceil" else math.floor(scaled)) / scale


def _fixed(_budget: Budget, value: Any, decimals: Any = 2) -> str:
    digits = whole(decimals, "'decimals'", least=0, most=_MOST_DECIMALS)
    if abs(number(value, _what("fixed"))) >= _LARGEST_FIXED:
        raise TemplateError(f"{_what('fixed')} is too large to be written with decimals")
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return format(abs(rounded) if rounded == 0 else rounded, "f")


# ── lists and maps


def _list(budget: Budget, value: Any) -> list[Any]:
    if isinstance(value, str):
        budget.charge(len(value))
        return list(value)
    return _walk(budget, value, "list")


def _items(budget: Budget, value: Any) -> list[Any]:
    if not isinstance(value, Mapping):
        raise TemplateError(f"{_what('items')} must be a map, not {kind(value)}")
    return [(key, value[key]) for key in _walk(budget, value, "items")]


def _first(_budget: Budget, value: Any) -> Any:
    return lookup(value if isinstance(value, str) else items(value, _what("first")), 0)


def _last(_budget: Budget, value: Any) -> Any:
    return lookup(value if isinstance(value, str) else items(value, _what("last")), -1)


def _join(budget: Budget, value: Any, d: Any = "", attribute: Any = None) -> str:
    found = _walk(budget, value, "join", attribute)
    between = _read(budget, d, "join")
    pieces = [_read(budget, each, "join") for each in found]
    budget.charge(len(between) * len(pieces))
    return between.join(pieces)


def _reverse(budget: Budget, value: Any) -> Any:
    if isinstance(value, str):
        return _read(budget, value, "reverse")[::-1]
    return _walk(budget, value, "reverse")[::-1]


def _sort(
    budget: Budget,
    value: Any,
    *,
    reverse: Any = False,
    case_sensitive: Any = False,
    attribute: Any = None,
) -> list[Any]:
    found = _walk(budget, value, "sort")
    plucked = _walk(budget, value, "sort", attribute)
    keys = _rankable(budget, plucked, "sort", case_sensitive=case_sensitive)
    order = sorted(range(len(found)), key=keys.__getitem__, reverse=bool(reverse))
    return [found[index] for index in order]


def _unique(budget: Budget, value: Any, *, case_sensitive: Any = False) -> list[Any]:
    found = _walk(budget, value, "unique")
    keys = _rankable(budget, found, "unique", case_sensitive=case_sensitive)
    kept: dict[Any, Any] = {}
    for key, each in zip(keys, found, strict=True):
        kept.setdefault(key, each)
    return list(kept.values())


def _sum(budget: Budget, value: Any, attribute: Any = None, start: Any = 0) -> Any:
    total = number(start, "'start'")
    for each in _walk(budget, value, "sum", attribute):
        total = calculate(budget, "+", total, number(each, "what 'sum' adds up"))
    return total


def _min(budget: Budget, value: Any, *, case_sensitive: Any = False) -> Any:
    return _extreme(budget, value, min, "min", case_sensitive=case_sensitive)


def _max(budget: Budget, value: Any, *, case_sensitive: Any = False) -> Any:
    return _extreme(budget, value, max, "max", case_sensitive=case_sensitive)


def _extreme(
    budget: Budget, value: Any, choose: Callable[..., int], name: str, *, case_sensitive: Any
) -> Any:
    found = _walk(budget, value, name)
    if not found:
        return Undefined(f"an empty list has no {name}")
    keys = _rankable(budget, found, name, case_sensitive=case_sensitive)
    return found[choose(range(len(found)), key=keys.__getitem__)]


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "abs": _abs, "capitalize": _capitalize, "count": _length, "d": _default, "default": _default,
    "first": _first, "fixed": _fixed, "float": _float, "int": _int, "items": _items, "join": _join,
    "last": _last, "length": _length, "list": _list, "lower": _lower, "max": _max, "min": _min,
    "replace": _replace, "reverse": _reverse, "round": _round, "sort": _sort, "string": _string,
    "sum": _sum, "title": _title, "trim": _trim, "unique": _unique, "upper": _upper,
    "urlencode": _urlencode,
}  # fmt: skip
