"""What apply would do, decided from the specs, the ledger and the clock alone: pure, frozen, digested."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sendspec.audience import stretch
from sendspec.model import (
    CONTACTS_PER_REQUEST,
    Action,
    Level,
    Plan,
    Sign,
)
from sendspec.render import encode, render
from sendspec.rules import Context, inspect
from sendspec.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sendspec.model import AudienceFacts, Finding, LedgerState, Project, Send, Target
    from sendspec.rules import Inspection
    from sendspec.standing import Comparison


def plan_digest(target: Target, actions: Iterable[Action]) -> str:
    """Sum up everything that would be sent: two plans with one digest send the same; slow on purpose."""
    return digest_of(target.name, target.account, actions)


def digest_of(target: str, account: str, actions: Iterable[Action]) -> str:
    """As `plan_digest`, for a target that is known by name and account."""
    what = [_essence(action) for action in actions if action.batches and action.send is not None]
    content = encode({"target": target, "account": account, "sends": what})
    # Stretched because it covers recipients: a plain hash of a short list is undone in hours.
    return stretch("plan", hashlib.sha256(content).hexdigest())


def make_plan(  # noqa: PLR0913 - all that a plan is made of, and how it is summed up
    target: Target,
    sends: Sequence[Send],
    inspection: Inspection,
    ledger: LedgerState,
    now: datetime,
    *,
    digest: Callable[[Target, Iterable[Action]], str] = plan_digest,
) -> Plan:
    """Decide what apply would do at `now` (aware) with each send and each address in the ledger."""
    blocked = {finding.address for finding in inspection.findings if blocks(finding)}
    actions = [
        _action(
            send,
            inspection.facts[send.address],
            inspection.comparisons[send.address],
            ledger,
            blocked=send.address in blocked,
            now=now,
        )
        for send in sends
    ]
    known = {send.address for send in sends}
    actions += [_gone(address, ledger) for address in ledger.sends if address not in known]
    ordered = tuple(sorted(actions, key=lambda action: action.address))
    return Plan(
        target=target.name,
        account=target.account,
        actions=ordered,
        findings=_relevant(inspection.findings, ordered),
        digest=digest(target, ordered),
    )


def _relevant(findings: Iterable[Finding], actions: Iterable[Action]) -> tuple[Finding, ...]:
    """Leave out what is said of sends that are over: a rule made stricter since must not stop others."""
    over = {action.address for action in actions if action.sign in (Sign.DONE, Sign.PASSED)}
    return tuple(f for f in findings if f.address not in over or f.rule == "unknown-outcome")


def blocks(finding: Finding) -> bool:
    """Whether a finding keeps apply from sending."""
    return finding.level is Level.ERROR and finding.allowed is None


def refusing(plan: Plan) -> tuple[Finding, ...]:
    """Give the findings for which apply sends nothing at all.

    An unknown outcome is none of them: it holds back its own send, not everybody else's.
    """
    return tuple(
        finding for finding in plan.findings if blocks(finding) and finding.rule != "unknown-outcome"
    )


def _action(  # noqa: PLR0913 - the whole basis of one decision, named
    send: Send,
    facts: AudienceFacts | None,
    comparison: Comparison,
    ledger: LedgerState,
    *,
    blocked: bool,
    now: datetime,
) -> Action:
    sign, why = _sign(send, comparison, blocked=blocked, now=now)
    return Action(
        sign=sign,
        address=send.address,
        send=send,
        facts=facts,
        record=ledger.sends.get(send.address),
        batches=comparison.pending if sign in (Sign.SEND, Sign.RESUME) else (),
        changes=comparison.changes,
        why=why,
    )


def _sign(  # noqa: PLR0911 - a decision table, one return a row
    send: Send, comparison: Comparison, *, blocked: bool, now: datetime
) -> tuple[Sign, str]:
    match comparison.standing:
        case Standing.UNKNOWN:
            return Sign.UNKNOWN, "an outcome is unknown; settle it with `sendspec resolve`"
        case Standing.EDITED:
            return Sign.EDITED, "edited after it was sent; raise `revision` to send it again"
        case Standing.AUDIENCE_CHANGED:
            return Sign.BLOCKED, "its recipients changed while it was partly sent"
        case Standing.DONE:
            return Sign.DONE, "already sent"
    held = _held(send, blocked=blocked, now=now)
    if held is not None and comparison.unknown:
        # Repeating it would settle it, and is not possible now: that leaves it to a person.
        return Sign.UNKNOWN, f"an outcome is unknown, and {held[1]}; settle it with `sendspec resolve`"
    if held is not None:
        return held
    if comparison.standing is Standing.PARTIAL:
        return Sign.RESUME, "resumes where an earlier run ended"
    return Sign.SEND, "will be sent"


def _held(send: Send, *, blocked: bool, now: datetime) -> tuple[Sign, str] | None:
    if send.not_after is not None and now >= send.not_after:
        return Sign.PASSED, f"its window ended at {send.not_after.isoformat()}"
    if blocked:
        return Sign.BLOCKED, "an error stands against it"
    if send.not_before is not None and now < send.not_before:
        return Sign.WAITING, f"waits for an apply after {send.not_before.isoformat()}"
    return None


def _gone(address: str, ledger: LedgerState) -> Action:
    return Action(
        sign=Sign.GONE,
        address=address,
        send=None,
        facts=None,
        record=ledger.sends[address],
        batches=(),
        changes=(),
        why="in the ledger, no longer in the specs",
    )


def recipients_in(action: Action) -> int | None:
    """Give how many recipients the requests that would go out now have, None where only the vendor knows."""
    if action.facts is None:
        return None
    count = action.facts.count
    return sum(
        min(CONTACTS_PER_REQUEST, count - (batch - 1) * CONTACTS_PER_REQUEST) for batch in action.batches
    )


def segments_in(action: Action) -> int | None:
    """Give how many SMS parts the requests that would go out now have, None where the text is not here."""
    if action.facts is None or action.facts.batch_segments is None:
        return None
    return sum(action.facts.batch_segments[batch - 1] for batch in action.batches)


@dataclass(frozen=True, slots=True)
class Summary:
    """The footer's numbers: recipients and segments only of what is known before it is sent."""

    to_send: int
    recipients: int
    requests: int
    segments: int
    unsized: int
    """Requests to a contact source, whose recipients only the vendor knows."""
    blocked: int
    already_sent: int
    unknown: int
    waiting: int
    passed: int


def summarise(plan: Plan) -> Summary:
    """Count what the footer tells."""
    going = [action for action in plan.actions if action.batches]

    def count(*signs: Sign) -> int:
        return sum(action.sign in signs for action in plan.actions)

    return Summary(
        to_send=len(going),
        recipients=sum(recipients_in(action) or 0 for action in going),
        requests=sum(len(action.batches) for action in going),
        segments=sum(segments_in(action) or 0 for action in going),
        unsized=sum(action.facts is None for action in going),
        blocked=count(Sign.BLOCKED, Sign.EDITED),
        already_sent=count(Sign.DONE),
        unknown=count(Sign.UNKNOWN),
        waiting=count(Sign.WAITING),
        passed=count(Sign.PASSED),
    )


def _essence(action: Action) -> Mapping[str, Any]:
    send = action.send
    assert send is not None  # noqa: S101 - only what is in the specs has batches to send
    return {
        "address": send.address,
        "revision": send.revision,
        "payload": send.payload_digest,
        "recipients": action.facts and action.facts.digest,
        "batches": list(action.batches),
        "notBefore": send.not_before and send.not_before.isoformat(),
        "notAfter": send.not_after and send.not_after.isoformat(),
    }


def plan_project(project: Project, target: Target, ledger: LedgerState, now: datetime) -> Plan:
    """Render, survey, judge and plan a project: what plan shows and what apply follows.

    Raises:
        SpecError: something cannot be rendered or read; all problems at once.
    """
    sends = render(project, target)
    inspection = inspect(Context(project=project, target=target, sends=sends, ledger=ledger, now=now))
    return make_plan(target, sends, inspection, ledger, now)
