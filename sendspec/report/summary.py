"""The plan in numbers: what its footer tells, and what machines read of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sendspec.compare import recipients_of, sent_before
from sendspec.model import RequestState, Sign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.model import Action, Plan, RequestRecord


def recipients_in(action: Action, batches: Sequence[int]) -> int | None:
    """Give how many recipients these requests have, None where only the vendor knows."""
    return None if action.facts is None else recipients_of(action.facts.count, batches)


def segments_in(action: Action, batches: Sequence[int]) -> int | None:
    """Give how many SMS parts these requests have, None where the text is not here."""
    if action.facts is None or action.facts.batch_segments is None:
        return None
    return sum(action.facts.batch_segments[batch - 1] for batch in batches)


def sends_again(action: Action) -> bool:
    """Whether what is to go out reaches people who had an earlier revision of it."""
    return bool(action.send and action.pending and sent_before(action.send, action.record))


def unsent(action: Action) -> tuple[RequestRecord, ...]:
    """Give the requests that are to go out and were tried before, without being sent."""
    if action.send is None or action.record is None or action.record.revision != action.send.revision:
        return ()
    return tuple(
        request
        for request in action.record.requests
        if request.state is RequestState.NOT_SENT and request.batch in action.pending
    )


@dataclass(frozen=True, slots=True)
class Summary:
    """What a plan adds up to.

    `recipients`, `requests` and `segments` are of the sends whose recipients are known here, `jobs`
    the requests to contact sources, whose recipients only the vendor knows; `published` the sends
    whose text is the vendor's, and which `segments` leaves out. Of the `unknown` sends, each is in
    one of `in_progress`, `gone`, `repeated` or none: it waits for a person.
    """

    to_send: int
    recipients: int
    requests: int
    segments: int
    jobs: int
    published: int
    again: int
    blocked: int
    already_sent: int
    unknown: int
    in_progress: int
    gone: int
    repeated: int
    waiting: int
    passed: int


def summarise(plan: Plan) -> Summary:
    """Count what the footer tells."""
    going = [action for action in plan.actions if action.batches]
    sized = [action for action in going if action.facts is not None]
    unclear = [action for action in plan.actions if _open(action)]
    settling = [_settling(action) for action in unclear]

    def count(*signs: Sign) -> int:
        return sum(action.sign in signs for action in plan.actions)

    return Summary(
        to_send=len(going),
        recipients=sum(recipients_in(action, action.batches) or 0 for action in sized),
        requests=sum(len(action.batches) for action in sized),
        segments=sum(segments_in(action, action.batches) or 0 for action in sized),
        jobs=len(going) - len(sized),
        published=sum(segments_in(action, action.batches) is None for action in sized),
        again=sum(sends_again(action) for action in going),
        blocked=count(Sign.BLOCKED, Sign.EDITED),
        already_sent=count(Sign.DONE),
        unknown=len(unclear),
        in_progress=settling.count("in progress"),
        gone=settling.count("gone"),
        repeated=settling.count("repeated"),
        waiting=count(Sign.WAITING),
        passed=count(Sign.PASSED),
    )


def _open(action: Action) -> list[RequestRecord]:
    """Give the requests, of any revision, of which nobody knows if they were accepted."""
    return [one for one in (action.record.all_requests if action.record else ()) if one.state.is_open]


def _settling(action: Action) -> str | None:
    """Say by what an unknown outcome may be settled without a person, or that its send is gone."""
    if all(request in action.in_progress for request in _open(action)):
        return "in progress"
    if action.sign is Sign.GONE:
        return "gone"
    return "repeated" if action.sign is Sign.RESUME else None
