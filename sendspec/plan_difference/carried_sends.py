"""The sends that go out although a branch does not touch them, and why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from sendspec.model import CarriedSend, Cause, CauseKind, ContactFile, DifferenceKind
from sendspec.plan_difference.send_differences import goes_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sendspec.model import Endpoint, PlannedSend, Project, Purpose, Send, SendDifference, Target


class WrittenSend(NamedTuple):
    """A send as written, with what its campaign adds to it; equal if a branch does not touch it."""

    endpoint: Endpoint
    revision: int
    matrix: Mapping[str, Any]
    properties: Mapping[str, Any]
    purpose: Purpose
    vars: Mapping[str, Any]
    exclude: tuple[tuple[str, Any], ...]


def written_sends(project: Project) -> dict[str, WrittenSend]:
    """Return the sends of a project as written, by campaign and id."""
    return {
        f"{campaign.name}/{spec.id}": WrittenSend(
            spec.endpoint,
            spec.revision,
            spec.matrix,
            spec.properties,
            campaign.purpose,
            campaign.vars,
            tuple((entry.file, entry.columns) for entry in campaign.exclude),
        )
        for campaign in project.campaigns
        for spec in campaign.sends
    }


def written_name(address: str) -> str:
    """Return the campaign and the id of a send, without the values of its matrix."""
    return address.partition("[")[0]


def changed_variables(base: Project, base_target: Target, project: Project, target: Target) -> frozenset[str]:
    """Return the variables of the project and of the target that differ."""
    before, now = {**base.vars, **base_target.vars}, {**project.vars, **target.vars}
    return frozenset(name for name in {*before, *now} if before.get(name) != now.get(name))


def carried_sends(
    differences: Iterable[SendDifference],
    planned: Mapping[str, PlannedSend],
    untouched: Mapping[str, WrittenSend],
    variables: frozenset[str],
) -> Iterator[CarriedSend]:
    """Yield each send that goes out and that a branch does not touch.

    `untouched` has the sends whose text in the specs is that of the base, `variables` the variables that
    differ.
    """
    for difference in differences:
        now, base = planned.get(difference.address), difference.base
        if now is None or base is None or not goes_out(now):
            continue
        written = untouched.get(written_name(difference.address))
        if difference.kind is DifferenceKind.UNTOUCHED:
            yield CarriedSend(difference.address, (Cause(CauseKind.PENDING_IN_BASE),))
        elif written is not None and difference.renamed_from is None:
            used = tuple(sorted(name for name in variables if _uses(written.properties, name)))
            yield CarriedSend(difference.address, tuple(_causes(difference, base.send, now.send, used)))


def _causes(difference: SendDifference, base: Send, now: Send, used: tuple[str, ...]) -> Iterator[Cause]:
    rendered = [change.field for change in difference.fields if not change.field.startswith("exclude")]
    if used and (rendered or difference.times):
        yield Cause(CauseKind.VARIABLES, used)
    elif rendered or difference.times:
        yield Cause(CauseKind.OTHER)
    if isinstance(now.contacts, ContactFile) and _path(base) != _path(now):
        yield Cause(CauseKind.LIST, (now.contacts.shown,))
    if lists := _changed_exclude_lists(base, now):
        yield Cause(CauseKind.EXCLUDE_LISTS, lists)


def _path(send: Send) -> object:
    return send.contacts.path if isinstance(send.contacts, ContactFile) else None


def _changed_exclude_lists(base: Send, now: Send) -> tuple[str, ...]:
    """Return the lists that only one of two sends has, or whose content or columns differ."""
    before, after = ({(file.path, repr(file.columns)): file for file in send.exclude} for send in (base, now))
    changed = before.keys() ^ after.keys()
    return tuple(sorted({(before.get(key) or after[key]).shown for key in changed}))


def _uses(value: Any, name: str) -> bool:
    """Return whether a string of the specs has a word of this name."""
    match value:
        case str():
            return re.search(rf"\b{re.escape(name)}\b", value) is not None
        case dict():
            return any(_uses(part, name) for part in value.values())
        case list() | tuple():
            return any(_uses(part, name) for part in value)
        case _:
            return False
