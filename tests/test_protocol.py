"""The machine of the send protocol, one event at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from sendspec.clocks import Deadline
from sendspec.compare import RUN_LOST_AFTER
from sendspec.errors import CredentialsError, LedgerConflict, LedgerError
from sendspec.ledger import Intent, RevisionStarted, Settled
from sendspec.legal_hours import Interval
from sendspec.model import Endpoint, Outcome, OutcomeReason, RequestKey, RequestState, SendRecord, Verdict
from sendspec.protocol import Job, Machine, Now, Post, Record, RepetitionDelayed, RequestSettled
from sendspec.protocol_limits import (
    BUSY_ATTEMPTS_MAX,
    INTENT_SECONDS_MAX,
    REPEAT_AGE_SECONDS_MAX,
    UNSENT_ATTEMPTS_MAX,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.protocol import Result

START = datetime(2026, 12, 1, 12, tzinfo=UTC)


def at(seconds: float) -> Now:
    return Now(START + timedelta(seconds=seconds), seconds)


def job(  # noqa: PLR0913 - the properties that tests change
    address: str = "sale/teaser",
    endpoint: Endpoint = Endpoint.CONTACTS,
    batches: int = 1,
    *,
    ambiguous: bool = False,
    not_after: datetime | None = None,
    since: datetime | None = None,
    repeat_from: datetime | None = None,
    legal: Interval | None = None,
) -> Job:
    header = SendRecord(endpoint, 1, {"content": "hi"}, "sha256:" + "a" * 64, None)
    return Job(
        address=address,
        endpoint=endpoint,
        header=header,
        starts_revision=True,
        batches=tuple(range(1, batches + 1)),
        attempts={},
        ambiguous=ambiguous,
        not_before=None,
        not_after=not_after,
        since=since,
        repeat_from=repeat_from,
        legal=legal,
    )


def machine(*jobs: Job, concurrency: int = 10, window: int = 10, repeat_pause: float = 60.0) -> Machine:
    random = Random(1)  # noqa: S311 - jitter
    return Machine(jobs, concurrency=concurrency, window=window, random=random, repeat_pause=repeat_pause)


REASONS = {
    Verdict.SENT: OutcomeReason.ACCEPTED,
    Verdict.REFUSED: OutcomeReason.REFUSED,
    Verdict.UNKNOWN: OutcomeReason.NO_ANSWER,
    Verdict.UNSENT: OutcomeReason.NOT_CONNECTED,
    Verdict.TOKEN_EXPIRED: OutcomeReason.TOKEN_REFUSED,
    Verdict.BUSY: OutcomeReason.BUSY,
}


def outcome(verdict: Verdict, **ids: object) -> Outcome:
    return Outcome(verdict, REASONS[verdict], **ids)  # type: ignore[arg-type]


def posted(commands: Sequence[object]) -> list[RequestKey]:
    return [command.key for command in commands if isinstance(command, Post)]


def recorded(commands: Sequence[object]) -> list[object]:
    return [entry for command in commands if isinstance(command, Record) for entry in command.entries]


def settled_results(subject: Machine) -> list[Result]:
    return [event.result for event in subject.take_events() if isinstance(event, RequestSettled)]


def start(subject: Machine) -> list[RequestKey]:
    """Make the intents durable; return the requests that are posted then."""
    subject.decide(at(0))
    subject.on_recorded()
    return posted(subject.decide(at(0)))


def states(subject: Machine) -> list[RequestState]:
    return [result.state for result in subject.results()]


def test_nothing_is_posted_before_its_intent_is_durable() -> None:
    """The first command records the send and its intent; the post follows only once that is durable."""
    subject = machine(job())
    first = subject.decide(at(0))
    assert [type(entry) for entry in recorded(first)] == [RevisionStarted, Intent]
    assert posted(subject.decide(at(1))) == []
    subject.on_recorded()
    assert posted(subject.decide(at(2))) == [RequestKey("sale/teaser", 1, 1)]


def test_an_accepted_request_is_reported_recorded_and_done() -> None:
    """An accepted request is reported immediately, recorded with its id, and then counts as recorded."""
    subject = machine(job())
    (key,) = start(subject)
    subject.on_answer(key, outcome(Verdict.SENT, transaction_id="t1"), at(1))
    commands = subject.decide(at(1))
    assert [result.state for result in settled_results(subject)] == [RequestState.SENT]
    (settled,) = recorded(commands)
    assert isinstance(settled, Settled)
    assert settled.transaction_id == "t1"
    assert not subject.finished
    subject.on_recorded()
    assert subject.finished
    assert [result.recorded for result in subject.results()] == [True]


@pytest.mark.parametrize(
    ("verdict", "state"),
    [(Verdict.REFUSED, RequestState.NOT_SENT), (Verdict.UNKNOWN, RequestState.UNKNOWN)],
)
def test_no_new_request_of_a_send_follows_a_bad_one(verdict: Verdict, state: RequestState) -> None:
    """After a refused or unknown request the rest of that send is not started, and other sends continue."""
    subject = machine(job(batches=3), job("other/send"), window=1)
    (key,) = start(subject)
    subject.on_answer(key, outcome(verdict), at(1))
    subject.decide(at(1))
    subject.on_recorded()
    assert posted(subject.decide(at(1))) == [RequestKey("other/send", 1, 1)]
    assert states(subject)[0] is state
    assert tuple(subject.held_back) == (RequestKey("sale/teaser", 1, 2), RequestKey("sale/teaser", 1, 3))


def test_a_request_that_never_left_is_tried_again_and_then_not_sent() -> None:
    """If no byte left, the same request is posted again with back-off, a limited number of times."""
    subject = machine(job())
    (key,) = start(subject)
    clock, posts = 0.0, 1
    while True:
        subject.on_answer(key, outcome(Verdict.UNSENT), at(clock))
        if posted(subject.decide(at(clock))):
            pytest.fail("posted again without any delay")
        wake = subject.wake_at()
        if wake is None:
            break
        assert wake > clock
        clock = wake
        assert posted(subject.decide(at(clock))) == [key]
        posts += 1
    assert posts == UNSENT_ATTEMPTS_MAX
    assert states(subject) == [RequestState.NOT_SENT]


@pytest.mark.parametrize("endpoint", [Endpoint.CONTACTS, Endpoint.EXTERNAL_CONSENT])
def test_an_unknown_outcome_is_never_posted_again(endpoint: Endpoint) -> None:
    """For the two immediate endpoints an unclear answer is final in this run."""
    subject = machine(job(endpoint=endpoint))
    (key,) = start(subject)
    subject.on_answer(key, outcome(Verdict.UNKNOWN), at(1))
    assert posted(subject.decide(at(100))) == []
    assert states(subject) == [RequestState.UNKNOWN]


def test_an_unknown_contact_source_request_is_repeated_as_repeated() -> None:
    """Only contact-source repeats after an unclear answer, and the post is marked as a repetition."""
    subject = machine(job(endpoint=Endpoint.CONTACT_SOURCE))
    (key,) = start(subject)
    subject.on_answer(key, outcome(Verdict.UNKNOWN), at(1))
    assert subject.decide(at(1)) == []
    (again,) = subject.decide(at(100))
    latest = Deadline(START + timedelta(seconds=INTENT_SECONDS_MAX), INTENT_SECONDS_MAX)
    assert again == Post(key, Endpoint.CONTACT_SOURCE, repeated=True, latest=latest)


@pytest.mark.parametrize(("pause", "wake"), [(60.0, 61.0), (0.0, 1.5)])
def test_a_repetition_waits(pause: float, wake: float) -> None:
    """An attempt that may have been accepted is repeated after the pause, or after the back-off if longer."""
    subject = machine(job(endpoint=Endpoint.CONTACT_SOURCE), repeat_pause=pause)
    (key,) = start(subject)
    subject.on_answer(key, outcome(Verdict.UNKNOWN), at(1))
    delays = [event for event in subject.take_events() if isinstance(event, RepetitionDelayed)]
    assert [delay.key for delay in delays] == [key] * bool(pause)
    assert wake - 0.5 < (subject.wake_at() or 0.0) <= wake
    assert posted(subject.decide(at(wake - 0.6))) == []
    assert posted(subject.decide(at(wake))) == [key]


@pytest.mark.parametrize("not_after", [None, START + timedelta(seconds=70)], ids=["intent", "window"])
def test_a_repetition_that_would_be_too_late_does_not_keep_the_run(not_after: datetime | None) -> None:
    """If the pause outlasts the intent or the window, the request is unknown now, with the real reason."""
    subject = machine(job(endpoint=Endpoint.CONTACT_SOURCE, not_after=not_after))
    (key,) = start(subject)
    answered = at(10 if not_after else INTENT_SECONDS_MAX - 60)
    subject.on_answer(key, outcome(Verdict.UNKNOWN), answered)
    (settled,) = recorded(subject.decide(answered))
    assert isinstance(settled, Settled)
    assert (settled.state, settled.reason) == (RequestState.UNKNOWN, OutcomeReason.NO_ANSWER)
    assert settled.since == START


@pytest.mark.parametrize(
    ("left", "wait"), [(-5, 0.0), (20, 20.0), (3600, 60.0)], ids=["passed", "soon", "clock set back"]
)
def test_a_repetition_of_an_earlier_run_waits(left: float, wait: float) -> None:
    """A run waits for the end of the pause after the last attempt of an earlier run, and never longer."""
    repeat_from = START + timedelta(seconds=left)
    subject = machine(job(endpoint=Endpoint.CONTACT_SOURCE, ambiguous=True, repeat_from=repeat_from))
    assert bool(start(subject)) is (wait == 0.0)
    if wait:
        assert posted(subject.decide(at(wait - 0.1))) == []
        assert len(posted(subject.decide(at(wait)))) == 1


def test_a_run_that_is_stopped_before_a_repetition_keeps_the_reason() -> None:
    """The request is unknown because of its last attempt, not because the run was stopped."""
    subject = machine(job(endpoint=Endpoint.CONTACT_SOURCE))
    (key,) = start(subject)
    subject.on_answer(key, outcome(Verdict.UNKNOWN), at(1))
    subject.stop()
    (settled,) = recorded(subject.decide(at(2)))
    assert isinstance(settled, Settled)
    assert (settled.state, settled.reason) == (RequestState.UNKNOWN, OutcomeReason.NO_ANSWER)


DAY_BEFORE = START - timedelta(seconds=REPEAT_AGE_SECONDS_MAX)


def test_a_job_is_not_repeated_after_a_day() -> None:
    """A day after the first attempt, the run records no intent of the job, and reports that it is left."""
    subject = machine(job(endpoint=Endpoint.CONTACT_SOURCE, ambiguous=True, since=DAY_BEFORE))
    assert subject.decide(at(0)) == []
    assert subject.finished
    assert [key.address for key in subject.held_back] == ["sale/teaser"]


def test_a_day_that_ends_while_a_repetition_waits() -> None:
    """The day counts until the first byte: it is checked at the post, and limits the last instant."""
    since = DAY_BEFORE + timedelta(seconds=5)
    subject = machine(job(endpoint=Endpoint.CONTACT_SOURCE, ambiguous=True, since=since))
    subject.decide(at(0))
    subject.on_recorded()
    (post,) = subject.decide(at(4))
    assert isinstance(post, Post)
    assert post.latest.wall == START + timedelta(seconds=5)
    subject = machine(
        job(
            endpoint=Endpoint.CONTACT_SOURCE,
            ambiguous=True,
            since=since,
            repeat_from=START + timedelta(seconds=9),
        )
    )
    (intent,) = [entry for entry in recorded(subject.decide(at(0))) if isinstance(entry, Intent)]
    assert intent.since == since
    subject.on_recorded()
    (settled,) = recorded(subject.decide(at(9)))
    assert isinstance(settled, Settled)
    assert (settled.state, settled.reason) == (RequestState.UNKNOWN, OutcomeReason.TOO_OLD_TO_REPEAT)
    assert settled.since == since


@pytest.mark.parametrize("verdict", [Verdict.REFUSED, Verdict.UNSENT, Verdict.BUSY, Verdict.TOKEN_EXPIRED])
def test_no_later_refusal_removes_an_ambiguity(verdict: Verdict) -> None:
    """A request with an attempt that may have been accepted never ends as not sent."""
    subject = machine(job(endpoint=Endpoint.CONTACT_SOURCE, ambiguous=True))
    (key,) = start(subject)
    clock = 0.0
    for _ in range(100):
        subject.on_answer(key, outcome(verdict), at(clock))
        clock += 1000
        if not posted(subject.decide(at(clock))):
            break
    assert states(subject) == [RequestState.UNKNOWN]


@pytest.mark.red_team(13)
def test_an_id_of_another_request_is_unknown() -> None:
    """A request whose answer has the id of another one, of this run or of the ledger, is unknown."""
    owner = RequestKey("sale/before", 1, 7)
    jobs = [job(f"sale/{name}") for name in "abc"]
    subject = Machine(
        jobs,
        concurrency=10,
        window=10,
        random=Random(1),  # noqa: S311 - jitter
        known_ids={"t7": owner},
    )
    for key, transaction_id in zip(start(subject), ("t1", "t1", "t7"), strict=True):
        subject.on_answer(key, outcome(Verdict.SENT, transaction_id=transaction_id), at(1))
    results = settled_results(subject)
    assert [(result.state, result.transaction_id) for result in results] == [
        (RequestState.SENT, "t1"),
        (RequestState.UNKNOWN, None),
        (RequestState.UNKNOWN, None),
    ]
    assert [result.evidence for result in results[1:]] == [
        "answered with the id of sale/a#1",
        "answered with the id of sale/before#7",
    ]


@pytest.mark.red_team(7)
def test_a_post_has_its_latest_instant() -> None:
    """The first byte must leave before the intent is too old, and before the window closes."""
    closing = START + timedelta(seconds=100)
    subject = machine(job("sale/a"), job("sale/b", not_after=closing))
    subject.decide(at(5))
    subject.on_recorded()
    end = at(5 + INTENT_SECONDS_MAX)
    posts = [command for command in subject.decide(at(50)) if isinstance(command, Post)]
    assert [post.latest for post in posts] == [Deadline(end.wall, end.tick), Deadline(closing, end.tick)]


def test_an_expired_token_allows_one_more_attempt() -> None:
    """A refused token allows one more post without a pause; a second refusal is final."""
    subject = machine(job())
    (key,) = start(subject)
    subject.on_answer(key, outcome(Verdict.TOKEN_EXPIRED), at(1))
    assert posted(subject.decide(at(1))) == [key]
    subject.on_answer(key, outcome(Verdict.TOKEN_EXPIRED), at(2))
    assert posted(subject.decide(at(100))) == []
    assert states(subject) == [RequestState.NOT_SENT]


def test_a_busy_vendor_halves_the_limit_once_per_burst() -> None:
    """Ten refusals of one burst halve the limit once; later successes raise it one by one."""
    subject = machine(job(batches=30), concurrency=8, window=30)
    keys = start(subject)
    assert len(keys) == 8
    for key in keys:
        subject.on_answer(key, outcome(Verdict.BUSY), at(1))
    again = posted(subject.decide(at(60)))
    assert len(again) == 4
    for key in again:
        subject.on_answer(key, outcome(Verdict.SENT), at(61))
    assert len(posted(subject.decide(at(62)))) == 5


def test_a_vendor_that_stays_busy_is_given_up() -> None:
    """A request that the vendor refuses as busy is repeated a limited number of times, and then not sent."""
    subject = machine(job())
    (key,) = start(subject)
    clock, posts = 0.0, 1
    while True:
        subject.on_answer(key, outcome(Verdict.BUSY), at(clock))
        subject.decide(at(clock))
        wake = subject.wake_at()
        if wake is None:
            break
        clock = wake
        assert posted(subject.decide(at(clock))) == [key]
        posts += 1
    assert posts == BUSY_ATTEMPTS_MAX
    assert states(subject) == [RequestState.NOT_SENT]


def test_never_more_in_flight_than_the_limit_nor_open_than_the_window() -> None:
    """With many requests at most `concurrency` are posted and at most `window` have an open intent."""
    subject = machine(job(batches=50), concurrency=3, window=5)
    first = subject.decide(at(0))
    assert sum(isinstance(entry, Intent) for entry in recorded(first)) == 5
    subject.on_recorded()
    assert len(posted(subject.decide(at(0)))) == 3


def test_a_stop_posts_nothing_more_and_records_what_is_in_flight() -> None:
    """After a signal, requests in flight are awaited and recorded; no other request is sent."""
    subject = machine(job(batches=2), concurrency=1)
    (key,) = start(subject)
    subject.stop()
    assert posted(subject.decide(at(1))) == []
    subject.on_answer(key, outcome(Verdict.SENT, transaction_id="t"), at(2))
    while not subject.finished:
        subject.decide(at(3))
        subject.on_recorded()
    assert states(subject) == [RequestState.SENT, RequestState.NOT_SENT]


def test_an_abort_leaves_requests_in_flight_unknown() -> None:
    """After a second signal the run ends immediately, and posted requests are unknown."""
    subject = machine(job())
    start(subject)
    subject.abort()
    assert subject.finished
    assert states(subject) == [RequestState.UNKNOWN]


def test_an_abort_records_and_reports_known_outcomes() -> None:
    """An answer that came before a second signal is recorded and reported."""
    subject = machine(job(batches=3), concurrency=2, window=2)
    keys = start(subject)
    subject.on_answer(keys[0], outcome(Verdict.SENT, transaction_id="t"), at(1))
    subject.decide(at(1))
    subject.on_answer(keys[1], outcome(Verdict.SENT, transaction_id="u"), at(2))
    subject.abort()
    last = subject.decide(at(2))
    assert [(type(entry), entry.key) for entry in recorded(last)] == [(Settled, keys[1])]
    assert [result.transaction_id for result in settled_results(subject)][1:] == ["u"]
    assert (subject.decide(at(3)), subject.finished) == ([], True)


@pytest.mark.parametrize("clock", ["wall", "tick"])
def test_a_request_with_an_old_intent_is_not_posted(clock: str) -> None:
    """A run gives up a request before another run or a person may consider the run lost."""
    subject = machine(job(batches=2), concurrency=1)
    (first,) = start(subject)
    late = at(INTENT_SECONDS_MAX + 1)
    late = late._replace(tick=0.0) if clock == "wall" else late._replace(wall=START)
    subject.on_answer(first, outcome(Verdict.BUSY), late)
    assert posted(subject.decide(late._replace(tick=late.tick + 60))) == []
    assert states(subject) == [RequestState.NOT_SENT, RequestState.NOT_SENT]
    assert timedelta(seconds=INTENT_SECONDS_MAX) < RUN_LOST_AFTER


def test_a_request_without_an_intent_was_not_started() -> None:
    """If the intent could not be recorded, the request counts as not started."""
    subject = machine(job())
    subject.decide(at(0))
    subject.on_record_failed(LedgerError("disk full"))
    assert (subject.results(), [key.batch for key in subject.held_back]) == ((), [1])


def test_a_window_that_closes_before_the_post_prevents_it() -> None:
    """The machine checks `notAfter` again before each post, after the intent."""
    subject = machine(job(not_after=START + timedelta(seconds=5)))
    subject.decide(at(0))
    subject.on_recorded()
    assert posted(subject.decide(at(5))) == []
    assert states(subject) == [RequestState.NOT_SENT]


def test_nothing_is_posted_after_the_ledger_failed() -> None:
    """A failed append stops the run: neither its intents nor later ones are posted."""
    subject = machine(job(batches=20), concurrency=2)
    keys = start(subject)
    subject.on_answer(keys[0], outcome(Verdict.SENT, transaction_id="t"), at(1))
    in_flight = [keys[1], *posted(subject.decide(at(1)))]
    subject.on_record_failed(LedgerError("disk full"))
    assert posted(subject.decide(at(2))) == []
    for key in in_flight:
        subject.on_answer(key, outcome(Verdict.SENT, transaction_id=f"u{key.batch}"), at(3))
    subject.decide(at(3))
    assert subject.finished
    accepted = [result for result in subject.results() if result.state is RequestState.SENT]
    assert [result.recorded for result in accepted] == [False, False, False]


def test_a_lost_race_gives_its_intents_back_and_keeps_its_outcomes() -> None:
    """After a conflict, no intent of the append is posted or in the results; its outcomes are recorded."""
    subject = machine(job(batches=3), concurrency=1, window=1)
    (key,) = start(subject)
    subject.on_answer(key, outcome(Verdict.SENT, transaction_id="t"), at(1))
    commands = subject.decide(at(1))
    assert [type(entry) for entry in recorded(commands)] == [Settled, Intent]
    subject.on_conflict(LedgerConflict("lost", left_out=recorded(commands)[1:]))
    assert posted(subject.decide(at(2))) == []
    assert subject.finished
    assert [(r.key.batch, r.recorded) for r in subject.results()] == [(1, True)]


def test_an_outcome_that_another_run_made_doubtful_is_unknown() -> None:
    """If the ledger leaves out a refusal because another run took over, the request is unknown."""
    subject = machine(job())
    (key,) = start(subject)
    subject.on_answer(key, outcome(Verdict.REFUSED), at(1))
    subject.on_conflict(LedgerConflict("lost", left_out=recorded(subject.decide(at(1)))))
    assert states(subject) == [RequestState.UNKNOWN]


def test_refused_credentials_end_the_run() -> None:
    """Refused credentials stop the run, and the request was not sent."""
    subject = machine(job(batches=2), concurrency=1)
    (key,) = start(subject)
    subject.on_post_failed(key, CredentialsError("refused"), at(1))
    while not subject.finished:
        subject.decide(at(1))
        subject.on_recorded()
    assert states(subject) == [RequestState.NOT_SENT, RequestState.NOT_SENT]
    assert [str(error) for error in subject.errors] == ["refused"]


def test_observers_read_the_events_of_a_request() -> None:
    """A request that is throttled, repeated and accepted reports each step, and the run its start and end."""
    subject = machine(job(), concurrency=2)
    (key,) = start(subject)
    subject.on_answer(key, outcome(Verdict.BUSY), at(0))
    subject.decide(at(0))
    assert posted(subject.decide(at(60))) == [key]
    subject.on_answer(key, outcome(Verdict.SENT, transaction_id="t"), at(61))
    subject.decide(at(61))
    subject.on_recorded()
    subject.decide(at(62))
    assert [type(event).__name__ for event in subject.take_events()] == [
        "RunStarted",
        "RequestIntended",
        "IntentDurable",
        "RequestPosted",
        "RequestAnswered",
        "RunThrottled",
        "RequestPosted",
        "RequestAnswered",
        "RequestSettled",
        "RunEnded",
    ]
    assert subject.take_events() == []


LEGAL = Interval(START, START + timedelta(seconds=5))


def test_legal_hours_that_end_before_the_post_prevent_it() -> None:
    """After the legal hours nothing of a send is posted, for one reason, and other sends continue."""
    subject = machine(job(batches=3, legal=LEGAL), job("other/send"), window=2)
    subject.decide(at(0))
    subject.on_recorded()
    assert posted(subject.decide(at(5))) == []
    assert [result.reason for result in subject.results()] == [OutcomeReason.QUIET_HOURS] * 2
    assert list(subject.held_back.values()) == [OutcomeReason.QUIET_HOURS, OutcomeReason.NOT_POSTED]
    subject.on_recorded()
    assert [key.address for key in posted(subject.decide(at(6)))] == ["other/send"]


def test_nothing_is_recorded_outside_of_legal_hours() -> None:
    """An intent is recorded neither after the legal hours, nor before them if a clock was set back."""
    for seconds in (-1, 5):
        subject = machine(job(legal=LEGAL))
        assert subject.decide(at(seconds)) == []
        assert list(subject.held_back.values()) == [OutcomeReason.QUIET_HOURS]


def test_the_legal_hours_limit_the_first_byte() -> None:
    """The end of the legal hours travels to the socket, and no pause outlasts it."""
    subject = machine(job(endpoint=Endpoint.CONTACT_SOURCE, legal=LEGAL))
    subject.decide(at(0))
    subject.on_recorded()
    (post,) = subject.decide(at(1))
    assert isinstance(post, Post)
    assert post.latest.wall == LEGAL.end
    subject.on_answer(post.key, outcome(Verdict.UNKNOWN), at(2))
    assert states(subject) == [RequestState.UNKNOWN]


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        (Verdict.REFUSED, OutcomeReason.EARLIER_REQUEST_FAILED),
        (Verdict.UNKNOWN, OutcomeReason.EARLIER_REQUEST_FAILED),
    ],
)
def test_a_request_that_was_not_started_has_a_reason(verdict: Verdict, reason: OutcomeReason) -> None:
    """Requests that a run did not start have the reason of their send, or that of the run."""
    subject = machine(job(batches=2), window=1)
    (key,) = start(subject)
    subject.on_answer(key, outcome(verdict), at(1))
    assert list(subject.held_back.values()) == [reason]
    subject = machine(job(batches=2), window=1)
    subject.decide(at(0))
    subject.stop()
    assert set(subject.held_back.values()) == {OutcomeReason.RUN_STOPPED}
    expired = machine(job(not_after=START))
    assert expired.decide(at(0)) == []
    assert list(expired.held_back.values()) == [OutcomeReason.EXPIRED]
