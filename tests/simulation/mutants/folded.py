"""Defects of reading, folding and locking."""

from __future__ import annotations

from typing import Final

from tests.simulation.mutants.mutant import DOUBLE, Mutant

MUTANTS: Final = (
    Mutant(
        "does not read the journal back",
        "ledger/file_ledger.py",
        "journal = self._read_file(self.journal)",
        'journal = self._read_file(self.journal) and b""',
        ("kept", "never silent", *DOUBLE),
    ),
    Mutant(
        "appends to the journal of a lost run without folding it",
        "ledger/file_ledger.py",
        "            if files.has_journal:\n",
        "            if files.has_journal and not files.state.sends:\n",
        ("kept", "foldable", *DOUBLE),
    ),
    Mutant(
        "removes the journal before the lockfile is written",
        "ledger/file_ledger.py",
        "            if state is not None and (state.sends or state.moved):\n",
        "            self.filesystem.remove(self.journal)\n"
        "            if state is not None and (state.sends or state.moved):\n",
        ("kept", *DOUBLE),
    ),
    Mutant(
        "replaces the lockfile without fsync",
        "ledger/filesystem.py",
        "        filesystem.sync(handle)\n",
        "",
        ("kept", "foldable", *DOUBLE),
    ),
    Mutant(
        "replaces the lockfile without fsync of the directory",
        "ledger/filesystem.py",
        "    filesystem.replace(temporary, path)\n    filesystem.sync_directory(path.parent)\n",
        "    filesystem.replace(temporary, path)\n",
        ("kept", "foldable", *DOUBLE),
    ),
    Mutant(
        "writes the lockfile in place",
        "ledger/filesystem.py",
        'temporary = path.with_name(path.name + ".tmp")',
        "temporary = path",
        ("kept", "foldable", "exit code", *DOUBLE),
    ),
    Mutant(
        "treats a torn last line as corruption",
        "ledger/journal.py",
        "if value is _TORN and whole:",
        "if value is _TORN:",
        ("foldable",),
    ),
    Mutant(
        "treats corruption as a torn last line",
        "ledger/journal.py",
        "if value is _TORN and whole:",
        "if value is None:",
        ("foldable", "kept"),
        noticed_by="corruption",
    ),
    Mutant(
        "ignores the checksum",
        "ledger/journal.py",
        "if len(head) != 8 or int(head, 16) != zlib.crc32(text):",
        "if len(head) != 8 or int(head, 16) < 0:",
        ("foldable",),
        noticed_by="corruption",
    ),
    Mutant(
        "does not make the intents of a lost run unknown",
        "ledger/journal_entries.py",
        "        if request.state is RequestState.INTENT\n    )",
        "        if request.state is RequestState.NOT_SENT\n    )",
        ("kept", "complete", "never silent"),
    ),
    Mutant(
        "treats the intents of a lost run as not sent",
        "ledger/journal_entries.py",
        "            state=RequestState.UNKNOWN,\n",
        "            state=RequestState.NOT_SENT,\n",
        ("kept", "no false not-sent", *DOUBLE),
    ),
    Mutant(
        "folds unknown as not-sent",
        "ledger/journal_entries.py",
        "            state=self.state,\n            at=self.at,\n",
        "            state=RequestState.NOT_SENT if self.state is RequestState.UNKNOWN else self.state,\n"
        "            at=self.at,\n",
        ("kept", "no false not-sent", "readable", *DOUBLE),
    ),
    Mutant(
        "forgets earlier revisions",
        "ledger/journal_entries.py",
        "build(tuple(revisions[revision].build(()) for revision in older))",
        "build(())",
        ("kept",),
    ),
    Mutant(
        "does not notice that its lock was removed",
        "ledger/file_ledger.py",
        "if not (self._locks.are_held and self._journal.is_in_place):",
        "if self._lock_lost:",
        ("once", "no blind repeat", "kept", "foldable", "exit code", "no false not-sent"),
        noticed_by="lock_removals",
    ),
    Mutant(
        "does not lock",
        "ledger/file_lock.py",
        "self._handle = filesystem.lock(path, line.encode(), private=private)",
        "self._handle = filesystem.open(path)",
        ("kept", "once", "exit code", "foldable", "no blind repeat", "no false not-sent"),
    ),
)
