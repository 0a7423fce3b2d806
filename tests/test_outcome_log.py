"""The outcome log: which lines settle requests, and which text is ignored."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sendspec.ledger import Intent, RevisionStarted, Settled
from sendspec.ledger.journal_entries import fold
from sendspec.model import Endpoint, LedgerState, OutcomeReason, RequestKey, RequestState
from sendspec.outcome_log import format_log_line, has_unrecorded_outcomes, recover_outcomes
from sendspec.protocol import Result
from sendspec.structs import replace
from tests.ledgers import AT, accepted, record, started

SEND = "spring-sale/last-call[en]"
EMPTY = LedgerState("production", "api.example")
OPEN = fold(EMPTY, started(SEND, run="lost"))


def log_line(
    state: RequestState = RequestState.SENT,
    target: str = "production",
    evidence: str = "answered 202",
    run: str = "lost",
) -> str:
    result = Result(
        RequestKey(SEND, 1, 1),
        Endpoint.CONTACTS,
        state,
        OutcomeReason.ACCEPTED,
        1,
        evidence,
        transaction_id="1a2b-3c-4d",
    )
    return format_log_line(target, "api.example", run, result, AT)


STAMP = "2026-12-01T19:00:03.1234567Z "
COLUMNS = "apply / apply production\tApply\t"
PREFIXES = {
    "none, in a spool": "",
    "a time stamp, in a log of the web page": STAMP,
    "a time stamp in the first line of a file": "\ufeff" + STAMP,
    "job and step, as gh prints them": COLUMNS + STAMP,
    "job and step in the first line of a file": f"{COLUMNS}\ufeff{STAMP}",
    "job and an unknown step, as gh prints them": "apply / apply production\tUNKNOWN STEP\t" + STAMP,
    "the last line of a job's name with line breaks": "}\tApply\t" + STAMP,
}


@pytest.mark.parametrize("prefix", PREFIXES.values(), ids=PREFIXES)
def test_a_log_settles_an_open_intent(prefix: str) -> None:
    """A line settles the intent, after each prefix that runners and gh put before a line."""
    recovered = recover_outcomes(["noise\n", prefix + log_line() + "\n"], OPEN)
    (outcome,) = recovered.outcomes
    assert (outcome.state, outcome.transaction_id) == (RequestState.SENT, "1a2b-3c-4d")
    assert fold(OPEN, recovered.outcomes).sends[SEND].requests[0].state is RequestState.SENT


@pytest.mark.parametrize(
    "text",
    [
        "x " + log_line(),
        '    content: "' + log_line() + '"',
        f"{STAMP}x {log_line()}",
        f"{STAMP}{STAMP}{log_line()}",
        f"{STAMP} {log_line()}",
        f"{STAMP}x\ty\t{log_line()}",
        f"{STAMP}x\ty\t{STAMP}{log_line()}",
        f"\ufeff{STAMP}x\ty\t{STAMP}{log_line()}",
        COLUMNS + log_line(),
        f"{COLUMNS}{STAMP}x {log_line()}",
        f"{COLUMNS}{STAMP}x\ty\t{STAMP}{log_line()}",
        f"{COLUMNS}{STAMP}\t{log_line()}",
        f"{COLUMNS}x\t{STAMP}{log_line()}",
        log_line()[:-5],
        log_line().replace('"batch": 1', '"batch": "one"'),
        log_line(target="other"),
        log_line(RequestState.UNKNOWN),
        "sendspec-request []",
        "sendspec-request " + "[" * 100_000,
    ],
)
def test_other_text_settles_nothing(text: str) -> None:
    """Text within a line, broken JSON, other targets and unknown outcomes settle nothing."""
    assert recover_outcomes([text], OPEN).outcomes == ()


def test_a_job_that_is_restored_keeps_its_first_attempt() -> None:
    """A ledger that lost a job gets it back as unknown, with the time from which the day counts."""
    key, since = RequestKey("spring/teaser", 1, 1), AT - timedelta(hours=20)
    header = replace(record(), endpoint=Endpoint.CONTACT_SOURCE, recipients=None)
    state, reason = RequestState.UNKNOWN, OutcomeReason.NO_ANSWER
    result = Result(key, header.endpoint, state, reason, 4, since=since)
    known = fold(EMPTY, [RevisionStarted(key.address, header)])
    found = recover_outcomes([format_log_line("production", "api.example", "lost", result, AT)], known)
    assert [(outcome.key, outcome.since) for outcome in found.restored] == [(key, since)]


def test_settled_requests_do_not_change() -> None:
    """A line about a request that is settled, or was never started, changes nothing."""
    known = fold(OPEN, [accepted(SEND)])
    assert recover_outcomes([log_line(RequestState.NOT_SENT)], known).outcomes == ()
    assert recover_outcomes([log_line()], EMPTY).outcomes == ()
    assert recover_outcomes([log_line()], known).known_lines == 1


def test_an_acceptance_in_the_log_corrects_the_ledger() -> None:
    """A request that the ledger has as not sent, or under another id, gets the acceptance of the log."""
    denied = fold(OPEN, [Settled(RequestKey(SEND, 1, 1), RequestState.NOT_SENT, AT, 1)])
    elsewhere = fold(OPEN, [accepted(SEND, transaction_id="9f-9f")])
    for state, also in ((denied, ()), (elsewhere, ("1a2b-3c-4d",))):
        settled = fold(state, recover_outcomes([log_line()], state).outcomes).sends[SEND].requests[0]
        assert (settled.state, settled.also_accepted) == (RequestState.SENT, also)
        assert has_unrecorded_outcomes([log_line()], state, own_runs=())


def test_not_sent_counts_only_from_the_run_of_the_intent() -> None:
    """A refusal of an earlier run does not settle the intent of a lost run, only one of its own does."""
    key = RequestKey(SEND, 1, 1)
    refused = log_line(RequestState.NOT_SENT)
    again = fold(OPEN, [Intent(key, AT, run="later")])
    nameless = fold(OPEN, [Intent(key, AT)])
    for state in (again, nameless):
        assert recover_outcomes([refused, refused.replace('"lost"', "null")], state).outcomes == ()
    assert [outcome.state for outcome in recover_outcomes([refused], OPEN).outcomes] == [
        RequestState.NOT_SENT
    ]
    assert [outcome.state for outcome in recover_outcomes([log_line()], again).outcomes] == [
        RequestState.SENT
    ]


def test_a_refused_job_does_not_settle_the_repetition_of_another_run() -> None:
    """A job whose name exists may be refused because another run, now lost, repeated it."""
    header = replace(record(), endpoint=Endpoint.CONTACT_SOURCE, recipients=None)
    repeated = fold(EMPTY, [RevisionStarted(SEND, header), Intent(RequestKey(SEND, 1, 1), AT, run="later")])
    assert recover_outcomes([log_line(RequestState.NOT_SENT)], repeated).outcomes == ()


def test_an_acceptance_overrides_later_lines() -> None:
    """If one line says that a request was sent, no later line takes that back."""
    recovered = recover_outcomes([log_line(), log_line(RequestState.NOT_SENT)], OPEN)
    assert [outcome.state for outcome in recovered.outcomes] == [RequestState.SENT]


def test_a_line_contains_no_runner_command() -> None:
    """Evidence with line breaks and runner commands stays inside one harmless line."""
    text = log_line(evidence="a\n::error::b ##[error]c")
    assert "\n" not in text
    assert "##[" not in text
    assert not text.startswith("::")


def test_outcomes_of_other_runs_are_unrecorded_until_the_ledger_has_them() -> None:
    """An outcome of another run is unrecorded while its request is open or missing in the ledger."""
    known = fold(OPEN, [accepted(SEND)])
    assert has_unrecorded_outcomes([log_line()], OPEN, own_runs=())
    assert has_unrecorded_outcomes([log_line()], EMPTY, own_runs=())
    assert not has_unrecorded_outcomes([log_line()], known, own_runs=())
    assert not has_unrecorded_outcomes([log_line()], OPEN, own_runs=("lost",))
    assert not has_unrecorded_outcomes(["noise", log_line(target="other")], OPEN, own_runs=())
