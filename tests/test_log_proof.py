"""Which lines of an outcome log are believed: signed ones, confirmed ones, and those a person confirms."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from sendspec.cli._lib.context import ledger_for, open_project
from sendspec.formatting import parse_timestamp
from sendspec.log_signature import Proof, prove, sign
from sendspec.model import Endpoint, OutcomeReason, RequestKey, RequestState
from sendspec.outcome_log import format_log_line, format_send_line
from sendspec.protocol import Result
from sendspec.signing_keys import LOG_KEY, make_keys, read_keys
from sendspec.state_directory import state_directory
from tests.ledgers import git, started
from tests.projects import GATE, lockfile, project
from tests.sandboxed import sandboxed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.projects import Done
    from tests.sandbox_client import SandboxClient

REQUEST = "gate/change#1"
SHARED = "0123456789abcdef" * 4
MACHINE = b"the key of this machine, 32 long"


class Lost(NamedTuple):
    """A project with an unknown request that the vendor accepted, and the id of its transaction."""

    specs: Path
    vendor: SandboxClient
    transaction: str

    def request(self, address: str = "gate/change") -> dict[str, Any]:
        found: dict[str, Any] = lockfile(self.specs)["sends"][address]["requests"][0]
        return found

    def line(self, state: RequestState = RequestState.SENT, key: bytes | None = None, **changes: Any) -> str:
        result = Result(
            RequestKey("gate/change", 1, 1),
            Endpoint.EXTERNAL_CONSENT,
            state,
            OutcomeReason.ACCEPTED if state is RequestState.SENT else OutcomeReason.NOT_CONNECTED,
            1,
            transaction_id=self.transaction if state is RequestState.SENT else None,
        )
        at = parse_timestamp("2090-01-01T00:00:00Z")
        account = lockfile(self.specs)["account"]
        text = format_log_line("sandbox", account, changes.pop("run", "lost"), result, at, key=key)
        value = json.loads(text.removeprefix("sendspec-request ")) | changes
        return f"sendspec-request {json.dumps(sign(value, key) if changes else value)}\n"


@pytest.fixture
def lost(cli, tmp_path) -> Iterator[Lost]:
    specs = tmp_path / "specs"
    with sandboxed(specs, GATE) as vendor:
        vendor.arm("drop-after", endpoint="external-consent")
        assert cli("apply", "--auto-approve").code == 7
        [post] = vendor.received()
        yield Lost(specs, vendor, post["id"])


@pytest.fixture
def resolve(cli, tmp_path):
    """Run `resolve --from-log` on a text."""

    def verb(text: str, *more: str) -> Done:
        (tmp_path / "run.log").write_text(text)
        return cli("resolve", "--from-log", "run.log", *more)

    return verb


OTHER = b"the key of another machine"
FORGED = {
    "an id that the vendor does not know": (
        None,
        {"transactionId": "9f-9f"},
        "does not know this transaction",
    ),
    "the same, signed elsewhere": (OTHER, {"transactionId": "9f-9f"}, "does not know this transaction"),
    "no id": (None, {"transactionId": None}, "the line has no transaction id to verify"),
    "a job": (None, {"transactionId": None, "jobId": 7}, "the vendor reports no status of a send job"),
}


@pytest.mark.red_team(8)
@pytest.mark.parametrize(("key", "changes", "doubt"), FORGED.values(), ids=FORGED)
def test_a_forged_acceptance_is_not_recorded(key, changes, doubt, lost: Lost, resolve) -> None:
    """A line that no key of this machine signed, and that the vendor does not confirm, needs a person."""
    done = resolve(lost.line(key=key, **changes))
    assert done.code == 1
    assert doubt in done.err
    assert "1 outcome of run.log not recorded: no key of this machine signed them" in done.err
    assert lost.request()["state"] == "unknown"
    assert resolve(lost.line(key=key, **changes), "--yes").code == 0
    assert (lost.request()["state"], lost.request()["settledBy"]) == ("sent", "log")


@pytest.mark.red_team(8)
def test_the_vendor_confirms_an_unsigned_acceptance(lost: Lost, resolve) -> None:
    """An unsigned line with a transaction of as many contacts settles its request without a person."""
    done = resolve(lost.line())
    assert (done.code, done.err) == (
        0,
        f"{REQUEST} is now sent\nsettled 1 from run.log, 0 were known before\n",
    )
    assert lost.request()["transactionId"] == lost.transaction


@pytest.mark.red_team(8)
def test_the_transaction_of_other_contacts_is_not_believed(lost: Lost, resolve) -> None:
    """A real transaction with another number of contacts does not confirm a forged line."""
    other = lost.vendor.batch("external-consent", ("12125550100",)).json()["data"]["id"]
    done = resolve(lost.line(transactionId=other))
    assert (done.code, "this transaction has another number of contacts" in done.err) == (1, True)
    assert lost.request()["state"] == "unknown"


@pytest.mark.red_team(8)
def test_the_transaction_of_another_request_is_not_believed(lost: Lost, cli, resolve) -> None:
    """The id of a request that the ledger has does not confirm another one."""
    campaign = lost.specs / "campaigns" / "second.yaml"
    campaign.write_text(GATE.replace("campaign: gate", "campaign: second"))
    assert cli("apply", "--auto-approve").code == 7
    used = lost.request("second/change")["transactionId"]
    done = resolve(lost.line(transactionId=used))
    assert (done.code, "another request in the ledger has this transaction id" in done.err) == (1, True)
    assert lost.request()["state"] == "unknown"


@pytest.mark.red_team(8)
def test_a_vendor_that_cannot_be_asked_confirms_nothing(cli, tmp_path, resolve) -> None:
    """If the vendor does not answer, an unsigned acceptance needs a person."""
    with sandboxed(tmp_path / "specs", GATE) as vendor:
        vendor.arm("drop-after", endpoint="external-consent")
        assert cli("apply", "--auto-approve").code == 7
        lost = Lost(tmp_path / "specs", vendor, vendor.received()[0]["id"])
    done = resolve(lost.line())
    assert (done.code, "the vendor could not be asked" in done.err) == (1, True)
    assert lost.request()["state"] == "unknown"


def lose_intent(specs: Path) -> str:
    """Start a request in the ledger and end without an outcome; return the name of the run."""
    with ledger_for(*open_project(str(specs), "sandbox")).open() as session:
        session.append(started("gate/change"))
        return session.run


@pytest.mark.red_team(8)
@pytest.mark.parametrize("key", [None, OTHER], ids=["unsigned", "other key"])
def test_a_forged_refusal_sends_nothing_again(key, cli, tmp_path, resolve) -> None:
    """A line with the public name of the run does not let its request go again without a person."""
    with sandboxed(tmp_path / "specs", GATE) as vendor:
        run = lose_intent(tmp_path / "specs")
        lost = Lost(tmp_path / "specs", vendor, "")
        cli("apply", "--auto-approve")
        line = lost.line(RequestState.NOT_SENT, key, run=run)
        done = resolve(line)
        assert (done.code, "only a person can confirm that it was not sent" in done.err) == (1, True)
        assert cli("apply", "--auto-approve").code == 7
        assert vendor.received() == []
        assert resolve(line, "--yes").code == 0
        assert lost.request()["state"] == "not-sent"


def test_a_signed_refusal_settles_its_request(cli, tmp_path, resolve) -> None:
    """The log of this machine is believed, and its request goes out with the next apply."""
    with sandboxed(tmp_path / "specs", GATE) as vendor:
        run = lose_intent(tmp_path / "specs")
        lost = Lost(tmp_path / "specs", vendor, "")
        cli("apply", "--auto-approve")
        line = lost.line(RequestState.NOT_SENT, make_keys().machine, run=run)
        assert resolve(line).code == 0
        assert lost.request()["state"] == "not-sent"


@pytest.mark.red_team(8)
@pytest.mark.parametrize(("key", "code"), [(SHARED, 0), (SHARED[::-1], 1), ("", 1)])
def test_a_shared_key_proves_the_log_of_another_machine(key, code, lost: Lost, monkeypatch, resolve) -> None:
    """The log of a lost runner is believed elsewhere if both have the same SENDSPEC_LOG_KEY."""
    line = lost.line(key=SHARED.encode(), transactionId="1a2b-only-the-runner-knows")
    monkeypatch.setenv(LOG_KEY, key)
    done = resolve(line)
    assert done.code == code, done
    assert lost.request()["state"] == ("sent" if code == 0 else "unknown")


def test_a_short_shared_key_is_refused(lost: Lost, cli, monkeypatch, resolve) -> None:
    """A key that could be guessed is a usage error, for apply and for resolve, and is not printed."""
    monkeypatch.setenv(LOG_KEY, "hunter2-and-more")
    for done in (cli("apply", "--auto-approve"), resolve(lost.line())):
        assert done.code == 64
        assert "SENDSPEC_LOG_KEY has fewer than 32 characters" in done.err
        assert "hunter2" not in done.err


def committed(specs: Path, line: str) -> Path:
    """Commit a spool of the form of earlier versions."""
    spool = specs / ".sendspec" / "vendor.spool"
    spool.parent.mkdir(exist_ok=True)
    spool.write_text(line)
    git("init", "--quiet", where=specs)
    git("add", "--force", str(spool), where=specs)
    return spool


@pytest.fixture
def vendor_project(lost: Lost, cli, monkeypatch) -> Lost:
    """Make the sandbox a target of another name, whose spool is not in the project directory."""
    settings = lost.specs / "sendspec.yaml"
    settings.write_text(settings.read_text().replace("sandbox: {", "vendor: {sandbox: true, "))
    for name in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN"):
        monkeypatch.setenv(f"SENDSPEC_{name}", "of-tests")
    lost.vendor.arm("drop-before", endpoint="external-consent")
    assert cli("apply", "--target", "vendor", "--auto-approve").code == 7
    return lost


@pytest.mark.red_team(8)
def test_a_committed_spool_is_never_believed(vendor_project: Lost, cli) -> None:
    """A spool that git tracks neither blocks nor settles anything, and is reported."""
    specs = vendor_project.specs
    forged = vendor_project.line(target="vendor")
    lost_line = vendor_project.line(target="vendor", address="gate/lost")
    spool = committed(specs, forged + lost_line)
    done = cli("apply", "--target", "vendor", "--auto-approve")
    assert done.code == 7
    assert f"warning: sendspec ignores {spool.relative_to(specs.parent)}, because it is committed" in done.err
    assert "that the ledger does not have" not in done.err
    by_hand = ("--target", "vendor", "--not-sent", "--reason", "not in the reports")
    assert cli("resolve", REQUEST, *by_hand).code == 0
    assert spool.read_text() == forged + lost_line


def test_the_spool_of_an_earlier_version_is_moved(vendor_project: Lost, cli) -> None:
    """An untracked spool is moved to the state folder and still prevents a wrong not-sent."""
    spool = vendor_project.specs / ".sendspec" / "vendor.spool"
    spool.write_text(vendor_project.line(target="vendor"))
    by_hand = ("--target", "vendor", "--not-sent", "--reason", "not in the reports")
    done = cli("resolve", REQUEST, *by_hand)
    assert (done.code, "the spool of this directory contains its acceptance" in done.err) == (1, True)
    assert not spool.exists()
    [moved] = state_directory(os.environ).rglob("*.spool")
    assert moved.read_text() == vendor_project.line(target="vendor")


@pytest.mark.red_team(8)
def test_a_lost_request_in_doubt_becomes_unknown(lost: Lost, cli, resolve) -> None:
    """A ledger that lost a request does not send it again because its log is not signed."""
    ledger = ledger_for(*open_project(str(lost.specs), "sandbox"))
    state = ledger.read()
    header = format_send_line("sandbox", state.account, "gate/change", state.sends["gate/change"])
    log = f"{header}\n{lost.line(transactionId='9f-9f-9f')}"
    (lost.specs / "sendspec.sandbox.lock").unlink()
    done = resolve(log)
    assert (done.code, f"{REQUEST} was not in the ledger and is now unknown" in done.err) == (1, True)
    assert cli("apply", "--auto-approve").code == 7
    assert len(lost.vendor.received()) == 1


MASKED = {
    "the transaction id": lambda line: line.replace('"transactionId": "', '"transactionId": "***'),
    "a part of the address": lambda line: line.replace("gate/change", "***/change"),
    "the account": lambda line: line.replace("127.0.0.1", "***"),
    "the state": lambda line: line.replace('"sent"', '"not-sent"'),
    "a number": lambda line: line.replace('"batch": 1', '"batch": ***'),
    "the rest": lambda line: line[:60] + "\n",
    "the checksum": lambda line: line.replace('"check": "', '"check": "***'),
}


@pytest.mark.field_case(23)
@pytest.mark.parametrize("mask", MASKED.values(), ids=MASKED)
def test_a_damaged_line_is_named_and_the_others_are_settled(mask, lost: Lost, resolve) -> None:
    """A line that a runner masked or cut is an error with its number; a whole line settles its request."""
    key = make_keys().machine
    damaged = mask(lost.line(key=key, address="gate/change", batch=1))
    assert damaged != lost.line(key=key)
    stamp = "2026-12-01T19:00:03.1234567Z "
    text = f"noise\n{stamp}{damaged}{stamp}{lost.line(key=key)}"
    done = resolve(text)
    assert done.code == 1
    assert (
        "error: run.log:2: this is not what sendspec wrote; the log was cut, or a runner masked" in done.err
    )
    assert f"{REQUEST} is now sent" in done.err
    assert lost.request()["transactionId"] == lost.transaction
    assert "***" not in (lost.specs / "sendspec.sandbox.lock").read_text()


@pytest.mark.field_case(23)
def test_a_masked_id_of_an_earlier_version_is_damage(lost: Lost, resolve) -> None:
    """A line without a checksum is damaged if its id has the asterisks of a runner."""
    value = json.loads(lost.line().removeprefix("sendspec-request "))
    del value["check"], value["mac"]
    line = f"sendspec-request {json.dumps(value | {'transactionId': '1a2b-***-5e'})}\n"
    done = resolve(line, "--yes")
    assert (done.code, "run.log:1: this is not what sendspec wrote" in done.err) == (1, True)
    assert lost.request()["state"] == "unknown"


def test_the_log_has_the_shared_key_if_there_is_one() -> None:
    """Another machine reads the log, so it is signed with the shared key, and both keys are trusted."""
    machine = make_keys().machine
    keys = read_keys({**os.environ, LOG_KEY: SHARED})
    assert (keys.for_log, keys.trusted) == (SHARED.encode(), (machine, SHARED.encode()))
    assert read_keys().for_log == machine


def test_a_signature_covers_every_property() -> None:
    """A changed, added or removed property is damage, and with a new checksum it is a forgery."""
    value = {"a": 1, "b": "é"}
    signed = sign(value, MACHINE)
    assert prove(signed, [b"other", MACHINE]) is Proof.SIGNED
    for changed in ({"a": 2}, {"c": None}):
        assert prove(signed | changed, [MACHINE]) is Proof.DAMAGED
        forged = sign({**value, **changed}, None) | {"mac": signed["mac"]}
        assert prove(forged, [MACHINE]) is Proof.UNSIGNED
    assert prove(sign(value, None), [MACHINE]) is Proof.UNSIGNED
    assert prove(signed | {"mac": "é"}, [MACHINE]) is Proof.UNSIGNED
    assert prove(value, [MACHINE]) is Proof.UNSIGNED


def test_the_key_of_a_machine_is_made_once_and_private() -> None:
    """The key has 32 random bytes, is readable by its owner only, and stays the same."""
    assert read_keys().machine is None
    key = make_keys().machine
    assert key is not None
    assert make_keys().machine == read_keys().machine == key
    [path] = state_directory(os.environ).iterdir()
    assert (path.name, stat.S_IMODE(path.stat().st_mode), len(key)) == ("log.key", 0o600, 32)


def test_a_folder_that_cannot_be_written_leaves_lines_unsigned(cli, tmp_path, monkeypatch) -> None:
    """Without a writable folder the sandbox still sends, and there is no key."""
    project(tmp_path / "specs", GATE)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "specs" / "sendspec.yaml"))
    assert cli("apply", "--auto-approve").code == 0
    assert make_keys().machine is None
