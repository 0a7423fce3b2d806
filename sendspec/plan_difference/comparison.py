"""Comparison of a plan with its base, which goes on while the lists of the plan are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.compare import is_finished
from sendspec.errors import SpecError
from sendspec.model import (
    BaseState,
    NotCompared,
    PlanDifference,
    UnusableContacts,
)
from sendspec.plan_difference.base_plan import BasePlan, plan_base
from sendspec.plan_difference.carried_sends import CarriedCauses, changed_variables, written_sends
from sendspec.plan_difference.list_comparison import (
    ListComparison,
    has_other_contacts,
    has_same_list,
    list_key,
    why_not_compared,
)
from sendspec.plan_difference.send_differences import (
    ComparedPeople,
    counterparts,
    former_names,
    send_differences,
)
from sendspec.plan_difference.setting_changes import rule_changes, setting_changes
from sendspec.repository_texts import RepositoryText, TextKind, survey_texts
from sendspec.selection import Selection
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendspec.audience import ExcludeLists, IdentitySet
    from sendspec.model import (
        AudienceDifference,
        AudienceFacts,
        CarriedSend,
        FoundSecret,
        LedgerState,
        Plan,
        PlannedSend,
        Project,
        Send,
        SendDifference,
        Target,
    )
    from sendspec.plan_difference.base_specs import BaseSpecs


class BaseComparison:
    """Compares a plan with the specs of a base, against the same ledger and at the same time.

    It receives the lists of the plan as a `ListObserver`, so that no list that both have is read twice.
    """

    def __init__(
        self, specs: BaseSpecs, project: Project, target: Target, ledger: LedgerState, selection: Selection
    ) -> None:
        self._specs = specs
        self._project, self._target = project, target
        self._ledger, self._selection = ledger, selection
        self._lists = ListComparison(self._base_of, specs.sends.values())

    def other_texts(self, sends: Sequence[Send]) -> Sequence[Send]:
        """Return the sends of the base whose texts are to be counted with a list."""
        return self._lists.other_texts(sends)

    def on_texts(self, sends: Sequence[Send], facts: Sequence[AudienceFacts | None]) -> None:
        """Receive the facts of those sends."""
        self._lists.on_texts(sends, facts)

    def on_list(self, sends: Sequence[Send], people: IdentitySet, lists: ExcludeLists) -> None:
        """Compare the people of a list with those of the base."""
        self._lists.on_list(sends, people, lists)

    def difference(self, plan: Plan) -> PlanDifference:
        """Return the difference, after the plan was made."""
        specs = self._specs
        if specs.base.state is BaseState.NOT_VALID:
            return PlanDifference(specs.base)
        planned = {send.address: send for send in plan.sends}
        addresses = counterparts(
            ((address, send.send.formerly) for address, send in planned.items()), specs.sends
        )
        try:
            base_plan = self._plan_base(plan, planned, addresses)
        except SpecError as error:
            base = replace(specs.base, state=BaseState.NOT_VALID, problems=error.problems)
            return PlanDifference(base)
        bases = base_plan.sends
        differences = send_differences(planned, bases, addresses, self._people(planned, bases, addresses))
        if specs.project is None:
            return PlanDifference(specs.base, differences)
        settings = setting_changes(specs.project, self._project, self._target.name)
        if specs.target is None:
            return PlanDifference(specs.base, differences, settings=settings)
        carried = self._carried(specs.project, specs.target, differences, planned, base_plan)
        return PlanDifference(specs.base, differences, carried, settings)

    def _base_of(self, send: Send) -> Send | None:
        """Return the send of the base for one whose list is read, None if its people do not matter."""
        base = self._specs.sends.get(send.address)
        if base is None:
            names = former_names(send.address, send.formerly)
            base = next((found for name in names if (found := self._specs.sends.get(name))), None)
        is_over = base is None or (self._is_finished(send) and self._is_finished(base))
        return None if is_over else base

    def _is_finished(self, send: Send) -> bool:
        return is_finished(send, self._ledger.sends.get(send.address))

    def _plan_base(
        self, plan: Plan, planned: Mapping[str, PlannedSend], addresses: Mapping[str, str]
    ) -> BasePlan:
        specs, selected = self._specs, set(addresses.values())
        if specs.target is None or specs.project is None:
            return BasePlan()
        # The plan of a selection also compares the send that a selected one was renamed from.
        patterns = (*self._selection.patterns, *selected) if self._selection.is_partial else ()
        selection = Selection(patterns)
        every = sorted(specs.sends.values(), key=lambda send: selection.includes(send.address))
        sends = [send for send in every if selection.includes(send.address)]
        lost = [send for send in sends if send.address not in selected and not self._is_finished(send)]
        shared = self._shared_facts(planned, addresses, sends)
        self._lists.read(send for send in lost if not _has_text(shared.get(send.address)))
        facts = {**shared, **self._lists.facts}
        found = plan_base(
            specs.project,
            specs.target,
            every,
            self._ledger,
            facts=facts,
            now=plan.planned_at,
            selection=selection,
            secrets=self._secrets(specs.project),
            online=plan.online,
        )
        unusable = self._lists.unreadable | {
            send.address for send in sends if isinstance(send.contacts, UnusableContacts)
        }
        refused = sorted(
            address for address in unusable if address in found.sends and found.sends[address].pending
        )
        return replace(found, blocked_by=(*found.blocked_by, *refused))

    def _secrets(self, base: Project) -> tuple[FoundSecret, ...]:
        """Return the credentials in the specs of the base."""
        paths = [base.directory / "sendspec.yaml", *(campaign.file for campaign in base.campaigns)]
        texts = [
            RepositoryText(path.as_posix(), self._specs.files.text_of(path), TextKind.SPEC) for path in paths
        ]
        return survey_texts(texts, {}).secrets

    def _shared_facts(
        self, planned: Mapping[str, PlannedSend], addresses: Mapping[str, str], sends: Sequence[Send]
    ) -> dict[str, AudienceFacts | None]:
        """Return the facts of each send of the base whose list the plan has read.

        Those of its text are those of the base only if the payload is the same.
        """
        now_of = {base: now for now, base in addresses.items()}
        read = [now for now in planned.values() if now.facts is not None]
        by_list = {list_key(now.send): now for now in read}
        by_text = {(list_key(now.send), now.send.payload_digest): now for now in read}
        facts: dict[str, AudienceFacts | None] = {}
        for send in sends:
            own = planned.get(now_of.get(send.address, ""))
            key = list_key(send)
            if own is None or not has_same_list(send, own.send):
                own = None
            found = by_text.get((key, send.payload_digest), own or by_list.get(key))
            if found is not None and found.facts is not None:
                is_same_text = found.send.payload == send.payload
                facts[send.address] = found.facts if is_same_text else _without_text(found.facts)
        return facts

    def _people(
        self,
        planned: Mapping[str, PlannedSend],
        bases: Mapping[str, PlannedSend],
        addresses: Mapping[str, str],
    ) -> ComparedPeople:
        differences: dict[str, AudienceDifference] = {}
        reasons: dict[str, NotCompared] = {}
        for address, base_address in addresses.items():
            now, base = planned[address], bases.get(base_address)
            if base is None:
                continue
            if self._base_of(now.send) is None:
                if has_other_contacts(base.send, now.send):
                    reasons[address] = NotCompared.FINISHED
                continue
            if (difference := self._lists.difference(base.send, now.send, now.facts)) is not None:
                differences[address] = difference
            elif (reason := self._why_not_compared(base.send, now.send)) is not None:
                reasons[address] = reason
        return ComparedPeople(differences, reasons)

    def _why_not_compared(self, base: Send, now: Send) -> NotCompared | None:
        if (reason := why_not_compared(base, now)) is not None:
            return reason
        if base.address in self._lists.absent:
            return NotCompared.ABSENT
        if base.address in self._lists.unreadable:
            return NotCompared.UNREADABLE
        files = self._specs.files
        is_outside = any(files.is_outside(file.path) for file in base.files)
        return NotCompared.NOT_IN_BASE if is_outside else None

    def _carried(
        self,
        base: Project,
        base_target: Target,
        differences: Sequence[SendDifference],
        planned: Mapping[str, PlannedSend],
        base_plan: BasePlan,
    ) -> tuple[CarriedSend, ...]:
        """Return the sends that go out and that the branch does not touch, with their last commits."""
        before, now = written_sends(base), written_sends(self._project)
        untouched = {name: written for name, written in now.items() if before.get(name) == written}
        variables = changed_variables(base, base_target, self._project, self._target)
        files = {campaign.name: campaign.file for campaign in base.campaigns}
        changed = self._specs.files.changed_since(files.values())
        causes = CarriedCauses(
            untouched,
            variables,
            base_plan,
            rule_changes(base, self._project),
            self._specs.base.name,
            frozenset(name for name, file in files.items() if file in changed),
        )
        carried = tuple(causes.of(differences, planned))
        found = {send.address: files.get(planned[send.address].send.campaign) for send in carried}
        commits = self._specs.files.last_commits({file for file in found.values() if file is not None})
        return tuple(
            replace(send, commit=commits[file][0], committed_at=commits[file][1])
            if (file := found[send.address]) is not None and file in commits
            else send
            for send in carried
        )


def _has_text(facts: AudienceFacts | None) -> bool:
    return facts is not None and facts.batch_segments is not None


def _without_text(facts: AudienceFacts) -> AudienceFacts:
    """Return the facts of a list without those of the text."""
    return replace(
        facts,
        batch_segments=None,
        compact_segments=None,
        missing_values=(),
        too_long=None,
        too_long_ucs2=None,
        text=None,
    )
