"""Tests of templates, the words after `is`; each has the meaning of Jinja's test of that name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sendspec.template.operators import calculate, compare
from sendspec.template.values import Undefined, is_number, require_integer

if TYPE_CHECKING:
    from collections.abc import Callable

    from sendspec.template.budget import Budget


def _comparison(sign: str) -> Callable[[Budget, Any, Any], bool]:
    def test(budget: Budget, value: Any, other: Any) -> bool:
        return compare(budget, sign, value, other)

    return test


def _divisibleby(budget: Budget, value: Any, num: Any) -> bool:
    return bool(calculate(budget, "%", value, num) == 0)


def _even(_budget: Budget, value: Any) -> bool:
    return require_integer(value, "the input of 'even'") % 2 == 0


def _odd(_budget: Budget, value: Any) -> bool:
    return require_integer(value, "the input of 'odd'") % 2 == 1


TESTS: Final[dict[str, Callable[..., bool]]] = {
    "boolean": lambda _budget, value: isinstance(value, bool),
    "defined": lambda _budget, value: not isinstance(value, Undefined),
    "divisibleby": _divisibleby,
    "eq": _comparison("eq"),
    "even": _even,
    "false": lambda _budget, value: value is False,
    "float": lambda _budget, value: isinstance(value, float),
    "ge": _comparison("gteq"),
    "gt": _comparison("gt"),
    "in": _comparison("in"),
    "integer": lambda _budget, value: isinstance(value, int) and not isinstance(value, bool),
    "le": _comparison("lteq"),
    "lt": _comparison("lt"),
    "mapping": lambda _budget, value: isinstance(value, Mapping),
    "ne": _comparison("ne"),
    "none": lambda _budget, value: value is None,
    "number": lambda _budget, value: is_number(value),
    "odd": _odd,
    "sequence": lambda _budget, value: isinstance(value, (list, tuple, str, Mapping)),
    "string": lambda _budget, value: isinstance(value, str),
    "true": lambda _budget, value: value is True,
    "undefined": lambda _budget, value: isinstance(value, Undefined),
}
