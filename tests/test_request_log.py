"""Receipts in a log: what they tell, and that nothing else is taken for one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sendspec.ledger import Fixed, Intent, Settled
from sendspec.ledger.entries import fold
from sendspec.model import Endpoint, LedgerState, OutcomeReason, RequestKey, RequestState
from sendspec.protocol import Result
from sendspec.request_log import rebuild, receipt_line, tells_more
from tests.ledgers import AT, accepted, begun, record

SEND = "spring-sale/last-call[en]"
EMPTY = LedgerState("production", "api.example")
OPEN = fold(EMPTY, begun(SEND, run="gone"))


def line(
    state: RequestState = RequestState.SENT,
    target: str = "production",
    evidence: str = "202",
    run: str = "gone",
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
    return receipt_line(target, "api.example", run, result, AT)


STAMP = "2026-12-01T19:00:03.1234567Z "
COLUMNS = "apply / apply production\tApply\t"
BEFORE = {
    "nothing, in a spool": "",
    "a time stamp, in a log of the web page": STAMP,
    "a time stamp in the first line of a file": "\ufeff" + STAMP,
    "job and step, as gh prints them": COLUMNS + STAMP,
    "job and step in the first line of a file": f"{COLUMNS}\ufeff{STAMP}",
    "job and step where gh does not know the step": "apply / apply production\tUNKNOWN STEP\t" + STAMP,
    "the last line of a job's name of several": "}\tApply\t" + STAMP,
}


@pytest.mark.parametrize("prefix", BEFORE.values(), ids=BEFORE)
def test_a_log_settles_what_the_ledger_only_intended(prefix: str) -> None:
    """A receipt line, after whatever a runner and gh put before each line, gives the outcome of an intent."""
    rebuilt = rebuild(["noise\n", prefix + line() + "\n"], OPEN)
    (outcome,) = rebuilt.outcomes
    assert (outcome.state, outcome.transaction_id) == (RequestState.SENT, "1a2b-3c-4d")
    assert fold(OPEN, rebuilt.outcomes).sends[SEND].requests[0].state is RequestState.SENT


@pytest.mark.parametrize(
    "text",
    [
        "x " + line(),
        '    content: "' + line() + '"',
        f"{STAMP}x {line()}",
        f"{STAMP}{STAMP}{line()}",
        f"{STAMP} {line()}",
        f"{STAMP}x\ty\t{line()}",
        f"{STAMP}x\ty\t{STAMP}{line()}",
        f"\ufeff{STAMP}x\ty\t{STAMP}{line()}",
        COLUMNS + line(),
        f"{COLUMNS}{STAMP}x {line()}",
        f"{COLUMNS}{STAMP}x\ty\t{STAMP}{line()}",
        f"{COLUMNS}{STAMP}\t{line()}",
        f"{COLUMNS}x\t{STAMP}{line()}",
        line()[:-5],
        line().replace('"batch": 1', '"batch": "one"'),
        line(target="other"),
        line(RequestState.UNKNOWN),
        "sendspec-receipt []",
        "sendspec-receipt " + "[" * 100_000,
    ],
)
def test_nothing_else_is_taken_for_a_receipt(text: str) -> None:
    """Text within a line, broken JSON, other targets and unknown outcomes settle nothing."""
    assert rebuild([text], OPEN).outcomes == ()


def test_what_the_ledger_knows_is_left_as_it_is() -> None:
    """A receipt about a request that is settled, or was never intended, changes nothing."""
    known = fold(OPEN, [accepted(SEND)])
    assert rebuild([line(RequestState.NOT_SENT)], known).outcomes == ()
    assert rebuild([line()], EMPTY).outcomes == ()
    assert rebuild([line()], known).known == 1


def test_a_receipt_of_an_acceptance_outweighs_the_ledger() -> None:
    """What the ledger calls not-sent by mistake, or sent under another id, is set right by the log."""
    denied = fold(OPEN, [Settled(RequestKey(SEND, 1, 1), RequestState.NOT_SENT, AT, 1)])
    elsewhere = fold(OPEN, [accepted(SEND, transaction_id="9f-9f")])
    for state, also in ((denied, ()), (elsewhere, ("1a2b-3c-4d",))):
        settled = fold(state, rebuild([line()], state).outcomes).sends[SEND].requests[0]
        assert (settled.state, settled.also_accepted) == (RequestState.SENT, also)
        assert tells_more([line()], state, runs=())


def test_an_earlier_run_cannot_tell_what_a_later_one_did() -> None:
    """A refusal of a run before does not settle the intent of the run that is gone, only one of its own."""
    key = RequestKey(SEND, 1, 1)
    refused = line(RequestState.NOT_SENT)
    again = fold(OPEN, [Intent(key, AT, run="later")])
    nameless = fold(OPEN, [Intent(key, AT)])
    for state in (again, nameless):
        assert rebuild([refused, refused.replace('"gone"', "null")], state).outcomes == ()
    assert [outcome.state for outcome in rebuild([refused], OPEN).outcomes] == [RequestState.NOT_SENT]
    assert [outcome.state for outcome in rebuild([line()], again).outcomes] == [RequestState.SENT]


def test_a_job_that_another_run_repeated_is_not_called_not_sent() -> None:
    """A job whose name is taken was refused to one run because another, now gone, repeated it."""
    header = replace(record(), endpoint=Endpoint.CONTACT_SOURCE, recipients=None)
    repeated = fold(EMPTY, [Fixed(SEND, header), Intent(RequestKey(SEND, 1, 1), AT, run="later")])
    assert rebuild([line(RequestState.NOT_SENT)], repeated).outcomes == ()


def test_an_acceptance_outweighs_later_lines() -> None:
    """If one line says that a request was sent, no later line takes that back."""
    rebuilt = rebuild([line(), line(RequestState.NOT_SENT)], OPEN)
    assert [outcome.state for outcome in rebuilt.outcomes] == [RequestState.SENT]


def test_a_receipt_is_one_harmless_line() -> None:
    """Evidence with line breaks and workflow commands stays inside one line that no runner obeys."""
    text = line(evidence="a\n::error::b ##[error]c")
    assert "\n" not in text
    assert "##[" not in text
    assert not text.startswith("::")


def test_a_spool_is_kept_until_the_ledger_knows_it_all() -> None:
    """Receipts of other runs are news while their requests are open, or not in the ledger at all."""
    known = fold(OPEN, [accepted(SEND)])
    assert tells_more([line()], OPEN, runs=())
    assert tells_more([line()], EMPTY, runs=())
    assert not tells_more([line()], known, runs=())
    assert not tells_more([line()], OPEN, runs=("gone",))
    assert not tells_more(["noise", line(target="other")], OPEN, runs=())
