"""Runs the rules over everything that was rendered: one pass over the contacts of each send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sendspec.audience import spread, survey
from sendspec.errors import SpecError
from sendspec.model import Finding
from sendspec.rules.registry import RULES
from sendspec.rules.rule import Surveyed
from sendspec.rules.settings import allow_problems, excepted, graded, setting_problems
from sendspec.standing import compare

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sendspec.model import AudienceFacts, Send
    from sendspec.rules.rule import Context, Report, Rule
    from sendspec.standing import Comparison


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
    surveyed = spread(lambda send: _surveyed(context, send, facts[send.address]), context.sends)
    findings.extend(_checked(context, rules, surveyed))
    comparisons = {one.send.address: one.comparison for one in surveyed}
    return Inspection(facts, comparisons, tuple(sorted(findings, key=_order)))


def _active(context: Context) -> tuple[Rule, ...]:
    settings = context.project.rules
    return tuple(rule for rule in RULES if rule.id not in settings or not settings[rule.id].off)


def _survey(
    context: Context, rules: Sequence[Rule], send: Send, findings: list[Finding]
) -> AudienceFacts | None:
    watches = [(rule, rule.watch(send, context)) for rule in rules]
    watching = [(rule, watch) for rule, watch in watches if watch is not None]
    facts = survey(send, [watch for _, watch in watching])
    for rule, watch in watching:
        findings.extend(_findings(context, rule, watch.reports(), send))
    return facts


def _surveyed(context: Context, send: Send, facts: AudienceFacts | None) -> Surveyed:
    record = context.ledger.sends.get(send.address)
    return Surveyed(send, facts, record, compare(send, facts, record))


def _checked(context: Context, rules: Sequence[Rule], surveyed: Sequence[Surveyed]) -> Iterator[Finding]:
    for rule in rules:
        yield from _findings(context, rule, rule.check_project(context), None)
        for one in surveyed:
            yield from _findings(context, rule, rule.check_send(one, context), one.send)


def _findings(
    context: Context, rule: Rule, reports: Iterable[Report], send: Send | None
) -> Iterator[Finding]:
    setting = context.project.rules.get(rule.id)
    for report in reports:
        about = report.send or send
        reason, expired = (None, None) if about is None else excepted(about, rule, context.now)
        yield Finding(
            rule=rule.id,
            level=graded(rule, report, setting),
            message=report.message,
            place=report.place,
            address=None if about is None else about.address,
            hint="; ".join(part for part in (report.hint, expired) if part) or None,
            allowed=reason,
        )


def _order(finding: Finding) -> tuple[object, ...]:
    return (finding.place, finding.address or "", finding.rule, finding.message)
