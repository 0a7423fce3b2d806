"""Send jobs that the vendor has and starts later: moved, removed, raised, stopped."""

from __future__ import annotations

import json
import re

import pytest

from tests.projects import CONTACTS, TEASER, lockfile, people, project
from tests.sandboxed import sandboxed

pytestmark = pytest.mark.field_case(10)

ADDRESS, REQUEST = "spring/teaser", "spring/teaser#1"
DATE = "2099-12-01T14:00:00-05:00"
DUE = f"due Tue 01 Dec 14:00 ({DATE})"
STOP = (
    "stop job 10000001 at the vendor, then run `sendspec resolve 'spring/teaser#1' --stopped --reason TEXT`"
)
REASON = ("--reason", "moved by Ann")
NEXT = '-teaser-2"\n    revision: 2'


@pytest.fixture
def accepted(cli, tmp_path):
    """A project whose job the vendor has accepted, and its campaign file."""
    specs = project(tmp_path / "specs", TEASER)
    assert cli("apply", "--auto-approve").code == 0
    return specs / "campaigns" / "c0.yaml"


def job_in(specs):
    """Return the request of the job in the lockfile."""
    [request] = lockfile(specs)["sends"][ADDRESS]["requests"]
    return request


def plan_json(cli):
    """Return the plan as JSON, and its only action."""
    value = json.loads(cli("plan", "--format", "json").out)
    return value, next(action for action in value["actions"] if action["address"] == ADDRESS)


@pytest.mark.parametrize(
    ("date", "due"),
    [
        ("2099-12-01T14:00:00-05:00", "due Tue 01 Dec 14:00 (2099-12-01T14:00:00-05:00)"),
        ("2036-04-10T10:00:00+02:00", "due Thu 10 Apr 10:00 (2036-04-10T10:00:00+02:00)"),
        ("2036-04-10T08:00:00.000Z", "due Thu 10 Apr 08:00 (2036-04-10T08:00:00+00:00)"),
    ],
)
def test_a_scheduled_job_is_with_the_vendor(date, due, cli, tmp_path):
    """Text, reason code and counts do not claim that the job was sent."""
    project(tmp_path / "specs", TEASER.replace(DATE, date), CONTACTS)
    assert cli("apply", "--auto-approve").code == 0
    done = cli("plan", "--full")
    assert f"= {ADDRESS}  contact-source  with the vendor, {due} (job 10000001)\n" in done.out
    assert "1 already sent, 0 unknown, 1 with the vendor." in done.out
    value, action = plan_json(cli)
    assert (action["sign"], action["reason"]) == ("=", "with-vendor")
    assert [(job["jobId"], job["revision"]) for job in action["atVendor"]] == [(10000001, 1)]
    assert (value["summary"]["sent"], value["summary"]["withVendor"]) == (1, 1)


def test_a_job_without_a_date_is_sent(cli, tmp_path):
    """The vendor starts it immediately, so it is not shown as with the vendor."""
    immediate = TEASER.replace(f'    scheduledDate: "{DATE}"\n', '    notAfter: "2099-01-01T00:00:00Z"\n')
    project(tmp_path / "specs", immediate)
    assert cli("apply", "--auto-approve").code == 0
    assert plan_json(cli)[1]["reason"] == "already-sent"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("2099-12-01", "2099-12-02", "scheduledDate"),
        ("2099-12-01", "2036-01-01", "scheduledDate"),
        ("4396816", "4396817", "contactSourceId"),
        ("-teaser", "-opening", "messageName"),
    ],
)
def test_an_edit_does_not_stop_the_job(old, new, field, accepted, cli):
    """The error says that it still goes out and how to stop it, and suggests no higher revision."""
    accepted.write_text(TEASER.replace(old, new))
    done = cli("plan", "--full")
    assert done.code == 3
    assert (
        f"error [changed-after-send]: {field} changed, but job 10000001 of revision 1 still goes out"
        in done.out
    )
    assert f"hint: undo the edit, or {STOP}\n" in done.out
    assert "revision: 2" not in done.out
    assert f"~ {ADDRESS}  contact-source  edited, but job 10000001 is with the vendor and still" in done.out
    assert plan_json(cli)[1]["reason"] == "edited-before-due"
    assert cli("apply", "--auto-approve").code == 3


@pytest.mark.parametrize("how", ["file", "send", "campaign"])
def test_a_removal_does_not_stop_the_job(how, accepted, cli):
    """A warning says so, however the send left the specs."""
    if how == "file":
        accepted.rename(accepted.with_name("other.yaml")).write_text(CONTACTS)
        (accepted.parents[1] / "contacts" / "people.csv").write_text(people(3))
    elif how == "send":
        accepted.write_text(CONTACTS.replace("campaign: sale", "campaign: spring"))
        (accepted.parents[1] / "contacts" / "people.csv").write_text(people(3))
    else:
        accepted.write_text(TEASER.replace("campaign: spring", "campaign: summer"))
    done = cli("plan", "--full")
    found = f"warning [changed-after-send]: {ADDRESS} left the specs, but job 10000001 of revision 1"
    assert f"{found} still goes out, {DUE}\n  hint: {STOP}\n" in done.out
    assert f"- {ADDRESS}  contact-source  not in the specs, but job 10000001 is with the vendor" in done.out
    assert "1 with the vendor" in done.out
    assert plan_json(cli)[1]["reason"] == "removed-before-due"


def test_a_higher_revision_before_the_date_is_an_error(accepted, cli):
    """The message would go out on both dates; a person can allow that, and the plan shows the job."""
    raised = TEASER.replace("2099-12-01", "2099-12-02").replace('-teaser"', NEXT)
    accepted.write_text(raised)
    done = cli("apply", "--auto-approve")
    assert done.code == 3
    assert f"revision 2 sends again, but job 10000001 of revision 1 still goes out, {DUE}" in done.out
    assert STOP in done.out
    accepted.write_text(f"{raised}    allow: [{{rule: changed-after-send, reason: both days}}]\n")
    done = cli("apply", "--auto-approve")
    assert (done.code, "SENDS AGAIN" in done.out) == (0, True)
    assert [job["revision"] for job in plan_json(cli)[1]["atVendor"]] == [2, 1]


def test_a_stopped_job_is_sent_only_with_a_higher_revision(accepted, cli):
    """The request stays sent in the ledger, with who said what; the same revision is never posted again."""
    specs = accepted.parents[1]
    moved = TEASER.replace("2099-12-01", "2099-12-02")
    accepted.write_text(moved)
    done = cli("resolve", REQUEST, "--stopped", *REASON)
    assert (done.code, done.err) == (
        0,
        f"{REQUEST} (job 10000001) is now recorded as stopped at the vendor\n",
    )
    request = job_in(specs)
    assert (request["state"], request["jobId"]) == ("sent", 10000001)
    assert re.fullmatch(r"[-0-9]+T[:0-9]+Z", request["stopped"].pop("at"))
    assert request["stopped"] == {"evidence": "moved by Ann", "jobs": ["10000001"], "settledBy": "person"}
    done = cli("apply", "--auto-approve")
    assert (done.code, "hint: write `revision: 2` and another messageName to send it" in done.out) == (
        3,
        True,
    )
    accepted.write_text(moved.replace('-teaser"', NEXT))
    done = cli("apply", "--auto-approve")
    assert (done.code, "SENDS AGAIN" in done.out) == (0, False)
    assert "sends instead: revision 2; revision 1 was accepted" in done.out
    assert "stopped at the vendor (stated at " in done.out
    assert "moved by Ann" in done.out
    assert "with the vendor, due Wed 02 Dec" in cli("plan", "--full").out


def test_an_unchanged_spec_of_a_stopped_job_sends_nothing(accepted, cli):
    """The plan shows that it was stopped, and does not count it as sent; `status` shows it too."""
    assert cli("resolve", REQUEST, "--stopped", *REASON).code == 0
    done = cli("apply", "--auto-approve")
    assert done.code == 0
    assert (
        f"x {ADDRESS}  contact-source  stopped at the vendor; nothing was sent, and only a higher" in done.out
    )
    assert "0 already sent, 0 unknown, 1 stopped at the vendor." in done.out
    assert plan_json(cli)[1]["reason"] == "stopped"
    assert "job 10000001, stopped at the vendor" in cli("status").err
    accepted.write_text(CONTACTS)
    (accepted.parents[1] / "contacts" / "people.csv").write_text(people(3))
    done = cli("plan", "--full")
    assert (done.code, "changed-after-send" in done.out, "stopped at the vendor (stated" in done.out) == (
        0,
        False,
        True,
    )


def test_a_stop_is_final(accepted, cli):
    """A second stop is refused, and so is another outcome: the request stays sent."""
    assert cli("resolve", REQUEST, "--stopped", *REASON).code == 0
    done = cli("resolve", REQUEST, "--stopped", *REASON)
    assert (
        done.code,
        "the ledger already records spring/teaser#1 as stopped; nothing was changed" in done.err,
    ) == (1, True)
    done = cli("resolve", REQUEST, "--not-sent", *REASON)
    assert (done.code, "nothing was changed" in done.err) == (1, True)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        pytest.param((REQUEST, "--stopped"), 64, "--reason is missing", id="no reason"),
        pytest.param((REQUEST, "--stopped", "--sent", "1", *REASON), 64, "exactly one of", id="two outcomes"),
        pytest.param(("--from-log", "x", "--stopped"), 64, "cannot be combined", id="a log"),
        pytest.param(("spring/other#1", "--stopped", *REASON), 1, "no send job spring/other#1", id="other"),
        pytest.param((f"{REQUEST}0", "--stopped", *REASON), 1, "no send job spring/teaser#10", id="batch"),
        pytest.param(
            ("spring/teaser@2#1", "--stopped", *REASON), 1, "no send job spring/teaser@2#1", id="revision"
        ),
        pytest.param(
            (REQUEST, "--stopped", "--dir", "lost", *REASON), 1, "directory not found", id="directory"
        ),
    ],
)
def test_refused_stops_change_nothing(words, code, message, accepted, cli):
    """An invalid command is refused, and the lockfile does not change."""
    before = (accepted.parents[1] / "sendspec.sandbox.lock").read_bytes()
    done = cli("resolve", *words)
    assert (done.code, message in done.err) == (code, True)
    assert (accepted.parents[1] / "sendspec.sandbox.lock").read_bytes() == before


def test_a_transaction_cannot_be_stopped(cli, tmp_path):
    """Messages to contacts are sent immediately."""
    project(tmp_path / "specs", CONTACTS)
    assert cli("apply", "--auto-approve").code == 0
    done = cli("resolve", "sale/last-call#1", "--stopped", *REASON)
    assert (done.code, "the ledger has no send job sale/last-call#1" in done.err) == (1, True)


def test_an_unknown_job_cannot_be_stopped(cli, tmp_path):
    """A job must be known to be accepted first."""
    with sandboxed(tmp_path / "specs", TEASER) as client:
        client.arm("drop-after", endpoint="contact-source", times=None)
        assert cli("apply", "--auto-approve").code == 7
        assert cli("resolve", REQUEST, "--stopped", *REASON).code == 1
        assert cli("resolve", REQUEST, "--sent", "10000001", *REASON).code == 0
        assert cli("resolve", REQUEST, "--stopped", *REASON).code == 0


def test_a_job_that_has_started_cannot_be_stopped(cli, tmp_path):
    """An immediate job may have reached recipients."""
    spec = TEASER.replace(f'    scheduledDate: "{DATE}"\n', '    notAfter: "2099-01-01T00:00:00Z"\n')
    specs = project(tmp_path / "specs", spec)
    assert cli("apply", "--auto-approve").code == 0
    done = cli("resolve", REQUEST, "--stopped", *REASON)
    assert (
        done.code,
        "was to start immediately in the ledger, so it may have reached recipients" in done.err,
    ) == (1, True)
    assert "stopped" not in job_in(specs)
