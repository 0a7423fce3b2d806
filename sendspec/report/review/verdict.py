"""The verdict: ready or not, who gets it, when, at what cost, and what blocks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.model import Level, PlanReason, Sign
from sendspec.plan import blocking_findings, blocks
from sendspec.report.review.model import Fact, FactName, Readiness, Verdict
from sendspec.report.review.sizes import cost_fact, people_text
from sendspec.report.review.starts import NO_LEGAL_HOUR, first_start, is_plan_blocked, when_text
from sendspec.report.totals import count_totals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import Finding, Plan
    from sendspec.report.review.send_review import SendReview
    from sendspec.report.totals import Size


_NO_PEOPLE: Final = Fact(FactName.WHO, "Who", "0 people", "nothing is sent, neither now nor later")


def verdict_of(plan: Plan, sends: Sequence[SendReview], size: Size) -> Verdict:
    """Return the verdict on a plan; `size` is that of all its sends that go out, blocked or not."""
    errors = tuple(finding for finding in plan.findings if blocks(finding))
    warnings = tuple(_shown(plan.findings, Level.WARNING))
    infos = tuple(_shown(plan.findings, Level.INFO))
    going = [send for send in sends if send.is_pending]
    readiness = _readiness(plan, errors, going)
    people = (plan.people.together or size.recipients) if going else 0
    return Verdict(
        readiness=readiness,
        people=people,
        headline=_headline(plan, readiness, going, errors, warnings),
        subject=_subject(plan),
        facts=tuple(_facts(plan, going, size, people)) if going else (_NO_PEOPLE,),
        errors=errors,
        warnings=warnings,
        infos=infos,
    )


def _shown(findings: Sequence[Finding], level: Level) -> Iterator[Finding]:
    return (finding for finding in findings if finding.level is level and finding.allowed is None)


def _readiness(plan: Plan, errors: Sequence[Finding], going: Sequence[SendReview]) -> Readiness:
    starting = any(send.start is not None for send in going)
    if errors:
        is_in_part = starting and not blocking_findings(plan)
        return Readiness.IN_PART if is_in_part else Readiness.NOT_READY
    if not going:
        return Readiness.NOTHING_TO_SEND
    return Readiness.READY if starting else Readiness.NO_LEGAL_HOUR


def _headline(
    plan: Plan,
    readiness: Readiness,
    going: Sequence[SendReview],
    errors: Sequence[Finding],
    warnings: Sequence[Finding],
) -> str:
    found = pluralize(len(errors), "error")
    words = {
        Readiness.NOT_READY: "Not ready",
        Readiness.IN_PART: f"Sends in spite of {found}",
        Readiness.READY: "Ready",
        Readiness.NO_LEGAL_HOUR: "No legal hour",
        Readiness.NOTHING_TO_SEND: "Nothing to send",
    }
    counts = [f"apply sends to {_reached(plan)}"] if readiness is Readiness.IN_PART else []
    counts += [found] if errors and readiness is not Readiness.IN_PART else []
    never = sum(send.start is None for send in going)
    counts += [f"{pluralize(never, 'send')} never sent"] if never else []
    absent = sum(send.reason is PlanReason.LIST_ABSENT for send in plan.sends)
    counts += [f"{pluralize(absent, 'send')} without a list"] if absent else []
    counts += [f"{pluralize(len(warnings), 'thing')} to look at"] if warnings else []
    return words[readiness] + (f": {', '.join(counts)}" if counts else "")


def _reached(plan: Plan) -> str:
    """Return the people to whom apply sends now, or else later."""
    totals, people = count_totals(plan), plan.people
    if totals.now.sends:
        return f"{people_text(totals.now, people.now or None)} now"
    return f"{people_text(totals.later, people.later or None)} later"


def _subject(plan: Plan) -> str:
    target = (
        f"target {plan.target} ({plan.account})" if plan.account != plan.target else f"target {plan.target}"
    )
    if not plan.selection:
        return target
    return f"{target}, only {' '.join(plan.selection)}"


def _who_note(plan: Plan, going: Sequence[SendReview]) -> str:
    sends = pluralize(len(going), "send")
    if not plan.people.now or not plan.people.later:
        return sends
    now = "once the errors are fixed" if is_plan_blocked(plan) else "now"
    return f"{sends}; {plan.people.now:,} {now}, {plan.people.later:,} later"


def _twice_note(going: Sequence[SendReview], people: int) -> str:
    """Return how many texts people get, exact only if each send has all of them."""
    if all(send.size.recipients == people and not send.size.jobs for send in going):
        return f"each gets {len(going):,}"
    return "some or all people get more than one"


def _facts(plan: Plan, going: Sequence[SendReview], size: Size, people: int) -> Iterator[Fact]:
    yield Fact(FactName.WHO, "Who", people_text(size, people), _who_note(plan, going))
    if people < size.recipients:
        texts = pluralize(size.recipients, "text")
        value = f"{texts} to {pluralize(people, 'person', 'people')}"
        yield Fact(FactName.TWICE, "Twice", value, _twice_note(going, people))
    first = first_start(send.start for send in going if send.start is not None)
    when = "never" if first is None else when_text(first)
    yield Fact(FactName.WHEN, "When", when, "; ".join(_start_notes(going)))
    yield from cost_fact(plan, size)


def _start_notes(going: Sequence[SendReview]) -> Iterator[str]:
    """Yield how many sends start immediately, later at the vendor, later with apply, and never.

    A change of the specs stops a send that waits. It does not stop a job that the vendor already has.
    """
    blocked = [send for send in going if send.planned.sign is Sign.BLOCKED]
    others = [send for send in going if send.planned.sign is not Sign.BLOCKED]
    never = sum(send.start is None for send in others)
    later = [send.start for send in others if send.start is not None and not send.start.is_immediate]
    jobs = sum(start.is_at_vendor for start in later)
    immediate, waiting = len(others) - never - len(later), len(later) - jobs
    if immediate and immediate < len(going):
        is_blocked = any(send.start is not None and send.start.is_blocked for send in others)
        yield f"{pluralize(immediate, 'send')} {'then' if is_blocked else 'immediately'}"
    if jobs:
        them = "it" if jobs == 1 else "them"
        yield f"{pluralize(jobs, 'job')} of the vendor, who alone can stop {them} after apply"
    if waiting:
        verb, them = ("waits", "it") if waiting == 1 else ("wait", "them")
        yield f"{pluralize(waiting, 'send')} {verb}; until then a change can stop {them}"
    if blocked:
        yield f"{pluralize(len(blocked), 'send')} blocked"
    if never:
        its = "its" if never == 1 else "their"
        yield f"{pluralize(never, 'send')} never, because {NO_LEGAL_HOUR} of {its} recipients"
