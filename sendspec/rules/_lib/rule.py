"""Base class of the rules, with the types that a rule receives and returns.

A rule never raises on bad input, never changes anything, and keeps no state between two runs. Its
module's docstring is its page, which `sendspec explain` shows.
"""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from msgspec import Struct, field

from sendspec.compare import is_finished
from sendspec.identity import NO_IDENTITIES, LeftRecords
from sendspec.model import RepositoryFacts, SendCalendar
from sendspec.rules._lib.readable_text import texts_of
from sendspec.rules._lib.rule_group import RuleGroup
from sendspec.selection import ALL

__all__ = ["CheckedSend", "HoursLimit", "Option", "Rule", "RuleContext", "RuleGroup", "Violation"]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sendspec.compare import Comparison
    from sendspec.identity import Identities
    from sendspec.legal_hours import ZoneHours
    from sendspec.model import (
        AlsoGet,
        AudienceFacts,
        Campaign,
        FileDate,
        LedgerState,
        Level,
        Location,
        Problem,
        Project,
        Send,
        SendRecord,
        Target,
        VendorCatalog,
    )
    from sendspec.rules._lib.last_sends import LastSend
    from sendspec.rules._lib.option_values import OptionValues
    from sendspec.rules._lib.readable_text import SendText
    from sendspec.selection import Selection


class Violation(NamedTuple):
    """A violation of a rule at one location, before project levels and `allow` entries apply.

    `reason` is one of the rule's `reasons`. `level` None means the rule's own level. `check_project` and
    `check_together` set `send`; `check_send` checks one send, which the engine adds. An error that
    `blocks_only_its_send` lets apply send the other sends, also if the rule's other errors do not.
    `also_get` are the sends that recipients of `send` get before it, which a plan has as data.
    """

    reason: str
    message: str
    location: Location
    hint: str | None = None
    level: Level | None = None
    send: Send | None = None
    blocks_only_its_send: bool = False
    also_get: tuple[AlsoGet, ...] = ()


class Option(Struct, frozen=True):
    """One option of a rule; `default` None means that it is not set, and then `example` is for editors."""

    default: Any
    summary: str
    values: OptionValues
    example: Any = None

    def problem(self, value: Any) -> str | None:
        """Return what a value must be, or None if it is valid."""
        return self.values.problem(value)


class RuleContext(Struct, frozen=True, dict=True):
    """The input that all rules share; `now` is aware, and the only clock that a rule may use.

    `offline` means that no ledger was read, so sends that seem new may be finished. `sends` has all sends
    of the project, the selected ones last, so that a rule which compares sends reports a selected one.
    `ledger` has each record at the address of its send, and `identities` has the records that belong to
    no send.
    `catalog` has the vendor's lists, None without `--online`, and `repository` what git tracks.
    `list_dates` has the dates of exclude lists. `left` and `copies` are empty until the sends are checked:
    what was sent and is not in the specs any more, and for a send another one with its text and people.
    So are `last_sends`, which has the send before each new one, and `calendar`, which has the sends by time
    and counts of the people that their lists share.
    `checked_sends` are the selected sends, which are in the context as soon as all of them are scanned;
    so are `rules`, those that are not off. With `real_values`, text examples also have the real text, which
    no rule reads.
    """

    project: Project
    target: Target
    sends: Sequence[Send]
    ledger: LedgerState
    now: datetime
    offline: bool = False
    selection: Selection = ALL
    identities: Identities = NO_IDENTITIES
    list_dates: Mapping[Path, FileDate] = field(default_factory=dict)
    left: LeftRecords = field(default_factory=LeftRecords)
    catalog: VendorCatalog | None = None
    copies: Mapping[str, CheckedSend] = field(default_factory=dict)
    last_sends: Mapping[str, LastSend] = field(default_factory=dict)
    calendar: SendCalendar = field(default_factory=SendCalendar)
    repository: RepositoryFacts = field(default_factory=RepositoryFacts)
    checked_sends: Sequence[CheckedSend] = ()
    rules: Sequence[Rule] = ()
    real_values: bool = False

    @cached_property
    def selected(self) -> tuple[Send, ...]:
        """The sends that the rules check."""
        return tuple(send for send in self.sends if self.selection.includes(send.address))

    @cached_property
    def finished(self) -> frozenset[str]:
        """The addresses of the selected sends of which nothing remains to be sent."""
        records = self.ledger.sends
        return frozenset(
            send.address for send in self.selected if is_finished(send, records.get(send.address))
        )

    @cached_property
    def campaigns(self) -> Mapping[str, Campaign]:
        """The campaigns by name."""
        return {campaign.name: campaign for campaign in reversed(self.project.campaigns)}

    def option(self, rule: Rule, name: str) -> Any:
        """Return the project's value of an option of `rule`, or its default."""
        setting = self.project.rules.get(rule.id)
        values = {} if setting is None else setting.options
        return values.get(name, rule.options[name].default)


class CheckedSend(Struct, frozen=True, dict=True):
    """One send after the scan of its contacts, compared with its record in the ledger.

    `list_problem` is why the list of a finished send cannot be read; `facts` is None then.
    """

    send: Send
    facts: AudienceFacts | None
    record: SendRecord | None
    comparison: Comparison
    list_problem: Problem | None = None

    @property
    def pending(self) -> bool:
        """True if apply could still send a request of this send."""
        return bool(self.comparison.pending)

    @cached_property
    def texts(self) -> tuple[SendText, ...]:
        """The texts of the send that people read."""
        return tuple(texts_of(self.send))


class HoursLimit(NamedTuple):
    """Legal hours of some recipients in one zone; `level` is as in a violation, None for the rule's own."""

    limit: ZoneHours
    level: Level | None = None


class Rule:
    """The base class of every rule: one module, one rule, one id.

    A level in the project's settings replaces the rule's own level. A violation with another level
    keeps it, but never above the level in the settings.
    """

    id: ClassVar[str]
    group: ClassVar[RuleGroup]
    level: ClassVar[Level]
    reasons: ClassVar[Mapping[str, str]]
    """The code of each kind of violation, in kebab-case, and its meaning; codes are stable."""
    options: ClassVar[Mapping[str, Option]] = {}
    blocks_only_its_send: ClassVar[bool] = False
    """An error lets apply send the other sends; the ledger itself keeps apply from this one."""
    applies_to_finished_sends: ClassVar[bool] = False
    """Findings about sends that are sent or expired stay in the plan.

    Of a sent one, the facts about texts, values and time zones are empty.
    """
    only_online: ClassVar[bool] = False
    """The rule needs the vendor's lists, which `plan --online` reads and apply does not."""

    @property
    def page(self) -> str:
        """The rule's page: what, why, source, a bad and a good spec."""
        return (sys.modules[type(self).__module__].__doc__ or "").strip()

    @property
    def summary(self) -> str:
        """The first line of the page."""
        return self.page.partition("\n")[0]

    def option_problem(self, options: Mapping[str, Any]) -> tuple[str, str] | None:
        """Return a message and a hint about valid options that contradict each other, None if none do."""
        return None

    def check_project(self, context: RuleContext) -> Iterable[Violation]:
        """Check all sends together; called once."""
        return ()

    def check_together(
        self, checked_sends: Sequence[CheckedSend], context: RuleContext
    ) -> Iterable[Violation]:
        """Check all selected sends together, finished ones too, after their lists were read; called once."""
        return ()

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterable[Violation]:
        """Check one send; called once for each send."""
        return ()

    def legal_hours(self, checked_send: CheckedSend, context: RuleContext) -> Iterable[HoursLimit]:
        """Return the hours outside of which apply does not post the send, if they are errors.

        Apply waits for them only if their level, with the settings of the project, is error, and if no
        `allow` entry of the send excepts it from the rule.
        """
        return ()


def with_own(method: Callable[..., Any], rules: Iterable[Rule]) -> list[Rule]:
    """Return the rules that override a method of `Rule`; a call of it for each send and rule adds up."""
    return [rule for rule in rules if getattr(type(rule), method.__name__) is not method]
