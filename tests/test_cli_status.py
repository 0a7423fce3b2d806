"""`sendspec status`: what became of what was sent, told, recorded, and listed in full where asked for."""

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
AT_ONCE = ("--interval", "0")


@pytest.fixture
def sent(cli, tmp_path):
    """A project of three sends that were sent, and a client of the sandbox that has them."""
    with sandboxed(tmp_path / "specs", MIXED, CONTACTS, TEASER, count=1001) as client:
        assert cli("apply", "--auto-approve").code == 0
        yield client


def deliveries(specs) -> list[dict]:
    """What the lockfile says of what became of each request, by address and batch."""
    sends = lockfile(specs)["sends"].values()
    return [request.get("delivery") for send in sends for request in send["requests"]]


def test_settled(sent, cli, tmp_path):
    """Asked until all is settled: a line a request, totals, reasons with masked numbers; exit 0."""
    done = cli("status", *AT_ONCE)
    assert done.code == 0, done.err
    assert done.out.splitlines() == [
        "gate/change#1  settled: 1 handed to the carrier, 3 not, 4 of 4 contacts processed",
        "sale/last-call#1  settled: 800 handed to the carrier, 200 not, 1,000 of 1,000 contacts processed",
        "sale/last-call#2  settled: 1 handed to the carrier, 0 not, 1 of 1 contact processed",
        "",
        "802 handed to the carrier, 203 not, 1,005 of 1,005 contacts processed",
        f"  101 x {REFUSED} (such as 1212•••••90, 1201•••••90, 1201•••••91)",
        "  101 x Phone number is invalid (such as 1212•••••80, 1201•••••80, 1201•••••81)",
        "  1 x Contact not found (such as a lookup)",
    ]
    assert done.err == "spring/teaser: job 10000001; the API has no status of send jobs\n"
    found = deliveries(tmp_path / "specs")
    assert [each and (each["total"], each["sent"], each["failed"]) for each in found] == [
        (4, 1, 3),
        (1000, 800, 200),
        (1, 1, 0),
        None,
    ]
    assert found[0]["reasons"] == {REFUSED: 1, "Contact not found": 1, "Phone number is invalid": 1}


def test_not_settled_in_time(sent, cli, tmp_path):
    """What is still going when the time is up is told as such, recorded as far as it is, and exits 1."""
    done = cli("status", "--timeout", "0")
    assert done.code == 1
    assert "gate/change#1  under way: 1 handed to the carrier, 1 not, 2 of 4 contacts processed" in done.out
    assert deliveries(tmp_path / "specs")[0]["processed"] == 2
    assert cli("status", *AT_ONCE).code == 0
    assert deliveries(tmp_path / "specs")[0]["processed"] == 4


def test_not_known_yet(sent, cli, tmp_path):
    """A transaction that the vendor does not know yet exits 1, and nothing is recorded of it."""
    with sent.behaviour(unknownCalls=100):
        done = cli("status", "--send", "gate/change", "--timeout", "0")
    assert done.code == 1
    assert done.out.startswith("gate/change#1  not known  the vendor does not know it yet\n")
    assert deliveries(tmp_path / "specs") == [None] * 4


def test_a_transaction_that_never_was(sent, cli, tmp_path):
    """An id that the vendor never gave looks like one that it does not know yet: exit 1, not recorded."""
    account = str(sent.base_url).removeprefix("http://").rstrip("/")
    with FileLedger(tmp_path / "specs", "sandbox", account).open() as session:
        session.append([*started("other/send"), accepted("other/send", transaction_id="feed-1-dead")])
    done = cli("status", "--send", "other/send", "--timeout", "0")
    assert (done.code, "other/send#1  not known" in done.out) == (1, True)


def test_a_vendor_that_does_not_answer(sent, cli):
    """Answers that may better are asked for again until the time is up; then the last one is told."""
    sent.arm("status", endpoint="status", times=None, code=503, text="down for maintenance")
    done = cli("status", "--send", "gate/change", "--timeout", "0")
    assert (done.code, "gate/change#1  not known  " in done.out) == (1, True)
    assert "503" in done.out


def test_one_send(sent, cli):
    """`--send` asks about the transactions of one address; one that the ledger does not have is told."""
    done = cli("status", "--send", "sale/last-call", *AT_ONCE)
    assert done.code == 0
    assert [line.partition("  ")[0] for line in done.out.splitlines()[:2]] == [
        "sale/last-call#1",
        "sale/last-call#2",
    ]
    assert "gate/change" not in done.out + done.err
    done = cli("status", "--send", "gate/chnage")
    assert (done.code, done.out) == (1, "")
    told = "error: the ledger of target 'sandbox' has no send 'gate/chnage'\n"
    assert done.err == f"{told}  hint: did you mean 'gate/change'?\n"
    done = cli("status", "--send", "zzz")
    assert done.err.endswith("has no send 'zzz'\n  hint: `sendspec plan` lists the addresses\n")


def test_send_jobs_have_no_status(sent, cli):
    """A contact-source send has a job and no transaction: it is told, and nothing is asked."""
    done = cli("status", "--send", "spring/teaser")
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines() == [
        "spring/teaser: job 10000001; the API has no status of send jobs",
        "No transactions to ask about.",
    ]


def test_nothing_sent_yet(cli, tmp_path):
    """Without a ledger there is nothing to ask, and nothing is made."""
    specs = project(tmp_path / "specs", GATE)
    done = cli("status")
    assert (done.code, done.out, done.err) == (0, "", "No transactions to ask about.\n")
    assert not (specs / ".sendspec").exists()


def test_what_is_settled_is_not_asked_again(sent, cli, tmp_path):
    """The ledger has it: it is told from there, with since when, without a call or even credentials."""
    first = sendspec("status", *AT_ONCE, where=tmp_path)
    calls = sent.stats()["received"]["status"]
    before = (tmp_path / "specs" / "sendspec.sandbox.lock").read_bytes()
    again = sendspec("status", where=tmp_path)
    assert (first.code, again.code) == (0, 0)
    assert sent.stats()["received"]["status"] == calls
    assert (tmp_path / "specs" / "sendspec.sandbox.lock").read_bytes() == before
    since = [each["at"] for each in deliveries(tmp_path / "specs") if each]
    lines = [f"{line}  known since {at}" for line, at in zip(first.out.splitlines(), since, strict=False)]
    assert again.out.splitlines()[:3] == lines
    assert again.out.splitlines()[4] == first.out.splitlines()[4]
    assert f"  101 x {REFUSED}\n" in again.out
    document = json.loads(sendspec("status", "--format", "json", where=tmp_path).out)
    assert document["total"]["failed"] == 203
    assert [(each["known"], each["settled"]) for each in document["transactions"]] == [(True, True)] * 3


def test_what_is_not_settled_is_asked_again(sent, cli, tmp_path):
    """Of three transactions two were settled: one is asked about, and all three are told."""
    assert cli("status", "--send", "sale/last-call", *AT_ONCE).code == 0
    before = sent.stats()["received"]["status"]
    assert cli("status", "--timeout", "0").code == 1
    assert sent.stats()["received"]["status"] == before + 1
    document = json.loads(cli("status", "--format", "json", *AT_ONCE).out)
    assert [each["known"] for each in document["transactions"]] == [False, True, True]
    assert [each["settled"] for each in document["transactions"]] == [True] * 3


@pytest.mark.parametrize("words", [("--all",), ("--failed-csv", "failed.csv")], ids=["all", "csv"])
def test_everything_is_asked_where_it_is_wanted(words, sent, cli, tmp_path):
    """`--all` asks again, and so does the list of who got nothing, whose numbers the ledger has not."""
    assert cli("status", *AT_ONCE).code == 0
    before = sent.stats()["received"]["status"]
    done = cli("status", *words, *AT_ONCE)
    assert (done.code, "known since" in done.out) == (0, False)
    assert sent.stats()["received"]["status"] == before + 3
    assert "(such as 1212•••••90" in done.out


def test_one_transaction_that_is_refused_keeps_no_other_from_being_asked(sent, cli, tmp_path):
    """What the vendor will not say, however often it is asked, is told at its transaction; exit 1."""
    sent.arm("status", endpoint="status", code=403, text="no such permission")
    done = cli("status", *AT_ONCE)
    assert done.code == 1
    assert [line.partition("  ")[2][:7] for line in done.out.splitlines()[:3]].count("settled") == 2
    assert [each and each["processed"] for each in deliveries(tmp_path / "specs")].count(None) == 2


def test_an_answer_that_says_nothing_takes_nothing_back(sent, cli, tmp_path):
    """What was under way when last asked is told so where the vendor is silent now."""
    assert cli("status", "--send", "gate/change", "--timeout", "0").code == 1
    sent.arm("status", endpoint="status", times=None, code=503, text="down")
    done = cli("status", "--send", "gate/change", "--timeout", "0")
    assert done.code == 1
    assert done.out.startswith("gate/change#1  under way: 1 handed to the carrier, 1 not, 2 of 4 contacts")
    assert "503" in done.out
    assert deliveries(tmp_path / "specs")[0]["processed"] == 2


def test_what_cannot_be_recorded_is_told_all_the_same(sent, cli, tmp_path):
    """While another run holds the ledger, status tells what it learnt, and exits 5."""
    account = str(sent.base_url).removeprefix("http://").rstrip("/")
    with FileLedger(tmp_path / "specs", "sandbox", account).open():
        done = sendspec("status", *AT_ONCE, where=tmp_path)
    assert (done.code, "another run holds the ledger" in done.err) == (5, True)
    assert "802 handed to the carrier, 203 not, 1,005 of 1,005 contacts processed" in done.out


def test_for_machines(sent, cli):
    """`--format json` has every transaction and the totals, and nobody's number."""
    done = cli("status", "--format", "json", *AT_ONCE)
    document = json.loads(done.out)
    assert {key: document["total"][key] for key in ("total", "sent", "failed")} == {
        "total": 1005,
        "sent": 802,
        "failed": 203,
    }
    assert [each["settled"] for each in document["transactions"]] == [True] * 3
    assert "5550190" not in done.out


def test_who_got_nothing(sent, cli, tmp_path):
    """`--failed-csv` lists everybody in full, readable by their owner only, whatever was there before."""
    listed = tmp_path / "failed.csv"
    listed.write_text("everybody's")
    listed.chmod(0o644)
    assert cli("status", "--failed-csv", "failed.csv", *AT_ONCE).code == 0
    assert stat.S_IMODE(listed.stat().st_mode) == 0o600
    with listed.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 203
    assert [(row["contact"], row["reason"]) for row in rows[:2]] == [
        ("12125550190", REFUSED),
        ("12125550180", "Phone number is invalid"),
    ]
    assert "ada@example.invalid" in rows[2]["contact"]
    done = cli("status", "--failed-csv", "gone/failed.csv", *AT_ONCE)
    assert (done.code, "error: cannot write gone/failed.csv" in done.err) == (1, True)
