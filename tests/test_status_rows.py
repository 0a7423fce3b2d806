"""`status` for a marketer and for a schedule: rows of the source lists, the summary, and its exit code."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from sendspec.audience.list_rows import list_rows
from sendspec.load import load_project
from sendspec.render import render
from tests.github_api import GitHubServer
from tests.projects import CONTACTS, GATE, project
from tests.sandboxed import sandboxed

FAILS = "12125550190"  # The sandbox reports numbers that end with 9x as without consent.
LIST = (
    "contactId,NAME,Store,reason\n"
    "+1 (212) 555-0123,Ada,Paris,\n"
    f"{FAILS},Grace,=1+1,vip\n"
    '12125550191,"O\'Neil, ""Liz""",Rome,\n'
    "12125550192,Eve,,\n"
)
LOOKUP = """\
campaign: gate
purpose: transactional
sends:
  - id: change
    endpoint: contacts
    channelQualifier: "148372"
    content: "Acme: your order %%ORDER%% is ready."
    contacts:
      - {contactId: "12125550190", personalization: {ORDER: A7}}
      - contactLookup: [{name: EMAIL, value: ada@example.invalid, channel: EMAIL}]
        personalization: {ORDER: B9}
"""
QUICK = ("--interval", "0")


@pytest.fixture
def sent(cli, tmp_path, monkeypatch):
    """Yield a client of a sandbox that has received a list with columns that no text uses."""
    mapped = CONTACTS.replace(
        "{file: ../contacts/people.csv}",
        "{file: ../contacts/people.csv, columns: {contactId: contactId, personalization: {NAME: NAME}}}",
    )
    with sandboxed(tmp_path / "specs", mapped, LOOKUP) as client:
        (tmp_path / "specs" / "contacts" / "people.csv").write_text(LIST)
        done = cli("apply", "--auto-approve")
        assert done.code == 0, done.err
        yield client


def failed_rows(name="failed.csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(Path(name).read_text(encoding="utf-8"), newline="")))


def test_a_contact_that_got_nothing_has_the_columns_of_its_list(sent, cli):
    """Exact cells of all columns follow; a name that the status has too is marked; a formula is inert."""
    done = cli("status", "--failed-csv", "failed.csv", *QUICK)
    assert (done.code, done.err) == (0, "")
    rows = failed_rows()
    assert list(rows[0]) == [
        *("address", "batch", "transactionId", "contact", "reason"),
        *("ORDER", "contactId", "NAME", "Store", "reason (list)"),
    ]
    by_name = {row["NAME"]: row for row in rows if row["NAME"]}
    assert sorted(by_name) == ["Eve", "Grace", 'O\'Neil, "Liz"']
    grace = by_name["Grace"]
    assert (grace["contact"], grace["contactId"], grace["Store"]) == (FAILS, FAILS, "'=1+1")
    assert (grace["reason (list)"], grace["reason"] != "vip") == ("vip", True)
    orders = {row["contact"][:11]: row["ORDER"] for row in rows if row["address"] == "gate/change"}
    assert orders[FAILS] == "A7"
    assert {row["ORDER"] for row in rows if "ada@" in row["contact"]} == {"B9"}


def test_a_list_that_changed_since_the_send(sent, cli):
    """The number alone finds a row as it is now; a note counts people who left the list."""
    Path("specs/contacts/people.csv").write_text(f"NAME,contactId\nGrace Hopper,{FAILS}\n")
    done = cli("status", "--send", "sale", "--failed-csv", "failed.csv", *QUICK)
    assert done.err == "note: 2 contacts that failed are not in the list of sale/last-call now\n"
    assert [(row["contact"], row["NAME"]) for row in failed_rows()] == [
        (FAILS, "Grace Hopper"),
        ("12125550191", ""),
        ("12125550192", ""),
    ]
    Path("specs/contacts/people.csv").unlink()
    done = cli("status", "--send", "sale", "--failed-csv", "failed.csv", *QUICK)
    assert (done.code, "note: the list of sale/last-call cannot be read: " in done.err) == (0, True)
    assert list(failed_rows()[0])[-1] == "reason"
    Path("specs/campaigns/c0.yaml").unlink()
    assert cli("status", "--send", "sale", "--failed-csv", "failed.csv", *QUICK).code == 0


def test_a_renamed_send_keeps_its_list(sent, cli):
    """Until apply moves the record, the ledger has the former address."""
    text = Path("specs/campaigns/c0.yaml").read_text()
    renamed = text.replace("last-call", "final").replace(
        "    endpoint", "    formerly: [sale/last-call]\n    endpoint"
    )
    Path("specs/campaigns/c0.yaml").write_text(renamed)
    assert cli("status", "--send", "sale", "--failed-csv", "failed.csv", *QUICK).err == ""
    assert [row["NAME"] for row in failed_rows()] == ["Grace", 'O\'Neil, "Liz"', "Eve"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("l.csv", "contactId,NAME,x,x,\n12125550190,A,1,2,3\n"),
        ("l.csv", '\ufeff"contactId","NAME"\r\n"12125550190","A"\r\n"12125550190","B"\r\n'),
        ("l.jsonl", '{"contactId": 12125550190, "NAME": "A", "vip": true}\n'),
    ],
)
def test_lists_of_any_form(name, content, tmp_path):
    """Repeated and empty names are left out, the first row of a number counts, and JSON values are texts."""
    specs = project(tmp_path / "specs", CONTACTS.replace("people.csv", name))
    (specs / "contacts" / name).write_text(content, encoding="utf-8")
    loaded = load_project(specs)
    [send] = render(loaded, loaded.targets["sandbox"])
    rows = list_rows(send, {FAILS})
    assert rows is not None
    cells = rows.cells(FAILS)
    assert cells is not None
    assert (cells["NAME"], "x" in rows.names, "" in rows.names) == ("A", False, False)
    assert rows.cells("12125550123") is None


def test_a_run_on_a_schedule_is_green_while_the_vendor_works(sent, cli):
    """`--allow-unsettled` exits 0 for transactions in progress, and 1 for a query that was refused."""
    assert cli("status", "--timeout", "0").code == 1
    assert cli("status", "--timeout", "0", "--all", "--allow-unsettled").code == 0
    with sent.behaviour(unknownCalls=100):
        assert cli("status", "--timeout", "0", "--all", "--allow-unsettled").code == 0
    sent.arm("status", endpoint="status", times=None, code=403, text="no such permission")
    assert cli("status", "--all", "--allow-unsettled", *QUICK).code == 1


def test_a_step_of_github(sent, cli, tmp_path, monkeypatch):
    """`github` appends the Markdown to the summary, and sets outputs; standard output has only warnings."""
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.setenv(name, str(tmp_path / name))
    done = cli("status", "--format", "github", *QUICK)
    assert (done.code, done.out) == (0, "")
    summary = (tmp_path / "GITHUB_STEP_SUMMARY").read_text()
    assert "handed to the carrier" in summary
    assert FAILS not in summary
    outputs = (tmp_path / "GITHUB_OUTPUT").read_text().splitlines()
    names = [line.partition("<<")[0] for line in outputs if "<<" in line]
    assert names == ["settled", "handed", "not-handed"]
    assert outputs[1] == "true"


@pytest.fixture
def in_actions(tmp_path, monkeypatch):
    """Return a function that makes this a job of GitHub Actions, whose event has this repository."""

    def start(event: dict, **environment: str) -> None:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        path = tmp_path / "event.json"
        path.write_text(json.dumps(event))
        monkeypatch.setenv("GITHUB_EVENT_PATH", str(path))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

    return start


def refused(cli) -> tuple[int, bool]:
    done = cli("status", "--failed-csv", "failed.csv")
    assert not Path("failed.csv").exists()
    return done.code, "public repository" in done.err


@pytest.mark.red_team(29)
def test_a_public_repository_keeps_no_numbers(cli, in_actions, tmp_path):
    """Its event says that it is public; if it does not, as on a schedule, the API is asked."""
    project(tmp_path / "specs", GATE)
    in_actions({"repository": {"private": False, "visibility": "public"}})
    assert refused(cli) == (64, True)
    in_actions({"repository": {"private": True, "visibility": "private"}})
    assert cli("status", "--failed-csv", "failed.csv").code == 0
    Path("failed.csv").unlink()
    in_actions({"schedule": "0 0 * * *"})
    done = cli("status", "--failed-csv", "failed.csv")
    assert (done.code, "GITHUB_TOKEN is not set" in done.err) == (1, True)
    with GitHubServer() as github:
        in_actions({"schedule": "0 0 * * *"}, **github.environment())
        github.state.is_private = False
        assert refused(cli) == (64, True)
        github.state.is_private = True
        assert cli("status", "--failed-csv", "failed.csv").code == 0
