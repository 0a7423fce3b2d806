"""Rule engine: runs the rules over all rendered sends, with one scan of each send's contacts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from sendspec.audience import ExcludeLists, scan_together, source_of, watch_lists
from sendspec.compare import compare, is_finished
from sendspec.errors import SpecError
from sendspec.finished_list_digests import compare_groups, finished_list
from sendspec.model import Finding, Level
from sendspec.parallel import parallel_map
from sendspec.redact import mask_note
from sendspec.rules._lib.calendar_lists import CalendarLists
from sendspec.rules._lib.last_sends import last_sends
from sendspec.rules._lib.registry import RULES
from sendspec.rules._lib.rule import CheckedSend, Rule, with_own
from sendspec.rules._lib.same_messages import with_same_messages
from sendspec.rules._lib.settings import (
    active_exception,
    allow_problems,
    effective_level,
    is_off,
    setting_problems,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence

    from sendspec.audience import ContactStore, IdentitySet, ScanObserver
    from sendspec.compare import Comparison
    from sendspec.finished_list_digests import GroupComparison
    from sendspec.legal_hours import ZoneHours
    from sendspec.model import AudienceFacts, Problem, Send
    from sendspec.rules._lib.rule import RuleContext, Violation


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one run of the rules; `facts` and `comparisons` are by address.

    `facts` is None for contact-source, whose recipients only the vendor has, and for a send that needs
    no list any more and whose list cannot be read. `findings` are sorted by location. `matching_groups`
    are the groups of finished lists that the ledger has a valid joint digest of. `legal_hours` has those
    for which apply waits, on a real target.
    """

    facts: Mapping[str, AudienceFacts | None]
    comparisons: Mapping[str, Comparison]
    findings: tuple[Finding, ...]
    matching_groups: frozenset[str] = frozenset()
    legal_hours: Mapping[str, frozenset[ZoneHours]] = field(default_factory=dict)


class ListObserver(Protocol):
    """Receives each list of a run that was read whole."""

    def on_list(self, sends: Sequence[Send], people: IdentitySet, lists: ExcludeLists) -> None:
        """Receive the recipients of the list that `sends` share, and the exclude lists read so far."""
        ...


def run_rules(
    context: RuleContext,
    store: ContactStore | None = None,
    observer: ScanObserver | None = None,
    list_observer: ListObserver | None = None,
) -> CheckResult:
    """Scan the contacts of every send once, compare each send with the ledger, and run the rules.

    The list and the `allow` entries of a send that needs no list any more are never a problem. The scan
    stores the contacts that may be sent now in `store`, and reports its progress to `observer` and each list
    to `list_observer`.

    Raises:
        SpecError: with every problem of the rule settings, `allow` entries and contact files.
    """
    rules_by_id = {rule.id: rule for rule in RULES}
    selected = context.selected
    open_addresses = {send.address for send in selected if _needs_list(context, send)}
    open_sends = [send for send in selected if send.address in open_addresses]
    problems = [*setting_problems(context.project, rules_by_id), *allow_problems(open_sends, rules_by_id)]
    rules = () if problems else _active_rules(context)  # A rule with an invalid option would mislead.
    facts: dict[str, AudienceFacts | None] = {}
    lists, calendar_lists = ExcludeLists(), CalendarLists(context, rules)
    list_problems: dict[str, Problem] = {}
    for sends in watch_lists(_by_list(selected, open_addresses), observer):
        is_open = sends[0].address in open_addresses
        try:
            due = [send for send in sends if is_open and not _is_waiting(context, send)]
            sink = store.open_list(due) if store is not None and due else None
            scanned = scan_together(
                sends,
                lists,
                sink,
                compare_duplicates=is_open,
                on_identities=_receiver(sends, lists, calendar_lists, list_observer),
            )
            facts |= zip((send.address for send in sends), scanned, strict=True)
        except SpecError as error:
            facts |= dict.fromkeys(send.address for send in sends)
            list_problems |= dict.fromkeys((send.address for send in sends), error.problems[0])
            problems.extend(error.problems if is_open else ())
    if problems:
        raise SpecError(problems)
    groups = _compare_groups(context, selected, facts)
    checked_sends = parallel_map(
        lambda send: _checked_send(context, send, facts[send.address], list_problems, groups.same),
        selected,
    )
    context = replace(
        context,
        calendar=calendar_lists.calendar(checked_sends),
        last_sends=last_sends(context, checked_sends),
    )
    context = with_same_messages(context, checked_sends, calendar_lists.digests())
    findings = _check_sends(context, rules, checked_sends)
    comparisons = {checked_send.send.address: checked_send.comparison for checked_send in checked_sends}
    # A sandbox reaches no person, so a first try works at night, too.
    waits = context.target.is_real and not context.offline
    pending = [checked_send for checked_send in checked_sends if checked_send.pending and waits]
    hours_rules = with_own(Rule.legal_hours, rules)
    legal_hours = {item.send.address: _legal_hours(context, hours_rules, item) for item in pending}
    ordered = tuple(sorted(findings, key=_sort_key))
    return CheckResult(facts, comparisons, ordered, groups.matching, legal_hours)


def _receiver(
    sends: Sequence[Send], lists: ExcludeLists, calendar_lists: CalendarLists, observer: ListObserver | None
) -> Callable[[IdentitySet], None] | None:
    """Return what receives the recipients of the list of `sends`, None if they do not matter."""
    of_calendar = calendar_lists.receiver(sends)
    if observer is None:
        return of_calendar

    def receive(people: IdentitySet) -> None:
        if of_calendar is not None:
            of_calendar(people)
        observer.on_list(sends, people, lists)

    return receive


def _active_rules(context: RuleContext) -> tuple[Rule, ...]:
    settings = context.project.rules
    return tuple(rule for rule in RULES if not is_off(rule, settings))


def _needs_list(context: RuleContext, send: Send) -> bool:
    """Return whether apply may still send to the list of a send: it is not finished, and not expired."""
    expired = send.not_after is not None and send.not_after <= context.now and not context.offline
    return not expired and not is_finished(send, context.ledger.sends.get(send.address))


def _is_waiting(context: RuleContext, send: Send) -> bool:
    return send.not_before is not None and context.now < send.not_before


def _by_list(sends: Iterable[Send], open_addresses: Container[str]) -> Iterable[Sequence[Send]]:
    """Return the sends in groups that read the same list in the same way, so that it is scanned once."""
    groups: dict[Hashable, list[Send]] = {}
    for send in sends:
        groups.setdefault((send.address in open_addresses, source_of(send)), []).append(send)
    return groups.values()


def _compare_groups(
    context: RuleContext, sends: Iterable[Send], facts: Mapping[str, AudienceFacts | None]
) -> GroupComparison:
    records = context.ledger.sends
    found = (finished_list(send, facts[send.address], records.get(send.address)) for send in sends)
    return compare_groups([finished for finished in found if finished], context.ledger.groups)


def _checked_send(
    context: RuleContext,
    send: Send,
    facts: AudienceFacts | None,
    list_problems: Mapping[str, Problem],
    same_lists: Mapping[str, bool],
) -> CheckedSend:
    record = context.ledger.sends.get(send.address)
    comparison = compare(send, facts, record, same_list=same_lists.get(send.address))
    return CheckedSend(send, facts, record, comparison, list_problems.get(send.address))


def _check_sends(
    context: RuleContext, rules: Sequence[Rule], checked_sends: Sequence[CheckedSend]
) -> Iterator[Finding]:
    context = replace(context, checked_sends=checked_sends, rules=rules)
    unfinished = [checked_send for checked_send in checked_sends if not checked_send.comparison.finished]
    for rule in rules:
        for violation in _selected_violations(context, rule):
            yield _finding(context, rule, violation, violation.send)
        for violation in rule.check_together(checked_sends, context):
            yield _finding(context, rule, violation, violation.send)
        if not with_own(Rule.check_send, [rule]):
            continue
        # A plan does not show the findings of other rules about finished sends.
        for checked_send in checked_sends if rule.applies_to_finished_sends else unfinished:
            for violation in rule.check_send(checked_send, context):
                yield _finding(context, rule, violation, violation.send or checked_send.send)


def _legal_hours(
    context: RuleContext, rules: Sequence[Rule], checked_send: CheckedSend
) -> frozenset[ZoneHours]:
    """Return the legal hours of a send that no setting and no `allow` entry makes less than an error."""
    return frozenset(
        limit
        for rule in rules
        if active_exception(checked_send.send, rule, context.now)[0] is None
        for limit, level in rule.legal_hours(checked_send, context)
        if effective_level(rule, level or rule.level, context.project.rules) is Level.ERROR
    )


def _selected_violations(context: RuleContext, rule: Rule) -> Iterator[Violation]:
    """Yield the violations of the whole project, without those of sends that are not selected."""
    for violation in rule.check_project(context):
        if violation.send is None or context.selection.includes(violation.send.address):
            yield violation


def _finding(context: RuleContext, rule: Rule, violation: Violation, send: Send | None) -> Finding:
    allowed, expired = (None, None) if send is None else active_exception(send, rule, context.now)
    return Finding(
        rule=rule.id,
        reason=violation.reason,
        level=effective_level(rule, violation.level or rule.level, context.project.rules),
        message=violation.message,
        location=violation.location,
        address=None if send is None else send.address,
        hint="; ".join(part for part in (violation.hint, expired) if part) or None,
        allowed=allowed and mask_note(allowed),
        blocks_only_its_send=rule.blocks_only_its_send or violation.blocks_only_its_send,
        applies_to_finished_sends=rule.applies_to_finished_sends,
        only_online=rule.only_online,
    )


def _sort_key(finding: Finding) -> tuple[object, ...]:
    return (finding.location, finding.address or "", finding.rule, finding.message)
