"""`plan` and `apply` in processes of their own, against the built-in sandbox over real HTTP."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from typing import TYPE_CHECKING

from sendspec import schema
from sendspec.model import Location, Locations
from tests.projects import CONTACTS, GATE, SENDSPEC, TEASER, as_marketing, lockfile, project, sendspec

if TYPE_CHECKING:
    from pathlib import Path


def test_three_campaigns_are_planned_sent_and_recorded_once(tmp_path: Path) -> None:
    """The first apply sends all three endpoints and records their ids; the second has nothing to send."""
    specs = project(tmp_path / "specs", CONTACTS, TEASER, GATE, count=2500)
    first = sendspec("apply", "--auto-approve", where=tmp_path)
    assert first.code == 0, first.err
    assert "Plan: 3 to send (2,502 recipients, 2,500 people, in 4 requests" in first.out
    assert "5 requests sent, 0 not sent, 0 unknown" in first.err
    sends = lockfile(specs)["sends"]
    assert schema.check("lockfile", lockfile(specs), Locations(Location("lock"))) == []
    assert [isinstance(r["jobId"], int) for r in sends["spring/teaser"]["requests"]] == [True]
    assert [bool(r["transactionId"]) for r in sends["sale/last-call"]["requests"]] == [True] * 3
    before = (specs / "sendspec.sandbox.lock").read_bytes()
    second = sendspec("apply", "--auto-approve", where=tmp_path)
    assert second.code == 0
    assert "Nothing to send: everything was already sent." in second.err
    assert (specs / "sendspec.sandbox.lock").read_bytes() == before
    assert not (specs / "sendspec.sandbox.journal").exists()
    assert not (specs / ".sendspec" / "sandbox.spool").exists()


def test_only_the_contact_file_has_personal_data(tmp_path: Path) -> None:
    """Lockfile, plan file, receipt and log do not contain the number or name of a recipient."""
    project(tmp_path / "specs", CONTACTS, GATE)
    (tmp_path / "specs/contacts/people.csv").write_text("contactId,NAME\n12125550177,Zerlinda\n")
    plan = sendspec("plan", "--save", "plan.json", where=tmp_path)
    done = sendspec("apply", "--auto-approve", "--receipt", "receipt.json", where=tmp_path)
    printed = plan.out + plan.err + done.out + done.err
    written = "".join(
        path.read_text()
        for path in (
            tmp_path / "plan.json",
            tmp_path / "receipt.json",
            tmp_path / "specs/sendspec.sandbox.lock",
        )
    )
    for secret in ("12125550177", "2125550177", "Zerlinda", "12125550123", "B12"):
        assert secret not in printed + written


def test_an_edit_after_sending_is_refused_until_the_revision_is_raised(tmp_path: Path) -> None:
    """Edited content blocks apply and shows a diff; a raised revision sends everything again."""
    specs = project(tmp_path / "specs", GATE)
    sendspec("apply", "--auto-approve", where=tmp_path)
    campaign = specs / "campaigns" / "c0.yaml"
    campaign.write_text(GATE.replace("now leaves", "leaves"))
    plan = sendspec("plan", where=tmp_path)
    assert plan.code == 3
    assert '  - "Acme: your flight now leaves from gate %%GATE%%."' in plan.out
    assert '  + "Acme: your flight leaves from gate %%GATE%%."' in plan.out
    assert sendspec("apply", "--auto-approve", where=tmp_path).code == 3
    campaign.write_text(campaign.read_text().replace("  - id: change\n", "  - id: change\n    revision: 2\n"))
    assert sendspec("apply", "--auto-approve", where=tmp_path).code == 0
    record = lockfile(specs)["sends"]["gate/change"]
    assert (record["revision"], record["earlier"][0]["revision"]) == (2, 1)
    assert record["requests"][0]["transactionId"] != record["earlier"][0]["requests"][0]["transactionId"]


def test_changed_recipients_after_sending_are_noted(tmp_path: Path) -> None:
    """Other people in the contact file, even the same number of them, are an info about a finished send."""
    specs = project(tmp_path / "specs", CONTACTS)
    sendspec("apply", "--auto-approve", where=tmp_path)
    file = specs / "contacts" / "people.csv"
    file.write_text(file.read_text().replace("12015550100", "12015550199"))
    plan = sendspec("plan", "--full", where=tmp_path)
    assert plan.code == 0
    assert "= sale/last-call" in plan.out
    assert (
        "info [changed-after-send]: the recipients changed after revision 1 was sent: 3 then and now"
        in plan.out
    )


def test_renaming_files_and_moving_sends_changes_nothing(tmp_path: Path) -> None:
    """Campaign and id identify a send, not the name of its file."""
    specs = project(tmp_path / "specs", GATE, TEASER)
    sendspec("apply", "--auto-approve", where=tmp_path)
    (specs / "campaigns" / "c0.yaml").rename(specs / "campaigns" / "zzz.yml")
    plan = sendspec("plan", "--detailed-exitcode", where=tmp_path)
    assert plan.code == 0
    assert "0 to send, 0 blocked, 1 already sent, 0 unknown, 1 with the vendor" in plan.out


def test_a_send_that_was_removed_from_the_specs_is_listed(tmp_path: Path) -> None:
    """`plan` lists an address that is only in the lockfile, and apply does not send it."""
    specs = project(tmp_path / "specs", GATE, TEASER)
    sendspec("apply", "--auto-approve", where=tmp_path)
    (specs / "campaigns" / "c0.yaml").unlink()
    plan = sendspec("plan", "--full", where=tmp_path)
    assert "- gate/change  external-consent  in the ledger, not in the specs" in plan.out


def test_detailed_exitcode_shows_changes(tmp_path: Path) -> None:
    """A plan with something to send exits 2 with --detailed-exitcode, and 0 without."""
    project(tmp_path / "specs", GATE)
    assert sendspec("plan", "--detailed-exitcode", where=tmp_path).code == 2
    assert sendspec("plan", where=tmp_path).code == 0


def test_plan_writes_nothing(tmp_path: Path) -> None:
    """`plan` does not change the project directory."""
    specs = project(tmp_path / "specs", CONTACTS, TEASER, GATE)
    before = sorted(specs.rglob("*"))
    sendspec("plan", where=tmp_path)
    assert sorted(specs.rglob("*")) == before


def test_plan_json_satisfies_its_schema(tmp_path: Path) -> None:
    """A printed and a saved JSON plan satisfy the plan schema."""
    project(tmp_path / "specs", CONTACTS, TEASER, GATE)
    printed = sendspec("plan", "--format", "json", "--save", "plan.json", where=tmp_path)
    for text in (printed.out, (tmp_path / "plan.json").read_text()):
        assert schema.check("plan", json.loads(text), Locations(Location("plan"))) == []


def test_nothing_is_sent_without_approval(tmp_path: Path) -> None:
    """`apply` refuses without a terminal and without advance approval."""
    specs = project(tmp_path / "specs", GATE)
    done = sendspec("apply", where=tmp_path)
    assert done.code == 1
    assert "error: cannot ask for approval: standard input is not a terminal\n" in done.err
    assert done.err.endswith("\nnothing was sent\n")
    assert not (specs / "sendspec.sandbox.lock").exists()
    assert sendspec("apply", where=tmp_path, CI="false").code == 1
    assert sendspec("apply", where=tmp_path, CI="true").code == 0


def test_a_person_is_asked_on_a_terminal(tmp_path: Path) -> None:
    """On a terminal apply asks, and sends only after the answer yes."""
    specs = project(tmp_path / "specs", GATE)
    for answer, code in (("y", 1), ("yes", 0)):
        mine, theirs = pty.openpty()
        run = subprocess.Popen([SENDSPEC, "apply"], cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        os.write(mine, f"{answer}\n".encode())
        shown = b""
        try:
            while chunk := os.read(mine, 4096):
                shown += chunk
        except OSError:  # The process closed its side.
            pass
        os.close(mine)
        assert run.wait(60) == code, shown
        assert b"Send to 2 recipients through target sandbox, starting now? Only 'yes' approves: " in shown
    assert (specs / "sendspec.sandbox.lock").exists()


def test_one_error_blocks_all_sends(tmp_path: Path) -> None:
    """One send with an error blocks the whole apply; an `allow` entry with a reason unblocks it."""
    bad = as_marketing(GATE)
    specs = project(tmp_path / "specs", bad, TEASER)
    done = sendspec("apply", "--auto-approve", where=tmp_path)
    assert done.code == 3
    assert "! gate/change" in done.out
    assert "+ spring/teaser" in done.out
    assert "apply sends nothing until it is fixed" in done.out
    assert not (specs / "sendspec.sandbox.lock").exists()
    allowed = bad + "    allow: [{rule: marketing-consent, reason: signed consent forms on file}]\n"
    (specs / "campaigns" / "c0.yaml").write_text(allowed)
    done = sendspec("apply", "--auto-approve", where=tmp_path)
    assert done.code == 0, done.err
    assert "allowed: signed consent forms on file" in done.out


def test_a_receipt_is_written_after_success_and_failure(tmp_path: Path) -> None:
    """The receipt lists the requests of a good run, and the errors of a failed one."""
    specs = project(tmp_path / "specs", GATE)
    sendspec("apply", "--auto-approve", "--receipt", "good.json", where=tmp_path)
    good = json.loads((tmp_path / "good.json").read_text())
    assert (good["exitCode"], [r["state"] for r in good["requests"]]) == (0, ["sent"])
    (specs / "campaigns" / "c0.yaml").write_text("campaign: [")
    sendspec("apply", "--auto-approve", "--receipt", "bad.json", where=tmp_path)
    bad = json.loads((tmp_path / "bad.json").read_text())
    assert (bad["exitCode"], bad["requests"], len(bad["errors"])) == (1, [], 1)


def test_a_saved_plan_is_applied_once(tmp_path: Path) -> None:
    """A saved plan is applied; the second time apply reports that everything is already sent."""
    project(tmp_path / "specs", GATE, CONTACTS)
    sendspec("plan", "--save", "plan.json", where=tmp_path)
    assert sendspec("apply", "plan.json", "--auto-approve", where=tmp_path).code == 0
    again = sendspec("apply", "plan.json", "--auto-approve", where=tmp_path)
    assert again.code == 0
    assert "already sent" in again.err
    plan = json.loads((tmp_path / "plan.json").read_text())
    (tmp_path / "forged.json").write_text(json.dumps({**plan, "digest": "scrypt:" + "0" * 64}))
    assert sendspec("apply", "forged.json", "--auto-approve", where=tmp_path).code == 4


def test_a_stale_plan_is_refused_with_its_differences(tmp_path: Path) -> None:
    """A saved plan that differs from what would be sent now exits 4 and lists the differences."""
    specs = project(tmp_path / "specs", GATE, CONTACTS)
    sendspec("plan", "--save", "plan.json", where=tmp_path)
    campaign = specs / "campaigns" / "c0.yaml"
    campaign.write_text(campaign.read_text().replace("now leaves", "leaves"))
    people = specs / "contacts" / "people.csv"
    people.write_text(people.read_text().replace("12015550100", "12015550199"))
    done = sendspec("apply", "plan.json", "--auto-approve", where=tmp_path)
    assert done.code == 4
    assert "gate/change: payload, payloadDigest" in done.err
    assert "sale/last-call: recipientsDigest" in done.err
    assert not (specs / "sendspec.sandbox.lock").exists()


def test_a_plan_without_a_good_digest_is_refused(tmp_path: Path) -> None:
    """A wrong, missing or unreadable digest exits 4, and so does a file that is not a plan."""
    specs = project(tmp_path / "specs", GATE)
    sendspec("plan", "--save", "plan.json", where=tmp_path)
    plan = json.loads((tmp_path / "plan.json").read_text())
    wrong = {**plan, "digest": "scrypt:" + "0" * 64}
    missing = {name: value for name, value in plan.items() if name != "digest"}
    unreadable = {**plan, "digest": 7}
    for value in (wrong, missing, unreadable, {}, []):
        (tmp_path / "bad.json").write_text(json.dumps(value))
        assert sendspec("apply", "bad.json", "--auto-approve", where=tmp_path).code == 4
    (tmp_path / "bad.json").write_text("not json")
    assert sendspec("apply", "bad.json", "--auto-approve", where=tmp_path).code == 4
    assert not (specs / "sendspec.sandbox.lock").exists()


def test_windows_hold_and_expire(tmp_path: Path) -> None:
    """`apply` does not send before `notBefore`, nor after `notAfter`."""
    early = GATE + '    notBefore: "2099-01-01T00:00:00Z"\n'
    late = GATE.replace("campaign: gate", "campaign: late") + '    notAfter: "2020-01-01T00:00:00Z"\n'
    specs = project(tmp_path / "specs", early, late)
    done = sendspec("apply", "--auto-approve", where=tmp_path)
    assert done.code == 0
    assert "@ gate/change" in done.out
    assert "1 settled send (1 expired)" in done.out
    assert "0 to send, 0 blocked, 0 already sent, 0 unknown, 1 later (2 recipients in" in done.out
    assert "1 expired." in done.out
    assert not (specs / "sendspec.sandbox.lock").exists()


def test_a_stricter_rule_ignores_sends_that_are_already_sent(tmp_path: Path) -> None:
    """A stricter rule neither blocks later applies nor reports sends that are already sent."""
    specs = project(tmp_path / "specs", CONTACTS)
    sendspec("apply", "--auto-approve", where=tmp_path)
    (specs / "sendspec.yaml").write_text("version: 1\nrules: {max-recipients: {limit: 2}}\n")
    assert sendspec("validate", where=tmp_path).code == 3
    (specs / "campaigns" / "c1.yaml").write_text(GATE)
    done = sendspec("apply", "--auto-approve", where=tmp_path)
    assert done.code == 0, done.err
    assert "max-recipients" not in done.out


def test_a_real_target_needs_credentials(tmp_path: Path) -> None:
    """Without credentials apply refuses a real target before it records an intent."""
    settings = "version: 1\ntargets: {production: {pod: us-1}}\nrules: {fictional-number: off}\n"
    specs = project(tmp_path / "specs", TEASER, settings=settings)
    assert sendspec("init", "--ledger", "--target", "production", where=tmp_path).code == 0
    done = sendspec("apply", "--target", "production", "--auto-approve", where=tmp_path)
    assert done.code == 1
    assert "SENDSPEC_CLIENT_ID" in done.err
    assert lockfile(specs, "production")["sends"] == {}


def test_usage_errors_exit_64(tmp_path: Path) -> None:
    """A usage error exits 64, not click's 2, because 2 means changes."""
    for arguments in (["plan", "--nonsense"], ["nonsense"], ["explain", "no-such-rule"], ["resolve", "x"]):
        assert sendspec(*arguments, where=tmp_path).code == 64
