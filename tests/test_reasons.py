"""Reason codes: each has a sentence, occurs in a scenario, and is part of the schemas."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import sendspec
from sendspec.acoustic import NotFoundYet, StatusAnswer
from sendspec.acoustic.answer_context import PostedBody
from sendspec.acoustic.outcome import Answer, Failure, FailureKind, judge
from sendspec.errors import VendorBusy, VendorError, VendorUnavailable
from sendspec.load import load_project
from sendspec.model import (
    Endpoint,
    JobStop,
    LedgerState,
    OutcomeReason,
    PlanReason,
    RequestKey,
    SettledBy,
    StatusReason,
)
from sendspec.plan import plan_project
from sendspec.record_phrases import outcome_text
from sendspec.report.reasons import reason_text
from sendspec.report.status import status_json
from sendspec.schema import expanded
from sendspec.status import StatusBook, Transaction, TransactionStatus, poll
from sendspec.structs import replace
from tests.plans import (
    AT,
    NOW,
    SENT,
    UNKNOWN,
    action_value,
    mark_in_progress,
    plan_specs,
    record_of,
    with_times,
)
from tests.projects import CONTACTS, GATE, TEASER, as_marketing, people, project
from tests.servers import envelope

if TYPE_CHECKING:
    from sendspec.model import (
        Outcome,
        Plan,
        RequestState,
    )

GATE_CHANGE, TEASER_ADDRESS, SALE = "gate/change", "spring/teaser", "sale/last-call"
EXPIRED = '    notAfter: "2030-01-01T00:00:00Z"\n'


@pytest.fixture
def specs(tmp_path, monkeypatch) -> Path:
    """A working directory for a project called `specs`."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "specs"


def gate_plan(
    specs: Path, *states: RequestState, before: str = GATE, after: str = GATE, **record: Any
) -> Plan:
    """Return a plan of the campaign `after`, with a record of the campaign `before` in these states."""
    project(specs, before)
    ledger = {}
    if states:
        ledger[GATE_CHANGE] = replace(record_of(plan_specs(), GATE_CHANGE, *states), **record)
    project(specs, after)
    return plan_specs(ledger)


def in_progress_plan(specs: Path) -> Plan:
    """Return a plan of a send that another run may be sending."""
    project(specs, GATE)
    return plan_specs({GATE_CHANGE: mark_in_progress(record_of(plan_specs(), GATE_CHANGE, UNKNOWN))})


def repeated_plan(specs: Path) -> Plan:
    """Return a plan of a job with an unknown outcome."""
    project(specs, TEASER)
    return plan_specs({TEASER_ADDRESS: record_of(plan_specs(), TEASER_ADDRESS, UNKNOWN)})


def old_plan(specs: Path) -> Plan:
    """Return a plan of a job whose first attempt was more than a day ago."""
    project(specs, TEASER)
    record = record_of(plan_specs(), TEASER_ADDRESS, UNKNOWN)
    return plan_specs({TEASER_ADDRESS: with_times(record, "2030-01-14T12:00:00Z")})


def partial_plan(specs: Path, name: str = "Ada") -> Plan:
    """Return a plan of a send of two requests, one of them sent, after a change of all names."""
    project(specs, CONTACTS, count=1001)
    record = record_of(plan_specs(), SALE, SENT)
    (specs / "contacts" / "people.csv").write_text(people(1001, name=name))
    return plan_specs({SALE: record})


def absent_plan(specs: Path) -> Plan:
    """Return a plan of a send whose list is outside of the repository and not on this machine."""
    listed = f"{{file: people.csv, sha256: {'0' * 64}}}"
    project(specs, CONTACTS.replace("{file: ../contacts/people.csv}", listed))
    return plan_specs()


def job_plan(specs: Path, after: str = TEASER, stop: JobStop | None = None) -> Plan:
    """Return a plan of the campaign `after`, with a job at the vendor in the ledger."""
    project(specs, TEASER)
    record = record_of(plan_specs(), TEASER_ADDRESS, SENT)
    record = replace(record, requests=(replace(record.requests[0], stop=stop),))
    project(specs, after)
    return plan_specs({TEASER_ADDRESS: record})


def removed_plan(specs: Path) -> Plan:
    """Return a plan of a project whose send is only in the ledger."""
    project(specs, GATE)
    record = record_of(plan_specs(), GATE_CHANGE, SENT)
    project(specs, CONTACTS)
    return plan_specs({GATE_CHANGE: record})


def quiet_plan(specs: Path) -> Plan:
    """Return a plan for a target that could be a tunnel, at an hour at which Florida allows no marketing."""
    campaign = as_marketing(GATE).replace("1212555", "1305555")
    rules = "rules: {fictional-number: off, marketing-consent: off}"
    settings = f"version: 1\ntargets: {{vendor: {{baseUrl: 'http://127.0.0.1:9'}}}}\n{rules}\n"
    loaded = load_project(project(specs, campaign, settings=settings))
    target = loaded.targets["vendor"]
    return plan_project(loaded, target, LedgerState(target.name, target.account), NOW)


PLANS = {
    PlanReason.NEW: gate_plan,
    PlanReason.NEW_REVISION: lambda specs: gate_plan(specs, SENT, after=f"{GATE}    revision: 2\n"),
    PlanReason.RESUMED: partial_plan,
    PlanReason.REPEATED: repeated_plan,
    PlanReason.ALREADY_SENT: lambda specs: gate_plan(specs, SENT),
    PlanReason.TOO_EARLY: lambda specs: gate_plan(
        specs, after=f'{GATE}    notBefore: "2030-02-01T00:00:00Z"\n'
    ),
    PlanReason.QUIET_HOURS: quiet_plan,
    PlanReason.EXPIRED: lambda specs: gate_plan(specs, after=GATE + EXPIRED),
    PlanReason.BLOCKED: lambda specs: gate_plan(specs, after=as_marketing(GATE)),
    PlanReason.EDITED: lambda specs: gate_plan(specs, SENT, after=GATE.replace("flight", "train")),
    PlanReason.RECIPIENTS_CHANGED: lambda specs: partial_plan(specs, name="Grace"),
    PlanReason.REVISION_LOWERED: lambda specs: gate_plan(specs, SENT, revision=2),
    PlanReason.OUTCOME_UNKNOWN: lambda specs: gate_plan(specs, UNKNOWN),
    PlanReason.IN_PROGRESS: in_progress_plan,
    PlanReason.TOO_OLD_TO_REPEAT: old_plan,
    PlanReason.LIST_ABSENT: absent_plan,
    PlanReason.REMOVED: removed_plan,
    PlanReason.WITH_VENDOR: job_plan,
    PlanReason.STOPPED: lambda specs: job_plan(specs, stop=JobStop(AT, "asked to", ("1401",))),
    PlanReason.EDITED_BEFORE_DUE: lambda specs: job_plan(specs, TEASER.replace("2099-12-01", "2099-12-02")),
    PlanReason.REMOVED_BEFORE_DUE: lambda specs: job_plan(specs, CONTACTS),
}


@pytest.mark.parametrize("reason", PlanReason)
def test_every_plan_reason(reason, specs):
    """Each plan reason has a project and a ledger that yield it, a sentence without gaps, and its code."""
    plan = PLANS[reason](specs)
    [action] = [action for action in plan.actions if action.reason is reason]
    sentence = reason_text(action)
    assert sentence
    assert "{" not in sentence
    assert "  " not in sentence
    value = action_value(plan, action.address)
    assert (value["reason"], value["text"]) == (reason.value, sentence)


@pytest.mark.parametrize(
    ("lines", "obstacle", "clause"),
    [
        (EXPIRED, PlanReason.EXPIRED, "the send expired at 2030-01-01T00:00:00+00:00"),
        (
            '    notBefore: "2030-02-01T00:00:00Z"\n',
            PlanReason.TOO_EARLY,
            "the send waits until 2030-02-01T00:00:00+00:00",
        ),
    ],
)
def test_an_obstacle_to_a_repetition(lines, obstacle, clause, specs):
    """A job that cannot be repeated now has an obstacle, and its sentence contains it."""
    project(specs, TEASER)
    record = record_of(plan_specs(), TEASER_ADDRESS, UNKNOWN)
    project(specs, TEASER + lines)
    [send] = plan_specs({TEASER_ADDRESS: record}).sends
    assert (send.reason, send.obstacle) == (PlanReason.OUTCOME_UNKNOWN, obstacle)
    assert reason_text(send) == (
        f"the outcome of 1 request is unknown; {clause}; settle it with `sendspec resolve`"
    )


def test_a_blocked_repetition(specs):
    """The sentence of a job that cannot be repeated because a rule blocks it names the rule."""
    project(specs, TEASER.replace("2099-12-01", "2029-12-01"))
    record = record_of(plan_specs(), TEASER_ADDRESS, UNKNOWN)
    [send] = plan_specs({TEASER_ADDRESS: record}).sends
    assert (send.reason, send.obstacle) == (PlanReason.OUTCOME_UNKNOWN, PlanReason.BLOCKED)
    assert reason_text(send) == (
        "the outcome of 1 request is unknown; the send is blocked by schedule; "
        "settle it with `sendspec resolve`"
    )


# ── outcomes of requests


def answered(status: int, value: Any, *, repeated: bool = False) -> Outcome:
    """Return the outcome of a job request that the vendor answered with this JSON."""
    answer = Answer(status, {"content-type": "application/json"}, json.dumps(value).encode())
    body = PostedBody(b'{"messageName":"x"}')
    return judge(answer, Endpoint.CONTACT_SOURCE, repeated=repeated, body=body)


ANSWERS = {
    OutcomeReason.ACCEPTED: answered(201, envelope({"id": 7})),
    OutcomeReason.ACCEPTED_OTHER_STATUS: answered(200, envelope({"id": 7})),
    OutcomeReason.ACCEPTED_EARLIER: answered(
        400, envelope(None, ["A SMS with the name: x already exists"]), repeated=True
    ),
    OutcomeReason.REFUSED: answered(400, envelope(None, ["Wrong tags"])),
    OutcomeReason.REFUSED_AFTER_UNCLEAR: answered(400, envelope(None, ["Wrong tags"]), repeated=True),
    OutcomeReason.NOT_CONNECTED: judge(
        Failure(FailureKind.NOT_CONNECTED, "refused"), Endpoint.CONTACTS, repeated=False
    ),
    OutcomeReason.TOKEN_REFUSED: answered(401, envelope(None, ["The access token has expired"])),
    OutcomeReason.BUSY: answered(400, envelope(None, ["Max number of concurrent authenticated requests"])),
    OutcomeReason.NO_ANSWER: judge(Failure(FailureKind.BROKEN, "timeout"), Endpoint.CONTACTS, repeated=False),
    OutcomeReason.UNUSABLE_ANSWER: answered(500, {}),
    OutcomeReason.MISSING_ID: answered(201, envelope({})),
    OutcomeReason.CONTRADICTORY_ANSWER: answered(201, envelope({"id": 7}, ["Failure"])),
    OutcomeReason.OTHER_REQUEST: answered(400, envelope(None, ["A SMS with the name: y already exists"])),
}


@pytest.mark.parametrize("reason", ANSWERS)
def test_reasons_of_answers(reason):
    """Each kind of answer yields its own reason."""
    assert ANSWERS[reason].reason is reason


@pytest.mark.parametrize("reason", OutcomeReason)
@pytest.mark.parametrize("evidence", [None, "answered 400"])
def test_every_outcome_reason_has_a_sentence(reason, evidence):
    """Each outcome reason has a sentence, with and without evidence."""
    sentence = outcome_text(reason, evidence)
    assert sentence
    assert "{" not in sentence


def test_every_outcome_reason_is_used():
    """Each outcome reason is given by some module that decides, so no code is out of use."""
    package = Path(sendspec.__file__).parent
    decides = [
        path.read_text(encoding="utf-8")
        for path in package.rglob("*.py")
        if path.name not in {"reason_codes.py", "reasons.py", "record_phrases.py"}
    ]
    used = {name for text in decides for name in re.findall(r"OutcomeReason\.([A-Z_]+)", text)}
    assert used == {reason.name for reason in OutcomeReason}


# ── statuses of transactions


class StubVendor:
    """A vendor with one answer to every query."""

    def __init__(self, answer: StatusAnswer | NotFoundYet | VendorError) -> None:
        self._answer = answer

    def status(self, transaction_id: str) -> StatusAnswer | NotFoundYet:  # noqa: ARG002 - one answer
        """Return the answer, or raise it."""
        if isinstance(self._answer, VendorError):
            raise self._answer
        return self._answer


TRANSACTION = Transaction(RequestKey("sale/a", 2, 3), "t1")
STATUSES = {
    StatusReason.SETTLED: StatusAnswer(total=1, processed=1, sent=1, failed=(), errors=()),
    StatusReason.PROCESSING: StatusAnswer(total=2, processed=1, sent=1, failed=(), errors=()),
    StatusReason.NOT_FOUND_YET: NotFoundYet(),
    StatusReason.BUSY: VendorBusy("max number of concurrent requests"),
    StatusReason.UNAVAILABLE: VendorUnavailable("no status: timeout"),
    StatusReason.REFUSED: VendorError("answered 403"),
}


@pytest.mark.parametrize("reason", STATUSES)
def test_every_status_reason(reason):
    """Each kind of answer to a status query yields its own reason."""
    statuses: list[TransactionStatus] = []
    poll(
        StubVendor(STATUSES[reason]),
        [TRANSACTION],
        concurrency=1,
        timeout=0,
        interval=0,
        on_status=statuses.append,
    )
    assert [status.reason for status in statuses] == [reason]


def test_a_transaction_that_was_not_queried():
    """A transaction without a status in the ledger is not queried until a query answers."""
    [status] = StatusBook([TRANSACTION], ignore_ledger=False).statuses
    assert status.reason is StatusReason.NOT_QUERIED
    assert {*STATUSES, status.reason} == {*StatusReason}


@pytest.mark.parametrize("reason", StatusReason)
def test_every_status_reason_has_a_sentence(reason):
    """Each status reason has a sentence of its own if the vendor gave none."""
    text = status_json([TransactionStatus(TRANSACTION, reason)])
    assert f'"reason": "{reason.value}"' in text
    assert '"text": "the vendor ' in text


# ── names of requests, and schemas


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (RequestKey("sale/a[en]", 1, 3), "sale/a[en]#3"),
        (RequestKey("sale/a[en]", 2, 3), "sale/a[en]@2#3"),
    ],
)
def test_the_name_of_a_request(key, name):
    """The name of a request contains its revision if that is above 1."""
    assert str(key) == name


def test_schemas_have_every_code():
    """The codes in the schemas are those of the enums, in the same order."""
    plan = expanded("plan")["properties"]["actions"]["items"]["properties"]
    assert plan["reason"]["enum"] == [*map(str, PlanReason)]
    assert plan["obstacle"]["enum"] == ["expired", "blocked", "too-early", "quiet-hours", None]
    for requests in ("tried", "open"):
        assert plan[requests]["items"]["properties"]["reason"]["enum"] == [*map(str, OutcomeReason), None]
    receipt = expanded("receipt")["properties"]["requests"]["items"]["properties"]
    assert receipt["reason"]["enum"] == [*map(str, OutcomeReason)]
    status = expanded("status")["properties"]["transactions"]["items"]["properties"]
    assert status["reason"]["enum"] == [*map(str, StatusReason)]
    request = expanded("lockfile")["properties"]["sends"]["additionalProperties"]["properties"]["requests"]
    assert request["items"]["properties"]["settledBy"]["enum"] == [*map(str, SettledBy)]
    assert request["items"]["properties"]["reason"]["enum"] == [*map(str, OutcomeReason)]


def test_findings_have_one_form():
    """A finding has the same properties in a plan and in the findings of `validate`."""
    findings = [expanded(name)["properties"]["findings"]["items"] for name in ("plan", "findings")]
    assert findings[0]["properties"] == findings[1]["properties"]
    assert set(findings[0]["required"]) == set(findings[1]["required"])
