"""The sends that go out although a branch does not touch them, and why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from sendspec.model import CarriedSend, Cause, CauseKind, ContactFile, DifferenceKind
from sendspec.plan_difference.send_differences import goes_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sendspec.model import Endpoint, PlannedSend, Project, Purpose, Send, SendDifference, Target
    from sendspec.plan_difference.base_plan import BasePlan


class WrittenSend(NamedTuple):
    """A send as written, with what its campaign adds to it; equal if a branch does not touch it."""

    endpoint: Endpoint
    revision: int
    matrix: Mapping[str, Any]
    properties: Mapping[str, Any]
    purpose: Purpose
    vars: Mapping[str, Any]
    exclude: tuple[tuple[str, Any, str | None], ...]


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
            tuple((entry.file, entry.columns, entry.sha256) for entry in campaign.exclude),
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


class CarriedCauses(Struct, frozen=True):
    """Why sends go out that a branch does not touch.

    `untouched` has the sends whose text in the specs is that of the base, `variables` the variables that
    differ, and `rule_changes` how the settings of rules differ. `changed_since` are the campaigns whose
    files the newer commits of the base named `name` change.
    """

    untouched: Mapping[str, WrittenSend]
    variables: frozenset[str]
    base: BasePlan
    rule_changes: Mapping[str, str]
    name: str
    changed_since: frozenset[str]

    def of(
        self, differences: Iterable[SendDifference], planned: Mapping[str, PlannedSend]
    ) -> Iterator[CarriedSend]:
        """Yield each send that goes out and that the branch does not touch."""
        for difference in differences:
            now, base = planned.get(difference.address), difference.base
            if now is None or base is None or not goes_out(now):
                continue
            written = self.untouched.get(written_name(difference.address))
            before = (*self._since(base), *self._blocks(base))
            if difference.kind is DifferenceKind.UNTOUCHED:
                pending = Cause(CauseKind.PENDING_IN_BASE, self.base.unchecked)
                yield CarriedSend(difference.address, before or (pending,))
            elif written is not None and difference.renamed_from is None:
                used = tuple(sorted(name for name in self.variables if _uses(written.properties, name)))
                causes = (*before, *_causes(difference, base.send, now.send, used))
                yield CarriedSend(difference.address, causes)

    def _since(self, base: PlannedSend) -> Iterator[Cause]:
        """Yield that a merge can do something else than the branch, because both have changed the file."""
        if base.send.campaign in self.changed_since:
            yield Cause(CauseKind.CHANGED_SINCE, (self.name,))

    def _blocks(self, base: PlannedSend) -> Iterator[Cause]:
        """Yield what kept the base from sending it."""
        if base.blocking_rules:
            yield Cause(CauseKind.BLOCKED_IN_BASE, base.blocking_rules)
        elif self.base.blocked_by:
            yield Cause(CauseKind.ALL_BLOCKED_IN_BASE, self.base.blocked_by)
        rules = base.blocking_rules or self.base.blocked_by
        changed = tuple(f"{rule}: {self.rule_changes[rule]}" for rule in rules if rule in self.rule_changes)
        if changed:
            yield Cause(CauseKind.RULE_SETTINGS, changed)


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
    return send.contacts.key if isinstance(send.contacts, ContactFile) else None


def _changed_exclude_lists(base: Send, now: Send) -> tuple[str, ...]:
    """Return the lists that only one of two sends has, or whose content or columns differ."""
    before, after = ({(file.key, repr(file.columns)): file for file in send.exclude} for send in (base, now))
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
