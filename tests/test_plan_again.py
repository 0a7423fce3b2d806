"""Plans of sends whose earlier revisions or requests were sent, in whole, in part, or not at all."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sendspec.ledger.codec import lockfile_bytes
from sendspec.model import LedgerState, OutcomeReason, SettledBy, Sign
from sendspec.plan_digest import plan_digest
from sendspec.report.terminal import plan_text
from sendspec.structs import replace
from tests.plans import (
    AT,
    SENT,
    UNKNOWN,
    UNSENT,
    action_lines,
    action_value,
    plan_specs,
    plan_value,
    record_of,
    with_times,
)
from tests.projects import CONTACTS, GATE, TEASER, people, project

if TYPE_CHECKING:
    from pathlib import Path

SALE = "sale/last-call"


@pytest.fixture(autouse=True)
def specs(tmp_path, monkeypatch) -> Path:
    """A working directory for a project called `specs`."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "specs"


def raised(text: str, revision: int = 2) -> str:
    """Return a campaign of one send, with its revision raised."""
    return f"{text}    revision: {revision}\n"


# ── sent again


def test_a_raised_revision_is_marked_as_sent_again(specs):
    """The plan shows when and to how many recipients the earlier revision was sent, and the changes."""
    project(specs, CONTACTS, count=2412)
    record = with_times(record_of(plan_specs(), SALE, SENT, SENT, SENT), *["2026-12-01T19:00:03Z"] * 3)
    project(specs, raised(CONTACTS.replace("20%", "30%")), count=2500)
    plan = plan_specs({SALE: record})
    lines = action_lines(plan, SALE)
    assert lines[0].endswith("SENDS AGAIN to 2,500 people, immediately, 2,500 segments")
    assert "delivery  SENDS AGAIN to 2,500 recipients in 3 requests, 2,500 segments, immediately" in lines
    assert lines[1] == (
        "sends again: revision 2; revision 1 was sent on 2026-12-01 (UTC) to 2,412 recipients in 3 requests"
    )
    changes = lines[lines.index("compared with revision 1:") + 1 :]
    assert changes[0] == "content"
    assert changes[1].startswith('- "Acme: hi %%NAME%%, 20%')
    assert changes[2].startswith('+ "Acme: hi %%NAME%%, 30%')
    assert changes[3] == "recipients: 2,412 → 2,500"
    assert not any("the same" in line for line in lines)
    assert f"AGAIN: 1 send will reach recipients of an earlier revision: {SALE}." in plan_text(plan)


def test_the_same_recipients_are_named(specs):
    """The plan states that all recipients get a second message, because equal counts do not show it."""
    project(specs, CONTACTS)
    record = record_of(plan_specs(), SALE, SENT)
    project(specs, raised(CONTACTS))
    lines = action_lines(plan_specs({SALE: record}), SALE)
    start = lines.index("compared with revision 1:") + 1
    assert lines[start : start + 2] == [
        "nothing else changed",
        "recipients: the same 3; all of them got revision 1",
    ]
    (specs / "contacts" / "people.csv").write_text(people(3, name="Grace"))
    others = action_lines(plan_specs({SALE: record}), SALE)
    assert "recipients: still 3, with other recipients, order or values" in others


def test_an_earlier_revision_that_was_sent_in_part(specs):
    """The plan shows how many recipients and requests of the earlier revision were sent, and the days."""
    project(specs, CONTACTS, count=2500)
    record = record_of(plan_specs(), SALE, SENT, UNSENT, SENT)
    record = with_times(record, "2026-12-01T23:59:59Z", "2026-12-02T00:00:00Z", "2026-12-02T00:00:01Z")
    project(specs, raised(CONTACTS), count=2500)
    plan = plan_specs({SALE: record})
    assert action_lines(plan, SALE)[1] == (
        "sends again: revision 2; revision 1 was sent in part from 2026-12-01 to 2026-12-02 (UTC) to 1,500 "
        "of 2,500 recipients in 2 of 3 requests"
    )
    assert "recipients: the same 2,500; 1,500 of them got revision 1" in action_lines(plan, SALE)


def test_a_refused_revision_is_not_sent_again(specs):
    """A refused revision reached no recipient, so the plan shows only the refusal and its reason."""
    project(specs, CONTACTS)
    record = record_of(plan_specs(), SALE, UNSENT)
    project(specs, raised(CONTACTS))
    plan = plan_specs({SALE: record})
    assert "AGAIN" not in plan_text(plan)
    assert action_lines(plan, SALE)[1] == (
        "sends instead: revision 2; nothing of revision 1 was sent (1 attempt, last at "
        "2030-01-14T09:30:00Z: no answer within 30 s)"
    )


def test_every_earlier_revision_is_shown(specs):
    """The changes compare with the newest accepted revision, also if a refused one came after it."""
    project(specs, CONTACTS)
    first = record_of(plan_specs(), SALE, SENT)
    project(specs, raised(CONTACTS.replace("20%", "25%")))
    refused = replace(record_of(plan_specs({SALE: first}), SALE, UNSENT), earlier=(first,))
    project(specs, raised(CONTACTS.replace("20%", "30%"), 3))
    plan = plan_specs({SALE: refused})
    assert "nothing of revision 2 was sent" in action_lines(plan, SALE)[1]
    assert "; revision 1 was sent on" in action_lines(plan, SALE)[1]
    [change] = action_value(plan, SALE)["changes"]
    assert ("20%" in change["sent"], "30%" in change["now"]) == (True, True)
    assert action_value(plan, SALE)["baseRevision"] == 1


def test_a_waiting_send_is_marked_as_sent_again(specs):
    """A waiting send shows its recipients and that it is sent again, because it is reviewed now."""
    project(specs, CONTACTS)
    record = record_of(plan_specs(), SALE, SENT)
    project(specs, raised(CONTACTS) + '    notBefore: "2030-02-01T18:00:00+01:00"\n')
    plan = plan_specs({SALE: record})
    lines = action_lines(plan, SALE)
    assert lines[0].endswith("SENDS AGAIN to 3 people, Fri 1 Feb 2030, 12:00 New York, 3 segments")
    assert (
        "delivery  waits until 2030-02-01T18:00:00+01:00; the first apply after that SENDS AGAIN to "
        "3 recipients in 1 request, 3 segments"
    ) in lines
    assert "AGAIN: 1 send will reach" in plan_text(plan)
    assert (action_value(plan, SALE)["batches"], action_value(plan, SALE)["pending"]) == ([], [1])


def test_a_job_that_is_sent_again(specs):
    """The plan shows id and date of the earlier job; only the vendor knows the recipients."""
    project(specs, TEASER)
    record = record_of(plan_specs(), "spring/teaser", SENT)
    allow = "    allow: [{rule: changed-after-send, reason: both days}]\n"
    project(specs, raised(TEASER).replace("-teaser", "-teaser-2") + allow)
    lines = action_lines(plan_specs({"spring/teaser": record}), "spring/teaser")
    assert "SENDS AGAIN to a contact source of unknown size, Tue 1 Dec 2099" in lines[0]
    assert lines[1] == (
        "sends again: revision 2; revision 1 was accepted on 2030-01-14 (UTC) as job 1401, scheduled for "
        "2099-12-01T14:00:00-05:00"
    )
    assert "recipients: kept by the vendor; the contact source may have changed since" in lines


def test_a_job_without_an_id_has_no_exact_day(specs):
    """A repetition showed that the job was accepted, so the day is only an upper limit."""
    project(specs, TEASER)
    record = record_of(plan_specs(), "spring/teaser", SENT)
    record = replace(record, requests=(replace(record.requests[0], job_id=None),))
    project(specs, raised(TEASER).replace("-teaser", "-teaser-2"))
    assert action_lines(plan_specs({"spring/teaser": record}), "spring/teaser")[1] == (
        "sends again: revision 2; revision 1 was accepted on or before 2030-01-14 (UTC), scheduled for "
        "2099-12-01T14:00:00-05:00"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [("    revision", '    notAfter: "2030-01-01T00:00:00Z"\n    revision'), ("Acme:", "%%LOST%%")],
)
def test_a_send_that_is_not_sent_is_not_announced(specs, old, new):
    """A blocked and an expired send are not announced as sent again."""
    project(specs, CONTACTS)
    record = record_of(plan_specs(), SALE, SENT)
    project(specs, raised(CONTACTS).replace(old, new))
    plan = plan_specs({SALE: record})
    assert [send.batches for send in plan.sends] == [()]
    assert "AGAIN: " not in plan_text(plan)


@pytest.mark.parametrize(
    ("settled_by", "day"),
    [
        (SettledBy.RUN, "on 2030-01-14 (UTC)"),
        (SettledBy.LOG, "on 2030-01-14 (UTC)"),
        (SettledBy.PERSON, "on or before 2030-01-14 (UTC)"),
    ],
)
def test_the_day_depends_on_who_settled_the_request(specs, settled_by, day):
    """A run and its log record the time of acceptance, a person the time of their own answer."""
    project(specs, CONTACTS)
    record = record_of(plan_specs(), SALE, SENT)
    record = replace(record, requests=(replace(record.requests[0], settled_by=settled_by),))
    project(specs, raised(CONTACTS))
    assert action_lines(plan_specs({SALE: record}), SALE)[1] == (
        f"sends again: revision 2; revision 1 was sent {day} to 3 recipients in 1 request"
    )


def test_a_request_that_a_person_settled_has_no_exact_day(specs, cli):
    """`resolve` records the time of the answer, so the plan shows it as an upper limit."""
    project(specs, CONTACTS)
    state = LedgerState("sandbox", "sandbox", {SALE: record_of(plan_specs(), SALE, UNKNOWN)})
    (specs / "sendspec.sandbox.lock").write_bytes(lockfile_bytes(state))
    assert cli("resolve", f"{SALE}#1", "--sent", "1a2b-18d0-4d5e", "--reason", "in the report").code == 0
    project(specs, raised(CONTACTS))
    day = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
    assert re.search(rf"revision 1 was sent on or before {day} \(UTC\) to 3 recipients", cli("plan").out)


def test_earlier_revisions_as_json(specs):
    """JSON has every earlier revision that was sent with its extent, and a count in the summary."""
    project(specs, CONTACTS, count=2500)
    record = record_of(plan_specs(), SALE, SENT, SENT, UNSENT)
    project(specs, raised(CONTACTS), GATE, count=2500)
    plan = plan_specs({SALE: record})
    assert plan_value(plan)["summary"]["again"] == 1
    assert action_value(plan, "gate/change")["sentBefore"] == []
    assert action_value(plan, SALE)["sentBefore"] == [
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


def test_a_first_message_that_became_a_second_one_has_another_digest(specs):
    """A plan that was approved as a first message is stale once an earlier revision was sent."""
    project(specs, CONTACTS)
    record = record_of(plan_specs(), SALE, SENT)
    project(specs, raised(CONTACTS))
    first, again = plan_specs(), plan_specs({SALE: record})
    assert first.digest != again.digest
    refused = replace(record, requests=(replace(record.requests[0], state=UNSENT),))
    assert plan_specs({SALE: refused}).digest == first.digest
    newer = record_of(again, SALE, SENT)
    [done] = plan_specs({SALE: replace(newer, earlier=(record,))}).actions
    assert done.sign is Sign.DONE
    assert plan_digest("sandbox", "sandbox", [replace(done, batches=(1,))]) == again.digest


def test_a_lowered_revision_sends_nothing(specs):
    """A revision below that of the ledger sends nothing and is shown as a change."""
    project(specs, CONTACTS)
    record = replace(record_of(plan_specs(), SALE, SENT), revision=3)
    lines = action_lines(plan_specs({SALE: record}), SALE)
    assert lines[0].endswith("the revision is lower than in the ledger; nothing is sent")
    assert lines[1:5] == ["compared with revision 3:", "revision", "- 3", "+ 1"]


# ── tried before


def test_a_refused_request_shows_its_attempts_and_reason(specs):
    """A request that was refused will probably be refused again, so the plan shows it."""
    project(specs, CONTACTS)
    record = record_of(plan_specs(), SALE, UNSENT)
    refused = replace(
        record.requests[0],
        attempts=2,
        reason=OutcomeReason.REFUSED,
        evidence="answered 400: SMS Program is inactive",
    )
    plan = plan_specs({SALE: replace(record, requests=(refused,))})
    assert action_lines(plan, SALE)[1] == (
        "tried before, not sent: 2 attempts, last at 2030-01-14T09:30:00Z: answered 400: "
        "SMS Program is inactive"
    )
    assert action_value(plan, SALE)["tried"] == [
        {
            "batch": 1,
            "at": "2030-01-14T09:30:00Z",
            "attempts": 2,
            "reason": "refused",
            "evidence": "answered 400: SMS Program is inactive",
        }
    ]


def test_several_requests_that_were_tried_are_summed_up(specs):
    """The plan sums up their attempts and shows the latest reason; unposted requests are not attempts."""
    project(specs, CONTACTS, count=2500)
    record = record_of(plan_specs(), SALE, SENT, UNSENT, UNSENT)
    sent, second, third = record.requests
    third = replace(
        third, attempts=0, at=AT + timedelta(minutes=1), reason=OutcomeReason.RUN_STOPPED, evidence=None
    )
    plan = plan_specs({SALE: replace(record, requests=(sent, second, third))})
    assert (
        "tried before, not sent: 2 requests, 1 attempt, last at 2030-01-14T09:31:00Z: "
        "the run was stopped before it posted this request"
    ) in action_lines(plan, SALE)
    plan = plan_specs({SALE: replace(record, requests=(sent, third))})
    assert any("not sent: never posted, last at" in line for line in action_lines(plan, SALE))
