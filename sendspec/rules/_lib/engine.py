"""Runs the rules over everything that was rendered: one pass over the contacts of each send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sendspec.audience import parallel_map, scan
from sendspec.compare import compare
from sendspec.errors import SpecError
from sendspec.model import Finding
from sendspec.rules._lib.base import CheckedSend
from sendspec.rules._lib.registry import RULES
from sendspec.rules._lib.settings import active_exception, allow_problems, effective_level, setting_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sendspec.compare import Comparison
    from sendspec.model import AudienceFacts, Send
    from sendspec.rules._lib.base import Context, Rule, Violation


@dataclass(frozen=True, slots=True)
class Inspection:
    """What one look at everything found; `facts` and `comparisons` are by address.

    `facts` is None for contact-source, whose recipients only the vendor knows. `findings` are sorted
    by place.
    """

    facts: Mapping[str, AudienceFacts | None]
    comparisons: Mapping[str, Comparison]
    findings: tuple[Finding, ...]


def inspect(context: Context) -> Inspection:
    """Read the contacts of every send once, compare it with the ledger, and let the rules look.

    Raises:
        SpecError: with every problem of the rule settings, `allow` entries and contact files.
    """
    known = {rule.id: rule for rule in RULES}
    problems = [*setting_problems(context.project, known), *allow_problems(context.sends, known)]
    rules = () if problems else _active(context)  # an option that is wrong would mislead its rule
    findings: list[Finding] = []
    facts: dict[str, AudienceFacts | None] = {}
    for send in context.sends:
        try:
            facts[send.address] = _survey(context, rules, send, findings)
        except SpecError as unreadable:
            problems.extend(unreadable.problems)
    if problems:
        raise SpecError(problems)
    checked_send = parallel_map(lambda send: _surveyed(context, send, facts[send.address]), context.sends)
    findings.extend(_checked(context, rules, checked_send))
    comparisons = {one.send.address: one.comparison for one in checked_send}
    return Inspection(facts, comparisons, tuple(sorted(findings, key=_order)))


def _active(context: Context) -> tuple[Rule, ...]:
    settings = context.project.rules
    return tuple(rule for rule in RULES if rule.id not in settings or not settings[rule.id].off)


def _survey(
    context: Context, rules: Sequence[Rule], send: Send, findings: list[Finding]
) -> AudienceFacts | None:
    watches = [(rule, rule.watch(send, context)) for rule in rules]
    watching = [(rule, watch) for rule, watch in watches if watch is not None]
    facts = scan(send, [watch for _, watch in watching])
    for rule, watch in watching:
        findings.extend(_findings(context, rule, watch.reports(), send))
    return facts


def _surveyed(context: Context, send: Send, facts: AudienceFacts | None) -> CheckedSend:
    record = context.ledger.sends.get(send.address)
    return CheckedSend(send, facts, record, compare(send, facts, record))


def _checked(
    context: Context, rules: Sequence[Rule], checked_send: Sequence[CheckedSend]
) -> Iterator[Finding]:
    for rule in rules:
        yield from _findings(context, rule, rule.check_project(context), None)
        for one in checked_send:
            yield from _findings(context, rule, rule.check_send(one, context), one.send)


def _findings(
    context: Context, rule: Rule, reports: Iterable[Violation], send: Send | None
) -> Iterator[Finding]:
    setting = context.project.rules.get(rule.id)
    for report in reports:
        about = report.send or send
        reason, expired = (None, None) if about is None else active_exception(about, rule, context.now)
        yield Finding(
            rule=rule.id,
            level=effective_level(rule, report, setting),
            message=report.message,
            location=report.location,
            address=None if about is None else about.address,
            hint="; ".join(part for part in (report.hint, expired) if part) or None,
            allowed=reason,
        )


def _order(finding: Finding) -> tuple[object, ...]:
    return (finding.location, finding.address or "", finding.rule, finding.message)
