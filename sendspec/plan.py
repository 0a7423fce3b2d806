"""The plan: the decision what apply would do, from specs, ledger and clock alone."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.compare import (
    SendState,
    is_stopped,
    jobs_at_vendor,
    may_be_in_progress,
    sent_before,
)
from sendspec.due import hours_of, is_too_early, is_too_late
from sendspec.errors import SpecError, Usage
from sendspec.identity import identify
from sendspec.legal_hours import limits_digest
from sendspec.model import (
    LedgerState,
    Level,
    Plan,
    PlannedSend,
    PlanReason,
    RemovedSend,
    RepositoryFacts,
    Sign,
)
from sendspec.plan_digest import plan_digest
from sendspec.render import render
from sendspec.repeat_window import reason_not_to_repeat, repeat_from, repeat_pause_seconds
from sendspec.rules import ListAbsent, RuleContext, absent_list_errors, run_rules, sorted_findings
from sendspec.selection import ALL
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from sendspec.audience import ContactStore, ScanObserver
    from sendspec.compare import Comparison
    from sendspec.identity import Identities
    from sendspec.legal_hours import HoursAt
    from sendspec.model import (
        Action,
        ContactFile,
        FileDate,
        Finding,
        People,
        Project,
        RequestRecord,
        Send,
        SendRecord,
        Target,
        VendorCatalog,
    )
    from sendspec.rules import CheckResult, ListObserver
    from sendspec.selection import Selection


_OBSTACLE_SIGNS: Final = {
    PlanReason.EXPIRED: Sign.EXPIRED,
    PlanReason.BLOCKED: Sign.BLOCKED,
    PlanReason.LIST_ABSENT: Sign.BLOCKED,
    PlanReason.TOO_EARLY: Sign.WAITING,
    PlanReason.QUIET_HOURS: Sign.WAITING,
}


def plan_project(  # noqa: PLR0913 - the whole basis of a plan
    project: Project,
    target: Target,
    ledger: LedgerState | None,
    now: datetime,
    selection: Selection = ALL,
    *,
    date_of: Callable[[ContactFile], FileDate | None] = lambda _: None,
    survey: Callable[[Collection[Path]], RepositoryFacts] = lambda _: RepositoryFacts(),
    store: ContactStore | None = None,
    observer: ScanObserver | None = None,
    list_observer: ListObserver | None = None,
    read_catalog: Callable[[Sequence[Send]], VendorCatalog] | None = None,
    real_values: bool = False,
) -> Plan:
    """Render, scan, check and plan the selected sends of a project for `now` (aware).

    Without a ledger, as in `validate`, no rule reports a send that may be finished, and the plan has no
    digest, because no person approves it. `date_of` returns the date of an exclude list, None if it is not
    known. `survey` returns the facts about the repository, without reading the lists that it gets, because
    the scan reads these. The scan stores the contacts of the sends that are due in `store`, and reports its
    progress to `observer` and the recipients of each list to `list_observer`. `read_catalog` returns the
    vendor's lists for the sends of the specs, after these are rendered. With `real_values`, the text examples
    also have the texts without masks.

    Raises:
        SpecError: if something selected cannot be rendered or read; carries all problems.
        Usage: the selection has a pattern that matches no send.
        SendspecError: if `read_catalog` raises it.
    """
    known = ledger or LedgerState(target.name, target.account)
    rendered = render(project, target, selection, require_files=False)
    addresses = [*(send.address for send in rendered), *known.sends]
    check_selection(selection, addresses, project, "the specs or the ledger")
    sends = sorted(rendered, key=lambda send: selection.includes(send.address))
    excluded = [file for send in sends if selection.includes(send.address) for file in send.exclude]
    lists = {file.path: file for file in excluded if not file.is_absent}
    identities = identify(sends, known, selection)
    catalog = None if read_catalog is None else read_catalog(sends)
    context = RuleContext(
        project=project,
        target=target,
        sends=sends,
        ledger=identities.ledger,
        now=now,
        offline=ledger is None,
        selection=selection,
        list_dates={path: date for path in sorted(lists) if (date := date_of(lists[path])) is not None},
        identities=identities,
        catalog=catalog,
        repository=survey(_lists_of(sends)),
        real_values=real_values,
    )
    plan = make_plan(
        target,
        context.selected,
        run_rules(context, store, observer, list_observer),
        identities,
        now,
        selection=selection,
        digest=_no_digest if ledger is None else plan_digest,
    )
    plan = replace(plan, unselected=len(sends) - len(context.selected), pricing=project.pricing)
    return plan if catalog is None else _with_names(plan, catalog)


def _no_digest(*_: object) -> str:
    return ""


def _with_names(plan: Plan, catalog: VendorCatalog) -> Plan:
    """Return the plan with what the vendor's lists have about the ids of its sends."""
    named = (
        replace(action, program=catalog.program_of(action.send), message=catalog.message_of(action.send))
        if isinstance(action, PlannedSend)
        else action
        for action in plan.actions
    )
    return replace(plan, actions=tuple(named), online=True)


def _lists_of(sends: Iterable[Send]) -> frozenset[Path]:
    """Return the lists of contacts and the exclude lists of sends."""
    return frozenset(file.path for send in sends for file in send.files)


def check_selection(selection: Selection, addresses: Iterable[str], project: Project, place: str) -> None:
    """Check that each pattern of the selection matches one of the addresses in `place`.

    Raises:
        Usage: a pattern matches none.
        SpecError: a pattern matches none, but a file that was left out may have the send.
    """
    try:
        selection.check(addresses, place)
    except Usage:
        if project.skipped:
            raise SpecError(project.skipped) from None
        raise


def make_plan(  # noqa: PLR0913 - the parts of a plan, and its digest
    target: Target,
    sends: Sequence[Send],
    check_result: CheckResult,
    identities: Identities,
    now: datetime,
    *,
    selection: Selection = ALL,
    digest: Callable[[str, str, Iterable[PlannedSend], Selection], str] = plan_digest,
) -> Plan:
    """Decide what apply would do at `now` (aware) with each send and each selected address in the ledger."""
    blocking_rules = _blocking_rules(check_result)
    ledger, repeat_pause = identities.ledger, repeat_pause_seconds(target)
    planned = [
        _plan_send(
            send,
            check_result,
            identities,
            blocking_rules=blocking_rules.get(send.address, ()),
            now=now,
            repeat_pause=repeat_pause,
        )
        for send in sends
    ]
    known = {send.address for send in sends}
    removed = [
        _removed_send(address, record, now)
        for address, record in ledger.sends.items()
        if address not in known and selection.includes(address)
    ]
    actions: tuple[Action, ...] = tuple(sorted((*planned, *removed), key=lambda action: action.address))
    ordered = [action for action in actions if isinstance(action, PlannedSend)]
    return Plan(
        target=target.name,
        account=target.account,
        actions=actions,
        findings=_relevant(check_result, ordered),
        digest=digest(target.name, target.account, ordered, selection),
        planned_at=now.astimezone(UTC),
        people=_people(check_result.people, ordered),
        selection=selection.patterns,
        matching_groups=check_result.matching_groups,
    )


def _people(counted: People, sends: Iterable[PlannedSend]) -> People:
    """Return the counted people with the numbers of blocked sends and of sends to contact sources."""
    waiting_or_due = [send for send in sends if send.pending and send.sign is not Sign.EXPIRED]
    sources = [send.send.audience.size for send in waiting_or_due if send.has_contact_source]
    known = [size for size in sources if size is not None]
    return replace(
        counted,
        blocked_sends=sum(
            send.sign is Sign.BLOCKED for send in waiting_or_due if not send.has_contact_source
        ),
        unknown_sources=len(sources),
        declared=sum(known) if known and len(known) == len(sources) else None,
    )


def blocks(finding: Finding) -> bool:
    """Return whether a finding keeps apply from sending."""
    return finding.level is Level.ERROR and finding.allowed is None


def blocking_findings(plan: Plan) -> tuple[Finding, ...]:
    """Return the findings that block the whole plan.

    An unknown outcome and an edit of a finished send are not among them: each blocks only its own send.
    """
    return tuple(finding for finding in plan.findings if blocks(finding) and not finding.blocks_only_its_send)


def sends_without_list(plan: Plan) -> tuple[PlannedSend, ...]:
    """Return the sends that are due, and that this machine cannot send because it lacks a list."""
    now = plan.planned_at
    return tuple(
        planned
        for planned in plan.sends
        if PlanReason.LIST_ABSENT in (planned.reason, planned.obstacle)
        and not is_too_early(planned.send, now)
    )


def with_required_lists(plan: Plan) -> Plan:
    """Return the plan with an error for each absent list of a due send, in spite of the rule's settings."""
    sends = [planned.send for planned in sends_without_list(plan)]
    addresses = {send.address for send in sends}
    others = (
        finding
        for finding in plan.findings
        if finding.rule != ListAbsent.id or finding.address not in addresses
    )
    return replace(plan, findings=sorted_findings([*others, *absent_list_errors(sends)]))


def edits_of_finished_sends(plan: Plan) -> tuple[Finding, ...]:
    """Return the errors that keep apply from one send only and that a person fixes in the specs."""
    unknown = {action.address for action in plan.actions if action.sign is Sign.UNKNOWN}
    return tuple(
        finding
        for finding in plan.findings
        if blocks(finding) and finding.blocks_only_its_send and finding.address not in unknown
    )


def _blocking_rules(check_result: CheckResult) -> dict[str | None, tuple[str, ...]]:
    """Return the rules that block each address; the comparison covers unknown outcomes."""
    unknown = {address for address, comparison in check_result.comparisons.items() if comparison.unknown}
    rules: dict[str | None, dict[str, None]] = {}
    for finding in check_result.findings:
        if blocks(finding) and not (finding.blocks_only_its_send and finding.address in unknown):
            rules.setdefault(finding.address, {})[finding.rule] = None
    return {address: tuple(ids) for address, ids in rules.items()}


def _relevant(check_result: CheckResult, sends: Iterable[PlannedSend]) -> tuple[Finding, ...]:
    """Return the findings without those of finished sends, so that a stricter rule blocks no other send."""
    finished = {
        planned.address
        for planned in sends
        if planned.sign is Sign.EXPIRED or check_result.comparisons[planned.address].finished
    }
    return tuple(
        finding
        for finding in check_result.findings
        if finding.address not in finished or finding.applies_to_finished_sends
    )


def _removed_send(address: str, record: SendRecord, now: datetime) -> RemovedSend:
    at_vendor = jobs_at_vendor(record, now)
    reason = PlanReason.REMOVED_BEFORE_DUE if at_vendor else PlanReason.REMOVED
    return RemovedSend(address, record, _in_progress(record, now), reason=reason, at_vendor=at_vendor)


def _plan_send(  # noqa: PLR0913 - the whole basis of one decision, named
    send: Send,
    check_result: CheckResult,
    identities: Identities,
    *,
    blocking_rules: tuple[str, ...],
    now: datetime,
    repeat_pause: float,
) -> PlannedSend:
    address, waits = send.address, check_result.waits_for_hours
    comparison, record = check_result.comparisons[address], identities.ledger.sends.get(address)
    limits = check_result.limits.get(address, frozenset()) if comparison.pending else frozenset()
    in_progress = _in_progress(record, now)
    hours = hours_of(send, limits if waits else (), now)
    obstacle = _obstacle(send, blocking_rules, now, hours)
    at_vendor = jobs_at_vendor(record, now)
    decision = _decide(send, comparison, record, in_progress, obstacle, now=now, at_vendor=bool(at_vendor))
    batches = comparison.pending if decision.sign in (Sign.SEND, Sign.RESUME) else ()
    moves = identities.moves_to_record(send, due=bool(batches))
    return PlannedSend(
        sign=decision.sign,
        reason=decision.reason,
        send=send,
        facts=check_result.facts[address],
        record=record,
        batches=batches,
        pending=() if decision.sign is Sign.UNKNOWN else comparison.pending,
        changes=comparison.changes,
        base_revision=comparison.base_revision,
        unknown=comparison.unknown,
        in_progress=in_progress,
        blocking_rules=blocking_rules,
        obstacle=decision.obstacle,
        repeat_from=repeat_from(comparison.unknown, now, repeat_pause)
        if decision.reason is PlanReason.REPEATED
        else None,
        at_vendor=at_vendor,
        moved_from=tuple(move.former for move in identities.moves.get(address, ())),
        moves=moves,
        hours=hours,
        limits=limits,
        limits_digest=limits_digest(limits) if waits else None,
        also_get=check_result.also_get.get(address, ()),
    )


class _Decision(NamedTuple):
    sign: Sign
    reason: PlanReason
    obstacle: PlanReason | None = None


def _decide(  # noqa: PLR0913 - the whole basis of one decision
    send: Send,
    comparison: Comparison,
    record: SendRecord | None,
    in_progress: tuple[RequestRecord, ...],
    obstacle: PlanReason | None,
    *,
    now: datetime,
    at_vendor: bool,
) -> _Decision:
    match comparison.state:
        case SendState.UNKNOWN:
            decision = _Decision(Sign.UNKNOWN, _unknown_reason(comparison, in_progress))
        case SendState.EDITED:
            decision = _Decision(Sign.EDITED, _edited_reason(comparison, at_vendor=at_vendor))
        case SendState.AUDIENCE_CHANGED if obstacle is not PlanReason.EXPIRED:
            decision = _Decision(Sign.BLOCKED, PlanReason.RECIPIENTS_CHANGED)
        case SendState.DONE:
            decision = _finished_decision(record, at_vendor=at_vendor)
        case SendState.PARTIAL if (reason := reason_not_to_repeat(comparison.unknown, now)) is not None:
            decision = _Decision(Sign.UNKNOWN, reason)
        case _ if obstacle is not None and comparison.unknown:
            # Repeating the request would settle it, but apply cannot repeat it now.
            decision = _Decision(Sign.UNKNOWN, _unknown_reason(comparison, in_progress), obstacle)
        case _ if obstacle is not None:
            decision = _Decision(_OBSTACLE_SIGNS[obstacle], obstacle)
        case SendState.PARTIAL:
            reason = PlanReason.REPEATED if comparison.unknown else PlanReason.RESUMED
            decision = _Decision(Sign.RESUME, reason)
        case SendState.NEW:
            reason = PlanReason.NEW_REVISION if sent_before(send, record) else PlanReason.NEW
            decision = _Decision(Sign.SEND, reason)
    return decision


def _unknown_reason(comparison: Comparison, in_progress: tuple[RequestRecord, ...]) -> PlanReason:
    all_in_progress = all(request in in_progress for request in comparison.unknown)
    return PlanReason.IN_PROGRESS if all_in_progress else PlanReason.OUTCOME_UNKNOWN


def _finished_decision(record: SendRecord | None, *, at_vendor: bool) -> _Decision:
    if at_vendor:
        return _Decision(Sign.DONE, PlanReason.WITH_VENDOR)
    if record is not None and is_stopped(record):
        return _Decision(Sign.EXPIRED, PlanReason.STOPPED)
    return _Decision(Sign.DONE, PlanReason.ALREADY_SENT)


def _edited_reason(comparison: Comparison, *, at_vendor: bool) -> PlanReason:
    if any(change.field == "revision" for change in comparison.changes):
        return PlanReason.REVISION_LOWERED
    return PlanReason.EDITED_BEFORE_DUE if at_vendor else PlanReason.EDITED


def _obstacle(
    send: Send, blocking_rules: tuple[str, ...], now: datetime, hours: HoursAt | None
) -> PlanReason | None:
    """Return the first reason why apply must not post a request of the send now."""
    if is_too_late(send, now):
        return PlanReason.EXPIRED
    if send.absent_lists:
        return PlanReason.LIST_ABSENT
    if blocking_rules:
        return PlanReason.BLOCKED
    if is_too_early(send, now):
        return PlanReason.TOO_EARLY
    if hours is not None and hours.interval is None:
        return PlanReason.QUIET_HOURS
    return None


def _in_progress(record: SendRecord | None, now: datetime) -> tuple[RequestRecord, ...]:
    requests = record.all_requests if record else ()
    return tuple(request for request in requests if may_be_in_progress(request, now))
