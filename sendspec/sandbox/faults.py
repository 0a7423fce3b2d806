"""Faults on demand: the armed faults, and the choice of one for a request; `request_handler` applies it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeVar

from msgspec import Struct, field

from sendspec.errors import SendspecError
from sendspec.sandbox.operations import SEND_OPERATIONS, Operation
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Mapping


class FaultKind(StrEnum):
    """The kinds of faults; docs/sandbox.md describes them."""

    LATENCY = "latency"
    HOLD = "hold"
    STATUS = "status"
    HTML = "html"
    BUSY = "busy"
    DROP_BEFORE = "drop-before"
    DROP_AFTER = "drop-after"
    EXPIRE_TOKENS = "expire-tokens"
    MALFORMED_ID = "malformed-id"
    NEXT_PAGE = "next-page"


_ALWAYS_AFTER: Final = frozenset({FaultKind.DROP_AFTER, FaultKind.MALFORMED_ID, FaultKind.NEXT_PAGE})
"""The kinds that apply after the decision on the request."""

_ALWAYS_BEFORE: Final = frozenset({FaultKind.DROP_BEFORE, FaultKind.EXPIRE_TOKENS, FaultKind.BUSY})

_CODES: Final = range(200, 600)

_Choice = TypeVar("_Choice", bound=StrEnum)


class Fault(Struct, frozen=True):
    """One armed fault: it skips `skip` matching requests and then applies to `times` of them.

    With `times` None it applies until it is disarmed. With `after` it applies after the request is
    decided and stored, so a send may be accepted although its client gets no success. `ms` is a delay
    in milliseconds before the fault. `code`, `text` and `headers` form the answer of `status` and
    `html`. `id` is the id that `malformed-id` answers; without it the answer has no id. `url` is the
    `nextPageUrl` of `next-page`. `reset` drops the connection with a TCP reset.
    """

    kind: FaultKind
    endpoints: frozenset[Operation] = SEND_OPERATIONS
    times: int | None = 1
    skip: int = 0
    after: bool = False
    ms: int = 0
    code: int = 502
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    id: Any = ...
    url: str = ""
    reset: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the fault as JSON, with the remaining `times` and `skip`."""
        values = {name: getattr(self, name) for name in self.__struct_fields__}
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
            SendspecError: the settings do not describe a fault.
        """
        self._armed.append(_parse(settings))

    def disarm(self) -> None:
        """Disarm every fault; held requests stay held."""
        self._armed.clear()

    def to_json(self) -> list[dict[str, Any]]:
        """Return the armed faults as JSON."""
        return [fault.to_json() for fault in self._armed]

    def take(self, operation: Operation) -> Fault | None:
        """Return the fault for a request: the oldest one that matches its operation, if any.

        A fault that skips the request counts it and leaves it to the next fault.
        """
        for index, fault in enumerate(self._armed):
            if operation not in fault.endpoints:
                continue
            if fault.skip:
                self._armed[index] = replace(fault, skip=fault.skip - 1)
                continue
            self._count(index, fault)
            return fault
        return None

    def _count(self, index: int, fault: Fault) -> None:
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
    "url": (str,),
    "reset": (bool,),
}


def _parse(settings: Mapping[str, Any]) -> Fault:
    values = dict(settings)
    endpoints = _endpoints(values.pop("endpoint", sorted(SEND_OPERATIONS)))
    for key, value in values.items():
        if key != "id" and type(value) not in _TYPES.get(key, ()):
            raise SendspecError(
                f"a fault cannot have {key!r}: {value!r}",
                hint=f"use the properties {', '.join(['endpoint', 'id', *_TYPES])} with their types",
            )
    if not all(map(_is_header, values.get("headers", {}).items())):
        raise SendspecError("the headers of a fault must be names with one-line ASCII strings")
    values["kind"] = kind = _choice(FaultKind, values.get("kind"), "kind")
    values["after"] = values.get("after", False) or kind in _ALWAYS_AFTER
    if values["after"] and kind in _ALWAYS_BEFORE:
        raise SendspecError(
            f"a fault of kind {kind} cannot apply after the decision on the request",
            hint="omit `after`, or choose another kind",
        )
    fault = Fault(endpoints=endpoints, **values)
    if fault.times == 0 or min(fault.times or 1, fault.skip, fault.ms) < 0 or fault.code not in _CODES:
        raise SendspecError(
            "a number of the fault is out of range",
            hint="use times from 1, skip and ms from 0, and a code from 200 to 599",
        )
    return fault


def _is_header(item: tuple[str, Any]) -> bool:
    name, value = item
    named = name.isascii() and name.replace("-", "").isalnum()
    return named and isinstance(value, str) and value.isascii() and value.isprintable()


def _endpoints(value: Any) -> frozenset[Operation]:
    names = value if isinstance(value, list) else [value]
    return frozenset(_choice(Operation, name, "endpoint") for name in names)


def _choice(choices: type[_Choice], value: Any, name: str) -> _Choice:
    try:
        return choices(value)
    except ValueError:
        raise SendspecError(
            f"unknown {name} {value!r} of a fault", hint=f"use one of {', '.join(choices)}"
        ) from None
