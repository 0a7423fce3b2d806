"""The difference of each address between a plan and that of its base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.model import DifferenceKind, NotCompared, SendDifference, Sign
from sendspec.plan_difference.send_fields import field_changes, time_changes
from sendspec.render.former_addresses import with_values

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from sendspec.model import AudienceDifference, PlannedSend

_PENDING: Final = (Sign.SEND, Sign.RESUME, Sign.WAITING)
_OTHER_LISTS: Final = (NotCompared.UNREADABLE, NotCompared.FINISHED)


class ComparedPeople(Struct, frozen=True):
    """What is known about the people of each send against those of the base, by the address now."""

    differences: Mapping[str, AudienceDifference]
    not_compared: Mapping[str, NotCompared]


def goes_out(planned: PlannedSend) -> bool:
    """Return whether apply would send something of a send, now or later."""
    return planned.sign in _PENDING


def counterparts(sends: Iterable[tuple[str, tuple[str, ...]]], bases: Container[str]) -> dict[str, str]:
    """Return the address in the base of each send that the base has: its own, or one in its `formerly`.

    `sends` are addresses with their former ones. A former address that a send still has is not renamed.
    """
    sends = list(sends)
    present = {address for address, _ in sends}
    found = {address: address for address in present if address in bases}
    for address, formerly in sends:
        taken = {*present, *found.values()}
        names = former_names(address, formerly)
        former = next((name for name in names if name in bases and name not in taken), None)
        if address not in found and former is not None:
            found[address] = former
    return found


def former_names(address: str, formerly: Iterable[str]) -> Iterator[str]:
    """Yield the former addresses of a send: those without values have its own, as in the ledger."""
    for former in formerly:
        yield from dict.fromkeys((with_values(former, address), former))


def send_differences(
    now: Mapping[str, PlannedSend],
    bases: Mapping[str, PlannedSend],
    base_addresses: Mapping[str, str],
    people: ComparedPeople,
) -> tuple[SendDifference, ...]:
    """Return the difference of each address; `base_addresses` are those of the base by the address now."""
    found = [
        _difference(planned, bases.get(base_addresses.get(address, "")), people)
        for address, planned in now.items()
    ]
    found += _lost(bases, set(base_addresses.values()))
    return tuple(sorted(found, key=lambda difference: difference.address))


def _difference(planned: PlannedSend, base: PlannedSend | None, people: ComparedPeople) -> SendDifference:
    address = planned.address
    if base is None:
        return SendDifference(address, DifferenceKind.NEW)
    fields, times = field_changes(base.send, planned.send), time_changes(base.send, planned.send)
    audience, not_compared = people.differences.get(address), people.not_compared.get(address)
    return SendDifference(
        address=address,
        kind=_kind(
            is_edited=bool(fields),
            is_moved=bool(times),
            has_other_people=audience is not None or not_compared in _OTHER_LISTS,
            is_renamed=base.address != address,
        ),
        base=base,
        fields=fields,
        times=times,
        audience=audience,
        not_compared=not_compared,
        renamed_from=base.address if base.address != address else None,
    )


def _kind(*, is_edited: bool, is_moved: bool, has_other_people: bool, is_renamed: bool) -> DifferenceKind:
    kinds = (
        (is_edited, DifferenceKind.EDITED),
        (is_moved, DifferenceKind.MOVED),
        (has_other_people, DifferenceKind.RECIPIENTS),
        (is_renamed, DifferenceKind.RENAMED),
    )
    return next((kind for applies, kind in kinds if applies), DifferenceKind.UNTOUCHED)


def _lost(bases: Mapping[str, PlannedSend], kept: Container[str]) -> Iterator[SendDifference]:
    """Yield the sends of the base that the specs do not have any more."""
    for address, base in bases.items():
        if address not in kept:
            # A rule that blocks a send can be satisfied, so the send was still to come.
            is_cancelled = goes_out(base) or base.sign is Sign.BLOCKED or bool(base.at_vendor)
            kind = DifferenceKind.CANCELLED if is_cancelled else DifferenceKind.REMOVED
            yield SendDifference(address, kind, base)
