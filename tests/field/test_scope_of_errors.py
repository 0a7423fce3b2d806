"""What an error blocks: lists and texts of finished sends, of sends under way, and of sends to come."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime

import pytest

from sendspec.ledger.codec import lockfile_bytes
from sendspec.load import load_project
from sendspec.model import LedgerState, Recipients, RequestRecord, RequestState, SendRecord
from sendspec.render import render
from tests.projects import CONTACTS, GATE, TEASER, lockfile, people, project
from tests.sandboxed import sandboxed

pytestmark = pytest.mark.field_case(20)

SALE, NEW = "sale/last-call", "gate/change"
LIST = "contacts/people.csv"
AT = datetime(2030, 1, 14, tzinfo=UTC)


def correct(specs) -> None:
    (specs / LIST).write_text(people(3, name="Grace"))


def sort_again(specs) -> None:
    header, *rows = people(3).splitlines()
    (specs / LIST).write_text("\n".join([header, *reversed(rows)]) + "\n")


def grow(specs) -> None:
    (specs / LIST).write_text(people(2500))


def delete(specs) -> None:
    (specs / LIST).unlink()


def delete_folder(specs) -> None:
    shutil.rmtree(specs / "contacts")


def empty(specs) -> None:
    (specs / LIST).write_text("")


def lose_a_column(specs) -> None:
    (specs / LIST).write_text("phone\n12015550100\n")


def damage(specs) -> None:
    (specs / LIST).write_bytes(b'contactId,NAME\n"12015550100,\xff\n')


def replace_by_a_folder(specs) -> None:
    (specs / LIST).unlink()
    (specs / LIST).mkdir()


def lead_outside(specs) -> None:
    (specs / LIST).unlink()
    (specs.parent / "people.csv").write_text(people(3))
    (specs / LIST).symlink_to(specs.parent / "people.csv")


def break_numbers(specs) -> None:
    (specs / LIST).write_text("contactId,NAME\n123,Ada\nabc,Ben\n")


def narrow(specs) -> None:
    (specs / "sendspec.yaml").write_text("version: 1\nrules: {max-recipients: {limit: 2}}\n")


def expire(specs) -> None:
    file = specs / "campaigns" / "c0.yaml"
    file.write_text(f'{CONTACTS}    notAfter: "2020-01-01T00:00:00Z"\n')


def turn_the_window(specs) -> None:
    file = specs / "campaigns" / "c0.yaml"
    file.write_text(
        f'{CONTACTS}    notBefore: "2036-01-02T00:00:00Z"\n    notAfter: "2036-01-01T00:00:00Z"\n'
    )


def allow_a_lost_rule(specs) -> None:
    file = specs / "campaigns" / "c0.yaml"
    file.write_text(f"{CONTACTS}    allow: [{{rule: lost-rule, reason: it was renamed}}]\n")


CHANGED = [correct, sort_again, grow, break_numbers]
UNREADABLE = [delete, delete_folder, empty, lose_a_column, damage, replace_by_a_folder, lead_outside]
OTHERS = [narrow, expire, turn_the_window, allow_a_lost_rule]


@pytest.fixture
def finished(cli, tmp_path):
    """A project whose only send is finished."""
    specs = project(tmp_path / "specs", CONTACTS)
    assert cli("apply", "--auto-approve").code == 0
    return specs


def send_another(specs, cli):
    """Add a send and apply; return how it ended, after a check that the new send went out."""
    (specs / "campaigns" / "new.yaml").write_text(GATE)
    done = cli("apply", "--auto-approve")
    assert NEW in lockfile(specs)["sends"], done
    return done


@pytest.mark.parametrize("change", [*CHANGED, *UNREADABLE, *OTHERS], ids=lambda change: change.__name__)
def test_a_finished_send_blocks_no_other(change, finished, cli):
    """Its list, its window and the rules about it never block anything; a changed list is an info."""
    change(finished)
    done = send_another(finished, cli)
    assert done.code == 0
    assert "1 settled send (1 already sent)" in done.out
    assert "error" not in done.out
    noted = "info [changed-after-send]: the recipients changed after revision 1 was sent" in done.out
    lost = "info [changed-after-send]: the list of this finished send cannot be read" in done.out
    assert (noted, lost) == (change in CHANGED, change in UNREADABLE)


@pytest.mark.parametrize("change", [correct, delete])
def test_the_plan_as_json_has_the_note(change, finished, cli):
    """The note is a finding of level info, and the send is still already sent."""
    change(finished)
    done = cli("plan", "--format", "json")
    value = json.loads(done.out)
    assert done.code == 0
    assert [(f["rule"], f["level"]) for f in value["findings"]] == [("changed-after-send", "info")]
    [action] = value["actions"]
    assert (action["reason"], action["requests"]) == ("already-sent", 1)
    assert [change["field"] for change in action["changes"]] == ["recipients"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("20% off", "30% off"),
        ("ttlInMinutes: 240", "ttlInMinutes: 60"),
        ('channelQualifier: "148372"', 'channelQualifier: "148373"'),
        ("20% off ends tonight. Reply STOP to opt out.", "%%LOST%%" + "x" * 801),
    ],
)
@pytest.mark.parametrize("change", [None, delete], ids=["same list", "deleted list"])
def test_an_edited_text_blocks_only_its_send(change, old, new, finished, cli):
    """The edit is an error, apply sends the others and exits 3; other rules do not report the edit."""
    (finished / "campaigns" / "c0.yaml").write_text(CONTACTS.replace(old, new))
    if change is not None:
        change(finished)
    done = send_another(finished, cli)
    assert done.code == 3
    assert done.out.count("error [") == 1
    assert "error [changed-after-send]: " in done.out
    assert f"Apply sends nothing of {SALE} (changed-after-send), and exits 3" in done.out
    assert len(lockfile(finished)["sends"][SALE]["requests"]) == 1
    assert cli("plan").code == 3


def test_an_edit_alone_ends_apply_with_3(finished, cli):
    """A second apply has nothing to send and still reports the edit; a plan file is refused likewise."""
    (finished / "campaigns" / "c0.yaml").write_text(CONTACTS.replace("20%", "30%"))
    done = cli("apply", "--auto-approve")
    assert (done.code, "Nothing to send" in done.err) == (3, True)


@pytest.mark.parametrize("change", [correct, sort_again, grow])
def test_a_send_under_way_fixes_its_list(change, cli, tmp_path):
    """After a part was sent, another list is an error that blocks the plan, and the rest is not sent."""
    specs = tmp_path / "specs"
    with sandboxed(specs, CONTACTS, count=1001) as client:
        client.arm("drop-before", endpoint="contacts", skip=1)
        assert cli("apply", "--auto-approve").code == 7
        states = {r["batch"]: r["state"] for r in lockfile(specs)["sends"][SALE]["requests"]}
        [lost] = [batch for batch, state in states.items() if state == "unknown"]
        assert cli("resolve", f"{SALE}#{lost}", "--not-sent", "--reason", "looked up").code == 0
        change(specs)
        (specs / "campaigns" / "new.yaml").write_text(GATE)
        done = cli("apply", "--auto-approve")
        assert len(client.received()) == 2
    assert (done.code, "error [audience-changed-mid-send]" in done.out) == (3, True)
    assert "1 error blocks the whole plan" in done.out
    assert NEW not in lockfile(specs)["sends"]


def test_a_missing_list_of_a_new_send_blocks_the_plan(finished, cli):
    """A send that is to be sent needs its list, wherever other lists are."""
    (finished / "campaigns" / "new.yaml").write_text(CONTACTS.replace("campaign: sale", "campaign: next"))
    delete(finished)
    done = cli("apply", "--auto-approve")
    assert done.code == 1
    assert (
        "specs/campaigns/new.yaml:8:22: error: the file does not exist: '../contacts/people.csv'" in done.err
    )
    assert "c0.yaml" not in done.err


@pytest.mark.parametrize(
    "line", ["    revision: 2\n", '    revision: 2\n    notBefore: "2099-01-01T00:00:00Z"\n']
)
def test_a_raised_revision_needs_its_list(line, finished, cli):
    """A finished send that is to be sent again, now or later, is not finished."""
    (finished / "campaigns" / "c0.yaml").write_text(CONTACTS + line)
    delete(finished)
    assert cli("plan").code == 1


@pytest.mark.parametrize("change", UNREADABLE, ids=lambda change: change.__name__)
def test_an_expired_send_needs_no_list(change, cli, tmp_path):
    """It is never sent, so its list blocks no other send; its warning remains."""
    specs = project(tmp_path / "specs", f'{CONTACTS}    notAfter: "2020-01-01T00:00:00Z"\n')
    change(specs)
    done = send_another(specs, cli)
    assert (done.code, "1 settled send (1 expired)" in done.out) == (0, True)
    assert "warning [window]: the window expired" in done.out


def finished_record(send) -> SendRecord:
    """Return the record of a send whose only request was accepted."""
    request = RequestRecord(1, RequestState.SENT, AT, transaction_id=f"id-{send.address}")
    recipients = Recipients(2, "scrypt:" + "b" * 64)
    return SendRecord(send.endpoint, 1, send.payload, send.payload_digest, recipients, (request,))


def test_a_hundred_finished_sends_without_lists(cli, tmp_path):
    """A new send goes out beside them."""
    matrix = "    matrix: {number: [" + ", ".join(map(str, range(100))) + "]}\n"
    head, _, tail = CONTACTS.partition("    contacts:")
    spec = f'{head}{matrix}    contacts: {{file: "../contacts/list-{{{{ number }}}}.csv"}}\n'
    spec += tail.partition("\n")[2]
    specs = project(tmp_path / "specs", spec)
    loaded = load_project(specs)
    sends = render(loaded, loaded.targets["sandbox"], require_files=False)
    ledger = LedgerState("sandbox", "sandbox", {send.address: finished_record(send) for send in sends})
    (specs / "sendspec.sandbox.lock").write_bytes(lockfile_bytes(ledger))
    done = send_another(specs, cli)
    assert (done.code, done.out.count("info [changed-after-send]")) == (0, 100)
    assert "100 already sent" in done.out


def test_a_finished_job_beside_a_lost_list(cli, tmp_path):
    """Jobs have no list here, and an edited job blocks only itself as well."""
    specs = project(tmp_path / "specs", TEASER, CONTACTS)
    assert cli("apply", "--auto-approve").code == 0
    delete(specs)
    (specs / "campaigns" / "c0.yaml").write_text(TEASER.replace("4396816", "7"))
    assert send_another(specs, cli).code == 3


def test_render_and_validate_report_a_missing_list(finished, cli):
    """Both read no ledger, so they cannot know that a send is finished."""
    delete(finished)
    for verb in ("render", "validate"):
        done = cli(verb)
        assert (done.code, done.out) == (1, "")
        assert "error: the file does not exist: '../contacts/people.csv'" in done.err


@pytest.mark.parametrize("owner", ["send", "campaign"])
def test_a_finished_send_needs_no_exclude_list(owner, cli, tmp_path):
    """Its exclude list may disappear as well; a send that is to be sent needs it."""
    line = "exclude: [../contacts/opt-out.csv]\n"
    listed = f"{CONTACTS}    {line}" if owner == "send" else CONTACTS.replace("sends:\n", f"{line}sends:\n")
    specs = project(tmp_path / "specs", listed)
    (specs / "contacts" / "opt-out.csv").write_text("contactId\n12015550199\n")
    assert cli("apply", "--auto-approve").code == 0
    (specs / "contacts" / "opt-out.csv").unlink()
    done = send_another(specs, cli)
    assert (done.code, "the list of this finished send cannot be read" in done.out) == (0, True)
    (specs / "campaigns" / "c0.yaml").write_text(f"{listed}    revision: 2\n")
    done = cli("apply", "--auto-approve")
    assert (done.code, "error: the file does not exist: '../contacts/opt-out.csv'" in done.err) == (1, True)
