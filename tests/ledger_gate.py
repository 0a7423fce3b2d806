"""Hooks of a bare repository: a gate that holds pushes to the ledger, and a rule that refuses them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_BRANCH = "refs/heads/sendspec-state"
_REFUSAL = "remote: error: GH006: Protected branch update failed for refs/heads/sendspec-state."


class LedgerGate:
    """A gate before or after the next update of the ledger branch; a push waits there until it is opened.

    Two FIFOs make the order certain without any wait for time: the hook writes to one as it arrives, and
    reads from the other until the test opens the gate.
    """

    def __init__(self, remote: Path, hook: str) -> None:
        """Hold the next push: `pre-receive` before the branch changes, `post-receive` after it."""
        self._hook = remote / "hooks" / hook
        self._arrived, self._opened = remote / "arrived", remote / "opened"
        for fifo in (self._arrived, self._opened):
            os.mkfifo(fifo)
        # The gate holds one push: the hook removes itself first.
        self._write(
            f'grep -q {_BRANCH} || exit 0\nrm "$0"\necho > "{self._arrived}"\nread _ < "{self._opened}"\n'
        )

    def wait(self) -> None:
        """Wait until a push has arrived."""
        self._arrived.read_text()

    def open(self) -> None:
        """Let the push go on."""
        self._opened.write_text("\n")

    def open_and_wait_for_the_update(self) -> None:
        """Let a push before the update go on, and wait until the branch has changed."""
        self._hook = self._hook.with_name("post-receive")
        self._write(f'rm "$0"\necho > "{self._arrived}"\n')
        self.open()
        self.wait()

    def _write(self, script: str) -> None:
        self._hook.write_text(f"#!/bin/sh\n{script}")
        self._hook.chmod(0o755)


def protect(remote: Path) -> None:
    """Refuse each push to the ledger branch, as GitHub's protection does."""
    hook = remote / "hooks" / "pre-receive"
    hook.write_text(f"#!/bin/sh\nif grep -q {_BRANCH}; then echo '{_REFUSAL}' >&2; exit 1; fi\n")
    hook.chmod(0o755)
