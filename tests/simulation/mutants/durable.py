"""Defects of what must be durable before a run acts on it."""

from __future__ import annotations

from typing import Final

from tests.simulation.mutants.mutant import DOUBLE, Mutant

MUTANTS: Final = (
    Mutant(
        "posts before the intent is durable",
        "protocol/transitions.py",
        "(Stage.PENDING, Trigger.INTENDED): Stage.RECORDING,",
        "(Stage.PENDING, Trigger.INTENDED): Stage.READY,",
        ("kept", "once", "in flight", "exit code", "consistent"),
        unchecked=True,
    ),
    Mutant(
        "records no intent",
        "protocol/machine.py",
        "            self._queue.add(Intent(request.key, now.at, request.attempts, since=job.since))\n",
        "            self._move(request, Trigger.DURABLE)\n",
        ("kept", "exit code", "foldable", *DOUBLE),
        unchecked=True,
    ),
    Mutant(
        "treats queued intents as recorded",
        "protocol/machine.py",
        "for entry in self._queue.finish():\n            if isinstance(entry, Intent):\n"
        "                request =",
        "for entry in (*self._queue.finish(), *self._queue.waiting):\n"
        "            if isinstance(entry, Intent):\n                request =",
        ("kept", "exit code", "no false not-sent", "once", "consistent"),
        noticed_by="faults contacts git",
        unchecked=True,
    ),
    Mutant(
        "does not record the header of a send",
        "protocol/machine.py",
        "self._queue.add(RevisionStarted(job.address, job.header))",
        "pass",
        ("exit code", "foldable", "kept"),
    ),
    Mutant(
        "never fsyncs what it appends",
        "ledger/journal.py",
        "            self._filesystem.sync_all(self._handles, self._start_thread)\n",
        "",
        ("kept", "foldable", *DOUBLE),
    ),
    Mutant(
        "never fsyncs the directory of the journal",
        "ledger/journal.py",
        "                filesystem.sync_directory(each.parent)\n",
        "",
        ("kept", *DOUBLE),
    ),
    Mutant(
        "treats a failed append as durable",
        "ledger/journal.py",
        "            self._failed = True\n            raise _write_error(path, error) from error\n",
        "            self._failed = True\n",
        ("kept", "exit code", "never silent", *DOUBLE),
    ),
    Mutant(
        "posts after the ledger failed",
        "protocol/machine.py",
        "            self._move(request, Trigger.LEDGER_FAILED)\n        self._stop_with(error)\n",
        "            self._move(request, Trigger.LEDGER_FAILED)\n        self.errors.append(error)\n",
        ("drained", "never stuck"),
        unchecked=True,
    ),
    Mutant(
        "has a larger window than documented",
        "protocol_limits.py",
        "OPEN_REQUESTS_MAX: Final = 10\n",
        "OPEN_REQUESTS_MAX: Final = 12\n",
        ("window",),
        noticed_by="windows",
    ),
    Mutant(
        "ignores the window",
        "protocol/machine.py",
        "while len(self._open) < self._window:",
        "while True:",
        ("window",),
        noticed_by="windows",
        unchecked=True,
    ),
)
