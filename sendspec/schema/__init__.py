"""JSON Schemas of every format, and the problems of a document that does not satisfy one.

The schemas are plain draft 2020-12, made for editors as much as for this package: a `title` is
a noun phrase ("an integer or a template") that completes "must be …", and a `description` is a
sentence about the purpose of a property.

Editors check a document as it is written. This package first makes text of unquoted scalars where text is
expected, and reports some defects at a later stage with a better message. Such a schema has the keyword
`x-sendspec`: keywords that replace its own in this package, null if this package ignores the keyword.
"""

from __future__ import annotations

import json
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from sendspec.model import Problem
from sendspec.schema.error_messages import problems_of
from sendspec.shipped_schemas import NAMES, schema_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jsonschema.protocols import Validator

    from sendspec.model import Locations

__all__ = ["NAMES", "OVERLAY", "PROBLEMS_MAX", "check", "expanded", "schema_text"]

OVERLAY: Final = "x-sendspec"
"""Keyword with the keywords that replace those beside it in this package; editors ignore it."""

PROBLEMS_MAX: Final = 100
"""Problems reported of one document, because a hostile one can have a hundred thousand."""


@cache
def expanded(name: str) -> Mapping[str, Any]:
    """Return a schema as this package reads it: overlays replace keywords, and no `$ref` is left.

    A `$ref` is replaced by its target; keywords beside it win.
    Messages need the whole schema at the place of an error, and following references is slow. No
    schema here refers to itself, so the expansion ends. Callers must not change the result.
    """
    document = json.loads(schema_text(name))

    def expand(node: Any) -> Any:
        if isinstance(node, list):
            return [expand(item) for item in node]
        if not isinstance(node, dict):
            return node
        keywords = _overlaid(node)
        own = {key: expand(value) for key, value in keywords.items() if key not in {"$ref", "$defs"}}
        if "$ref" not in keywords:
            return own
        return {**expand(document["$defs"][keywords["$ref"].removeprefix("#/$defs/")]), **own}

    return {key: value for key, value in expand(document).items() if key != "$id"}


def _overlaid(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keywords of a schema, replaced by those of its overlay."""
    keywords = {**node, **node.get(OVERLAY, {})}
    return {key: value for key, value in keywords.items() if key != OVERLAY and value is not None}


def check(name: str, document: Any, locations: Locations, *, has_decimals: bool = True) -> list[Problem]:
    """Check a document against the schema `name`.

    Args:
        name: one of `NAMES`.
        document: JSON values only.
        locations: the positions of its values. A document without positions, such as a lockfile,
            has only a root, and messages then contain the whole path.
        has_decimals: whether the document may have decimal numbers; without them the check is faster.

    Returns:
        The problems sorted by location, at most `PROBLEMS_MAX` and one that says that there are more.
    """
    if _fast_check(name, has_decimals=has_decimals)(document):
        return []
    schema = expanded(name)
    unsorted = (
        problem
        for error in _validator(name).iter_errors(document)
        for problem in problems_of(error, schema, locations)
    )
    problems = sorted(
        set(islice(unsorted, PROBLEMS_MAX)), key=lambda problem: (*problem[:2], problem.hint or "")
    )
    if next(unsorted, None) is not None:
        message = f"more than {PROBLEMS_MAX} problems, the others are not shown"
        problems.append(Problem(locations.root, message))
    return problems


# Both engines are imported late, because printing a schema needs neither and a valid document only
# the first: jsonschema alone takes 100 ms.


@cache
def _fast_check(name: str, *, has_decimals: bool) -> Callable[[Any], bool]:
    from sendspec.schema.fast_check import compile_check  # noqa: PLC0415

    return compile_check(expanded(name), has_decimals=has_decimals)


@cache
def _validator(name: str) -> Validator:
    from sendspec.schema.validator import strict_validator  # noqa: PLC0415

    return strict_validator(expanded(name))
