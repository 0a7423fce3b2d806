"""Input of filters: checked, converted to text, items or sort keys, and charged to the budget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sendspec.template.errors import TemplateError
from sendspec.template.operators import require_comparable
from sendspec.template.values import (
    Undefined,
    describe_type,
    lookup,
    require_items,
    to_text,
    total_size,
)

if TYPE_CHECKING:
    from sendspec.template.budget import Budget


def input_name(name: str) -> str:
    """Return the name of the input of a filter for messages."""
    return f"the input of '{name}'"


def text_of(budget: Budget, value: Any, name: str) -> str:
    """Return a scalar input as text, charged by its length."""
    if value is None or not isinstance(value, (str, bool, int, float)):
        raise TemplateError(f"{input_name(name)} must be text, not {describe_type(value)}")
    text = to_text(value, input_name(name))
    budget.charge(len(text))
    return text


def items_of(budget: Budget, value: Any, name: str, attribute: Any = None) -> list[Any]:
    """Return the items of a list or the keys of a mapping, or their `attribute`, charged by their number."""
    if isinstance(value, (list, tuple, Mapping)):
        budget.charge(len(value))
    items = require_items(value, input_name(name))
    return items if attribute is None else [_attribute_of(item, attribute) for item in items]


def _attribute_of(value: Any, attribute: Any) -> Any:
    if not isinstance(attribute, (str, int)):
        raise TemplateError(f"'attribute' must be a name, not {describe_type(attribute)}")
    result = lookup(value, attribute)
    if isinstance(result, Undefined):
        raise result.error()
    return result


def sort_keys(budget: Budget, items: list[Any], name: str, *, case_sensitive: Any) -> list[Any]:
    """Return the keys to sort `items` by, charged by the work of sorting them."""
    for item in items:
        require_comparable(items[0], item, f"'{name}'")
    budget.charge(total_size(items) * len(items).bit_length())
    return [item if case_sensitive or not isinstance(item, str) else item.lower() for item in items]
