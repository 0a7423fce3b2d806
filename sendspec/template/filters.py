"""Filters of templates, each charged to the budget before it works.

Each has the meaning of Jinja's filter of that name but is stricter: Jinja's `'x'|int` is 0, here it is
an error. `fixed` is sendspec's own, for prices. Arguments after the budget and the value come from
the template and can have any type, so each filter checks them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from jinja2.filters import do_title

from sendspec.template.errors import TemplateError
from sendspec.template.filter_input import input_name, items_of, sort_keys, text_of
from sendspec.template.operators import calculate
from sendspec.template.values import (
    Undefined,
    describe_type,
    lookup,
    require_integer,
    require_items,
    require_number,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sendspec.template.budget import Budget

_DECIMALS_MAX: Final = 12
_FIXED_MAX: Final = 1e15
_INTEGER_TEXT: Final = re.compile(r"\s*([+-]?[0-9]{1,19})(?:\.[0-9]{0,40})?\s*\Z")
_DECIMAL_TEXT: Final = re.compile(r"\s*[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})\s*\Z")


# ── any value


def _default(
    _budget: Budget,
    value: Any,
    default_value: Any = "",
    boolean: Any = False,  # noqa: FBT002 - templates write `x|default('y', true)`
) -> Any:
    missing = isinstance(value, Undefined) or (boolean and not value)
    return default_value if missing else value


def _string(budget: Budget, value: Any) -> str:
    return text_of(budget, value, "string")


def _length(_budget: Budget, value: Any) -> int:
    return (
        len(value) if isinstance(value, (str, Mapping)) else len(require_items(value, input_name("length")))
    )


# ── text


def _upper(budget: Budget, value: Any) -> str:
    return text_of(budget, value, "upper").upper()


def _lower(budget: Budget, value: Any) -> str:
    return text_of(budget, value, "lower").lower()


def _capitalize(budget: Budget, value: Any) -> str:
    return text_of(budget, value, "capitalize").capitalize()


def _title(budget: Budget, value: Any) -> str:
    return do_title(text_of(budget, value, "title"))


def _trim(budget: Budget, value: Any) -> str:
    return text_of(budget, value, "trim").strip()


def _replace(budget: Budget, value: Any, old: Any, new: Any, count: Any = None) -> str:
    text, old, new = (text_of(budget, argument, "replace") for argument in (value, old, new))
    times = text.count(old)
    if count is not None:
        times = min(times, require_integer(count, "'count'", minimum=0))
    budget.charge(max(0, times * (len(new) - len(old))))
    return text.replace(old, new, times)


def _urlencode(budget: Budget, value: Any) -> str:
    text = text_of(budget, value, "urlencode")
    try:
        return quote(text, safe="/")
    except UnicodeEncodeError:
        raise TemplateError("half a surrogate pair cannot be part of a URL") from None


# ── numbers


def _abs(_budget: Budget, value: Any) -> Any:
    return abs(require_number(value, input_name("abs")))


def _int(_budget: Budget, value: Any, default: Any = None) -> int:
    if isinstance(value, str):
        match = _INTEGER_TEXT.match(value)
        if match is None and default is not None:
            return require_integer(default, "'default'")
        value = value if match is None else int(match[1])
    return require_integer(
        int(require_number(value, input_name("int"), hint=_default_hint(value))), "the result of 'int'"
    )


def _float(_budget: Budget, value: Any, default: Any = None) -> float:
    if isinstance(value, str):
        if _DECIMAL_TEXT.match(value):
            value = float(value)
        elif default is not None:
            value = default
    return float(require_number(value, input_name("float"), hint=_default_hint(value)))


def _default_hint(value: Any) -> str | None:
    return "add a default for text that is not a number: {{ x|int(0) }}" if isinstance(value, str) else None


def _round(_budget: Budget, value: Any, precision: Any = 0, method: Any = "common") -> Any:
    require_number(value, input_name("round"))
    digits = require_integer(precision, "'precision'", minimum=0, maximum=_DECIMALS_MAX)
    if method == "common":
        return round(value, digits)
    if method not in ("ceil", "floor"):
        raise TemplateError("'method' must be 'common', 'ceil' or 'floor'")
    scale = 10**digits
    scaled = require_number(float(value) * scale, "the scaled input of 'round'")
    return (math.ceil(scaled) if method == "ceil" else math.floor(scaled)) / scale


def _fixed(_budget: Budget, value: Any, decimals: Any = 2) -> str:
    digits = require_integer(decimals, "'decimals'", minimum=0, maximum=_DECIMALS_MAX)
    if abs(require_number(value, input_name("fixed"))) >= _FIXED_MAX:
        raise TemplateError(f"{input_name('fixed')} is too large to print with decimals")
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return format(abs(rounded) if rounded == 0 else rounded, "f")


# ── lists and mappings


def _list(budget: Budget, value: Any) -> list[Any]:
    if isinstance(value, str):
        budget.charge(len(value))
        return list(value)
    return items_of(budget, value, "list")


def _items(budget: Budget, value: Any) -> list[Any]:
    if not isinstance(value, Mapping):
        raise TemplateError(f"{input_name('items')} must be a mapping, not {describe_type(value)}")
    return [(key, value[key]) for key in items_of(budget, value, "items")]


def _first(_budget: Budget, value: Any) -> Any:
    return lookup(value if isinstance(value, str) else require_items(value, input_name("first")), 0)


def _last(_budget: Budget, value: Any) -> Any:
    return lookup(value if isinstance(value, str) else require_items(value, input_name("last")), -1)


def _join(budget: Budget, value: Any, d: Any = "", attribute: Any = None) -> str:
    items = items_of(budget, value, "join", attribute)
    separator = text_of(budget, d, "join")
    pieces = [text_of(budget, item, "join") for item in items]
    budget.charge(len(separator) * len(pieces))
    return separator.join(pieces)


def _reverse(budget: Budget, value: Any) -> Any:
    if isinstance(value, str):
        return text_of(budget, value, "reverse")[::-1]
    return items_of(budget, value, "reverse")[::-1]


def _sort(
    budget: Budget,
    value: Any,
    *,
    reverse: Any = False,
    case_sensitive: Any = False,
    attribute: Any = None,
) -> list[Any]:
    items = items_of(budget, value, "sort")
    attributes = items_of(budget, value, "sort", attribute)
    keys = sort_keys(budget, attributes, "sort", case_sensitive=case_sensitive)
    order = sorted(range(len(items)), key=keys.__getitem__, reverse=bool(reverse))
    return [items[index] for index in order]


def _unique(budget: Budget, value: Any, *, case_sensitive: Any = False) -> list[Any]:
    items = items_of(budget, value, "unique")
    keys = sort_keys(budget, items, "unique", case_sensitive=case_sensitive)
    first: dict[Any, Any] = {}
    for key, item in zip(keys, items, strict=True):
        first.setdefault(key, item)
    return list(first.values())


def _sum(budget: Budget, value: Any, attribute: Any = None, start: Any = 0) -> Any:
    total = require_number(start, "'start'")
    for item in items_of(budget, value, "sum", attribute):
        total = calculate(budget, "+", total, require_number(item, "an item of 'sum'"))
    return total


def _min(budget: Budget, value: Any, *, case_sensitive: Any = False) -> Any:
    return _extreme(budget, value, min, "min", case_sensitive=case_sensitive)


def _max(budget: Budget, value: Any, *, case_sensitive: Any = False) -> Any:
    return _extreme(budget, value, max, "max", case_sensitive=case_sensitive)


def _extreme(
    budget: Budget, value: Any, choose: Callable[..., int], name: str, *, case_sensitive: Any
) -> Any:
    items = items_of(budget, value, name)
    if not items:
        return Undefined(f"the input of '{name}' is empty")
    keys = sort_keys(budget, items, name, case_sensitive=case_sensitive)
    return items[choose(range(len(items)), key=keys.__getitem__)]


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "abs": _abs, "capitalize": _capitalize, "count": _length, "d": _default, "default": _default,
    "first": _first, "fixed": _fixed, "float": _float, "int": _int, "items": _items, "join": _join,
    "last": _last, "length": _length, "list": _list, "lower": _lower, "max": _max, "min": _min,
    "replace": _replace, "reverse": _reverse, "round": _round, "sort": _sort, "string": _string,
    "sum": _sum, "title": _title, "trim": _trim, "unique": _unique, "upper": _upper,
    "urlencode": _urlencode,
}  # fmt: skip
