"""What a reviewer must not overlook in a plan: its numbers, what holds it back, which list is read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sendspec.model import Sign
from sendspec.report.text import plan_text
from tests.plans import SENT, UNKNOWN, action_of, begun, footer_of, planned, shown, value, young
from tests.projects import CONTACTS, GATE, TEASER, project

if TYPE_CHECKING:
    from pathlib import Path

SALE = "sale/last-call"


@pytest.fixture(autouse=True)
def specs(tmp_path, monkeypatch) -> Path:
    """A working directory for a project called `specs`, as places name it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "specs"


# ── the footer


def test_a_contact_source_alone_is_counted_as_a_job(specs):
    """Nothing is said of recipients, requests and segments that are not known."""
    project(specs, TEASER)
    assert footer_of(planned()) == (
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
    assert footer_of(planned()) == (
        "Plan: 3 to send (1,001 recipients in 2 requests, 1,001 segments; 2 jobs for contact sources of "
        "unknown size), 0 blocked, 0 already sent, 0 unknown."
    )


def test_without_a_contact_source_the_footer_is_that_of_the_design(specs):
    """Recipients, requests and segments in parentheses, and nothing else."""
    project(specs, CONTACTS, GATE, count=12_430)
    assert footer_of(planned()) == (
        "Plan: 2 to send (12,432 recipients in 14 requests, 12,432 segments), 0 blocked, 0 already sent, "
        "0 unknown."
    )


def test_segments_of_a_published_message_are_not_counted_as_none(specs):
    """A text that only the vendor has is no text of no segments, alone or beside others."""
    published = CONTACTS.replace("content: ", "contentId: e3c3d1ea\n    # ")
    published = published.replace("    personalizationDefaults: {NAME: there}\n", "")
    project(specs, published)
    assert "(3 recipients in 1 request, segments of 1 published message not known)" in footer_of(planned())
    assert value(planned())["summary"]["segments"] is None
    project(specs, published, GATE)
    assert "(5 recipients in 2 requests, 2 segments and those of 1 published message)" in footer_of(planned())


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
    assert number in footer_of(plan)
    assert value(plan)["summary"]["unknown"] == 1


def test_what_is_unknown_of_sends_that_left_the_specs_is_counted(specs):
    """Nobody settles it by forgetting the send; an unknown request of an earlier revision counts as well."""
    project(specs, CONTACTS, GATE)
    gone = begun(planned(), SALE, UNKNOWN)
    (specs / "campaigns" / "c0.yaml").unlink()
    plan = planned({SALE: gone})
    assert "1 to send (2 recipients" in footer_of(plan)
    assert footer_of(plan).endswith("1 unknown (1 no longer in the specs).")
    assert "in the ledger, no longer in the specs; the outcome of 1 request is unknown" in plan_text(plan)
    newer = replace(gone, revision=2, requests=(replace(gone.requests[0], state=SENT),), earlier=(gone,))
    assert footer_of(planned({SALE: newer})).endswith("1 unknown (1 no longer in the specs).")


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
    assert "warning [window]: the window expired at 2020-01-01T00:00:00+00:00: nothing of it was sent" in (
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
    assert "contacts: specs/contacts/people.csv, 5 rows, 2 duplicates left out" in shown(plan, SALE)
    assert "contacts: 2 in the campaign file" in shown(plan, "gate/change")
    assert action_of(plan, SALE)["contacts"] == {
        "file": "specs/contacts/people.csv",
        "rows": 5,
        "duplicates": 2,
    }
    assert action_of(plan, "gate/change")["contacts"] == {"file": None, "rows": 2, "duplicates": 0}


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
