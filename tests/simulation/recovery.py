"""Recovery after faults: an operator applies again, and settles unknown requests by the truth."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sendspec.errors import ExitCode
from sendspec.legal_hours import hours_at
from sendspec.model import Endpoint, RequestKey, RequestState
from sendspec.protocol_limits import REPEAT_PAUSE_SECONDS_MIN, RUN_LOST_SECONDS
from sendspec.repeat_window import is_too_old
from tests.simulation.history import unknown_in
from tests.simulation.simulated_driver import START
from tests.simulation.specs import facts_of, send_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import LedgerState, RequestRecord, SendRecord
    from tests.simulation.history import History
    from tests.simulation.specs import Spec

_MOST_ROUNDS: Final = 7


def recover(history: History, specs: Sequence[Spec]) -> None:
    """Apply and resolve without faults until no request is unknown; then check the result.

    Every due request must have been accepted exactly once.
    """
    _wait_until_due(history, specs)
    for number in range(_MOST_ROUNDS):
        code = history.apply(specs)
        state = history.read()
        if code is not ExitCode.UNKNOWN:
            break
        if number == 0 and _has_open_job(state) and not history.setup.excludes:
            # A run repeats no job while another run may be active, or while its push is on its way.
            history.clock.reach(history.clock.seconds + RUN_LOST_SECONDS * _has_intent_of_job(state))
            continue
        unknown = unknown_in(state)
        _settles_itself(history, specs, state, unknown)
        history.resolve(unknown)
    history.checks.check_ledger(state, others=not history.setup.excludes)
    if code not in (ExitCode.OK, ExitCode.REFUSED):
        history.checks.report("complete", f"apply still ends with {code!r} although there are no faults")
    for spec in specs:
        if _due(history, spec, state):
            for batch in range(1, spec.requests + 1):
                key = RequestKey(spec.address, spec.revision, batch)
                accepted = len(history.vendor.accepted.get(key, ()))
                history.checks.require(accepted == 1, "complete", f"{key} was accepted {accepted} times")


def _wait_until_due(history: History, specs: Sequence[Spec]) -> None:
    """Wait until every window has opened, and for legal hours that do not end soon."""
    for spec in specs:
        if spec.not_before is not None:
            history.clock.reach((spec.not_before - START).total_seconds())
        hours = hours_at(history.clock.now().wall, spec.limits)
        if spec.hours is not None and hours.next_start is not None:
            history.clock.reach((hours.next_start - START).total_seconds())


def _settles_itself(
    history: History, specs: Sequence[Spec], state: LedgerState, unknown: Sequence[RequestKey]
) -> None:
    """Check that no request is left to a person that a repetition under the same name settles."""
    for spec in specs:
        key = RequestKey(spec.address, spec.revision, 1)
        record = state.sends.get(spec.address)
        same = record is not None and record.payload_digest == send_of(spec).payload_digest
        others = any(other.address == spec.address and other != key for other in unknown)
        if (
            spec.endpoint is Endpoint.CONTACT_SOURCE
            and same
            and not others
            and _can_be_repeated(history, spec, record)
        ):
            history.checks.require(key not in unknown, "settles itself", f"{key} is left to a person")


def _has_open_job(state: LedgerState) -> bool:
    return any(request.state.is_open for request in _jobs(state))


def _has_intent_of_job(state: LedgerState) -> bool:
    return any(request.state is RequestState.INTENT for request in _jobs(state))


def _jobs(state: LedgerState) -> Iterator[RequestRecord]:
    for record in state.sends.values():
        if record.endpoint is Endpoint.CONTACT_SOURCE:
            yield from record.requests


def _can_be_repeated(history: History, spec: Spec, record: SendRecord | None) -> bool:
    """Return whether a run that waited as long as it must could repeat a job in its window, and in a day."""
    now = history.clock.now().wall
    end = now + timedelta(seconds=2 * REPEAT_PAUSE_SECONDS_MIN)
    closes = spec.not_after is not None and end >= spec.not_after
    requests = record.requests if record else ()
    too_old = any(request.state.is_open and is_too_old(request.first_at, end) for request in requests)
    return _is_window_open(history, spec) and not closes and not too_old


def _is_window_open(history: History, spec: Spec) -> bool:
    now = history.clock.now().wall
    early = spec.not_before is not None and now < spec.not_before
    late = spec.not_after is not None and now >= spec.not_after
    return not (early or late)


def _due(history: History, spec: Spec, state: LedgerState) -> bool:
    """Return whether a send must be complete by now.

    It need not be if its window is closed, its revision was lowered, a part was sent before an edit of
    its payload or audience, or another sender uses its name.
    """
    record = state.sends.get(spec.address)
    lowered = record is not None and record.revision > spec.revision
    if (
        lowered
        or not _is_window_open(history, spec)
        or (record is not None and _by_name(history, record, spec))
    ):
        return False
    send, facts = send_of(spec), facts_of(spec)
    accepted = [
        submission
        for key, submissions in history.vendor.accepted.items()
        if (key.address, key.revision) == (spec.address, spec.revision)
        for submission in submissions
    ]
    if not accepted and send.payload.get("messageName") in history.vendor.names:
        return False
    now = (send.payload_digest, "" if facts is None else facts.digest)
    return all((submission.payload, submission.audience) == now for submission in accepted)


def _by_name(history: History, record: SendRecord, spec: Spec) -> bool:
    """Return whether the ledger calls a request sent because another sender used its name."""
    sent = [request for request in record.requests if request.state is RequestState.SENT]
    keys = {RequestKey(spec.address, record.revision, request.batch) for request in sent}
    return record.revision == spec.revision and not keys <= history.vendor.accepted.keys()
