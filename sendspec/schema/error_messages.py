"""Problems with location, message and hint, made of the errors of a JSON Schema validator.

One function formats each keyword that the schemas use. Messages use YAML's terms (list and mapping)
instead of JSON's (array and object).
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, cast

from msgspec import Struct

from sendspec.model import Problem
from sendspec.redact import excerpt
from sendspec.suggest import did_you_mean
from sendspec.text_defects import plain_twins, replacements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jsonschema import ValidationError

    from sendspec.model import Location, Locations, NodePath

_VALUE_LENGTH_MAX: Final = 40
_KNOWN_NAMES_MAX: Final = 24
_DISABLED: Final = frozenset({"no", "false", "none", "null", "never", "ignore", "disable", "disabled", "0"})
"""Values that people write to disable a rule, in lower case."""


class _Failure(Struct, frozen=True):
    """One keyword that a value does not satisfy; `expected` is the keyword's value in `schema`.

    `path` leads to the value in the document, `schema_path` to the keyword in the whole schema.
    """

    keyword: str
    expected: Any
    value: Any
    schema: Mapping[str, Any]
    path: NodePath
    schema_path: NodePath


_MessageAndHint = tuple[str, str | None]


def problems_of(error: ValidationError, schema: Mapping[str, Any], locations: Locations) -> Iterator[Problem]:
    """Yield the problems of one error: one for each unknown or missing property, else exactly one.

    `schema` is the whole schema without references; `error.absolute_schema_path` is a path in it.
    """
    failure = _Failure(
        keyword=str(error.validator),
        expected=error.validator_value,
        value=error.instance,
        schema=cast("Mapping[str, Any]", error.schema),
        path=tuple(error.absolute_path),
        schema_path=tuple(error.absolute_schema_path),
    )
    if failure.keyword == "additionalProperties":
        yield from _unknown_properties(failure, schema, locations)
        return
    if "propertyNames" in failure.schema_path:
        location, subject = locations.key(*failure.path, failure.value), "the name"
    else:
        location, subject = locations.of(*failure.path), _subject(failure.path, whole=not locations.by_path)
    if failure.keyword == "required":
        yield from _missing_properties(failure, subject, location)
        return
    message, hint = _FORMATTERS.get(failure.keyword, _unsupported)(failure, subject)
    yield Problem(location, message, hint)


def _describe(failure: _Failure) -> str:
    """Return a short description of a value for a message, without a word of a contact."""
    is_in_contact = any(key == "contacts" and isinstance(at, int) for key, at in pairwise(failure.path))
    if is_in_contact and failure.value and isinstance(failure.value, str | int | float):
        return "text" if isinstance(failure.value, str) else "a number"
    return _quote(failure.value)


def _quote(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return f"{value}".lower()
        case int() | float():
            return f"the number {excerpt(str(value), _VALUE_LENGTH_MAX)}"
        case str():
            return excerpt(repr(value), _VALUE_LENGTH_MAX) if value else "empty text"
        case list():
            return "a list"
        case _:
            return "a mapping"


def _subject(path: NodePath, *, whole: bool) -> str:
    """Return the key at `path` and the indexes after it, or the `whole` path."""
    start = 0 if whole else max((at for at, part in enumerate(path) if isinstance(part, str)), default=0)
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path[start:])
    return f"'{text.removeprefix('.')}'" if text else "the document"


def _unknown_properties(
    failure: _Failure, schema: Mapping[str, Any], locations: Locations
) -> Iterator[Problem]:
    known = failure.schema.get("properties", {})
    for name in failure.value:
        if name in known:
            continue
        location = locations.key(*failure.path, name)
        owners = list(_owners(failure.schema_path, schema, name))
        if owners:
            key, values = owners[0][0], [value for _, value in owners]
            message = f"{name!r} is a property of {' and '.join(values)}, not of {failure.value[key]}"
            yield Problem(location, message, f"remove it, or write {key}: {values[0]}")
            continue
        hint = did_you_mean(name, known)
        if hint is None and 0 < len(known) <= _KNOWN_NAMES_MAX:
            hint = f"known here: {', '.join(known)}"
        where = "" if locations.by_path else f" in {_subject(failure.path, whole=True)}"
        yield Problem(location, f"unknown property {excerpt(repr(name), _VALUE_LENGTH_MAX)}{where}", hint)


def _owners(schema_path: NodePath, schema: Any, name: str) -> Iterator[tuple[str, str]]:
    """Yield key and value of the condition of every other `if` of an `allOf` whose `then` has `name`."""
    if schema_path[-2:] != ("then", "additionalProperties") or "allOf" not in schema_path:
        return
    for step in schema_path[:-3]:
        schema = schema[step]
    for case in schema:
        [(key, condition)] = case["if"]["properties"].items()
        if name in case["then"]["properties"]:
            yield key, condition["const"]


def _missing_properties(failure: _Failure, subject: str, location: Location) -> Iterator[Problem]:
    where = "" if subject == "the document" else f" in {subject}"
    for name in failure.expected:
        if name not in failure.value:
            description = failure.schema.get("properties", {}).get(name, {}).get("description", "")
            yield Problem(location, f"the property {name!r} is missing{where}", _addition(description))


def _addition(description: str) -> str | None:
    """Return the hint to add a property, with the first sentence of its description."""
    first = description.removeprefix("API: ").partition(". ")[0].partition("; ")[0].rstrip(".")
    first = first.removeprefix("The ")
    return f"add the {first[0].lower()}{first[1:]}" if first else None


def _wrong_value(failure: _Failure, subject: str) -> _MessageAndHint:
    # The title of a whole schema is the name of the format, so it does not describe a value.
    titled = failure.path and "title" in failure.schema
    expected = failure.schema["title"] if titled else _types(failure.schema["type"])
    hint = _example(failure.schema) or _plain_hint(failure)
    if _is_level(failure):
        hint = _disable_hint(failure.value)
    elif failure.value is None:
        hint = "write a value, or remove the property; write quotes around null if it is text"
    return f"{subject} must be {expected}, got {_describe(failure)}", hint


def _example(schema: Mapping[str, Any]) -> str | None:
    """Return a hint with the first example of a mapping in the form of YAML, None if it has none."""
    example = next(iter(schema.get("examples", ())), None)
    if not isinstance(example, dict):
        return None
    return f"write it as {_flow(example)}"


def _flow(value: Any) -> str:
    """Return a value in the flow style of YAML."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {_flow(each)}' for name, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    return str(value)


def _plain_hint(failure: _Failure) -> str | None:
    """Return the hint to replace typographic quotes, dashes and spaces, if the value is valid then."""
    if failure.keyword != "pattern" or failure.value.isascii():
        return None
    known = plain_twins()
    twins = {character: known[character] for character in failure.value if character in known}
    if any(twin.is_letter for twin in twins.values()):
        return None
    plain = "".join(known[each].twin if each in twins else each for each in failure.value)
    return f"write {replacements([*twins.values()])}" if re.search(failure.expected, plain) else None


def _is_level(failure: _Failure) -> bool:
    """Return whether the value is a setting of a rule or its level."""
    settings = failure.path[:1] == ("rules",) and len(failure.path) > 1
    return settings and (len(failure.path) == 2 or failure.path[-1] == "level")  # noqa: PLR2004 - a rule


def _disable_hint(value: Any) -> str | None:
    """Return the hint to write `off`, if a person would write this value to disable a rule."""
    return "did you mean 'off'?" if str(value).strip().casefold() in _DISABLED else None


def _types(types: str | list[str]) -> str:
    terms = {
        "array": "a list",
        "object": "a mapping",
        "string": "text",
        "integer": "an integer",
        "number": "a number",
        "boolean": "true or false",
        "null": "nothing",
    }
    return " or ".join(terms[name] for name in ([types] if isinstance(types, str) else types))


def _enum(failure: _Failure, subject: str) -> _MessageAndHint:
    choices = [str(choice) for choice in failure.expected]
    message = f"{subject} must be one of {', '.join(choices)}, got {_describe(failure)}"
    hint = _disable_hint(failure.value) if _is_level(failure) else None
    return message, hint or did_you_mean(str(failure.value), choices)


def _const(failure: _Failure, subject: str) -> _MessageAndHint:
    return f"{subject} must be {failure.expected}, got {_describe(failure)}", None


def _any_of(failure: _Failure, _subject: str) -> _MessageAndHint:
    names = [repr(name) for case in failure.expected for name in case["required"]]
    exactly = "exactly one" if failure.keyword == "oneOf" else "one"
    return f"{exactly} of {' and '.join(names)} is required here", None


def _not(failure: _Failure, subject: str) -> _MessageAndHint:
    if "required" in failure.expected:
        names = " and ".join(repr(name) for name in failure.expected["required"])
        return f"{names} exclude each other", "remove one of them"
    return f"{subject} {_describe(failure)} is {failure.expected['title']}", "choose another name"


def _bound(failure: _Failure, subject: str) -> _MessageAndHint:
    side = "least" if failure.keyword == "minimum" else "most"
    return f"{subject} must be at {side} {failure.expected}, got {_describe(failure)}", None


def _length(failure: _Failure, subject: str) -> _MessageAndHint:
    if failure.keyword == "minLength":
        return f"{subject} must not be empty", None
    return (
        f"{subject} has {len(failure.value):,} characters, but the limit is {failure.expected:,}",
        None,
    )


def _count(failure: _Failure, subject: str) -> _MessageAndHint:
    if failure.keyword in {"minItems", "minProperties"}:
        return f"{subject} must have at least {failure.expected} entry", None
    return f"{subject} has {len(failure.value):,} entries, but the limit is {failure.expected:,}", None


def _unsupported(failure: _Failure, subject: str) -> _MessageAndHint:
    return f"{subject} does not satisfy the schema ({failure.keyword})", None


_FORMATTERS: Final[Mapping[str, Callable[[_Failure, str], _MessageAndHint]]] = {
    "type": _wrong_value,
    "pattern": _wrong_value,
    "enum": _enum,
    "const": _const,
    "anyOf": _any_of,
    "oneOf": _any_of,
    "not": _not,
    "minimum": _bound,
    "maximum": _bound,
    "minLength": _length,
    "maxLength": _length,
    "minItems": _count,
    "maxItems": _count,
    "minProperties": _count,
    "maxProperties": _count,
}
