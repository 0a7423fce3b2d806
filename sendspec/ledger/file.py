"""The ledger in files of the project directory: a lockfile, and a journal beside it during a run."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from sendspec.errors import LedgerDamaged, LedgerError, Locked
from sendspec.ledger import codec
from sendspec.ledger.entries import Settled, Unfoldable, fold
from sendspec.ledger.journal import Journal, decode_lines, replace_file, sync_directory
from sendspec.model import LedgerState, RequestKey, RequestState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from sendspec.ledger.entries import Entry


class FileLedger:
    """`sendspec.<target>.lock` and, while a run lasts or after it died, `sendspec.<target>.journal`."""

    def __init__(self, directory: Path, target: str, account: str) -> None:
        self._empty = LedgerState(target=target, account=account)
        self.lockfile = directory / f"sendspec.{target}.lock"
        self.journal = directory / f"sendspec.{target}.journal"
        self._holder = directory / ".sendspec" / f"{target}.holder"

    def read(self) -> LedgerState:
        """Read lockfile and journal together, as they stand; see `Ledger.read`."""
        return self._load()[0]

    def open(self) -> FileSession:
        """Take the ledger; see `Ledger.open`."""
        hold = _Hold.take(self._holder, self._empty.target)
        try:
            state, sound = self._load()
            return FileSession(self, hold, state, sound)
        except BaseException:
            hold.release()
            raise

    def _load(self) -> tuple[LedgerState, int]:
        state = self._empty
        content = _read(self.lockfile)
        if content is not None:
            state = codec.lockfile_state(content, str(self.lockfile), self._empty)
        content = _read(self.journal)
        if not content:
            return state, 0
        values, sound = decode_lines(content, str(self.journal))
        try:
            return fold(state, self._entries(values)), sound
        except (Unfoldable, KeyError, TypeError, ValueError, AttributeError) as error:
            raise LedgerDamaged(f"{self.journal} cannot be folded: {error}", hint=codec.RESTORE) from error

    def _entries(self, values: list[Any]) -> Iterator[Entry]:
        for value in values:
            codec.check_owner(value["target"], value["account"], str(self.journal), self._empty)
            yield from map(codec.entry_from_json, value["entries"])


class FileSession:
    """One run's hold on a `FileLedger`; see `LedgerSession`."""

    def __init__(self, ledger: FileLedger, hold: _Hold, state: LedgerState, sound: int) -> None:
        self._ledger = ledger
        self._hold = hold
        self._folded = state
        self._journal = Journal(ledger.journal, sound)
        lost = lost_intents(state)
        if lost:
            self.append(lost)
        self.state = self._folded

    def append(self, entries: Sequence[Entry]) -> None:
        """Append one journal line; see `LedgerSession.append`."""
        self._journal.append(
            {
                "target": self.state_owner[0],
                "account": self.state_owner[1],
                "entries": [codec.entry_to_json(entry) for entry in entries],
            }
        )
        self._folded = fold(self._folded, entries)

    @property
    def state_owner(self) -> tuple[str, str]:
        """The target and account whose ledger this is."""
        return self._folded.target, self._folded.account

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._journal.close()
            self._fold()
        finally:
            self._hold.release()

    def _fold(self) -> None:
        ledger = self._ledger
        try:
            # Read back rather than trusting memory: after a failed append only the file knows.
            state, _ = ledger._load()  # noqa: SLF001 - the session is the ledger's other half
            if state.sends:
                replace_file(ledger.lockfile, codec.lockfile_bytes(state))
            ledger.journal.unlink()
            sync_directory(ledger.journal.parent)
        except OSError as error:
            raise LedgerError(
                f"cannot fold {ledger.journal} into {ledger.lockfile.name}: {error.strerror or error}",
                hint="nothing is lost: the journal has it all, and the next run folds it",
            ) from error


def lost_intents(state: LedgerState) -> tuple[Settled, ...]:
    """Give the outcomes that runs which are gone never wrote: every open intent becomes unknown."""
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return tuple(
        Settled(
            key=RequestKey(address, revision.revision, request.batch),
            state=RequestState.UNKNOWN,
            at=at,
            attempts=request.attempts,
            evidence="the run that was about to send it ended without recording what became of it",
        )
        for address, record in state.sends.items()
        for revision in (record, *record.earlier)
        for request in revision.requests
        if request.state is RequestState.INTENT
    )


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LedgerError(f"cannot read {path}: {error.strerror or error}", hint=codec.RESTORE) from error


class _Hold:
    """An exclusive lock that the system itself gives up when the process is gone."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path, target: str) -> _Hold:
        try:
            path.parent.mkdir(exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise LedgerError(f"cannot open {path}: {error.strerror or error}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = _holder(descriptor)
            os.close(descriptor)
            raise Locked(
                f"another run holds the ledger of target '{target}': {holder}",
                hint="wait for it to end; the lock goes with its process, there is nothing to remove",
            ) from error
        since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        line = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since})
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, line.encode(), 0)
        return cls(descriptor)

    def release(self) -> None:
        os.close(self._descriptor)


def _holder(descriptor: int) -> str:
    try:
        value = json.loads(os.pread(descriptor, 4096, 0))
        return f"process {value['pid']} on {value['host']} since {value['since']}"
    except (ValueError, KeyError, TypeError):
        return "a process that has not said its name yet"
