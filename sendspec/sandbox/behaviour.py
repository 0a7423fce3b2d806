"""What is not known about the vendor, and what a test may want otherwise: one frozen set of switches."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from dataclasses import field as attribute
from typing import TYPE_CHECKING, Any, Final

from sendspec.errors import SendspecError
from sendspec.sandbox import error_messages
from sendspec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "errorsIn": ("generalErrors", "fieldErrors"),
    "unknownProperties": ("refuse", "ignore"),
    "limitCounts": ("template", "rendered"),
    "unknownStatusIn": ("generalErrors", "errors", "data"),
}
"""The switches that take one word of a few."""

_SECRETS: Final = ("clientId", "clientSecret", "refreshToken")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the sandbox decides what the vendor leaves open; docs/sandbox.md has the table.

    In JSON each is called as here in camelCase. Empty lists of the catalogue mean that any id
    exists, but for the reserved ones.
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
    programs: tuple[str, ...] = ()
    published_messages: tuple[str, ...] = ()
    contact_sources: tuple[str, ...] = ()
    database_fields: tuple[str, ...] = ("EMAIL", "CREATED_FROM")

    def changed(self, settings: Mapping[str, Any]) -> Behaviour:
        """Give these switches with some set anew; `settings` is JSON, keys in camelCase.

        Raises:
            SendspecError: for an unknown switch or a value of the wrong kind.
        """
        names = {_camel(each.name): each.name for each in fields(self)}
        changes: dict[str, Any] = {}
        for key, value in settings.items():
            if key not in names:
                hint = did_you_mean(key, names) or f"the switches are {', '.join(sorted(names))}"
                raise SendspecError(f"unknown switch {key!r}", hint=hint)
            changes[names[key]] = _checked(key, value, getattr(self, names[key]))
        return replace(self, **changes)

    def shown(self) -> dict[str, Any]:
        """Give the switches as JSON; of credentials only whether they are demanded."""
        values = {_camel(each.name): getattr(self, each.name) for each in fields(self)}
        return {key: bool(value) if key in _SECRETS else value for key, value in values.items()}


def _checked(key: str, value: Any, current: Any) -> Any:
    """Give `value` in the kind of `current`, the switch's value until now."""
    if isinstance(current, tuple) and isinstance(value, list | tuple):
        return tuple(str(item) for item in value)
    if type(value) is not type(current) or (isinstance(value, int) and value < 0):
        kinds = {
            bool: "true or false",
            int: "a whole number from 0",
            str: "a string",
            tuple: "a list of strings",
        }
        raise SendspecError(f"switch {key!r} takes {kinds[type(current)]}, not {value!r}")
    if key in CHOICES and value not in CHOICES[key]:
        raise SendspecError(f"switch {key!r} takes {' or '.join(CHOICES[key])}, not {value!r}")
    return value


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)
