"""The difference between a plan and that of a base: what a branch changes in what is sent."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from datetime import datetime

    from sendspec.model.diagnostics import Problem
    from sendspec.model.plans import PlannedSend
    from sendspec.model.zone_facts import CandidateZones

GROUP_SIZE_MIN: Final = 5
"""People of a country or zone that is named; the ones of smaller groups are counted together."""


class DifferenceKind(StrEnum):
    """How an address differs from the base; of several differences, the first one in this order."""

    NEW = "new"
    """The base does not have the send."""
    CANCELLED = "cancelled"
    """The base would send it, now or later, or the vendor will start its job; the specs do not have it."""
    REMOVED = "removed"
    """The specs do not have the send any more, and the base would not send anything of it."""
    EDITED = "edited"
    """A property other than a time differs."""
    MOVED = "moved"
    """Only times differ."""
    RECIPIENTS = "recipients"
    """Only the people on the lists, or their values, differ."""
    RENAMED = "renamed"
    """Only the address differs."""
    UNTOUCHED = "untouched"
    """Nothing differs."""


class FieldChange(Struct, frozen=True):
    """A property that differs from the base: its rendered values, None if it is absent.

    `field` is a key of the specs, with dots between nested ones. A list of contacts has its name as its
    value, never the contacts.
    """

    field: str
    before: Any
    now: Any


class TimeChange(Struct, frozen=True):
    """A time that differs from the base: `scheduledDate`, `notBefore` or `notAfter`; None if it is absent."""

    field: str
    before: datetime | None
    now: datetime | None


class PeopleGroups(Struct, frozen=True):
    """People by country and by candidate zones, the largest group first.

    Groups below `GROUP_SIZE_MIN` are counted together in `other_countries` and `other_zones`, with the
    people whose country or zone is not known. Zones are those of the number.
    """

    count: int = 0
    countries: tuple[tuple[str, int], ...] = ()
    other_countries: int = 0
    zones: tuple[tuple[CandidateZones, int], ...] = ()
    other_zones: int = 0


class NotCompared(StrEnum):
    """Why the people of a send were not compared with those of the base."""

    QUERY = "query"
    """A query differs; the plan runs the query of the specs only."""
    UNREADABLE = "unreadable"
    """A list of the base cannot be read."""
    NOT_IN_BASE = "not-in-base"
    """The base does not have the list, for example because git does not track it."""
    ABSENT = "absent"
    """This machine does not have a list of one of the two."""
    FINISHED = "finished"
    """The list differs, but the send is finished, so nothing follows."""
    AT_VENDOR = "at-vendor"
    """Only the vendor has the people of one of the two."""


class AudienceDifference(Struct, frozen=True):
    """The people of a send against those of the base: exact, and counted by group.

    The four groups have no person in common: `newly_excluded` are on an exclude list of the specs, and
    `no_longer_excluded` were on one of the base only. `before` and `now` count the recipients.
    `has_other_values` means that the same people are in another order, or get other values.
    """

    before: int
    now: int
    added: PeopleGroups = PeopleGroups()
    removed: PeopleGroups = PeopleGroups()
    newly_excluded: PeopleGroups = PeopleGroups()
    no_longer_excluded: PeopleGroups = PeopleGroups()
    has_other_values: bool = False

    @property
    def has_same_people(self) -> bool:
        """Whether exactly the same people are recipients."""
        groups = (self.added, self.removed, self.newly_excluded, self.no_longer_excluded)
        return not any(group.count for group in groups)


class SendDifference(Struct, frozen=True):
    """The difference of one address.

    `base` is what apply would do with the send of the base now, with the same ledger.
    It is None for a new send. Its `facts` are None if its list was not read. The send of the specs is the
    action of the plan with this address, if any. `fields` excludes times, which are in `times`.
    `audience` is None if the lists are the same, or if `not_compared` has a reason. `renamed_from` is the
    address in the base if the specs name it in `formerly`.
    """

    address: str
    kind: DifferenceKind
    base: PlannedSend | None = None
    fields: tuple[FieldChange, ...] = ()
    times: tuple[TimeChange, ...] = ()
    audience: AudienceDifference | None = None
    not_compared: NotCompared | None = None
    renamed_from: str | None = None


class CauseKind(StrEnum):
    """Why a send goes out, although the specs have it as the base has it."""

    PENDING_IN_BASE = "pending-in-base"
    """The base would send it, too: nothing about it differs. `names` has what was not checked there."""
    BLOCKED_IN_BASE = "blocked-in-base"
    """A rule blocked it on the base."""
    ALL_BLOCKED_IN_BASE = "all-blocked-in-base"
    """An error that is not about it, or a list that cannot be read, blocked every send on the base."""
    RULE_SETTINGS = "rule-settings"
    """The setting of a rule that blocked it on the base differs."""
    CHANGED_SINCE = "changed-since"
    """Newer commits of the ref changed its campaign file, so a merge can do something else."""
    VARIABLES = "variables"
    """A variable of the project or of the target differs."""
    LIST = "list"
    """Its list of contacts differs."""
    EXCLUDE_LISTS = "exclude-lists"
    """An exclude list differs."""
    OTHER = "other"
    """Something else that the campaign file does not contain."""


class Cause(Struct, frozen=True):
    """One cause: `names` has the variables, the files, or the rules."""

    kind: CauseKind
    names: tuple[str, ...] = ()


class CarriedSend(Struct, frozen=True):
    """A send that goes out, now or later, although the branch does not touch it in its campaign file.

    `commit` is the last commit of the base that changed the campaign file, None if it is not known.
    """

    address: str
    causes: tuple[Cause, ...]
    commit: str | None = None
    committed_at: datetime | None = None


class BaseState(StrEnum):
    """What the base was found to be."""

    COMPARED = "compared"
    """The base was compared."""
    NO_PROJECT = "no-project"
    """The base does not have the project directory, so every send is new."""
    NO_TARGET = "no-target"
    """The base does not have the target, or it is another organisation there, so every send is new."""
    NOT_VALID = "not-valid"
    """The project of the base has problems, so nothing could be compared."""


class ComparedBase(Struct, frozen=True):
    """The base: its name as the user wrote it, and the commit that was read, None for a directory.

    `newer_commits` counts the commits of a ref that the compared commit does not have, because the
    comparison starts where the branch started; None if that is not known. `problems` are those of a base
    that is not valid.
    """

    name: str
    state: BaseState = BaseState.COMPARED
    commit: str | None = None
    committed_at: datetime | None = None
    newer_commits: int | None = None
    problems: tuple[Problem, ...] = ()


class PlanDifference(Struct, frozen=True):
    """The difference between a plan and that of its base, for each selected address of either.

    `sends` is sorted by address. `carried` are the sends that go out, although the branch does not touch
    them. `settings` are the settings of the project and of the target that differ.
    """

    base: ComparedBase
    sends: tuple[SendDifference, ...] = ()
    carried: tuple[CarriedSend, ...] = ()
    settings: tuple[FieldChange, ...] = ()

    def of(self, *kinds: DifferenceKind) -> tuple[SendDifference, ...]:
        """Return the differences of these kinds, by address."""
        return tuple(difference for difference in self.sends if difference.kind in kinds)

    def find(self, address: str) -> SendDifference | None:
        """Return the difference of an address, None if neither side has it."""
        return next((difference for difference in self.sends if difference.address == address), None)
