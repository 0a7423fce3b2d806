"""What apply would do, decided from the specs, the ledger and the clock alone: pure, frozen, digested."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from sendspec.audience import stretched_digest
from sendspec.compare import (
    SendState,
    accepted,
    may_be_in_progress,
    sent_before,
    why_edited,
    why_lost,
    why_unknown,
)
from sendspec.model import Action, LedgerState, Level, Plan, Sign
from sendspec.render import encode, render
from sendspec.rules import RuleContext, run_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sendspec.compare import Comparison
    from sendspec.model import AudienceFacts, Finding, Project, RequestRecord, Send, SendRecord, Target
    from sendspec.rules import CheckResult


_IT: Final = {Sign.PASSED: "", Sign.BLOCKED: "it is ", Sign.WAITING: "it "}
"""What makes a clause of why something is held back."""


def plan_digest(target: Target, actions: Iterable[Action]) -> str:
    """Sum up everything that would be sent: two plans with one digest send the same; slow on purpose."""
    return digest_of(target.name, target.account, actions)


def digest_of(target: str, account: str, actions: Iterable[Action]) -> str:
    """As `plan_digest`, for a target that is known by name and account."""
    what = [_essence(action) for action in actions if action.batches and action.send is not None]
    content = encode({"target": target, "account": account, "sends": what})
    # Stretched because it covers recipients: a plain hash of a short list is undone in hours.
    return stretched_digest("plan", hashlib.sha256(content).hexdigest())


def make_plan(  # noqa: PLR0913 - all that a plan is made of, and how it is summed up
    target: Target,
    sends: Sequence[Send],
    inspection: CheckResult,
    ledger: LedgerState,
    now: datetime,
    *,
    digest: Callable[[Target, Iterable[Action]], str] = plan_digest,
) -> Plan:
    """Decide what apply would do at `now` (aware) with each send and each address in the ledger."""
    blockers = _blockers(inspection.findings)
    actions = [
        _action(
            send,
            inspection.facts[send.address],
            inspection.comparisons[send.address],
            ledger,
            blockers=blockers.get(send.address, ()),
            now=now,
        )
        for send in sends
    ]
    known = {send.address for send in sends}
    actions += [
        _gone(address, record, now) for address, record in ledger.sends.items() if address not in known
    ]
    ordered = tuple(sorted(actions, key=lambda action: action.address))
    return Plan(
        target=target.name,
        account=target.account,
        actions=ordered,
        findings=_relevant(inspection.findings, ordered),
        digest=digest(target, ordered),
    )


def _blockers(findings: Iterable[Finding]) -> dict[str | None, tuple[str, ...]]:
    """Give the rules that hold a send back, by its address; of what is unknown its standing tells."""
    found: dict[str | None, dict[str, None]] = {}
    for finding in findings:
        if blocks(finding) and not finding.blocks_only_its_send:
            found.setdefault(finding.address, {})[finding.rule] = None
    return {address: tuple(rules) for address, rules in found.items()}


def _relevant(findings: Iterable[Finding], actions: Iterable[Action]) -> tuple[Finding, ...]:
    """Leave out what is said of sends that are over: a rule made stricter since must not stop others."""
    over = {action.address for action in actions if action.sign in (Sign.DONE, Sign.PASSED)}
    return tuple(f for f in findings if f.address not in over or f.applies_to_finished_sends)


def blocks(finding: Finding) -> bool:
    """Whether a finding keeps apply from sending."""
    return finding.level is Level.ERROR and finding.allowed is None


def blocking_findings(plan: Plan) -> tuple[Finding, ...]:
    """Give the findings for which apply sends nothing at all.

    An unknown outcome is none of them: it holds back its own send, not everybody else's.
    """
    return tuple(finding for finding in plan.findings if blocks(finding) and not finding.blocks_only_its_send)


def _action(  # noqa: PLR0913 - the whole basis of one decision, named
    send: Send,
    facts: AudienceFacts | None,
    comparison: Comparison,
    ledger: LedgerState,
    *,
    blockers: tuple[str, ...],
    now: datetime,
) -> Action:
    record = ledger.sends.get(send.address)
    in_progress = _in_progress(record, now)
    sign, why = _sign(send, comparison, record, in_progress, blockers=blockers, now=now)
    return Action(
        sign=sign,
        address=send.address,
        send=send,
        facts=facts,
        record=record,
        batches=comparison.pending if sign in (Sign.SEND, Sign.RESUME) else (),
        changes=comparison.changes,
        why=why,
        pending=() if sign is Sign.UNKNOWN else comparison.pending,
        against=comparison.against,
        in_progress=in_progress,
    )


def _in_progress(record: SendRecord | None, now: datetime) -> tuple[RequestRecord, ...]:
    return tuple(one for one in (record.all_requests if record else ()) if may_be_in_progress(one, now))


def _sign(  # noqa: PLR0911, PLR0913 - a decision table, one return a row, and its whole basis
    send: Send,
    comparison: Comparison,
    record: SendRecord | None,
    in_progress: tuple[RequestRecord, ...],
    *,
    blockers: tuple[str, ...],
    now: datetime,
) -> tuple[Sign, str]:
    match comparison.send_state:
        case SendState.UNKNOWN:
            return Sign.UNKNOWN, why_unknown(comparison.unknown, in_progress)
        case SendState.EDITED:
            return Sign.EDITED, why_edited(comparison, record)
        case SendState.AUDIENCE_CHANGED:
            return (
                Sign.BLOCKED,
                why_edited(comparison, record),
            )
        case SendState.DONE:
            return Sign.DONE, "already sent"
    held = _held(send, blockers=blockers, now=now)
    if held is not None:
        sign, why = held
        if comparison.unknown:
            # Repeating it would settle it, and is not possible now: that leaves it to a person.
            return Sign.UNKNOWN, why_unknown(comparison.unknown, in_progress, f"{_IT[sign]}{why}")
        return sign, f"{why}: {why_lost(send, record)}" if sign is Sign.PASSED else why
    if comparison.send_state is SendState.PARTIAL:
        return Sign.RESUME, "resumes where an earlier run ended"
    return Sign.SEND, "will be sent again" if sent_before(send, record) else "will be sent"


def _held(send: Send, *, blockers: tuple[str, ...], now: datetime) -> tuple[Sign, str] | None:
    if send.not_after is not None and now >= send.not_after:
        return Sign.PASSED, f"its window ended at {send.not_after.isoformat()}"
    if blockers:
        return Sign.BLOCKED, f"blocked by {', '.join(blockers)}"
    if send.not_before is not None and now < send.not_before:
        return Sign.WAITING, f"waits for {send.not_before.isoformat()}"
    return None


def _gone(address: str, record: SendRecord, now: datetime) -> Action:
    return Action(
        sign=Sign.GONE,
        address=address,
        send=None,
        facts=None,
        record=record,
        batches=(),
        changes=(),
        why="in the ledger, no longer in the specs",
        in_progress=_in_progress(record, now),
    )


def _essence(action: Action) -> Mapping[str, Any]:
    send = action.send
    assert send is not None  # noqa: S101 - only what is in the specs has batches to send
    again = [
        [before.revision, [request.batch for request in accepted(before)]]
        for before in sent_before(send, action.record)
    ]
    return {
        "address": send.address,
        "revision": send.revision,
        "payload": send.payload_digest,
        "recipients": action.facts and action.facts.digest,
        "batches": list(action.batches),
        "notBefore": send.not_before and send.not_before.isoformat(),
        "notAfter": send.not_after and send.not_after.isoformat(),
        # What was approved as the first word to somebody must not go out as the second.
        **({"again": again} if again else {}),
    }


def plan_project(project: Project, target: Target, ledger: LedgerState | None, now: datetime) -> Plan:
    """Render, survey, judge and plan a project: what plan shows and what apply follows.

    Without a ledger (`validate` asks none) what may be over is taken for over, and not complained of.

    Raises:
        SpecError: something cannot be rendered or read; all problems at once.
    """
    sends = render(project, target)
    known = ledger or LedgerState(target.name, target.account)
    context = RuleContext(
        project=project, target=target, sends=sends, ledger=known, now=now, offline=ledger is None
    )
    return make_plan(target, sends, run_rules(context), known, now)
