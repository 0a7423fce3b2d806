"""The difference from a base as text."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from sendspec.compare import accepted, recipients_of
from sendspec.formatting import pluralize
from sendspec.model import BaseState, CauseKind, DifferenceKind, NotCompared, Sign
from sendspec.redact import Redactor
from sendspec.report.escape.plain import escape_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import (
        AudienceDifference,
        CarriedSend,
        Cause,
        ComparedBase,
        PeopleGroups,
        PlanDifference,
        PlannedSend,
        SendDifference,
    )

_COMMIT_DIGITS: Final = 7
_PROBLEMS_MAX: Final = 3
_COUNTED: Final = {
    DifferenceKind.NEW: "new",
    DifferenceKind.EDITED: "edited",
    DifferenceKind.MOVED: "moved in time",
    DifferenceKind.RECIPIENTS: "with other recipients",
    DifferenceKind.RENAMED: "renamed",
    DifferenceKind.CANCELLED: "cancelled",
    DifferenceKind.REMOVED: "removed",
    DifferenceKind.UNTOUCHED: "untouched",
}
_AT_VENDOR: Final = "removed, still with the vendor"
_NOT_COMPARED: Final = {
    NotCompared.QUERY: "recipients not compared, because the query differs",
    NotCompared.UNREADABLE: "recipients not compared, because the list of the base cannot be read",
    NotCompared.NOT_IN_BASE: "recipients not compared, because git does not have the list of the base",
    NotCompared.ABSENT: "the list changed; recipients not compared, because one of the two is not here",
    NotCompared.FINISHED: "the list differs; already sent, nothing follows",
    NotCompared.AT_VENDOR: "recipients not compared, because only the vendor has those of one of the two",
}
_CAUSES: Final = {
    CauseKind.PENDING_IN_BASE: "the base would send it, too",
    CauseKind.BLOCKED_IN_BASE: "was blocked on the base by",
    CauseKind.ALL_BLOCKED_IN_BASE: "every send was blocked on the base by",
    CauseKind.RULE_SETTINGS: "a rule differs",
    CauseKind.CHANGED_SINCE: "has changed its campaign file since: merge or rebase first",
    CauseKind.VARIABLES: "a variable differs",
    CauseKind.LIST: "the list differs",
    CauseKind.EXCLUDE_LISTS: "an exclude list differs",
    CauseKind.OTHER: "a setting outside the campaign file differs",
}
_CANCELLED_SIGNS: Final = {Sign.WAITING: "it waited", Sign.BLOCKED: "the base blocked it"}
_BLOCKED: Final = (CauseKind.BLOCKED_IN_BASE, CauseKind.ALL_BLOCKED_IN_BASE)


def carried_title(*, is_blocked: bool) -> str:
    """Return the title of the sends that the change does not touch, with errors in the plan or without."""
    verb = "would be sent once the errors are fixed" if is_blocked else "sent"
    return f"Not touched by this change, but {verb}"


def base_notes(base: ComparedBase) -> Iterator[str]:
    """Yield what limits the comparison, and the first problems of a base that is not valid."""
    for problem in base.problems[:_PROBLEMS_MAX]:
        yield escape_text(f"{problem.location}: {Redactor()(problem.message)}")
    if base.state is BaseState.NO_PROJECT:
        yield "The base does not have the project directory."
    if base.state is BaseState.NO_TARGET:
        yield "The base does not have the target, or it is another organisation there."
    if base.newer_commits:
        newer = pluralize(base.newer_commits, "newer commit")
        yield f"{escape_text(base.name)} has {newer}, which this comparison leaves out."


def base_name(base: ComparedBase) -> str:
    """Return the name of a base, with its commit."""
    commit = f" at {base.commit[:_COMMIT_DIGITS]}" if base.commit else ""
    return f"{escape_text(base.name)}{commit}"


def counts_text(difference: PlanDifference) -> str:
    """Return how many sends differ, by kind."""
    counts = Counter(
        _COUNTED[send.kind] if not is_at_vendor(send) else _AT_VENDOR for send in difference.sends
    )
    counted = [(counts[text], text) for text in (*_COUNTED.values(), _AT_VENDOR)]
    return ", ".join(f"{count:,} {text}" for count, text in counted if count) or "no sends"


def is_at_vendor(difference: SendDifference) -> bool:
    """Return whether the vendor still has the job of a send that the specs do not have any more."""
    is_lost = difference.kind in (DifferenceKind.CANCELLED, DifferenceKind.REMOVED)
    return is_lost and difference.base is not None and bool(difference.base.at_vendor)


def reached(planned: PlannedSend) -> int | None:
    """Return how many people the vendor has accepted a send for, None if only the vendor knows."""
    record = planned.record
    if record is None or record.revision != planned.send.revision or not accepted(record):
        return 0
    if record.recipients is None:
        return None
    return recipients_of(record.recipients.count, [request.batch for request in accepted(record)])


def not_compared_text(reason: NotCompared) -> str:
    """Return why the people of a send were not compared."""
    return _NOT_COMPARED[reason]


def headline_of(difference: SendDifference) -> str:
    """Return how a send differs, in a few words."""
    renamed = "" if difference.renamed_from is None else f", renamed from {difference.renamed_from}"
    if difference.kind is DifferenceKind.CANCELLED and difference.base is not None:
        return _cancelled(difference.base)
    if difference.kind is DifferenceKind.RENAMED:
        return f"renamed from {difference.renamed_from}"
    return f"{_COUNTED[difference.kind]}{renamed}"


def _cancelled(base: PlannedSend) -> str:
    """Return what does not happen, because the send is not in the specs any more."""
    people = _people_text(base)
    if base.at_vendor:
        return f"removed, but the vendor has its job for {people}, and starts it unless a person stops it"
    count = reached(base)
    if count is None:
        return f"cancelled: the vendor accepted a part of the job for {people}"
    verb = _CANCELLED_SIGNS.get(base.sign, "the base would send it now")
    received = "none of them has received it" if count == 0 else f"{count:,} of them have received it"
    return f"cancelled: {people}, {received}; {verb}"


def _people_text(base: PlannedSend) -> str:
    if base.facts is not None:
        return pluralize(base.facts.count, "person", "people")
    return "a contact source" if base.send.contacts is None else "a list that was not read"


def people_lines(difference: AudienceDifference) -> Iterator[str]:
    """Yield how the recipients differ, by group."""
    yield f"recipients: {difference.before:,} → {difference.now:,}"
    groups = (
        ("added", difference.added),
        ("removed", difference.removed),
        ("newly excluded", difference.newly_excluded),
        ("not excluded any more", difference.no_longer_excluded),
    )
    yield from (f"{name}: {groups_text(people)}" for name, people in groups if people.count)
    if difference.has_other_values:
        yield "the same people, in another order or with other values"


def groups_text(groups: PeopleGroups) -> str:
    """Return people by country, without countries if none has enough people to be named."""
    if not groups.countries:
        return f"{groups.count:,}"
    named = [f"{country} {count:,}" for country, count in groups.countries]
    others = [f"other {groups.other_countries:,}"] if groups.other_countries else []
    return f"{groups.count:,} ({', '.join((*named, *others))})"


def carried_line(carried: CarriedSend) -> str:
    """Return a send that this branch does not touch, and why it goes out."""
    causes = "; ".join(map(_cause, carried.causes))
    is_pending = any(cause.kind is CauseKind.PENDING_IN_BASE for cause in carried.causes)
    if carried.commit is None or not is_pending:
        return f"{carried.address}: {causes}"
    return f"{carried.address}: {causes}, last changed in {carried.commit[:_COMMIT_DIGITS]}"


def _cause(cause: Cause) -> str:
    if cause.kind in _BLOCKED:
        return f"{_CAUSES[cause.kind]} {', '.join(cause.names)}"
    if cause.kind is CauseKind.CHANGED_SINCE:
        return f"{', '.join(cause.names)} {_CAUSES[cause.kind]}"
    if cause.kind is CauseKind.PENDING_IN_BASE and cause.names:
        return f"not blocked on the base; not checked there: {', '.join(cause.names)}"
    names = f" ({', '.join(cause.names)})" if cause.names else ""
    return f"{_CAUSES[cause.kind]}{names}"
