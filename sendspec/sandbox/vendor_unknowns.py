"""Behaviour settings: facts that the vendor leaves open, as one frozen set that tests can change."""

from __future__ import annotations

from dataclasses import dataclass, fields
from dataclasses import field as attribute
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sendspec.errors import SendspecError
from sendspec.sandbox import error_messages
from sendspec.structs import replace
from sendspec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "errorsIn": ("generalErrors", "fieldErrors"),
    "unknownProperties": ("refuse", "ignore"),
    "limitCounts": ("template", "rendered"),
    "unknownStatusIn": ("generalErrors", "errors", "data"),
}
"""The permitted values of the settings that have a closed list of them."""

_SECRETS: Final = ("clientId", "clientSecret", "refreshToken")

_PROPERTIES: Final = {
    "programs": frozenset(
        ("id", "programName", "campaignName", "code", "senderId", "status", "type", "country")
    ),
    "publishedMessages": frozenset(("id", "name", "campaignName", "contactSourceId", "programIds")),
}
"""The properties of an entry of each list, as the vendor documents them."""

Entry: TypeAlias = "str | Mapping[str, Any]"
"""An id, or an entry of a list with at least its id."""

_EXPECTED: Final = {
    bool: "true or false",
    int: "a whole number from 0",
    str: "a string",
    tuple: "a list of strings",
}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The settings of the sandbox, which docs/sandbox.md describes; in JSON their names are camelCase.

    An empty `programs`, `published_messages` or `contact_sources` accepts every id except the reserved
    ones. An entry of the first two is an id, or an object whose properties replace those of the vendor's
    list.
    """

    concurrency: int = 10
    busy_status: int = 400
    busy_text: str = error_messages.BUSY
    errors_in: str = "generalErrors"
    not_json_text: str = error_messages.Refusal.NOT_JSON.value.message
    unknown_properties: str = "refuse"
    limit_counts: str = "template"
    status_calls: int = 1
    unknown_calls: int = 0
    unknown_status_in: str = "generalErrors"
    sms_enabled: bool = True
    client_id: str = attribute(default="", repr=False)
    client_secret: str = attribute(default="", repr=False)
    refresh_token: str = attribute(default="", repr=False)
    programs: tuple[Entry, ...] = ()
    published_messages: tuple[Entry, ...] = ()
    contact_sources: tuple[str, ...] = ()
    database_fields: tuple[str, ...] = ("EMAIL", "CREATED_FROM")

    def with_settings(self, settings: Mapping[str, Any]) -> Behaviour:
        """Return a copy with the settings of a JSON object.

        Raises:
            SendspecError: a setting is unknown, or its value is not valid.
        """
        names = {_camel_case(each.name): each.name for each in fields(self)}
        changes: dict[str, Any] = {}
        for key, value in settings.items():
            if key not in names:
                hint = did_you_mean(key, names) or f"use one of {', '.join(sorted(names))}"
                raise SendspecError(f"unknown setting {key!r}", hint=hint)
            changes[names[key]] = _validate(key, value, getattr(self, names[key]))
        return replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON; a credential is true if the sandbox requires it."""
        values = {_camel_case(each.name): getattr(self, each.name) for each in fields(self)}
        return {key: bool(value) if key in _SECRETS else value for key, value in values.items()}


def _validate(key: str, value: Any, current: Any) -> Any:
    """Return `value` in the type of the setting's current value."""
    if isinstance(current, tuple) and isinstance(value, list | tuple):
        return tuple(_entry(key, item) for item in value)
    if type(value) is not type(current) or (isinstance(value, int) and value < 0):
        raise SendspecError(f"setting {key!r} is {value!r}; expected {_EXPECTED[type(current)]}")
    if key in CHOICES and value not in CHOICES[key]:
        raise SendspecError(f"setting {key!r} is {value!r}; expected {' or '.join(CHOICES[key])}")
    return value


def _entry(key: str, item: Any) -> Entry:
    if not isinstance(item, dict):
        return str(item)
    known = _PROPERTIES.get(key, frozenset())
    if not item.keys() <= known or not isinstance(item.get("id"), str | int):
        raise SendspecError(
            f"an entry of {key!r} is not valid",
            hint=f"use an id, or an object with id and {', '.join(sorted(known - {'id'}))}"
            if known
            else "use an id",
        )
    return item


def _camel_case(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)
