"""The plan of a base: what apply would do now with its sends, and what its rules would block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from sendspec.identity import identify
from sendspec.model import RepositoryFacts
from sendspec.plan import blocking_findings, make_plan
from sendspec.rules import RULES, PeopleRule, RuleContext, is_error, run_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sendspec.model import AudienceFacts, FoundSecret, LedgerState, PlannedSend, Project, Send, Target
    from sendspec.selection import Selection

_OF_THE_CLONE: Final = frozenset({"phone-in-repository"})
"""Rules about files of the clone, which the base does not have."""


class BasePlan(Struct, frozen=True):
    """What apply would do with each send of a base, by address.

    `blocked_by` are the rules whose errors block every send, or the lists that cannot be read. `unchecked`
    are the rules of level error that could not run, and the sends whose facts are not known.
    """

    sends: Mapping[str, PlannedSend] = field(default_factory=dict)
    blocked_by: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()


def plan_base(  # noqa: PLR0913 - the whole basis of a plan
    project: Project,
    target: Target,
    sends: Sequence[Send],
    ledger: LedgerState,
    *,
    facts: Mapping[str, AudienceFacts | None],
    now: datetime,
    selection: Selection,
    secrets: tuple[FoundSecret, ...] = (),
    online: bool,
) -> BasePlan:
    """Return what apply would do at `now` with the selected sends of a base.

    `facts` may miss the lists that nothing of the comparison needs. No list is read, so the rules that
    compare the people of several lists cannot run. `secrets` are the credentials in its specs.

    Raises:
        SpecError: a `formerly`, a rule setting or an `allow` entry of the base cannot be understood.
    """
    identities = identify(sends, ledger, selection)
    context = RuleContext(
        project=project,
        target=target,
        sends=sends,
        ledger=identities.ledger,
        now=now,
        selection=selection,
        identities=identities,
        repository=RepositoryFacts(secrets=secrets),
    )
    checked = run_rules(context, known=facts)
    plan = make_plan(
        target, context.selected, checked, identities, now, selection=selection, digest=lambda *_: ""
    )
    blocked_by = dict.fromkeys(finding.rule for finding in blocking_findings(plan))
    unchecked = dict.fromkeys((*_unchecked_rules(project, online=online), *_unchecked_sends(plan.sends)))
    return BasePlan({planned.address: planned for planned in plan.sends}, tuple(blocked_by), tuple(unchecked))


def _unchecked_rules(project: Project, *, online: bool) -> Iterator[str]:
    for rule in RULES:
        is_left_out = isinstance(rule, PeopleRule) or rule.id in _OF_THE_CLONE
        if (is_left_out or (online and rule.only_online)) and is_error(rule, project):
            yield rule.id


def _unchecked_sends(sends: Sequence[PlannedSend]) -> Iterator[str]:
    for planned in sends:
        if planned.facts is None and planned.pending and planned.send.endpoint.traits.has_contacts:
            yield planned.address
