"""The result of an apply for a person: without the markup of any medium."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.compare import recipients_of
from sendspec.errors import ExitCode
from sendspec.formatting import first_names, pluralize
from sendspec.model import RequestState, Sign
from sendspec.record_phrases import outcome_text
from sendspec.report.reasons import reason_text
from sendspec.report.text import waiting_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sendspec.apply import Receipt
    from sendspec.errors import SendspecError
    from sendspec.model import OutcomeReason, Plan, PlannedSend, RequestKey
    from sendspec.protocol import Result

RUN_AGAIN: Final = "Run apply again after the cause is fixed: it sends only the rest"
"""What to do about requests that were not sent."""

LEFT_OUT_MAX: Final = 5
"""Sends without their lists that a result names; the others are counted."""

_NAMES_MAX: Final = 5


class RunState(StrEnum):
    """How a run ended, the most serious state of its requests first."""

    UNKNOWN = "unknown"
    FAILED = "failed"
    """An error ended the run, or requests were not sent."""
    DONE = "done"
    WAITING = "waiting"
    """Nothing failed, and some sends are due later."""
    BLOCKED = "blocked"
    """Nothing failed, and findings or edits keep some sends from going out."""
    NOTHING = "nothing"
    """Nothing was due."""
    REPLACED = "replaced"
    """A later change decides about the sends."""


class SendResult(Struct, frozen=True):
    """The result of one send: recipients asked for, accepted, handed to the carrier, and not.

    The counts are recipients, None if only the vendor knows them, or if it has not reported them yet.
    `notes` are short sentences about requests that were not accepted, `ids` the jobs of the vendor, and `at`
    when the vendor accepted the requests.
    """

    address: str
    asked: int | None
    accepted: int | None
    handed: int | None = None
    failed: int | None = None
    unprocessed: int = 0
    ids: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    at: str = ""


class RunReview(Struct, frozen=True):
    """What a person reads after an apply.

    `headline` says what was sent. `failures` are the reasons of texts that the vendor handed to no carrier,
    with their number. `actions` are what a person must do, `later` what waits.
    """

    target: str
    state: RunState
    headline: str
    sends: tuple[SendResult, ...] = ()
    failures: tuple[tuple[str, int], ...] = ()
    actions: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    digest: str | None = None


def review_run(
    target: str, receipt: Receipt | None, error: SendspecError | None, *, plan_digest: str | None = None
) -> RunReview:
    """Return the result of an apply; without a receipt nothing was sent, and `error` says why.

    `plan_digest` is then that of the plan that was shown, None if none was.
    """
    if receipt is None:
        reason = "nothing was sent" if error is None else f"nothing was sent: {error}"
        actions = (error.hint,) if error is not None and error.hint else ()
        return RunReview(target, RunState.FAILED, f"Failed, {reason}", actions=actions, digest=plan_digest)
    sends = tuple(_send_results(receipt))
    errors = [*receipt.errors, *([error] if error is not None else []), *receipt.left_out[:LEFT_OUT_MAX]]
    state = _state(receipt, errors)
    return RunReview(
        target=target,
        state=state,
        headline=_headline(state, sends, receipt),
        sends=sends,
        actions=tuple(_actions(receipt, errors)),
        later=tuple(waiting_lines(receipt.plan)),
        digest=receipt.plan.digest,
    )


def _send_results(receipt: Receipt) -> Iterator[SendResult]:
    """Yield the result of each send with a request that this run posted or did not start."""
    results: dict[str, list[Result]] = {}
    for result in receipt.results:
        results.setdefault(result.key.address, []).append(result)
    held_back: dict[str, list[OutcomeReason]] = {}
    for key, why in receipt.held_back.items():
        held_back.setdefault(key.address, []).append(why)
    for planned in receipt.plan.to_send:
        own, not_started = results.get(planned.address, ()), held_back.get(planned.address, ())
        if own or not_started:
            yield _send_result(planned, own, not_started)


def _send_result(
    planned: PlannedSend, own: Sequence[Result], not_started: Sequence[OutcomeReason]
) -> SendResult:
    sent = [result for result in own if result.state is RequestState.SENT]
    count = None if planned.facts is None else planned.facts.count
    revision = planned.send.revision
    return SendResult(
        address=planned.address if revision == 1 else f"{planned.address}@{revision}",
        asked=None if count is None else recipients_of(count, planned.batches),
        accepted=None if count is None else recipients_of(count, [result.key.batch for result in sent]),
        ids=tuple(job_text(result.job_id) for result in sent if count is None),
        notes=(
            *unsent_notes((result.state, outcome_text(result.reason, result.evidence)) for result in own),
            *_not_started(not_started),
        ),
    )


def job_text(job_id: object | None) -> str:
    """Return the name of a send job; one that an earlier attempt created may have an id that is not known."""
    return "job of unknown id" if job_id is None else f"job {job_id}"


def unsent_notes(reasons: Iterable[tuple[RequestState, str]]) -> Iterator[str]:
    """Yield how many requests are unknown or were not sent, each reason once, from states and reasons."""
    counts = Counter(reasons)
    for words, states in (
        ("unknown", (RequestState.INTENT, RequestState.UNKNOWN)),
        ("not sent", (RequestState.NOT_SENT,)),
    ):
        for (state, reason), count in counts.items():
            if state in states:
                yield f"{pluralize(count, 'request')} {words}: {reason}"


def _not_started(reasons: Iterable[OutcomeReason]) -> Iterator[str]:
    for reason, count in Counter(reasons).items():
        yield f"{pluralize(count, 'request')} not started: {outcome_text(reason, None)}"


def _state(receipt: Receipt, errors: Sequence[SendspecError]) -> RunState:
    states = {result.state for result in receipt.results}
    if receipt.exit_code is ExitCode.UNKNOWN:
        return RunState.UNKNOWN
    if errors or receipt.held_back or RequestState.NOT_SENT in states:
        return RunState.FAILED
    if blocked_sends(receipt.plan):
        return RunState.BLOCKED
    return RunState.DONE if states else RunState.NOTHING


def blocked_sends(plan: Plan) -> list[PlannedSend]:
    """Return the sends of which no run sends anything, unless a person changes something."""
    return [send for send in plan.sends if send.sign in (Sign.BLOCKED, Sign.EDITED)]


def _headline(state: RunState, sends: Sequence[SendResult], receipt: Receipt) -> str:
    blocked = blocked_sends(receipt.plan)
    if not sends and state is RunState.BLOCKED:
        return f"Nothing was sent: {pluralize(len(blocked), 'send is', 'sends are')} blocked"
    if not sends:
        return "Nothing was sent" if state is not RunState.NOTHING else "Nothing to send"
    counts = Counter(result.state for result in receipt.results)
    took = sum(send.accepted or 0 for send in sends)
    asked = sum(send.asked or 0 for send in sends)
    jobs = sum(len(send.ids) for send in sends)
    parts = [f"{took:,} of {pluralize(asked, 'recipient')} accepted"] if asked else []
    parts += [f"{pluralize(jobs, 'job')} accepted"] if jobs else []
    for requests, words in (
        (counts[RequestState.UNKNOWN], "unknown"),
        (counts[RequestState.NOT_SENT], "not sent"),
        (len(receipt.held_back), "not started"),
    ):
        parts += [f"{pluralize(requests, 'request')} {words}"] if requests else []
    parts += [f"{pluralize(len(blocked), 'send')} blocked"] if blocked else []
    title = {
        RunState.DONE: "Sent",
        RunState.BLOCKED: "Sent",
        RunState.FAILED: "Sent in part",
        RunState.UNKNOWN: "Outcome unknown",
    }
    if not took and not jobs and state is RunState.FAILED:
        return f"Not sent: {', '.join(parts)}"
    return f"{title[state]}: {', '.join(parts)}"


def _actions(receipt: Receipt, errors: Iterable[SendspecError]) -> Iterator[str]:
    """Yield what a person must do next, the most serious first."""
    unknown = [result.key for result in receipt.results if result.state is RequestState.UNKNOWN]
    if receipt.exit_code is ExitCode.UNKNOWN:
        yield settle_action(unknown)
    for error in errors:
        yield f"{error}; {error.hint}" if error.hint else str(error)
    if (more := len(receipt.left_out) - LEFT_OUT_MAX) > 0:
        yield more_left_out(more)
    not_sent = any(result.state is RequestState.NOT_SENT for result in receipt.results)
    if not_sent or receipt.held_back:
        yield RUN_AGAIN
    left_out = {error.address for error in receipt.left_out}
    blocked = [send for send in blocked_sends(receipt.plan) if send.address not in left_out]
    yield from (f"{send.address}: {reason_text(send)}" for send in blocked[:_NAMES_MAX])
    if len(blocked) > _NAMES_MAX:
        yield f"{pluralize(len(blocked) - _NAMES_MAX, 'more send')} blocked, which `sendspec plan` shows"
    for name in receipt.changed_lists:
        yield f"{name} changed after the plan was made; the contacts of the plan were sent"


def more_left_out(sends: int) -> str:
    """Return how many more sends a run left out because of an absent list."""
    return f"{pluralize(sends, 'more send')} left out, because a list is absent; `sendspec plan` shows them"


def settle_action(unknown: Sequence[RequestKey]) -> str:
    """Return what to do about unknown requests, those of earlier runs if this one has none."""
    names = first_names(unknown, _NAMES_MAX) or "the unknown requests of earlier runs"
    return f"Settle {names} with `sendspec resolve`; `sendspec plan` prints the commands"
