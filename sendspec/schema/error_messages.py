"""From a validator's error to problems that say what, where, and the way out.

Each keyword of JSON Schema that the schemas use has one small function here; it gives messages
without a final period, in the words of a person who wrote YAML: list and mapping, not array and object.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from sendspec.model import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from jsonschema import ValidationError

    from sendspec.model import Locations, NodePath

_LONGEST_SHOWN: Final = 40
_LONGEST_MISSPELT: Final = 64
_MOST_LISTED: Final = 24


class _Failure(NamedTuple):
    """One keyword that a value does not satisfy: `wanted` is the keyword's value in `schema`."""

    keyword: str
    wanted: Any
    value: Any
    schema: Mapping[str, Any]
    path: NodePath
    way: NodePath
    said: str


_Told = tuple[str, str | None]


def problems_of(error: ValidationError, schema: Mapping[str, Any], locations: Locations) -> Iterator[Problem]:
    """Give the problems of one error: several where one keyword finds several unknown properties.

    `schema` is the whole schema without references, in which `error.absolute_schema_path` leads on.
    """
    failure = _Failure(
        keyword=str(error.validator),
        wanted=error.validator_value,
        value=error.instance,
        schema=cast("Mapping[str, Any]", error.schema),
        path=tuple(error.absolute_path),
        way=tuple(error.absolute_schema_path),
        said=error.message,
    )
    if failure.keyword == "additionalProperties":
        yield from _unknown_properties(failure, schema, locations)
        return
    if "propertyNames" in failure.way:
        location, subject = locations.key(*failure.path, failure.value), "the name"
    else:
        location, subject = locations.of(*failure.path), _subject(failure.path, whole=not locations.by_path)
    message, hint = _TELLERS.get(failure.keyword, _other)(failure, subject)
    yield Problem(location, message, hint)


def did_you_mean(given: str, known: Iterable[str]) -> str | None:
    """Give the known name that `given` most likely stands for, as a hint, else None."""
    if len(given) > _LONGEST_MISSPELT:
        return None
    by_folded = {name.casefold(): name for name in known}
    close = get_close_matches(given.casefold(), by_folded, n=1)
    return f"did you mean {by_folded[close[0]]!r}?" if close else None


def _shown(value: Any) -> str:
    """Name a value in a message without ever repeating much of it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return f"{value}".lower()
        case int() | float():
            return f"the number {_clipped(str(value))}"
        case str():
            return _clipped(repr(value)) if value else "empty text"
        case list():
            return "a list"
        case _:
            return "a mapping"


def _clipped(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def _subject(path: NodePath, *, whole: bool) -> str:
    """Name what is at `path`: its key and the indexes after it, or the whole way where no place helps."""
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
        owners = list(_owners(failure.way, schema, name))
        if owners:
            key, values = owners[0][0], [value for _, value in owners]
            message = f"{name!r} is a property of {' and '.join(values)}, not of {failure.value[key]}"
            yield Problem(location, message, f"leave it out, or write {key}: {values[0]}")
            continue
        hint = did_you_mean(name, known)
        if hint is None and 0 < len(known) <= _MOST_LISTED:
            hint = f"known here: {', '.join(known)}"
        where = "" if locations.by_path else f" in {_subject(failure.path, whole=True)}"
        yield Problem(location, f"unknown property {_clipped(repr(name))}{where}", hint)


def _owners(way: NodePath, schema: Any, name: str) -> Iterator[tuple[str, str]]:
    """Give key and value of every other case of an `allOf` of `if`s whose `then` knows the property."""
    if way[-2:] != ("then", "additionalProperties") or "allOf" not in way:
        return
    for step in way[:-3]:
        schema = schema[step]
    for case in schema:
        [(key, wanted)] = case["if"]["properties"].items()
        if name in case["then"]["properties"]:
            yield key, wanted["const"]


def _wrong_value(failure: _Failure, subject: str) -> _Told:
    titled = failure.path and "title" in failure.schema  # that of a whole schema names the format
    wanted = failure.schema["title"] if titled else _types(failure.schema["type"])
    hint = None
    if failure.value is None:
        hint = "write a value, or leave the property out; the word null needs quotes to be text"
    return f"{subject} must be {wanted}, got {_shown(failure.value)}", hint


def _types(types: str | list[str]) -> str:
    words = {
        "array": "a list",
        "object": "a mapping",
        "string": "text",
        "integer": "an integer",
        "number": "a number",
        "boolean": "true or false",
        "null": "nothing",
    }
    return " or ".join(words[name] for name in ([types] if isinstance(types, str) else types))


def _enum(failure: _Failure, subject: str) -> _Told:
    choices = [str(choice) for choice in failure.wanted]
    message = f"{subject} must be one of {', '.join(choices)}, got {_shown(failure.value)}"
    return message, did_you_mean(str(failure.value), choices)


def _const(failure: _Failure, subject: str) -> _Told:
    return f"{subject} must be {failure.wanted}, got {_shown(failure.value)}", None


def _required(failure: _Failure, subject: str) -> _Told:
    # The validator makes one error for each missing property and names it only in its own message.
    name = failure.said.split("'")[1]
    description = failure.schema.get("properties", {}).get(name, {}).get("description", "")
    where = "" if subject == "the document" else f" in {subject}"
    hint = description.removeprefix("API: ").rstrip(".") or None
    return f"the property {name!r} is missing{where}", hint


def _any_of(failure: _Failure, _subject: str) -> _Told:
    names = [repr(name) for case in failure.wanted for name in case["required"]]
    exactly = "exactly one" if failure.keyword == "oneOf" else "one"
    return f"{exactly} of {' and '.join(names)} is needed here", None


def _not(failure: _Failure, subject: str) -> _Told:
    if "required" in failure.wanted:
        names = " and ".join(repr(name) for name in failure.wanted["required"])
        return f"{names} exclude each other", "leave one of them out"
    return f"{subject} {_shown(failure.value)} is one of the {failure.wanted['title']}", "choose another name"


def _bound(failure: _Failure, subject: str) -> _Told:
    side = "least" if failure.keyword == "minimum" else "most"
    return f"{subject} must be at {side} {failure.wanted}, got {_shown(failure.value)}", None


def _length(failure: _Failure, subject: str) -> _Told:
    if failure.keyword == "minLength":
        return f"{subject} must not be empty", None
    return f"{subject} has {len(failure.value):,} characters, at most {failure.wanted:,} are allowed", None


def _count(failure: _Failure, subject: str) -> _Told:
    if failure.keyword in {"minItems", "minProperties"}:
        return f"{subject} must have at least {failure.wanted} entry", None
    return f"{subject} has {len(failure.value):,} entries, at most {failure.wanted:,} are allowed", None


def _other(failure: _Failure, subject: str) -> _Told:
    return f"{subject} is not what the schema allows ({failure.keyword})", None


_TELLERS: Final[Mapping[str, Callable[[_Failure, str], _Told]]] = {
    "type": _wrong_value,
    "pattern": _wrong_value,
    "enum": _enum,
    "const": _const,
    "required": _required,
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
