"""What a reviewer must not overlook in a plan: who gets it again, what is unknown, which list is read."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sendspec import schema
from sendspec.model import Place, Places, RequestState, Sign
from sendspec.plan import digest_of
from sendspec.report.json import plan_json
from sendspec.report.text import plan_text
from sendspec.words import stamp
from tests.plans import NOW, SENT, UNKNOWN, UNSENT, begun, planned
from tests.projects import CONTACTS, GATE, TEASER, people, project

if TYPE_CHECKING:
    from pathlib import Path

    from sendspec.model import Plan, SendRecord

SALE = "sale/last-call"
RUN = "3f2a9c01d5e84b7fa6c0e1b2d3f4a596"


@pytest.fixture(autouse=True)
def specs(tmp_path, monkeypatch) -> Path:
    """A working directory for a project called `specs`, as places name it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "specs"


def raised(text: str, revision: int = 2) -> str:
    """A campaign of one send, with its revision raised."""
    return f"{text}    revision: {revision}\n"


def at(record: SendRecord, *instants: str) -> SendRecord:
    """The same record with other instants, one a request."""
    requests = zip(record.requests, instants, strict=True)
    return replace(record, requests=tuple(replace(request, at=instant) for request, instant in requests))


def young(record: SendRecord, minutes: float = 1, run: str | None = RUN) -> SendRecord:
    """The same record as a run left it that began its first request so many minutes ago."""
    first, *others = record.requests
    since = stamp(NOW - timedelta(minutes=minutes))
    intent = replace(first, state=RequestState.INTENT, at=since, evidence=None, run=run)
    return replace(record, requests=(intent, *others))


def last_line(plan: Plan) -> str:
    """The footer."""
    [line] = [line for line in plan_text(plan).splitlines() if line.startswith("Plan: ")]
    return line


def shown(plan: Plan, address: str = SALE) -> list[str]:
    """What is said of one send, line by line."""
    blocks = [block.splitlines() for block in plan_text(plan).split("\n\n")]
    return next(
        [line.strip() for line in block] for block in blocks if block[0][2:].startswith(f"{address}  ")
    )


def value(plan: Plan) -> dict:
    """The plan as JSON, which its schema describes."""
    read = json.loads(plan_json(plan))
    assert schema.check("plan", read, Places(Place("plan"))) == []
    return read


def action(plan: Plan, address: str = SALE) -> dict:
    """One action of the plan as JSON."""
    return next(one for one in value(plan)["actions"] if one["address"] == address)


# ── the footer


def test_a_contact_source_alone_is_counted_as_a_job(specs):
    """Nothing is said of recipients, requests and segments that are not known."""
    project(specs, TEASER)
    assert last_line(planned()) == (
        "Plan: 1 to send (1 job for a contact source of unknown size), 0 blocked, 0 already sent, 0 unknown."
    )
    assert (
        value(planned())["summary"] | {"recipients": 0, "requests": 1, "unsized": 1}
        == (value(planned())["summary"])
    )


def test_jobs_are_not_counted_among_the_requests_of_recipients(specs):
    """Beside sends whose size is known the jobs are a number of their own."""
    two = TEASER.replace("campaign: spring", "campaign: summer")
    project(specs, CONTACTS, TEASER, two, count=1001)
    assert last_line(planned()) == (
        "Plan: 3 to send (1,001 recipients in 2 requests, 1,001 segments; 2 jobs for contact sources of "
        "unknown size), 0 blocked, 0 already sent, 0 unknown."
    )


def test_without_a_contact_source_the_footer_is_that_of_the_design(specs):
    """Recipients, requests and segments in parentheses, and nothing else."""
    project(specs, CONTACTS, GATE, count=12_430)
    assert last_line(planned()) == (
        "Plan: 2 to send (12,432 recipients in 14 requests, 12,432 segments), 0 blocked, 0 already sent, "
        "0 unknown."
    )


def test_segments_of_a_published_message_are_not_counted_as_none(specs):
    """A text that only the vendor has is no text of no segments, alone or beside others."""
    published = CONTACTS.replace("content: ", "contentId: e3c3d1ea\n    # ")
    published = published.replace("    personalizationDefaults: {NAME: there}\n", "")
    project(specs, published)
    assert "(3 recipients in 1 request, segments of 1 published message not known)" in last_line(planned())
    assert value(planned())["summary"]["segments"] is None
    project(specs, published, GATE)
    assert "(5 recipients in 2 requests, 2 segments and those of 1 published message)" in last_line(planned())


@pytest.mark.parametrize(
    ("told", "number"),
    [("open", "1 unknown (1 to be repeated)"), ("young", "1 unknown (1 may be in progress)")],
)
def test_a_job_that_will_be_repeated_is_counted_as_unknown(specs, told, number):
    """Its sign is `>`, and whether it was accepted is not known all the same."""
    project(specs, TEASER)
    record = begun(planned(), "spring/teaser", UNKNOWN)
    plan = planned({"spring/teaser": young(record) if told == "young" else record})
    assert [one.sign for one in plan.actions] == [Sign.RESUME]
    assert number in last_line(plan)
    assert value(plan)["summary"]["unknown"] == 1


def test_what_is_unknown_of_sends_that_left_the_specs_is_counted(specs):
    """Nobody settles it by forgetting the send; an unknown request of an earlier revision counts as well."""
    project(specs, CONTACTS, GATE)
    gone = begun(planned(), SALE, UNKNOWN)
    (specs / "campaigns" / "c0.yaml").unlink()
    plan = planned({SALE: gone})
    assert "1 to send (2 recipients" in last_line(plan)
    assert last_line(plan).endswith("1 unknown (1 no longer in the specs).")
    assert "in the ledger, no longer in the specs; the outcome of 1 request is unknown" in plan_text(plan)
    newer = replace(gone, revision=2, requests=(replace(gone.requests[0], state=SENT),), earlier=(gone,))
    assert last_line(planned({SALE: newer})).endswith("1 unknown (1 no longer in the specs).")


# ── sent again


def test_a_raised_revision_says_loudly_that_it_sends_again(specs):
    """When and to how many the earlier one went, what changed since, and once more below."""
    project(specs, CONTACTS, count=2412)
    record = at(begun(planned(), SALE, SENT, SENT, SENT), *["2026-12-01T19:00:03Z"] * 3)
    project(specs, raised(CONTACTS.replace("20%", "30%")), count=2500)
    plan = planned({SALE: record})
    lines = shown(plan)
    assert "SENDS AGAIN to 2,500 recipients in 3 requests, 2,500 segments, at once" in lines[0]
    assert lines[1] == (
        "sends again: revision 2; revision 1 was sent on 2026-12-01 (UTC) to 2,412 recipients in 3 requests"
    )
    changes = lines[lines.index("compared with revision 1:") + 1 :]
    assert changes[0] == "content"
    assert changes[1].startswith('- "Acme: hi %%NAME%%, 20%')
    assert changes[2].startswith('+ "Acme: hi %%NAME%%, 30%')
    assert changes[3] == "recipients: 2,412 → 2,500"
    assert f"AGAIN: 1 send will reach people who had an earlier revision: {SALE}." in plan_text(plan)


def test_the_same_recipients_are_told_as_such(specs):
    """Everybody gets a second message: said in words, since no number would tell."""
    project(specs, CONTACTS)
    record = begun(planned(), SALE, SENT)
    project(specs, raised(CONTACTS))
    lines = shown(planned({SALE: record}))
    at_changes = lines.index("compared with revision 1:")
    assert lines[at_changes + 1 :][:2] == [
        "nothing else changed",
        "recipients: the same 3, all of whom had revision 1",
    ]
    (specs / "contacts" / "people.csv").write_text(people(3, name="Grace"))
    assert "recipients: still 3, but not the same people, or in another order, or with other values" in shown(
        planned({SALE: record})
    )


def test_what_went_out_in_part_is_told_in_its_parts(specs):
    """How many of how many recipients and requests had the earlier revision, over the days it took."""
    project(specs, CONTACTS, count=2500)
    record = begun(planned(), SALE, SENT, UNSENT, SENT)
    record = at(record, "2026-12-01T23:59:59Z", "2026-12-02T00:00:00Z", "2026-12-02T00:00:01Z")
    project(specs, raised(CONTACTS), count=2500)
    plan = planned({SALE: record})
    assert shown(plan)[1] == (
        "sends again: revision 2; revision 1 was sent in part from 2026-12-01 to 2026-12-02 (UTC) to 1,500 "
        "of 2,500 recipients in 2 of 3 requests"
    )
    assert "recipients: the same 2,500, 1,500 of whom had revision 1" in shown(plan)


def test_what_was_never_accepted_is_not_sent_again(specs):
    """A refused revision reached nobody: no alarm, but what was refused, and why."""
    project(specs, CONTACTS)
    record = begun(planned(), SALE, UNSENT)
    project(specs, raised(CONTACTS))
    plan = planned({SALE: record})
    assert "AGAIN" not in plan_text(plan)
    assert shown(plan)[1] == (
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
    assert "nothing of revision 2 was sent" in shown(plan)[1]
    assert "; revision 1 was sent on" in shown(plan)[1]
    [change] = action(plan)["changes"]
    assert ("20%" in change["sent"], "30%" in change["now"], action(plan)["against"]) == (True, True, 1)


def test_a_send_that_waits_says_already_that_it_sends_again(specs):
    """What is merged today and goes out tomorrow is reviewed today: to how many, and that it is again."""
    project(specs, CONTACTS)
    record = begun(planned(), SALE, SENT)
    project(specs, raised(CONTACTS) + '    notBefore: "2030-02-01T09:00:00+01:00"\n')
    plan = planned({SALE: record})
    assert shown(plan)[0].endswith(
        "waits for 2030-02-01T09:00:00+01:00; the first apply from then on SENDS AGAIN to 3 recipients in "
        "1 request, 3 segments"
    )
    assert "AGAIN: 1 send will reach" in plan_text(plan)
    assert (action(plan)["batches"], action(plan)["pending"]) == ([], [1])


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


def test_a_day_that_nobody_knows_is_not_told(specs):
    """What a person settled was sent some time before they did."""
    project(specs, CONTACTS)
    record = begun(planned(), SALE, SENT)
    by_hand = replace(record.requests[0], evidence="resolved by hand: it is in the report")
    project(specs, raised(CONTACTS))
    plan = planned({SALE: replace(record, requests=(by_hand,))})
    assert "revision 1 was sent by 2030-01-14 (UTC) at the latest to 3 recipients" in shown(plan)[1]


def test_again_for_machines(specs):
    """Every earlier revision that was sent, with how many of how many, and a count in the summary."""
    project(specs, CONTACTS, count=2500)
    record = begun(planned(), SALE, SENT, SENT, UNSENT)
    project(specs, raised(CONTACTS), GATE, count=2500)
    plan = planned({SALE: record})
    assert value(plan)["summary"]["again"] == 1
    assert action(plan, "gate/change")["sentBefore"] == []
    assert action(plan)["sentBefore"] == [
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


# ── tried before


def test_a_request_that_was_refused_says_how_often_and_why(specs):
    """What failed last time will most likely fail again: the reviewer sees it before."""
    project(specs, CONTACTS)
    record = begun(planned(), SALE, UNSENT)
    refused = replace(record.requests[0], attempts=2, evidence="answered 400: SMS Program is inactive")
    plan = planned({SALE: replace(record, requests=(refused,))})
    assert shown(plan)[1] == (
        "tried before and not sent: 2 attempts, the last time at 2030-01-14T09:30:00Z: answered 400: "
        "SMS Program is inactive"
    )
    assert action(plan)["tried"] == [
        {
            "batch": 1,
            "at": "2030-01-14T09:30:00Z",
            "attempts": 2,
            "evidence": "answered 400: SMS Program is inactive",
        }
    ]


def test_several_requests_that_were_tried_are_summed_up(specs):
    """Their number, all attempts, and the latest reason; one that was never posted is not an attempt."""
    project(specs, CONTACTS, count=2500)
    record = begun(planned(), SALE, SENT, UNSENT, UNSENT)
    sent, second, third = record.requests
    third = replace(third, attempts=0, at="2030-01-14T09:31:00Z", evidence="the run was stopped")
    plan = planned({SALE: replace(record, requests=(sent, second, third))})
    assert (
        "tried before and not sent: 2 requests, 1 attempt, the last time at 2030-01-14T09:31:00Z: "
        "the run was stopped"
    ) in shown(plan)
    plan = planned({SALE: replace(record, requests=(sent, third))})
    assert any("not sent: never posted, the last time" in line for line in shown(plan))


# ── in progress


@pytest.mark.parametrize(("run", "by"), [(RUN, " by run 3f2a9c01"), (None, "")])
def test_a_run_that_may_be_alive_is_not_called_unknown(specs, run, by):
    """Since when, whose it is, and how long to wait; `resolve` needs to be told that the run is gone."""
    project(specs, GATE)
    plan = planned({"gate/change": young(begun(planned(), "gate/change", UNKNOWN), run=run)})
    text = plan_text(plan)
    assert (
        f"? gate/change  external-consent  in progress since 11:59:00 UTC{by}, or that run is gone: wait "
        "until 12:15 UTC, then plan again"
    ) in text
    assert f"gate/change#1 is in progress since 11:59:00 UTC{by}, or that run is gone (gate/change)" in text
    assert "`sendspec resolve 'gate/change#1' --not-sent --run-is-gone --reason TEXT`" in text
    assert last_line(plan).endswith("1 unknown (1 may be in progress).")
    assert [(one["run"], one["inProgress"]) for one in action(plan, "gate/change")["open"]] == [(run, True)]


def test_after_a_quarter_of_an_hour_it_is_unknown(specs):
    """The clock is the plan's own: one second makes the difference."""
    project(specs, GATE)
    record = begun(planned(), "gate/change", UNKNOWN)
    just = planned({"gate/change": young(record, 15 - 1 / 60)})
    over = planned({"gate/change": young(record, 15)})
    assert "in progress since" in plan_text(just)
    assert "in progress since" not in plan_text(over)
    assert "--run-is-gone" not in plan_text(over)
    assert "the outcome of 1 request is unknown: settle it with `sendspec resolve`" in plan_text(over)


def test_an_intent_of_an_instant_that_is_none_is_unknown(specs):
    """A lockfile edited by hand does not break the plan."""
    project(specs, GATE)
    record = young(begun(planned(), "gate/change", UNKNOWN))
    plan = planned({"gate/change": at(record, "2030-99-99T99:99:99Z")})
    assert "the outcome of 1 request is unknown" in plan_text(plan)


def test_what_is_in_progress_beside_what_is_unknown(specs):
    """A person is needed for some of it, so that is what the line says."""
    project(specs, CONTACTS, count=2500)
    record = young(begun(planned(), SALE, UNKNOWN, UNKNOWN, UNKNOWN))
    text = plan_text(planned({SALE: record}))
    assert (
        "the outcome of 3 requests is unknown (1 may be in progress): settle them with `sendspec resolve`"
        in text
    )
    assert "1 unknown." in text
    first = record.requests[0]
    both = replace(record, requests=(first, replace(first, batch=2, at="2030-01-15T11:59:30Z")))
    assert "2 requests in progress since 11:59:30 UTC" in plan_text(planned({SALE: both}))


# ── held back


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('notAfter: "2030-01-01T00:00:00Z"', "its window ended at 2030-01-01T00:00:00+00:00"),
        ('notBefore: "2030-02-01T00:00:00Z"', "it waits for 2030-02-01T00:00:00+00:00"),
    ],
)
def test_an_unknown_job_that_cannot_be_repeated_now_has_its_command(specs, line, why):
    """Outside of its window only a person can settle it: an error with the exact command."""
    project(specs, f"{TEASER}    {line}\n")
    plan = planned({"spring/teaser": begun(planned(), "spring/teaser", UNKNOWN)})
    text = plan_text(plan)
    assert f"the outcome of 1 request is unknown, and {why}: settle it with `sendspec resolve`" in text
    assert "error [unknown-outcome]" in text
    assert "`sendspec resolve 'spring/teaser#1' --sent JOBID --reason TEXT`" in text


def test_a_window_that_passed_unsent_is_a_warning_and_what_was_sent_is_none(specs):
    """A year typed wrongly must not look like a campaign that is over; neither stops other sends."""
    project(specs, f'{GATE}    notAfter: "2020-01-01T00:00:00Z"\n', CONTACTS)
    record = begun(planned(), SALE, SENT)
    late = planned({SALE: record})
    assert "warning [window]: notAfter 2020-01-01T00:00:00+00:00 has passed: nothing of it was sent" in (
        plan_text(late)
    )
    assert "hold back the whole plan" not in plan_text(late)
    project(specs, GATE)
    sent = begun(planned(), "gate/change", SENT)
    project(specs, f'{GATE}    notAfter: "2020-01-01T00:00:00Z"\n')
    assert "window" not in plan_text(planned({"gate/change": sent}))


def test_an_error_names_what_it_holds_back(specs):
    """A reviewer sees at the end that nothing goes out at all, and for what."""
    project(specs, GATE.replace("transactional", "marketing"), CONTACTS)
    text = plan_text(planned())
    assert "! gate/change  external-consent  blocked by marketing-consent" in text
    held = "1 error holds back the whole plan, apply sends nothing until mended"
    assert f"\n{held}: gate/change (marketing-consent).\n" in text


# ── who is texted


def test_the_list_that_is_texted_is_named(specs):
    """The file with its rows and how many were left out; or that they stand in the campaign."""
    project(specs, CONTACTS, GATE)
    with (specs / "contacts" / "people.csv").open("a") as file:
        file.write("12015550100,Ada\n12015550101,Ada\n")
    plan = planned()
    assert "contacts: specs/contacts/people.csv, 5 rows, 2 duplicates left out" in shown(plan)
    assert "contacts: 2 in the campaign file" in shown(plan, "gate/change")
    assert action(plan)["contacts"] == {"file": "specs/contacts/people.csv", "rows": 5, "duplicates": 2}
    assert action(plan, "gate/change")["contacts"] == {"file": None, "rows": 2, "duplicates": 0}


def test_what_went_out_more_than_once_says_so(specs):
    """Two ids of one request are two messages to somebody, however old they are."""
    project(specs, GATE, CONTACTS, count=1001)
    twice = begun(planned(), "gate/change", SENT)
    twice = replace(twice, requests=(replace(twice.requests[0], also_accepted=("9f-9",)),))
    many = begun(planned(), SALE, SENT, SENT)
    many = replace(many, requests=(many.requests[0], replace(many.requests[1], also_accepted=("9f-8",))))
    text = plan_text(planned({"gate/change": twice, SALE: many}))
    assert "(transaction 1a2b-18d0001-4d5e; it went out MORE THAN ONCE, also as 9f-9)" in text
    assert "already sent in 2 requests, 1 of them MORE THAN ONCE" in text
