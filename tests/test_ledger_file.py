"""The file ledger: what it keeps, what it forgives, what it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sendspec import schema
from sendspec.errors import LedgerCorrupt, LedgerError, Locked
from sendspec.ledger import Delivered, Intent, Settled
from sendspec.ledger.file_ledger import FileLedger
from sendspec.model import Delivery, Location, Locations, RequestKey, RequestState
from tests.ledgers import AT, accepted, begun, record

if TYPE_CHECKING:
    from pathlib import Path

SEND = "spring-sale/last-call[en]"


@pytest.fixture
def ledger(tmp_path: Path) -> FileLedger:
    return FileLedger(tmp_path, "sandbox", "sandbox")


def test_an_empty_directory_is_an_empty_ledger(ledger: FileLedger) -> None:
    """Reading a ledger that never held anything gives no sends and writes nothing."""
    assert ledger.read().sends == {}
    assert not ledger.lockfile.exists()


def test_what_is_appended_is_in_the_lockfile_after_the_session(ledger: FileLedger) -> None:
    """A session folds its journal into a lockfile that satisfies the schema, and removes the journal."""
    with ledger.open() as session:
        session.append([*begun(SEND), accepted(SEND)])
        session.append([Delivered(RequestKey(SEND, 1, 1), Delivery(3, 3, 2, 1, {"no consent": 1}, AT))])
    assert not ledger.journal.exists()
    value = json.loads(ledger.lockfile.read_text())
    assert schema.check("lockfile", value, Locations(Location("x"))) == []
    (request,) = value["sends"][SEND]["requests"]
    assert request["state"] == "sent"
    assert request["transactionId"] == "1a2b-3c-4d"
    assert request["delivery"]["reasons"] == {"no consent": 1}


def test_an_intent_without_outcome_is_unknown_to_the_next_run(ledger: FileLedger) -> None:
    """A run that ended between intent and outcome leaves a request that the next run calls unknown."""
    with ledger.open() as session:
        session.append(begun(SEND))
    assert ledger.read().sends[SEND].requests[0].state is RequestState.INTENT
    with ledger.open() as session:
        assert session.state.sends[SEND].requests[0].state is RequestState.UNKNOWN
    assert ledger.read().sends[SEND].requests[0].state is RequestState.UNKNOWN


def test_a_journal_is_read_where_it_lies_after_a_crash(ledger: FileLedger) -> None:
    """Entries of a run that never folded are read from its journal, again and again with one result."""
    with ledger.open() as session:
        session.append([*begun(SEND), accepted(SEND)])
        left = ledger.journal.read_bytes()
    folded = ledger.read()
    ledger.journal.write_bytes(left)
    assert ledger.read() == folded


def test_two_acceptances_of_one_request_are_both_kept(ledger: FileLedger) -> None:
    """The first id stays, another stands beside it, and the same one twice is one, however often folded."""
    with ledger.open() as session:
        session.append([*begun(SEND), accepted(SEND)])
        for another in ("1a2b-3c-4d", "9f-9f", "9f-9f"):
            session.append([accepted(SEND, transaction_id=another)])
        left = ledger.journal.read_bytes()
    folded = ledger.read()
    ledger.journal.write_bytes(left)
    assert ledger.read() == folded
    (request,) = folded.sends[SEND].requests
    assert (request.transaction_id, request.also_accepted) == ("1a2b-3c-4d", ("9f-9f",))
    (stored,) = json.loads(ledger.lockfile.read_text())["sends"][SEND]["requests"]
    assert stored["alsoAccepted"] == ["9f-9f"]


def test_an_id_that_is_learnt_later_is_kept(ledger: FileLedger) -> None:
    """Where a repeated job told only that it existed, the id that its own run brings is taken."""
    exists = Settled(RequestKey(SEND, 1, 1), RequestState.SENT, AT, 2, evidence="already exists")
    with ledger.open() as session:
        session.append([*begun(SEND), exists, accepted(SEND), exists])
    (request,) = ledger.read().sends[SEND].requests
    assert (request.transaction_id, request.also_accepted) == ("1a2b-3c-4d", ())


def test_an_older_lockfile_is_noticed_by_the_machine_that_wrote_a_newer_one(tmp_path: Path) -> None:
    """What a branch, a stash or a backup brings back is refused, read or opened, until the newest is back."""
    ledger = FileLedger(tmp_path, "production", "api.example", must_exist=True)
    assert ledger.create()
    older = ledger.lockfile.read_bytes()
    with ledger.open() as session:
        session.append([*begun(SEND), accepted(SEND)])
    newer = ledger.lockfile.read_bytes()
    ledger.lockfile.write_bytes(older)
    for ask in (ledger.read, ledger.open):
        with pytest.raises(
            LedgerError, match="has seen write 1 of the lockfile, and what lies there is write 0"
        ):
            ask()
    ledger.lockfile.write_bytes(newer)
    assert set(ledger.read().sends) == {SEND}
    ledger.lockfile.write_bytes(older)
    (tmp_path / ".sendspec" / "production.seen").unlink()
    assert ledger.read().sends == {}


def test_a_journal_does_not_go_on_from_an_older_lockfile(ledger: FileLedger) -> None:
    """A journal that a lost run left says which lockfile it goes on from: it is folded into no older one."""
    with ledger.open() as session:
        session.append([*begun(SEND), accepted(SEND)])
    older = ledger.lockfile.read_bytes()
    with ledger.open() as session:
        session.append(begun("other/send"))
    with ledger.open() as session:
        session.append([accepted("other/send")])
        left = ledger.journal.read_bytes()
    ledger.journal.write_bytes(left)
    assert ledger.read().sends["other/send"].requests[0].state is RequestState.SENT
    ledger.lockfile.write_bytes(older)
    with pytest.raises(
        LedgerError, match="goes on from write 2 of the lockfile, and what lies there is write 1"
    ):
        ledger.read()


def test_a_last_line_that_is_whole_and_wrong_is_damage(ledger: FileLedger) -> None:
    """Only a missing end or a block of zeros is explained by a crash: nothing else is left out."""
    with ledger.open() as session:
        session.append([*begun(SEND), accepted(SEND)])
        left = ledger.journal.read_bytes()
    ledger.lockfile.unlink()
    for wrong in (left.replace(b"account", b"accounT"), b"00000000" + left[8:]):
        ledger.journal.write_bytes(wrong)
        with pytest.raises(LedgerCorrupt, match=r"journal:1: this line is not what sendspec wrote"):
            ledger.read()
    ledger.journal.write_bytes(left[:40] + bytes(40) + left[80:])
    assert ledger.read().sends == {}


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_torn_last_line_is_left_out(ledger: FileLedger, cut: int) -> None:
    """A last line that a crash cut short counts as never written, and the next append starts clean."""
    with ledger.open() as session:
        session.append([*begun(SEND), accepted(SEND)])
        whole = ledger.journal.read_bytes()
        session.append(begun("other/send"))
        both = ledger.journal.read_bytes()
    ledger.lockfile.unlink()
    ledger.journal.write_bytes(both[: len(whole) + cut])
    assert set(ledger.read().sends) == {SEND}
    with ledger.open() as session:
        session.append(begun("third/send"))
    assert set(ledger.read().sends) == {SEND, "third/send"}


def test_damage_before_the_last_line_is_refused(ledger: FileLedger) -> None:
    """A changed byte in any line but the last ends in a refusal that names file and line."""
    with ledger.open() as session:
        session.append(begun(SEND))
        session.append([accepted(SEND)])
        content = bytearray(ledger.journal.read_bytes())
    content[20] ^= 1
    ledger.journal.write_bytes(content)
    with pytest.raises(LedgerCorrupt, match=r"sandbox\.journal:1"):
        ledger.read()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff", b'{"version": 2}', b'{"version":1,"target":"sandbox"}', b"[" * 100000],
)
def test_a_lockfile_that_is_none_is_refused(ledger: FileLedger, content: bytes) -> None:
    """A lockfile that cannot be one is damage, never an empty ledger."""
    ledger.lockfile.write_bytes(content)
    with pytest.raises(LedgerCorrupt):
        ledger.read()


@pytest.mark.parametrize(("target", "account"), [("production", "sandbox"), ("sandbox", "other.example")])
def test_a_ledger_of_another_owner_is_refused(tmp_path: Path, target: str, account: str) -> None:
    """A lockfile of another target or account is not read as one's own."""
    with FileLedger(tmp_path, "sandbox", "sandbox").open() as session:
        session.append(begun(SEND))
    other = FileLedger(tmp_path, target, account)
    other.lockfile.write_bytes((tmp_path / "sendspec.sandbox.lock").read_bytes())
    with pytest.raises(LedgerError, match="belongs to target 'sandbox' at sandbox"):
        other.read()


def test_two_runs_cannot_hold_it_at_once(ledger: FileLedger) -> None:
    """The second run is told which process holds the ledger, on which host and since when."""
    with ledger.open(), pytest.raises(Locked, match=f"process {os.getpid()} on .* since 20"):
        ledger.open()
    with ledger.open():
        pass


def test_a_dead_process_leaves_no_lock(ledger: FileLedger, tmp_path: Path) -> None:
    """A process that is killed while it holds the ledger does not keep the next one out."""
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from sendspec.ledger.file_ledger import FileLedger\n"
        "s = FileLedger(Path(sys.argv[1]), 'sandbox', 'sandbox').open(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert killed.returncode < 0
    with ledger.open():
        pass


def test_a_raised_revision_keeps_the_earlier_one(ledger: FileLedger) -> None:
    """The ids of an earlier revision stay in the lockfile beside those of the newest."""
    with ledger.open() as session:
        session.append([*begun(SEND), accepted(SEND, transaction_id="first")])
        session.append([*begun(SEND, revision=2), accepted(SEND, revision=2, transaction_id="second")])
    latest = ledger.read().sends[SEND]
    assert (latest.revision, latest.requests[0].transaction_id) == (2, "second")
    assert [(e.revision, e.requests[0].transaction_id) for e in latest.earlier] == [(1, "first")]


def test_an_acceptance_is_never_forgotten(ledger: FileLedger) -> None:
    """Whatever a run that knew less writes later, a request that was sent stays sent, with its id."""
    key = RequestKey(SEND, 1, 1)
    with ledger.open() as session:
        session.append([*begun(SEND), accepted(SEND, transaction_id="kept")])
        session.append([Intent(key, AT), Settled(key, RequestState.UNKNOWN, AT, 2)])
        session.append([Settled(key, RequestState.NOT_SENT, AT, 3)])
    (request,) = ledger.read().sends[SEND].requests
    assert (request.state, request.transaction_id) == (RequestState.SENT, "kept")


@pytest.mark.parametrize("entry", [Intent(RequestKey(SEND, 1, 1), AT), accepted(SEND)])
def test_an_entry_of_a_send_that_was_never_begun_is_damage(ledger: FileLedger, entry: object) -> None:
    """A journal that speaks of a send without saying what it was is refused."""
    with pytest.raises(LedgerCorrupt, match="never begun"), ledger.open() as session:
        session.append([entry])  # type: ignore[list-item]


def test_the_lockfile_is_the_same_bytes_whatever_the_order(tmp_path: Path) -> None:
    """Two runs that learn the same things in another order write the same lockfile."""
    written = []
    for name, order in (("a", (1, 2, 3)), ("b", (3, 1, 2))):
        (tmp_path / name).mkdir()
        ledger = FileLedger(tmp_path / name, "sandbox", "sandbox")
        with ledger.open() as session:
            for batch in order:
                session.append([*begun(SEND, batch), accepted(SEND, batch)])
        written.append(ledger.lockfile.read_bytes())
    assert written[0] == written[1]
    assert record().expected_requests == 3


def test_a_reason_that_is_no_utf8_does_not_stop_the_ledger(ledger: FileLedger) -> None:
    """A stray byte of a command line is kept in the lockfile as JSON writes it, and read back."""
    reason = b"seen in the vendor\xffs report".decode(errors="surrogateescape")
    with ledger.open() as session:
        key = RequestKey(SEND, 1, 1)
        session.append([*begun(SEND), Settled(key, RequestState.NOT_SENT, AT, 1, evidence=reason)])
    assert ledger.read().sends[SEND].requests[0].evidence == reason
    with ledger.open():
        pass
    assert ledger.read().sends[SEND].requests[0].evidence == reason


def test_a_full_disk_fails_the_append_and_every_later_one(tmp_path: Path) -> None:
    """When the file may not grow, the append says so and the session takes nothing more."""
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from sendspec.errors import LedgerError\n"
        "from sendspec.ledger.file_ledger import FileLedger\n"
        "from tests.ledgers import begun\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "session = FileLedger(Path(sys.argv[1]), 'sandbox', 'sandbox').open()\n"
        "session.append(begun('a/b'))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700))\n"
        "for _ in range(2):\n"
        "    try:\n"
        "        session.append(begun('c/d'))\n"
        "    except LedgerError as error:\n"
        "        print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], check=True, capture_output=True, text=True
    )
    assert "File too large" in done.stdout
    assert "takes nothing more in this run" in done.stdout
    assert set(FileLedger(tmp_path, "sandbox", "sandbox").read().sends) == {"a/b"}
