"""The file ledger: its two files, its lock, torn and corrupt content, outdated lockfiles."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sendspec import schema
from sendspec.errors import LedgerCorrupt, LedgerError, Locked
from sendspec.ledger import Delivered
from sendspec.ledger.file_ledger import FileLedger
from sendspec.model import Delivery, Location, Locations, Recall, RequestKey, RequestState, Target
from tests.ledgers import AT, accepted, record, started

if TYPE_CHECKING:
    from pathlib import Path

SEND = "spring-sale/last-call[en]"


@pytest.fixture
def ledger(tmp_path: Path) -> FileLedger:
    return FileLedger(tmp_path, "sandbox", "sandbox")


def test_an_empty_directory_is_an_empty_ledger(ledger: FileLedger) -> None:
    """Without `must_exist`, a ledger without files has no sends, and reading it writes nothing."""
    assert ledger.read().sends == {}
    assert not ledger.lockfile.exists()


def test_a_session_folds_its_journal_into_the_lockfile(ledger: FileLedger) -> None:
    """After the session the lockfile matches the schema and has every entry, and the journal is removed."""
    with ledger.open() as session:
        session.append([*started(SEND), accepted(SEND)])
        session.append([Delivered(RequestKey(SEND, 1, 1), Delivery(3, 3, 2, 1, {"no-consent": 1}, AT))])
    assert not ledger.journal.exists()
    value = json.loads(ledger.lockfile.read_text())
    assert schema.check("lockfile", value, Locations(Location("x"))) == []
    (request,) = value["sends"][SEND]["requests"]
    assert request["state"] == "sent"
    assert request["transactionId"] == "1a2b-3c-4d"
    assert request["delivery"]["reasons"] == {"no-consent": 1}


def test_a_journal_that_was_folded_already_changes_nothing(ledger: FileLedger) -> None:
    """A crash between the new lockfile and the removal of the journal leaves the same state."""
    with ledger.open() as session:
        session.append([*started(SEND), accepted(SEND)])
        journal = ledger.journal.read_bytes()
    folded = ledger.read()
    ledger.journal.write_bytes(journal)
    assert ledger.read() == folded


def test_folding_twice_keeps_two_acceptances(ledger: FileLedger) -> None:
    """Another id of one request is stored once, if its journal is folded once or twice."""
    with ledger.open() as session:
        session.append([*started(SEND), accepted(SEND)])
        for another in ("1a2b-3c-4d", "9f-9f", "9f-9f"):
            session.append([accepted(SEND, transaction_id=another)])
        journal = ledger.journal.read_bytes()
    folded = ledger.read()
    ledger.journal.write_bytes(journal)
    assert ledger.read() == folded
    (stored,) = json.loads(ledger.lockfile.read_text())["sends"][SEND]["requests"]
    assert stored["alsoAccepted"] == ["9f-9f"]


def test_an_older_lockfile_is_refused_on_the_machine_that_wrote_a_newer_one(tmp_path: Path) -> None:
    """A lockfile from a branch, a stash or a backup is refused until the newest is back or forgotten."""
    ledger = FileLedger.for_target(tmp_path, Target("production", "https://api.example"))
    assert ledger.create()
    older = ledger.lockfile.read_bytes()
    with ledger.open() as session:
        session.append([*started(SEND), accepted(SEND)])
    newer = ledger.lockfile.read_bytes()
    ledger.lockfile.write_bytes(older)
    for access in (ledger.read, ledger.open):
        with pytest.raises(
            LedgerError, match="the lockfile has serial 0, but this machine has seen serial 1"
        ) as caught:
            access()
        assert ledger.memory is not None
        assert f"if the older lockfile is intended, remove {ledger.memory.newest}" in str(caught.value.hint)
    ledger.lockfile.write_bytes(newer)
    assert set(ledger.read().sends) == {SEND}
    ledger.lockfile.write_bytes(older)
    ledger.memory.newest.unlink()
    recalled = ledger.read()
    assert recalled.recall == Recall((RequestKey(SEND, 1, 1),))
    assert recalled.sends[SEND].requests[0].state is RequestState.SENT


def test_a_journal_is_not_folded_into_an_older_lockfile(ledger: FileLedger) -> None:
    """The journal of a lost run has the serial of its lockfile, and an older lockfile is refused."""
    with ledger.open() as session:
        session.append([*started(SEND), accepted(SEND)])
    older = ledger.lockfile.read_bytes()
    with ledger.open() as session:
        session.append(started("other/send"))
    with ledger.open() as session:
        session.append([accepted("other/send")])
        journal = ledger.journal.read_bytes()
    ledger.journal.write_bytes(journal)
    assert ledger.read().sends["other/send"].requests[0].state is RequestState.SENT
    ledger.lockfile.write_bytes(older)
    with pytest.raises(LedgerError, match="the lockfile has serial 1, but this journal continues serial 2"):
        ledger.read()


def test_a_complete_last_line_that_was_changed_is_corrupt(ledger: FileLedger) -> None:
    """A crash explains only a missing end or a block of zeros, so no other last line is omitted."""
    with ledger.open() as session:
        session.append([*started(SEND), accepted(SEND)])
        journal = ledger.journal.read_bytes()
    ledger.lockfile.unlink()
    for changed in (journal.replace(b"account", b"accounT"), b"00000000" + journal[8:]):
        ledger.journal.write_bytes(changed)
        with pytest.raises(LedgerCorrupt, match=r"journal:1: this line was changed after sendspec wrote it"):
            ledger.read()
    ledger.journal.write_bytes(journal[:40] + bytes(40) + journal[80:])
    assert ledger.read().sends == {}


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_torn_last_line_is_omitted(ledger: FileLedger, cut: int) -> None:
    """A last line that a crash cut short counts as never written, and the next append is complete."""
    with ledger.open() as session:
        session.append([*started(SEND), accepted(SEND)])
        complete = ledger.journal.read_bytes()
        session.append(started("other/send"))
        both = ledger.journal.read_bytes()
    ledger.lockfile.unlink()
    ledger.journal.write_bytes(both[: len(complete) + cut])
    assert set(ledger.read().sends) == {SEND}
    with ledger.open() as session:
        session.append(started("third/send"))
    assert set(ledger.read().sends) == {SEND, "third/send"}


def test_a_changed_byte_before_the_last_line_is_corrupt(ledger: FileLedger) -> None:
    """A changed byte in any line but the last is an error that names file and line."""
    with ledger.open() as session:
        session.append(started(SEND))
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
def test_an_invalid_lockfile_is_corrupt(ledger: FileLedger, content: bytes) -> None:
    """A file that is not a lockfile is an error, never an empty ledger."""
    ledger.lockfile.write_bytes(content)
    with pytest.raises(LedgerCorrupt):
        ledger.read()


@pytest.mark.parametrize(("target", "account"), [("production", "sandbox"), ("sandbox", "other.example")])
def test_a_copied_lockfile_of_another_owner_is_refused(tmp_path: Path, target: str, account: str) -> None:
    """A lockfile that is copied to another target's name, or belongs to another account, is not read."""
    with FileLedger(tmp_path, "sandbox", "sandbox").open() as session:
        session.append(started(SEND))
    other = FileLedger(tmp_path, target, account)
    other.lockfile.write_bytes((tmp_path / "sendspec.sandbox.lock").read_bytes())
    with pytest.raises(LedgerError, match="belongs to target 'sandbox' at sandbox"):
        other.read()


def test_only_one_run_holds_the_lock(ledger: FileLedger) -> None:
    """The error of the second run names the process that holds the ledger, its host and its start."""
    with ledger.open(), pytest.raises(Locked, match=f"process {os.getpid()} on .* since 20"):
        ledger.open()
    with ledger.open():
        pass


def test_a_killed_process_leaves_no_lock(ledger: FileLedger, tmp_path: Path) -> None:
    """A process that is killed while it holds the ledger does not exclude the next one."""
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from sendspec.ledger.file_ledger import FileLedger\n"
        "s = FileLedger(Path(sys.argv[1]), 'sandbox', 'sandbox').open(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert killed.returncode < 0
    with ledger.open():
        pass


def test_the_order_of_entries_does_not_change_the_lockfile(tmp_path: Path) -> None:
    """Two runs that record the same outcomes in another order write the same bytes."""
    written = []
    for name, order in (("a", (1, 2, 3)), ("b", (3, 1, 2))):
        (tmp_path / name).mkdir()
        ledger = FileLedger(tmp_path / name, "sandbox", "sandbox")
        with ledger.open() as session:
            for batch in order:
                session.append([*started(SEND, batch), accepted(SEND, batch)])
        written.append(ledger.lockfile.read_bytes())
    assert written[0] == written[1]
    assert record().expected_requests == 3


def test_a_full_disk_fails_the_append_and_every_later_one(tmp_path: Path) -> None:
    """If the journal cannot grow, the append fails with the reason and the session refuses the next."""
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from sendspec.errors import LedgerError\n"
        "from sendspec.ledger.file_ledger import FileLedger\n"
        "from tests.ledgers import started\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "session = FileLedger(Path(sys.argv[1]), 'sandbox', 'sandbox').open()\n"
        "session.append(started('a/b'))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700))\n"
        "for _ in range(2):\n"
        "    try:\n"
        "        session.append(started('c/d'))\n"
        "    except LedgerError as error:\n"
        "        print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], check=True, capture_output=True, text=True
    )
    assert "File too large" in done.stdout
    assert "an earlier write failed, so this run writes nothing more to it" in done.stdout
    assert set(FileLedger(tmp_path, "sandbox", "sandbox").read().sends) == {"a/b"}


_SYNC = """
import fcntl, os, sys
from pathlib import Path
from sendspec.ledger.filesystem import RealFilesystem
filesystem = RealFilesystem()
filesystem.flush_drive = int(sys.argv[2])
handle = filesystem.open(Path(sys.argv[1]) / "file")
fcntl.fcntl(handle, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
filesystem.write(handle, b"content")
filesystem.sync(handle)
filesystem.sync_directory(Path(sys.argv[1]))
"""
_F_FULLFSYNC = 51
"""The command of macOS (sys/fcntl.h), which Linux refuses with EINVAL, as some filesystems of macOS do."""


@pytest.mark.red_team(21)
@pytest.mark.parametrize(
    ("command", "flushes"), [(fcntl.F_GETFL, 0), (_F_FULLFSYNC, 2)], ids=["supported", "refused"]
)
def test_the_drive_is_flushed(command: int, flushes: int, tmp_path: Path) -> None:
    """Where fcntl can flush the drive it replaces fsync; a filesystem that refuses it gets fsync."""
    program = shutil.which("strace")
    if program is None:
        pytest.skip("strace is missing")
    log = tmp_path / "strace"
    traced = [program, "-f", "-y", "-o", str(log), "-e", "trace=fcntl,fsync", sys.executable, "-c", _SYNC]
    subprocess.run([*traced, str(tmp_path), str(command)], check=True, capture_output=True)
    calls = [line for line in log.read_text().splitlines() if f"<{tmp_path}" in line]
    name = "F_GETFL" if flushes == 0 else "0x33"
    kinds = ["fsync" if "fsync(" in line else name for line in calls if "fsync(" in line or name in line]
    assert kinds == ([name, "fsync"] if flushes else [name]) * 2
