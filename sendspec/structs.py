"""Changed copies of frozen values: structs of msgspec, and data classes.

Most values are structs, because one is made in a tenth of the time and its class in a fiftieth. A data
class remains where a field must be left out of `repr` or of comparisons; see decision 76.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct, structs

_Value = TypeVar("_Value")

if TYPE_CHECKING:
    # By this name mypy checks the names and types of the changes, those of structs as well.
    from dataclasses import replace
else:

    def replace(value: _Value, /, **changes: Any) -> _Value:
        """Return a copy of a frozen value with changed fields."""
        copy = structs.replace if isinstance(value, Struct) else dataclasses.replace
        return copy(value, **changes)


__all__ = ["replace"]
