"""What a plan says of what went out before, in whole, in part or not at all, and would go out again."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sendspec.ledger.codec import lockfile_bytes
from sendspec.model import LedgerState, OutcomeReason, Sign
from sendspec.plan import digest_of
from sendspec.report.text import plan_text
from tests.plans import AT, SENT, UNKNOWN, UNSENT, action_of, at, begun, planned, shown, value
from tests.projects import CONTACTS, GATE, TEASER, people, project

if TYPE_CHECKING:
    from pathlib import Path

SALE = "sale/last-call"


@pytest.fixture(autouse=True)
def specs(tmp_path, monkeypatch) -> Path:
    """A working directory for a project called `specs`, as places name it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "specs"


def raised(text: str, revision: int = 2) -> str:
    """A campaign of one send, with its revision raised."""
    return f"{text}    revision: {revision}\n"


# ── sent again


def test_a_raised_revision_says_loudly_that_it_sends_again(specs):
    """When and to how many the earlier one went, what changed since, and once more below."""
    project(specs, CONTACTS, count=2412)
    record = at(begun(planned(), SALE, SENT, SENT, SENT), *["2026-12-01T19:00:03Z"] * 3)
    project(specs, raised(CONTACTS.replace("20%", "30%")), count=2500)
    plan = planned({SALE: record})
    lines = shown(plan, SALE)
    assert "SENDS AGAIN to 2,500 recipients in 3 requests, 2,500 segments, at once" in lines[0]
    assert lines[1] == (
        "sends again: revision 2; revision 1 was sent on 2026-12-01 (UTC) to 2,412 recipients in 3 requests"
    )
    changes = lines[lines.index("compared with revision 1:") + 1 :]
    assert changes[0] == "content"
    assert changes[1].startswith('- "Acme: hi %%NAME%%, 20%')
    assert changes[2].startswith('+ "Acme: hi %%NAME%%, 30%')
    assert changes[3] == "recipients: 2,412 → 2,500"
    assert not any("the same" in line for line in lines)
    assert f"AGAIN: 1 send will reach people who had an earlier revision: {SALE}." in plan_text(plan)


def test_the_same_recipients_are_told_as_such(specs):
    """Everybody gets a second message: said in words, since no number would tell."""
    project(specs, CONTACTS)
    record = begun(planned(), SALE, SENT)
    project(specs, raised(CONTACTS))
    lines = shown(planned({SALE: record}), SALE)
    at_changes = lines.index("compared with revision 1:")
    assert lines[at_changes + 1 :][:2] == [
        "nothing else changed",
        "recipients: the same 3, all of whom had revision 1",
    ]
    (specs / "contacts" / "people.csv").write_text(people(3, name="Grace"))
    others = shown(planned({SALE: record}), SALE)
    assert "recipients: still 3, but not the same people, or in another order, or with other values" in others


def test_what_went_out_in_part_is_told_in_its_parts(specs):
    """How many of how many recipients and requests had the earlier revision, over the days it took."""
    project(specs, CONTACTS, count=2500)
    record = begun(planned(), SALE, SENT, UNSENT, SENT)
    record = at(record, "2026-12-01T23:59:59Z", "2026-12-02T00:00:00Z", "2026-12-02T00:00:01Z")
    project(specs, raised(CONTACTS), count=2500)
    plan = planned({SALE: record})
    assert shown(plan, SALE)[1] == (
        "sends again: revision 2; revision 1 was sent in part from 2026-12-01 to 2026-12-02 (UTC) to 1,500 "
        "of 2,500 recipients in 2 of 3 requests"
    )
    assert "recipients: the same 2,500, 1,500 of whom had revision 1" in shown(plan, SALE)


def test_what_was_never_accepted_is_not_sent_again(specs):
    """A refused revision reached nobody: no alarm, but what was refused, and why."""
    project(specs, CONTACTS)
    record = begun(planned(), SALE, UNSENT)
    project(specs, raised(CONTACTS))
    plan = planned({SALE: record})
    assert "AGAIN" not in plan_text(plan)
    assert shown(plan, SALE)[1] == (
        "sends instead: revision 2; nothing of revision 1 was sent (1 attempt, the last time at "
        "2030-01-14T09:30:00Z: no answer within 30 s)"
    )


def test_every_earlier_revision_is_told(specs):
    """The newest that was accepted is compared with, also where a refused one lies between."""
    project(specs, CONTACTS)
    first = begun(planned(), SALE, SENT)
    project(specs, raised(CONTACTS.replace("20%", "25%")))
    refused = replace(begun(planned({SALE: first}), SALE, UNSENT), earlier=(first,))
    project(specs, raised(CONTACTS.replace("20%", "30%"), 3))
    plan = planned({SALE: refused})
    assert "nothing of revision 2 was sent" in shown(plan, SALE)[1]
    assert "; revision 1 was sent on" in shown(plan, SALE)[1]
    [change] = action_of(plan, SALE)["changes"]
    assert ("20%" in change["sent"], "30%" in change["now"], action_of(plan, SALE)["against"]) == (
        True,
        True,
        1,
    )


def test_a_send_that_waits_says_already_that_it_sends_again(specs):
    """What is merged today and goes out tomorrow is reviewed today: to how many, and that it is again."""
    project(specs, CONTACTS)
    record = begun(planned(), SALE, SENT)
    project(specs, raised(CONTACTS) + '    notBefore: "2030-02-01T09:00:00+01:00"\n')
    plan = planned({SALE: record})
    assert shown(plan, SALE)[0].endswith(
        "waits for 2030-02-01T09:00:00+01:00; the first apply from then on SENDS AGAIN to 3 recipients in "
        "1 request, 3 segments"
    )
    assert "AGAIN: 1 send will reach" in plan_text(plan)
    assert (action_of(plan, SALE)["batches"], action_of(plan, SALE)["pending"]) == ([], [1])


def test_a_job_again_says_when_the_first_was_accepted(specs):
    """The job's id and time; who gets it twice, only the vendor knows."""
    project(specs, TEASER)
    record = begun(planned(), "spring/teaser", SENT)
    project(specs, raised(TEASER).replace("-teaser", "-teaser-2"))
    lines = shown(planned({"spring/teaser": record}), "spring/teaser")
    assert "SENDS AGAIN to a contact source of unknown size in 1 job, at 2099" in lines[0]
    assert lines[1] == (
        "sends again: revision 2; revision 1 was accepted on 2030-01-14 (UTC) as job 1401, due at "
        "2099-12-01T14:00:00-05:00"
    )
    assert "recipients: kept by the vendor: whoever is in the contact source by then, again or not" in lines


def test_a_job_whose_id_was_never_learnt_says_no_day(specs):
    """That it had been accepted became known when it was repeated: some time after it was."""
    project(specs, TEASER)
    record = begun(planned(), "spring/teaser", SENT)
    record = replace(record, requests=(replace(record.requests[0], job_id=None),))
    project(specs, raised(TEASER).replace("-teaser", "-teaser-2"))
    assert shown(planned({"spring/teaser": record}), "spring/teaser")[1] == (
        "sends again: revision 2; revision 1 was accepted by 2030-01-14 (UTC) at the latest, due at "
        "2099-12-01T14:00:00-05:00"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [("    revision", '    notAfter: "2030-01-01T00:00:00Z"\n    revision'), ("Acme:", "%%LOST%%")],
)
def test_what_does_not_go_out_is_not_announced(specs, old, new):
    """Neither what an error holds back nor what missed its window reaches anybody again."""
    project(specs, CONTACTS)
    record = begun(planned(), SALE, SENT)
    project(specs, raised(CONTACTS).replace(old, new))
    plan = planned({SALE: record})
    assert [one.batches for one in plan.actions] == [()]
    assert "AGAIN: " not in plan_text(plan)


def test_a_day_that_nobody_knows_is_not_told(specs, cli):
    """What a person settled was sent some time before they did."""
    project(specs, CONTACTS)
    state = LedgerState("sandbox", "sandbox", {SALE: begun(planned(), SALE, UNKNOWN)})
    (specs / "sendspec.sandbox.lock").write_bytes(lockfile_bytes(state))
    assert cli("resolve", f"{SALE}#1", "--sent", "1a2b-18d0-4d5e", "--reason", "in the report").code == 0
    project(specs, raised(CONTACTS))
    told = cli("plan").out
    assert re.search(
        r"revision 1 was sent by [0-9]{4}-[0-9]{2}-[0-9]{2} \(UTC\) at the latest to 3 recipients", told
    )


def test_again_for_machines(specs):
    """Every earlier revision that was sent, with how many of how many, and a count in the summary."""
    project(specs, CONTACTS, count=2500)
    record = begun(planned(), SALE, SENT, SENT, UNSENT)
    project(specs, raised(CONTACTS), GATE, count=2500)
    plan = planned({SALE: record})
    assert value(plan)["summary"]["again"] == 1
    assert action_of(plan, "gate/change")["sentBefore"] == []
    assert action_of(plan, SALE)["sentBefore"] == [
        {
            "revision": 1,
            "requests": 2,
            "ofRequests": 3,
            "recipients": 2000,
            "ofRecipients": 2500,
            "first": "2030-01-14T09:30:00Z",
            "last": "2030-01-14T09:30:00Z",
        }
    ]


def test_a_first_message_that_became_a_second_one_is_another_plan(specs):
    """Approved while nobody had the message, it is stale once an earlier revision was sent."""
    project(specs, CONTACTS)
    record = begun(planned(), SALE, SENT)
    project(specs, raised(CONTACTS))
    first, again = planned(), planned({SALE: record})
    assert first.digest != again.digest
    refused = replace(record, requests=(replace(record.requests[0], state=UNSENT),))
    assert planned({SALE: refused}).digest == first.digest
    newer = begun(again, SALE, SENT)
    [done] = planned({SALE: replace(newer, earlier=(record,))}).actions
    assert done.sign is Sign.DONE
    assert digest_of("sandbox", "sandbox", [replace(done, batches=(1,))]) == again.digest


def test_a_lowered_revision_sends_nothing(specs):
    """What the ledger has is newer: the number is shown as any other change."""
    project(specs, CONTACTS)
    record = replace(begun(planned(), SALE, SENT), revision=3)
    lines = shown(planned({SALE: record}), SALE)
    assert lines[0].endswith("its revision is lower than the one in the ledger: nothing of it goes out")
    assert lines[1:5] == ["compared with revision 3:", "revision", "- 3", "+ 1"]


# ── tried before


def test_a_request_that_was_refused_says_how_often_and_why(specs):
    """What failed last time will most likely fail again: the reviewer sees it before."""
    project(specs, CONTACTS)
    record = begun(planned(), SALE, UNSENT)
    refused = replace(
        record.requests[0],
        attempts=2,
        reason=OutcomeReason.REFUSED,
        evidence="answered 400: SMS Program is inactive",
    )
    plan = planned({SALE: replace(record, requests=(refused,))})
    assert shown(plan, SALE)[1] == (
        "tried before and not sent: 2 attempts, the last time at 2030-01-14T09:30:00Z: answered 400: "
        "SMS Program is inactive"
    )
    assert action_of(plan, SALE)["tried"] == [
        {
            "batch": 1,
            "at": "2030-01-14T09:30:00Z",
            "attempts": 2,
            "reason": "refused",
            "evidence": "answered 400: SMS Program is inactive",
        }
    ]


def test_several_requests_that_were_tried_are_summed_up(specs):
    """Their number, all attempts, and the latest reason; one that was never posted is not an attempt."""
    project(specs, CONTACTS, count=2500)
    record = begun(planned(), SALE, SENT, UNSENT, UNSENT)
    sent, second, third = record.requests
    third = replace(
        third, attempts=0, at=AT + timedelta(minutes=1), reason=OutcomeReason.RUN_STOPPED, evidence=None
    )
    plan = planned({SALE: replace(record, requests=(sent, second, third))})
    assert (
        "tried before and not sent: 2 requests, 1 attempt, the last time at 2030-01-14T09:31:00Z: "
        "the run was stopped before it posted this request"
    ) in shown(plan, SALE)
    plan = planned({SALE: replace(record, requests=(sent, third))})
    assert any("not sent: never posted, the last time" in line for line in shown(plan, SALE))
