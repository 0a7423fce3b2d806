"""Small ledgers for tests: valid sequences of entries, and clones that share a remote."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sendspec.ledger import Intent, RevisionStarted, Settled
from sendspec.model import Endpoint, OutcomeReason, Recipients, RequestKey, RequestState, SendRecord

if TYPE_CHECKING:
    from pathlib import Path

    from sendspec.ledger import Entry

AT = datetime(2026, 12, 1, 19, 0, 3, tzinfo=UTC)


def record(revision: int = 1, content: str = "Acme: hello", count: int = 2412) -> SendRecord:
    """Return a revision of a send with three requests, none of them started."""
    return SendRecord(
        endpoint=Endpoint.CONTACTS,
        revision=revision,
        payload={"channelQualifier": "148372", "content": content},
        payload_digest="sha256:" + "a" * 64,
        recipients=Recipients(count, "scrypt:" + "b" * 64),
    )


def started(address: str, batch: int = 1, revision: int = 1, run: str | None = None) -> list[Entry]:
    """Return the entries before the post of a request."""
    key = RequestKey(address, revision, batch)
    return [RevisionStarted(address, record(revision)), Intent(key, AT, run=run)]


def accepted(address: str, batch: int = 1, revision: int = 1, transaction_id: str = "1a2b-3c-4d") -> Settled:
    """Return the entry after the acceptance of a request."""
    key = RequestKey(address, revision, batch)
    return Settled(
        key, RequestState.SENT, AT, 1, transaction_id=transaction_id, reason=OutcomeReason.ACCEPTED
    )


def git(*arguments: str, where: Path, stdin: str = "", **environment: str) -> str:
    """Run git in a directory, with more variables, and return its output."""
    done = subprocess.run(
        ["git", "-c", "user.name=test", "-c", "user.email=test@localhost", *arguments],
        cwd=where,
        check=True,
        capture_output=True,
        text=True,
        input=stdin,
        env={**os.environ, **environment},
    )
    return done.stdout.strip()


def remote_with_clones(directory: Path, count: int) -> tuple[Path, list[Path]]:
    """Create a bare repository with one commit on main, and clones of it."""
    remote = directory / "remote.git"
    remote.mkdir()
    git("init", "--quiet", "--bare", "--initial-branch=main", ".", where=remote)
    clones = []
    for number in range(count):
        clone = directory / f"clone{number}"
        git("clone", "--quiet", str(remote), str(clone), where=directory)
        if number == 0:
            git("commit", "--quiet", "--allow-empty", "--message=first", where=clone)
            git("push", "--quiet", "origin", "HEAD:main", where=clone)
        clones.append(clone)
    return remote, clones
