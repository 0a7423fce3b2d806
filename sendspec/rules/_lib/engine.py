"""Rule engine: runs the rules over all rendered sends, with one scan of each send's contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from sendspec.due import is_too_late
from sendspec.errors import SpecError
from sendspec.finished_list_digests import compare_groups, finished_list
from sendspec.model import Finding, People
from sendspec.parallel import parallel_map
from sendspec.redact import mask_note
from sendspec.rules._lib.also_get import OtherTexts
from sendspec.rules._lib.calendar_lists import CalendarLists
from sendspec.rules._lib.last_sends import last_sends
from sendspec.rules._lib.list_scans import ListScans
from sendspec.rules._lib.registry import RULES
from sendspec.rules._lib.rule import Rule, with_own
from sendspec.rules._lib.same_messages import with_same_messages
from sendspec.rules._lib.settings import (
    active_exception,
    allow_problems,
    effective_level,
    is_off,
    setting_problems,
)
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sendspec.audience import ContactStore, ScanObserver
    from sendspec.compare import Comparison
    from sendspec.finished_list_digests import GroupComparison
    from sendspec.legal_hours import ZoneHours
    from sendspec.model import AlsoGet, AudienceFacts, Send
    from sendspec.rules._lib.list_scans import ListObserver
    from sendspec.rules._lib.rule import CheckedSend, RuleContext, Violation


class CheckResult(Struct, frozen=True):
    """The result of one run of the rules; `facts` and `comparisons` are by address.

    `facts` is None for contact-source, whose recipients only the vendor has, and for a send that needs
    no list any more and whose list cannot be read. `findings` are sorted by location. `matching_groups`
    are the groups of finished lists that the ledger has a valid joint digest of. `limits` has the legal
    hours of the recipients of each pending send in each zone, and `waits_for_hours` says whether apply
    waits for them, as it does for a real target. `people` counts the people of pending requests, if a ledger
    was read.
    `also_get` has the other sends that recipients of a planned send get before it.
    """

    facts: Mapping[str, AudienceFacts | None]
    comparisons: Mapping[str, Comparison]
    findings: tuple[Finding, ...]
    matching_groups: frozenset[str] = frozenset()
    limits: Mapping[str, frozenset[ZoneHours]] = field(default_factory=dict)
    waits_for_hours: bool = True
    people: People = field(default_factory=People)
    also_get: Mapping[str, tuple[AlsoGet, ...]] = field(default_factory=dict)


def run_rules(
    context: RuleContext,
    store: ContactStore | None = None,
    observer: ScanObserver | None = None,
    list_observer: ListObserver | None = None,
    *,
    known: Mapping[str, AudienceFacts | None] | None = None,
) -> CheckResult:
    """Scan the contacts of every send once, compare each send with the ledger, and run the rules.

    The list and the `allow` entries of a send that needs no list any more are never a problem. The scan
    stores the contacts that may be sent now in `store`, and reports its progress to `observer` and each list
    to `list_observer`.

    With `known` facts no list is read, so the rules that compare the people of several lists find nothing.

    Raises:
        SpecError: with every problem of the rule settings, `allow` entries and contact files.
    """
    rules_by_id = {rule.id: rule for rule in RULES}
    selected = context.selected
    open_addresses = {send.address for send in selected if _needs_list(context, send)}
    open_sends = [send for send in selected if send.address in open_addresses]
    problems = [*setting_problems(context.project, rules_by_id), *allow_problems(open_sends, rules_by_id)]
    rules = () if problems else _active_rules(context)  # A rule with an invalid option would mislead.
    calendar_lists = CalendarLists(context, rules)
    scans = ListScans(
        context, rules, open_addresses, calendar_lists, store=store, list_observer=list_observer
    )
    people = scans.run(observer) if known is None else scans.take(known)
    if problems or scans.problems:
        raise SpecError([*problems, *scans.problems])
    groups = _compare_groups(context, selected, scans.facts)

    def check(send: Send) -> CheckedSend:
        return scans.check(send, groups.same)

    # Only the digests of lists in the ledger take long enough for threads.
    checked_sends = parallel_map(check, selected) if context.ledger.sends else list(map(check, selected))
    context = replace(
        context,
        calendar=calendar_lists.calendar(checked_sends),
        last_sends=last_sends(context, checked_sends),
    )
    context = with_same_messages(context, checked_sends, calendar_lists.digests())
    others = OtherTexts()
    findings = _check_sends(context, rules, checked_sends, others)
    comparisons = {checked_send.send.address: checked_send.comparison for checked_send in checked_sends}
    ordered = sorted_findings(findings)
    return CheckResult(
        scans.facts,
        comparisons,
        ordered,
        groups.matching,
        scans.limits(),
        scans.waits_for_hours,
        people,
        others.by_address(),
    )


def _active_rules(context: RuleContext) -> tuple[Rule, ...]:
    settings = context.project.rules
    return tuple(rule for rule in RULES if not is_off(rule, settings))


def _needs_list(context: RuleContext, send: Send) -> bool:
    """Return whether apply may still send to the list of a send: it is not finished, and not expired."""
    expired = is_too_late(send, context.now) and not context.offline
    return not expired and send.address not in context.finished


def _compare_groups(
    context: RuleContext, sends: Iterable[Send], facts: Mapping[str, AudienceFacts | None]
) -> GroupComparison:
    records = context.ledger.sends
    found = (finished_list(send, facts[send.address], records.get(send.address)) for send in sends)
    return compare_groups([finished for finished in found if finished], context.ledger.groups)


def _check_sends(
    context: RuleContext, rules: Sequence[Rule], checked_sends: Sequence[CheckedSend], others: OtherTexts
) -> Iterator[Finding]:
    context = replace(context, checked_sends=checked_sends, rules=rules)
    unfinished = [checked_send for checked_send in checked_sends if not checked_send.comparison.finished]
    for rule in rules:
        for violation in _selected_violations(context, rule):
            others.add(violation)
            yield _finding(context, rule, violation, violation.send)
        for violation in rule.check_together(checked_sends, context):
            yield _finding(context, rule, violation, violation.send)
        if not with_own(Rule.check_send, [rule]):
            continue
        # A plan does not show the findings of other rules about finished sends.
        for checked_send in checked_sends if rule.applies_to_finished_sends else unfinished:
            for violation in rule.check_send(checked_send, context):
                yield _finding(context, rule, violation, violation.send or checked_send.send)


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


def sorted_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings in the order of a plan: by location."""
    return tuple(sorted(findings, key=_sort_key))


def _sort_key(finding: Finding) -> tuple[object, ...]:
    return (finding.location, finding.address or "", finding.rule, finding.message)
