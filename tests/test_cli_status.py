"""`sendspec status`: delivery status that is printed, recorded, and listed in full on request."""

from __future__ import annotations

import csv
import json
import stat

import pytest

from sendspec.ledger.file_ledger import FileLedger
from tests.ledgers import accepted, started
from tests.projects import CONTACTS, GATE, TEASER, lockfile, project, sendspec
from tests.sandboxed import sandboxed

REFUSED = "Contact is not opted in to the SMS program"
MIXED = """\
campaign: gate
purpose: transactional
sends:
  - id: change
    endpoint: contacts
    channelQualifier: "148372"
    content: "Acme: your order is ready."
    contacts:
      - {contactId: "12125550123"}
      - {contactId: "12125550190"}
      - {contactId: "12125550180"}
      - {contactLookup: [{name: EMAIL, value: ada@example.invalid, channel: EMAIL}]}
"""
WITHOUT_PAUSE = ("--interval", "0")
JOB_LINE = (
    "spring/teaser: job 10000001, due Tue 01 Dec 14:00 (2099-12-01T14:00:00-05:00); "
    "the API does not report the status of send jobs"
)


@pytest.fixture
def sent(cli, tmp_path):
    """Yield a client of a sandbox that has received a project of three sends."""
    with sandboxed(tmp_path / "specs", MIXED, CONTACTS, TEASER, count=1001) as client:
        assert cli("apply", "--auto-approve").code == 0
        yield client


def deliveries(specs) -> list[dict]:
    """Return the delivery of each request in the lockfile, by address and batch."""
    sends = lockfile(specs)["sends"].values()
    return [request.get("delivery") for send in sends for request in send["requests"]]


def test_settled(sent, cli, tmp_path):
    """`status` queries until all is settled, prints a line per transaction and totals, and exits 0."""
    done = cli("status", *WITHOUT_PAUSE)
    assert done.code == 0, done.err
    assert done.out.splitlines() == [
        "gate/change#1  settled: 1 handed to the carrier, 3 not, 4 of 4 contacts processed",
        "sale/last-call#1  settled: 800 handed to the carrier, 200 not, 1,000 of 1,000 contacts processed",
        "sale/last-call#2  settled: 1 handed to the carrier, 0 not, 1 of 1 contact processed",
        "",
        "802 handed to the carrier, 203 not, 1,005 of 1,005 contacts processed",
        "  101 x invalid phone number (such as 1212•••••80, 1201•••••80, 1201•••••81)",
        "  101 x no consent (such as 1212•••••90, 1201•••••90, 1201•••••91)",
        "  1 x contact not found (such as a lookup)",
    ]
    assert done.err == f"{JOB_LINE}\n"
    recorded = deliveries(tmp_path / "specs")
    assert [
        delivery and (delivery["total"], delivery["sent"], delivery["failed"]) for delivery in recorded
    ] == [
        (4, 1, 3),
        (1000, 800, 200),
        (1, 1, 0),
        None,
    ]
    assert recorded[0]["reasons"] == {"no-consent": 1, "contact-not-found": 1, "invalid-number": 1}


def test_not_settled_in_time(sent, cli, tmp_path):
    """A transaction that is open at the timeout is printed, recorded so far, and exits 1."""
    done = cli("status", "--timeout", "0")
    assert done.code == 1
    assert "gate/change#1  processing: 1 handed to the carrier, 1 not, 2 of 4 contacts processed" in done.out
    assert deliveries(tmp_path / "specs")[0]["processed"] == 2
    assert cli("status", *WITHOUT_PAUSE).code == 0
    assert deliveries(tmp_path / "specs")[0]["processed"] == 4


def test_not_known_yet(sent, cli, tmp_path):
    """A transaction that the vendor does not know yet exits 1, and is not recorded."""
    with sent.behaviour(unknownCalls=100):
        done = cli("status", "--send", "gate/change", "--timeout", "0")
    assert done.code == 1
    assert done.out.startswith("gate/change#1  not known: the vendor does not know the transaction yet\n")
    assert deliveries(tmp_path / "specs") == [None] * 4


def test_an_id_that_the_vendor_never_gave(sent, cli, tmp_path):
    """The id looks like one that the vendor does not know yet: exit 1, not recorded."""
    account = str(sent.base_url).removeprefix("http://").rstrip("/")
    with FileLedger(tmp_path / "specs", "sandbox", account).open() as session:
        session.append([*started("other/send"), accepted("other/send", transaction_id="feed-1-dead")])
    done = cli("status", "--send", "other/send", "--timeout", "0")
    assert (done.code, "other/send#1  not known" in done.out) == (1, True)


def test_a_vendor_that_does_not_answer(sent, cli):
    """Temporary errors are retried until the timeout; then the last one is printed."""
    sent.arm("status", endpoint="status", times=None, code=503, text="down for maintenance")
    done = cli("status", "--send", "gate/change", "--timeout", "0")
    assert (done.code, "gate/change#1  not known: " in done.out) == (1, True)
    assert "503" in done.out


def test_one_send(sent, cli):
    """`--send` queries the transactions of one address; an unknown address is an error."""
    done = cli("status", "--send", "sale/last-call", *WITHOUT_PAUSE)
    assert done.code == 0
    assert [line.partition("  ")[0] for line in done.out.splitlines()[:2]] == [
        "sale/last-call#1",
        "sale/last-call#2",
    ]
    assert "gate/change" not in done.out + done.err
    done = cli("status", "--send", "gate/chnage")
    assert (done.code, done.out) == (64, "")
    message = "error: --send 'gate/chnage' does not match any send in the ledger of target 'sandbox'\n"
    assert done.err == f"{message}  hint: did you mean 'gate/change'?\n"
    done = cli("status", "--send", "zzz")
    assert done.err.startswith("error: --send 'zzz' does not match any send in the ledger of target")
    assert done.err.endswith("  hint: run `sendspec plan` to list the addresses\n")


def test_the_api_does_not_report_send_jobs(sent, cli):
    """A contact-source send has a job instead of a transaction; `status` says so and queries nothing."""
    done = cli("status", "--send", "spring/teaser")
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines() == [
        JOB_LINE,
        "No transactions to query.",
    ]


def test_nothing_sent_yet(cli, tmp_path):
    """Without a ledger `status` queries nothing and creates nothing."""
    specs = project(tmp_path / "specs", GATE)
    done = cli("status")
    assert (done.code, done.out, done.err) == (0, "", "No transactions to query.\n")
    assert not (specs / ".sendspec").exists()


def test_settled_transactions_are_not_queried_again(sent, cli, tmp_path):
    """They are shown from the ledger with their date, without a call or credentials."""
    first = sendspec("status", *WITHOUT_PAUSE, where=tmp_path)
    calls = sent.stats()["received"]["status"]
    before = (tmp_path / "specs" / "sendspec.sandbox.lock").read_bytes()
    again = sendspec("status", where=tmp_path)
    assert (first.code, again.code) == (0, 0)
    assert sent.stats()["received"]["status"] == calls
    assert (tmp_path / "specs" / "sendspec.sandbox.lock").read_bytes() == before
    since = [delivery["at"] for delivery in deliveries(tmp_path / "specs") if delivery]
    lines = [f"{line}  known since {at}" for line, at in zip(first.out.splitlines(), since, strict=False)]
    assert again.out.splitlines()[:3] == lines
    assert again.out.splitlines()[4] == first.out.splitlines()[4]
    assert "  101 x no consent\n" in again.out
    document = json.loads(sendspec("status", "--format", "json", where=tmp_path).out)
    assert document["total"]["failed"] == 203
    assert [(row["fromLedger"], row["settled"]) for row in document["transactions"]] == [(True, True)] * 3


def test_open_transactions_are_queried_again(sent, cli, tmp_path):
    """Of three transactions two are settled: one is queried, and all three are shown."""
    assert cli("status", "--send", "sale/last-call", *WITHOUT_PAUSE).code == 0
    before = sent.stats()["received"]["status"]
    assert cli("status", "--timeout", "0").code == 1
    assert sent.stats()["received"]["status"] == before + 1
    document = json.loads(cli("status", "--format", "json", *WITHOUT_PAUSE).out)
    assert [row["fromLedger"] for row in document["transactions"]] == [False, True, True]
    assert [row["settled"] for row in document["transactions"]] == [True] * 3


@pytest.mark.parametrize("words", [("--all",), ("--failed-csv", "failed.csv")], ids=["all", "csv"])
def test_all_transactions_are_queried_on_request(words, sent, cli, tmp_path):
    """`--all` queries settled transactions again; so does `--failed-csv`, as the ledger has no numbers."""
    assert cli("status", *WITHOUT_PAUSE).code == 0
    before = sent.stats()["received"]["status"]
    done = cli("status", *words, *WITHOUT_PAUSE)
    assert (done.code, "known since" in done.out) == (0, False)
    assert sent.stats()["received"]["status"] == before + 3
    assert "(such as 1212•••••90" in done.out


def test_a_refused_query_does_not_stop_the_others(sent, cli, tmp_path):
    """A transaction whose query is refused is shown as such; the others are queried; exit 1."""
    sent.arm("status", endpoint="status", code=403, text="no such permission")
    done = cli("status", *WITHOUT_PAUSE)
    assert done.code == 1
    assert [line.partition("  ")[2][:7] for line in done.out.splitlines()[:3]].count("settled") == 2
    assert [delivery and delivery["processed"] for delivery in deliveries(tmp_path / "specs")].count(
        None
    ) == 2


def test_an_error_does_not_replace_an_earlier_answer(sent, cli, tmp_path):
    """A transaction keeps its recorded status if the vendor does not answer now."""
    assert cli("status", "--send", "gate/change", "--timeout", "0").code == 1
    sent.arm("status", endpoint="status", times=None, code=503, text="down")
    done = cli("status", "--send", "gate/change", "--timeout", "0")
    assert done.code == 1
    assert done.out.startswith("gate/change#1  processing: 1 handed to the carrier, 1 not, 2 of 4 contacts")
    assert "503" in done.out
    assert deliveries(tmp_path / "specs")[0]["processed"] == 2


def test_answers_that_cannot_be_recorded_are_still_shown(sent, cli, tmp_path):
    """While another run holds the ledger, `status` shows its answers and exits 5."""
    account = str(sent.base_url).removeprefix("http://").rstrip("/")
    with FileLedger(tmp_path / "specs", "sandbox", account).open():
        done = sendspec("status", *WITHOUT_PAUSE, where=tmp_path)
    assert (done.code, "another run holds the ledger" in done.err) == (5, True)
    assert "802 handed to the carrier, 203 not, 1,005 of 1,005 contacts processed" in done.out


def test_for_machines(sent, cli):
    """`--format json` has every transaction and the totals, without phone numbers."""
    done = cli("status", "--format", "json", *WITHOUT_PAUSE)
    document = json.loads(done.out)
    assert {key: document["total"][key] for key in ("total", "sent", "failed")} == {
        "total": 1005,
        "sent": 802,
        "failed": 203,
    }
    assert [entry["settled"] for entry in document["transactions"]] == [True] * 3
    assert "5550190" not in done.out


def test_failed_contacts(sent, cli, tmp_path):
    """`--failed-csv` lists all failed contacts unmasked, in a file that only its owner can read."""
    listed = tmp_path / "failed.csv"
    listed.write_text("of another run")
    listed.chmod(0o644)
    assert cli("status", "--failed-csv", "failed.csv", *WITHOUT_PAUSE).code == 0
    assert stat.S_IMODE(listed.stat().st_mode) == 0o600
    with listed.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 203
    assert [(row["contact"], row["reason"]) for row in rows[:2]] == [
        ("12125550190", REFUSED),
        ("12125550180", "Phone number is invalid"),
    ]
    assert "ada@example.invalid" in rows[2]["contact"]
    done = cli("status", "--failed-csv", "missing/failed.csv", *WITHOUT_PAUSE)
    assert (done.code, "error: cannot write missing/failed.csv" in done.err) == (1, True)
