"""Facts that a reviewer must not overlook in a plan: counts, blocking findings, contact files."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from sendspec.model import Sign
from sendspec.report.terminal import plan_text
from sendspec.structs import replace
from tests.plans import (
    NOW,
    SENT,
    UNKNOWN,
    action_lines,
    action_value,
    footer,
    mark_in_progress,
    plan_specs,
    plan_value,
    record_of,
)
from tests.projects import CONTACTS, GATE, MESSAGE, TEASER, as_marketing, project

if TYPE_CHECKING:
    from pathlib import Path

SALE = "sale/last-call"


@pytest.fixture(autouse=True)
def specs(tmp_path, monkeypatch) -> Path:
    """A working directory for a project called `specs`."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "specs"


def test_the_time_of_a_plan_is_not_part_of_its_digest(specs):
    """A plan that was approved in another time zone an hour ago is still the same plan."""
    project(specs, TEASER)
    later = NOW.astimezone(timezone(timedelta(hours=3))) + timedelta(hours=1)
    before, after = plan_specs(), plan_specs(now=later)
    assert (plan_value(after)["plannedAt"], after.planned_at.tzinfo) == ("2030-01-15T13:00:00Z", UTC)
    assert (before.digest, before.planned_at) == (after.digest, NOW)


# ── the footer


def test_a_contact_source_alone_is_counted_as_a_job(specs):
    """The footer omits recipients, requests and segments that are not known."""
    project(specs, TEASER)
    assert footer(plan_specs()) == (
        "Plan: 1 to send (1 job for a contact source of unknown size), 0 blocked, 0 already sent, 0 unknown."
    )
    summary = plan_value(plan_specs())["summary"]
    assert (summary["recipients"], summary["requests"], summary["jobs"]) == (0, 1, 1)


def test_the_declared_size_of_a_contact_source_is_only_shown(specs):
    """Only the vendor knows the recipients, so a declared number is not part of the counts."""
    project(specs, TEASER.replace("audience: {", "audience: {size: 12000, "))
    plan = plan_specs()
    size = "a contact source of 12,000 recipients as declared"
    head, *_, delivery = [line for line in action_lines(plan, "spring/teaser") if size in line]
    assert head.startswith(f"+ spring/teaser  contact-source  {size}, Tue 1 Dec 2099")
    assert delivery.startswith(f"delivery  to {size} in 1 job, at 2099-12-01")
    assert plan_value(plan)["summary"]["recipients"] == 0
    assert "1 job for a contact source of 12,000 recipients as declared" in footer(plan)


def test_the_sizes_of_several_contact_sources_are_added(specs):
    """The footer has the sum of those that are declared, and the number of the others."""
    other = TEASER.replace("campaign: spring", "campaign: summer")
    declared = TEASER.replace("audience: {", "audience: {size: 12000, ")
    project(specs, declared, other.replace("audience: {", "audience: {size: 500, "))
    assert "2 jobs for contact sources of 12,500 recipients as declared" in footer(plan_specs())
    project(specs, declared, other)
    sizes = "2 jobs for contact sources of 12,000 recipients as declared, 1 of unknown size"
    assert sizes in footer(plan_specs())


def test_jobs_are_not_counted_among_the_requests_of_recipients(specs):
    """The footer counts jobs apart from sends with known recipients."""
    two = TEASER.replace("campaign: spring", "campaign: summer")
    project(specs, CONTACTS, TEASER, two, count=1001)
    assert footer(plan_specs()) == (
        "Plan: 3 to send (1,001 recipients in 2 requests, 1,001 segments; 2 jobs for contact sources of "
        "unknown size), 0 blocked, 0 already sent, 0 unknown."
    )


def test_the_footer_without_a_contact_source(specs):
    """The footer has recipients, requests and segments in parentheses, and nothing else."""
    project(specs, CONTACTS, GATE, count=12_430)
    assert footer(plan_specs()) == (
        "Plan: 2 to send (12,432 recipients, 12,430 people, in 14 requests, 12,432 segments), 0 blocked, "
        "0 already sent, 0 unknown."
    )


def test_segments_of_a_published_message_are_not_known(specs):
    """A text that only the vendor has does not count as 0 segments, alone or beside others."""
    published = CONTACTS.replace("content: ", f"contentId: {MESSAGE}\n    # ")
    published = published.replace("    personalizationDefaults: {NAME: there}\n", "")
    project(specs, published)
    assert "(3 recipients in 1 request, segments of the content of 1 send not known)" in footer(plan_specs())
    assert plan_value(plan_specs())["summary"]["segments"] is None
    project(specs, published, GATE)
    assert "(5 recipients in 2 requests, 2 segments and those of the content of 1 send)" in footer(
        plan_specs()
    )


@pytest.mark.parametrize(
    ("in_progress", "number"),
    [(False, "1 unknown (1 to be repeated)"), (True, "1 unknown (1 may be in progress)")],
)
def test_a_job_that_will_be_repeated_is_counted_as_unknown(specs, in_progress, number):
    """A job with sign `>` counts as unknown if its last outcome is unknown."""
    project(specs, TEASER)
    record = record_of(plan_specs(), "spring/teaser", UNKNOWN)
    plan = plan_specs({"spring/teaser": mark_in_progress(record) if in_progress else record})
    assert [action.sign for action in plan.actions] == [Sign.RESUME]
    assert number in footer(plan)
    assert plan_value(plan)["summary"]["unknown"] == 1


def test_unknown_requests_of_removed_sends_are_counted(specs):
    """The footer counts unknown requests of sends that are only in the ledger, of every revision."""
    project(specs, CONTACTS, GATE)
    removed = record_of(plan_specs(), SALE, UNKNOWN)
    (specs / "campaigns" / "c0.yaml").unlink()
    plan = plan_specs({SALE: removed})
    assert "1 to send (2 recipients" in footer(plan)
    assert footer(plan).endswith("1 unknown (1 not in the specs).")
    assert "in the ledger, not in the specs; the outcome of 1 request is unknown" in plan_text(plan)
    newer = replace(
        removed, revision=2, requests=(replace(removed.requests[0], state=SENT),), earlier=(removed,)
    )
    assert footer(plan_specs({SALE: newer})).endswith("1 unknown (1 not in the specs).")


# ── blocked


@pytest.mark.parametrize(
    ("line", "obstacle"),
    [
        ('notAfter: "2030-01-01T00:00:00Z"', "the send expired at 2030-01-01T00:00:00+00:00"),
        ('notBefore: "2030-02-01T00:00:00Z"', "the send waits until 2030-02-01T00:00:00+00:00"),
    ],
)
def test_an_unknown_job_that_cannot_be_repeated_now_has_its_command(specs, line, obstacle):
    """Outside its window only a person can settle it, so the error has the exact command."""
    project(specs, f"{TEASER}    {line}\n")
    plan = plan_specs({"spring/teaser": record_of(plan_specs(), "spring/teaser", UNKNOWN)})
    text = plan_text(plan)
    assert f"the outcome of 1 request is unknown; {obstacle}; settle it with `sendspec resolve`" in text
    assert "error [unknown-outcome]" in text
    assert "`sendspec resolve 'spring/teaser#1' --sent JOBID --reason TEXT`" in text


def test_an_expired_window_is_a_warning_only_if_nothing_was_sent(specs):
    """A send that expired unsent is a warning, a sent one is not, and neither blocks other sends."""
    project(specs, f'{GATE}    notAfter: "2020-01-01T00:00:00Z"\n', CONTACTS)
    record = record_of(plan_specs(), SALE, SENT)
    late = plan_specs({SALE: record})
    text = plan_text(late, full=True)
    assert "x gate/change  external-consent  expired at 2020-01-01T00:00:00+00:00; nothing was sent\n" in text
    assert "warning [window]: the window expired at 2020-01-01T00:00:00+00:00: nothing was sent" in text
    assert "the whole plan" not in text
    project(specs, GATE)
    sent = record_of(plan_specs(), "gate/change", SENT)
    project(specs, f'{GATE}    notAfter: "2020-01-01T00:00:00Z"\n')
    assert "window" not in plan_text(plan_specs({"gate/change": sent}))


def test_an_error_is_named_below_the_plan(specs):
    """The plan ends with the number of blocking errors and their rules."""
    project(specs, as_marketing(GATE), CONTACTS)
    text = plan_text(plan_specs())
    assert "! gate/change  external-consent  blocked by marketing-consent" in text
    blocked = "1 error blocks the whole plan; apply sends nothing until it is fixed"
    assert f"\n{blocked}: gate/change (marketing-consent).\n" in text


# ── recipients


def test_the_source_of_contacts_is_named(specs):
    """A plan names the contact file with its counts, or the campaign file."""
    project(specs, CONTACTS, GATE)
    with (specs / "contacts" / "people.csv").open("a") as file:
        file.write("12015550100,Ada\n12015550101,Ada\n")
    plan = plan_specs()
    assert (
        "contacts  specs/contacts/people.csv, 5 rows: 3 recipients, 2 duplicates, 0 refused"
        in action_lines(plan, SALE)
    )
    counts = "2 recipients, 0 duplicates, 0 refused"
    assert f"contacts  2 in the campaign file: {counts}" in action_lines(plan, "gate/change")
    assert action_value(plan, SALE)["contacts"] == {
        "file": "specs/contacts/people.csv",
        "sha256": None,
        "query": None,
        "rows": 5,
        "duplicates": 2,
        "refused": 0,
        "excluded": [],
    }
    nothing = {"file": None, "sha256": None, "query": None}
    inline = {**nothing, "rows": 2, "duplicates": 0, "refused": 0, "excluded": []}
    assert action_value(plan, "gate/change")["contacts"] == inline


def test_a_request_that_was_sent_more_than_once(specs):
    """A request with two ids is shown as sent more than once, also in a finished send."""
    project(specs, GATE, CONTACTS, count=1001)
    twice = record_of(plan_specs(), "gate/change", SENT)
    twice = replace(twice, requests=(replace(twice.requests[0], also_accepted=("9f-9",)),))
    many = record_of(plan_specs(), SALE, SENT, SENT)
    many = replace(many, requests=(many.requests[0], replace(many.requests[1], also_accepted=("9f-8",))))
    text = plan_text(plan_specs({"gate/change": twice, SALE: many}))
    assert "(transaction 1a2b-18d0001-4d5e; sent MORE THAN ONCE, also as 9f-9)" in text
    assert "already sent in 2 requests, 1 of them MORE THAN ONCE" in text
