"""The programs and published messages that exist in the sandbox, and the lists of them.

The sandbox accepts an id if the list has it as active, and refuses every other id. Without settings every
id exists except reserved ones. Then the lists have the vendor's samples, and the ids that a project names.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from sendspec.model import PROGRAM_PROPERTY, message_property
from sendspec.sandbox.error_messages import Refusal, Refused
from sendspec.sandbox.magic_ids import (
    INACTIVE_PROGRAM,
    MESSAGE,
    MESSAGES_REFUSED,
    PROGRAM,
    PROGRAMS_REFUSED,
    SOURCE,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sendspec.model import Send
    from sendspec.sandbox.vendor_unknowns import Behaviour, Entry

PAGE_SIZE: Final = 50
"""Published messages per page, as the vendor documents it."""

_SAMPLE_MESSAGES: Final = 60
"""More than one page, so that clients meet a second one."""

_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")


class NamedIds(NamedTuple):
    """The ids that the sends of a project name."""

    programs: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()

    @classmethod
    def of(cls, sends: Iterable[Send]) -> Self:
        """Return the ids of these sends, each once."""
        programs: dict[str, None] = {}
        messages: dict[str, None] = {}
        for send in sends:
            if program := send.payload.get(PROGRAM_PROPERTY):
                programs[str(program)] = None
            if name := message_property(send):
                messages[str(send.payload[name])] = None
        return cls(tuple(programs), tuple(messages))


def require_published_message(identifier: str, behaviour: Behaviour) -> None:
    """Raise Refused if the published message is unknown or belongs to another organisation."""
    refusal = MESSAGES_REFUSED.get(identifier)
    listed = behaviour.published_messages
    known = identifier in map(_id_of, listed) if listed else _UUID.fullmatch(identifier) is not None
    if refusal is None and not known:
        refusal = Refusal.MESSAGE_UNKNOWN
    if refusal is not None:
        raise Refused(refusal, id=identifier)


def require_program(identifier: str, behaviour: Behaviour) -> None:
    """Raise Refused if the SMS program is unknown or inactive."""
    states = {_id_of(entry): _state_of(entry) for entry in behaviour.programs}
    known = states.get(identifier) == "ACTIVE" if states else bool(identifier.strip())
    if identifier in PROGRAMS_REFUSED or not known:
        raise Refused(Refusal.PROGRAM, id=identifier)


def programs(behaviour: Behaviour, named: NamedIds) -> list[dict[str, Any]]:
    """Return the list of SMS programs, with an inactive one at its end."""
    entries = behaviour.programs or _once((PROGRAM, *named.programs))
    shown = [_program(entry) for entry in entries if _is_shown(_id_of(entry), PROGRAMS_REFUSED)]
    return [*shown, _program({"id": INACTIVE_PROGRAM, "status": "INACTIVE"})]


def published_messages(behaviour: Behaviour, named: NamedIds) -> list[dict[str, Any]]:
    """Return the published messages of the behaviour settings, or samples and named ids without any."""
    samples = (MESSAGE, *(f"00000000-0000-4000-8000-{number:012d}" for number in range(1, _SAMPLE_MESSAGES)))
    own = filter(_UUID.fullmatch, named.messages)
    entries = behaviour.published_messages or _once((*samples, *own))
    ids = [program["id"] for program in programs(behaviour, named) if program["status"] == "ACTIVE"]
    shown = (entry for entry in entries if _is_shown(_id_of(entry), MESSAGES_REFUSED))
    return [
        {
            "id": _id_of(entry),
            "name": f"Published message {number}",
            "campaignName": "Sandbox",
            "contactSourceId": int(SOURCE),
            "programIds": ids,
            **_own_properties(entry),
        }
        for number, entry in enumerate(shown, start=1)
    ]


def _program(entry: Entry) -> dict[str, Any]:
    identifier = _id_of(entry)
    return {
        "id": _as_number(identifier),
        "programName": f"Program {identifier}",
        "campaignName": "Sandbox",
        "code": "12345",
        "senderId": "12345",
        "status": "ACTIVE",
        "type": "TEXT_TO_JOIN",
        "country": "US",
        **_own_properties(entry),
    }


def _is_shown(identifier: str, refused: Iterable[str]) -> bool:
    return identifier not in refused and bool(identifier.strip()) and identifier.isprintable()


def _as_number(identifier: str) -> int | str:
    """Return a number if the vendor would write the id as one, so that its text stays the same."""
    return int(identifier) if _NUMBER.fullmatch(identifier) else identifier


def _id_of(entry: Entry) -> str:
    return entry if isinstance(entry, str) else str(entry["id"])


def _state_of(entry: Entry) -> object:
    return "ACTIVE" if isinstance(entry, str) else entry.get("status", "ACTIVE")


def _own_properties(entry: Entry) -> Mapping[str, Any]:
    return {} if isinstance(entry, str) else {name: entry[name] for name in entry if name != "id"}


def _once(identifiers: Iterable[str]) -> Sequence[str]:
    return tuple(dict.fromkeys(identifiers))
