"""The validator that explains: jsonschema's for draft 2020-12, stricter in two points.

`1.0` is not an integer, and `$` in a pattern is the end of the text as in ECMA-262, not also the
position before a last line break as in Python.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, ValidationError, validators

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jsonschema.protocols import Validator


def strict_validator(schema: Mapping[str, Any]) -> Validator:
    """Return a validator for a schema without references."""
    checker = Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer)
    extend: Callable[..., type[Validator]] = validators.extend
    keywords = {"pattern": _pattern, "required": _required}
    return extend(Draft202012Validator, keywords, type_checker=checker)(schema)


def _is_integer(_checker: Any, instance: Any) -> bool:
    return isinstance(instance, int) and not isinstance(instance, bool)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"(?<!\\)\$$", r"\\Z", pattern))


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _compiled(pattern).search(instance):
        yield ValidationError(f"does not match {pattern}")


def _required(_validator: Any, names: list[str], instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """Yield one error for all missing properties; jsonschema itself names each only in its message."""
    if isinstance(instance, dict) and not instance.keys() >= set(names):
        yield ValidationError("missing properties")
