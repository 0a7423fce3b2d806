"""The verdict: ready or not, who gets it, when, at what cost, and what blocks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.plan import blocks
from sendspec.report.review.model import Fact, FactName, Readiness, Verdict
from sendspec.report.review.sizes import cost_fact, people_text
from sendspec.report.review.starts import first_start, when_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import Finding, Plan
    from sendspec.report.review.model import SendReview
    from sendspec.report.totals import Size


_NO_PEOPLE: Final = Fact(FactName.WHO, "Who", "0 people", "nothing is sent, neither now nor later")


def verdict_of(plan: Plan, sends: Sequence[SendReview], size: Size) -> Verdict:
    """Return the verdict on a plan; `size` is that of all its sends that go out, blocked or not."""
    errors = tuple(finding for finding in plan.findings if blocks(finding))
    warnings = tuple(_shown(plan.findings, Level.WARNING))
    infos = tuple(_shown(plan.findings, Level.INFO))
    going = [send for send in sends if send.start is not None]
    readiness = _readiness(errors, going)
    return Verdict(
        readiness=readiness,
        headline=_headline(readiness, errors, warnings),
        subject=_subject(plan),
        facts=tuple(_facts(plan, going, size)) if going else (_NO_PEOPLE,),
        errors=errors,
        warnings=warnings,
        infos=infos,
    )


def _shown(findings: Sequence[Finding], level: Level) -> Iterator[Finding]:
    return (finding for finding in findings if finding.level is level and finding.allowed is None)


def _readiness(errors: Sequence[Finding], going: Sequence[SendReview]) -> Readiness:
    if errors:
        return Readiness.NOT_READY
    return Readiness.READY if going else Readiness.NOTHING_TO_SEND


def _headline(readiness: Readiness, errors: Sequence[Finding], warnings: Sequence[Finding]) -> str:
    words = {
        Readiness.NOT_READY: "Not ready",
        Readiness.READY: "Ready",
        Readiness.NOTHING_TO_SEND: "Nothing to send",
    }
    counts = [pluralize(len(errors), "error")] if errors else []
    counts += [f"{pluralize(len(warnings), 'thing')} to look at"] if warnings else []
    return words[readiness] + (f": {', '.join(counts)}" if counts else "")


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
    return f"{sends}; {plan.people.now:,} now, {plan.people.later:,} later"


def _twice_note(going: Sequence[SendReview], people: int) -> str:
    """Return how many texts people get, exact only if each send has all of them."""
    if all(send.size.recipients == people and not send.size.jobs for send in going):
        return f"each gets {len(going):,}"
    return "some or all people get more than one"


def _facts(plan: Plan, going: Sequence[SendReview], size: Size) -> Iterator[Fact]:
    people = plan.people.together or size.recipients
    yield Fact(FactName.WHO, "Who", people_text(size, people), _who_note(plan, going))
    if people < size.recipients:
        texts = pluralize(size.recipients, "text")
        value = f"{texts} to {pluralize(people, 'person', 'people')}"
        yield Fact(FactName.TWICE, "Twice", value, _twice_note(going, people))
    first = first_start(send.start for send in going if send.start is not None)
    if first is not None:
        yield Fact(FactName.WHEN, "When", when_text(first), "; ".join(_start_notes(going)))
    yield from cost_fact(plan, size)


def _start_notes(going: Sequence[SendReview]) -> Iterator[str]:
    """Yield how many sends start immediately, later at the vendor, and later with apply.

    A change of the specs stops a send that waits. It does not stop a job that the vendor already has.
    """
    later = [send for send in going if send.start is not None and not send.start.is_immediate]
    jobs = [send for send in later if send.start is not None and send.start.is_at_vendor]
    immediate, waiting = len(going) - len(later), len(later) - len(jobs)
    if immediate and later:
        yield f"{pluralize(immediate, 'send')} immediately"
    if jobs:
        them = "it" if len(jobs) == 1 else "them"
        yield f"{pluralize(len(jobs), 'job')} of the vendor, who alone can stop {them} after apply"
    if waiting:
        verb, them = ("waits", "it") if waiting == 1 else ("wait", "them")
        yield f"{pluralize(waiting, 'send')} {verb}; until then a change can stop {them}"
