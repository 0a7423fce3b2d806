"""Faults on demand: what is armed, for which calls, and whose turn it is. How they strike: `service`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from dataclasses import fields as attributes
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sendspec.errors import SendspecError
from sendspec.sandbox.operations import SENDING, Call

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(StrEnum):
    """What a fault does; docs/sandbox.md has the table."""

    LATENCY = "latency"
    HOLD = "hold"
    STATUS = "status"
    HTML = "html"
    BUSY = "busy"
    DROP_BEFORE = "drop-before"
    DROP_AFTER = "drop-after"
    EXPIRE_TOKENS = "expire-tokens"
    MALFORMED_ID = "malformed-id"


_AFTER: Final = frozenset({Kind.DROP_AFTER, Kind.MALFORMED_ID})
"""The kinds that strike when the request has been decided."""

_ALWAYS_BEFORE: Final = frozenset({Kind.DROP_BEFORE, Kind.EXPIRE_TOKENS, Kind.BUSY})

_CODES: Final = range(200, 600)

_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Fault:
    """One armed fault: strikes `times` matching requests (None: until disarmed) after letting `skip` go.

    `after` strikes once the request has been decided and recorded, so that a send was accepted
    whatever its client sees. `ms` waits before anything else; `code`, `text` and `headers` shape
    the answers of `status` and `html`; `id` is what `malformed-id` answers for an id (absent: the
    property is left out); `reset` makes a drop a TCP reset.
    """

    kind: Kind
    endpoints: frozenset[Call] = SENDING
    times: int | None = 1
    skip: int = 0
    after: bool = False
    ms: int = 0
    code: int = 502
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    id: Any = ...
    reset: bool = False

    def shown(self) -> dict[str, Any]:
        """Give the fault as JSON, with what is left of `times` and `skip`."""
        values = {each.name: getattr(self, each.name) for each in attributes(self)}
        if self.id is ...:
            del values["id"]
        return values | {"endpoints": sorted(self.endpoints)}


class Faults:
    """The armed faults, oldest first."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []

    def arm(self, settings: Mapping[str, Any]) -> None:
        """Arm the fault that the JSON object `settings` describes.

        Raises:
            SendspecError: for settings that make no fault.
        """
        self._armed.append(_parsed(settings))

    def disarm(self) -> None:
        """Forget every armed fault; requests that are held stay held."""
        self._armed.clear()

    def shown(self) -> list[dict[str, Any]]:
        """Give what is armed as JSON."""
        return [fault.shown() for fault in self._armed]

    def take(self, call: Call) -> Fault | None:
        """Give the fault that strikes this request: the oldest one that matches it, if any.

        A fault that still lets requests go counts this one and leaves it to the next fault.
        """
        for index, fault in enumerate(self._armed):
            if call not in fault.endpoints:
                continue
            if fault.skip:
                self._armed[index] = replace(fault, skip=fault.skip - 1)
                continue
            self._spend(index, fault)
            return fault
        return None

    def _spend(self, index: int, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times > 1:
            self._armed[index] = replace(fault, times=fault.times - 1)
        else:
            del self._armed[index]


_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "kind": (str,),
    "times": (int, type(None)),
    "skip": (int,),
    "after": (bool,),
    "ms": (int,),
    "code": (int,),
    "text": (str,),
    "headers": (dict,),
    "reset": (bool,),
}


def _parsed(settings: Mapping[str, Any]) -> Fault:
    values = dict(settings)
    endpoints = _endpoints(values.pop("endpoint", sorted(SENDING)))
    for key, value in values.items():
        if key != "id" and type(value) not in _TYPES.get(key, ()):
            raise SendspecError(
                f"a fault takes no {key!r}: {value!r}",
                hint=f"its properties are {', '.join(['endpoint', 'id', *_TYPES])}",
            )
    if not all(map(_is_header, values.get("headers", {}).items())):
        raise SendspecError("a fault's headers are names and one-line ASCII strings")
    values["kind"] = kind = _word(Kind, values.get("kind"), "kind")
    values["after"] = values.get("after", False) or kind in _AFTER
    if values["after"] and kind in _ALWAYS_BEFORE:
        raise SendspecError(f"a fault of kind {kind} strikes before the request is decided, never after")
    fault = Fault(endpoints=endpoints, **values)
    if fault.times == 0 or min(fault.times or 1, fault.skip, fault.ms) < 0 or fault.code not in _CODES:
        raise SendspecError("a fault's numbers must be: times from 1, skip and ms from 0, code 200 to 599")
    return fault


def _is_header(item: tuple[str, Any]) -> bool:
    name, value = item
    named = name.isascii() and name.replace("-", "").isalnum()
    return named and isinstance(value, str) and value.isascii() and value.isprintable()


def _endpoints(value: Any) -> frozenset[Call]:
    names = value if isinstance(value, list) else [value]
    return frozenset(_word(Call, name, "endpoint") for name in names)


def _word(words: type[_Word], value: Any, what: str) -> _Word:
    try:
        return words(value)
    except ValueError:
        raise SendspecError(
            f"unknown {what} {value!r} of a fault", hint=f"one of {', '.join(words)}"
        ) from None
