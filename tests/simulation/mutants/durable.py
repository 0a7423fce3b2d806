"""What must be durable before anything is done on the strength of it."""

from __future__ import annotations

from typing import Final

from tests.simulation.mutants.mutant import DOUBLE, Mutant

MUTANTS: Final = (
    Mutant(
        "posts before the intent is durable",
        "protocol/machine.py",
        "request.stage = Stage.RECORDING\n",
        "request.stage = Stage.READY\n",
        ("kept", "once", "in flight", "exit code"),
    ),
    Mutant(
        "records no intent",
        "protocol/machine.py",
        "            request.stage = Stage.RECORDING\n",
        "            request.stage = Stage.READY\n            self._open[request.key] = request\n"
        "            continue\n",
        ("kept", "exit code", "foldable"),
    ),
    Mutant(
        "takes what is still to be recorded for recorded",
        "protocol/machine.py",
        "for entry in self._recording:\n            if isinstance(entry, Intent):\n"
        "                self._requests",
        "for entry in (*self._recording, *self._buffer):\n            if isinstance(entry, Intent):\n"
        "                self._requests",
        ("kept", "exit code", "no false not-sent", "once"),
    ),
    Mutant(
        "does not fix the recipients first",
        "protocol/machine.py",
        "self._buffer.append(RevisionStarted(job.address, job.header))",
        "pass",
        ("exit code", "foldable", "kept"),
    ),
    Mutant(
        "never fsyncs what it appends",
        "ledger/journal.py",
        "            self._filesystem.write(self._handle, encode_line(value))\n"
        "            self._filesystem.sync(self._handle)\n",
        "            self._filesystem.write(self._handle, encode_line(value))\n",
        ("kept", "foldable", *DOUBLE),
    ),
    Mutant(
        "never fsyncs the directory of the journal",
        "ledger/journal.py",
        "            filesystem.sync(self._handle)\n            filesystem.sync_directory(path.parent)\n",
        "            filesystem.sync(self._handle)\n",
        ("kept", *DOUBLE),
    ),
    Mutant(
        "takes a failed append for a durable one",
        "ledger/journal.py",
        "            self._failed = True\n            raise self._write_error(error) from error\n",
        "            self._failed = True\n",
        ("kept", "exit code", "never silent", *DOUBLE),
    ),
    Mutant(
        "posts on after the ledger failed",
        "protocol/machine.py",
        "        self._ledger_failed = True\n        self._stop_with(error)\n",
        "        self.errors.append(error)\n        self._ledger_failed = True\n",
        ("drained", "never stuck"),
    ),
    Mutant(
        "lets more requests wait for an outcome than the window",
        "apply.py",
        "WINDOW: Final = 10\n",
        "WINDOW: Final = 12\n",
        ("window",),
        noticed_by="windows",
    ),
    Mutant(
        "minds no window",
        "protocol/machine.py",
        "while len(self._open) < self._window:",
        "while True:",
        ("window",),
        noticed_by="windows",
    ),
)
