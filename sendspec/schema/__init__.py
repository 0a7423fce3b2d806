"""The JSON Schemas of every format, and what they say of a document in sendspec's own voice.

The schemas are plain draft 2020-12, made for editors as much as for this package: a `title` is
a noun phrase ("an integer or a template") that completes "must be …", a `description` says what a
property is for.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sendspec.model import Problem
from sendspec.schema.error_messages import problems_of
from sendspec.schema.quick import plainly_sound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jsonschema.protocols import Validator

    from sendspec.model import Locations

NAMES: Final = (
    "campaign",
    "project",
    "lockfile",
    "plan",
    "receipt",
    "status",
    "findings",
    "payload-contact-source",
    "payload-contacts",
    "payload-external-consent",
)
MOST_PROBLEMS: Final = 100
"""More problems than this in one document help nobody, and a hostile one has a hundred thousand."""


@cache
def schema_text(name: str) -> str:
    """Give the text of a schema, as it is shipped.

    In an installed package the schemas lie inside it, in a checkout beside it.

    Raises:
        KeyError: `name` is none of `NAMES`.
    """
    if name not in NAMES:
        raise KeyError(name)
    shipped = files("sendspec") / "schemas" / f"{name}.schema.json"
    if shipped.is_file():
        return shipped.read_text(encoding="utf-8")
    checkout = Path(__file__).parents[2] / "schemas" / f"{name}.schema.json"
    return checkout.read_text(encoding="utf-8")


@cache
def expanded(name: str) -> Mapping[str, Any]:
    """Give a schema with every `$ref` replaced by what it names; what stands beside it wins.

    A validator that follows references spends most of its time on following them. No schema here
    refers to itself, so the expansion ends. Callers must not change what they get.
    """
    document = json.loads(schema_text(name))

    def expand(node: Any) -> Any:
        if isinstance(node, list):
            return [expand(item) for item in node]
        if not isinstance(node, dict):
            return node
        own = {key: expand(value) for key, value in node.items() if key not in {"$ref", "$defs"}}
        if "$ref" not in node:
            return own
        return {**expand(document["$defs"][node["$ref"].removeprefix("#/$defs/")]), **own}

    return {key: value for key, value in expand(document).items() if key != "$id"}


def check(name: str, instance: Any, locations: Locations) -> list[Problem]:
    """Check a document against the schema `name` and say what is wrong with it, sorted by place.

    `instance` is what JSON can hold; `locations` knows where its values are written (a document that
    has no positions, such as a lockfile, gives only a root, and messages then name the whole path).
    At most `MOST_PROBLEMS` are told, then one more says that there are others.
    """
    if _plainly_sound(name)(instance):
        return []
    schema = expanded(name)
    found = (
        problem
        for error in _validator(name).iter_errors(instance)
        for problem in problems_of(error, schema, locations)
    )
    problems = sorted(
        set(islice(found, MOST_PROBLEMS)), key=lambda problem: (*problem[:2], problem.hint or "")
    )
    if next(found, None) is not None:
        problems.append(
            Problem(locations.root, f"more than {MOST_PROBLEMS} problems, the others are not shown")
        )
    return problems


@cache
def _plainly_sound(name: str) -> Callable[[Any], bool]:
    return plainly_sound(expanded(name))


@cache
def _validator(name: str) -> Validator:
    # Here and not at the top: a verb that only prints a schema does without 50 ms of imports.
    from sendspec.schema.validator import strict_validator  # noqa: PLC0415

    return strict_validator(expanded(name))
