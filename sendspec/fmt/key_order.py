"""Canonical order of keys: that of the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sendspec.load.yaml_values import SchemaTypes

_T = TypeVar("_T")


def in_order(entries: Sequence[_T], types: SchemaTypes, key_of: Callable[[_T], str]) -> list[_T]:
    """Return the entries of a mapping in the order of the schema, unknown keys last.

    Mappings whose keys people choose, such as variables and rules, keep their order.
    """
    order = {key: at for at, key in enumerate(types.key_order)}
    return sorted(entries, key=lambda entry: order.get(key_of(entry), len(order)))
