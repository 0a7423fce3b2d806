"""Defects of the ledger on a branch."""

from __future__ import annotations

from typing import Final

from tests.simulation.mutants.mutant import DOUBLE, Mutant

MUTANTS: Final = (
    Mutant(
        "treats a push with an unclear result as arrived",
        "ledger/rewind_guard.py",
        "                if not self._has_arrived(commit):\n                    continue\n",
        "                self.tip = commit\n                return True\n",
        ("kept", "complete", "exit code", "never silent", "no false not-sent", "foldable", *DOUBLE),
        noticed_by="faults contacts git",
    ),
    Mutant(
        "treats a rejected push as arrived",
        "ledger/rewind_guard.py",
        "                self.rejection = str(rejection)\n",
        "                self.rejection = str(rejection)\n                return True\n",
        ("kept", "complete", "exit code", "never silent", "no false not-sent", "foldable", *DOUBLE),
        noticed_by="concurrent_runs contacts git",
    ),
    Mutant(
        "compares its intents with what it read last",
        "ledger/git_session.py",
        "valid_entries(valid, self._known, self._planned)",
        "valid_entries(valid, self._known, self._known)",
        ("kept", *DOUBLE, "no false not-sent", "exit code"),
        noticed_by="concurrent_runs contacts git",
    ),
    Mutant(
        "sends requests that another run has started",
        "ledger/write_conflicts.py",
        "valid = [entry for entry in valid if not isinstance(entry, RevisionStarted | Intent | Moved)]",
        "valid = list(valid)",
        ("kept", *DOUBLE, "no false not-sent", "exit code"),
        noticed_by="concurrent_runs contacts git",
    ),
    Mutant(
        "posts after a lost race",
        "protocol/machine.py",
        "                self._move(self._requests[entry.key], Trigger.CONFLICT)\n",
        "                self._requests[entry.key].durable = True\n"
        "                self._move(self._requests[entry.key], Trigger.DURABLE)\n",
        ("kept", *DOUBLE, "no false not-sent", "exit code", "drained", "never silent"),
        noticed_by="concurrent_runs contacts git",
        second=("self.stopping = self.lost_race = True", "self.lost_race = True"),
    ),
    Mutant(
        "records as not sent what another run repeated",
        "ledger/write_conflicts.py",
        "entry.state is RequestState.NOT_SENT)",
        "entry.state is RequestState.INTENT)",
        ("no false not-sent", "kept"),
        noticed_by="disputed_requests contact-source git",
    ),
    Mutant(
        "moves the branch by force",
        "ledger/rewind_guard.py",
        "self._clone.push(commit, self.tip)",
        "self._clone.push(commit, self._clone.fetch_tip(self._ref).tip)",
        ("kept", "complete", "exit code", "never silent", "no false not-sent", "foldable", *DOUBLE),
        noticed_by="concurrent_runs contacts git",
    ),
    Mutant(
        "forgets the other files of its folder when it folds",
        "ledger/git_session.py",
        "folded = {self._ledger.lockfile: codec.lockfile_bytes(state)}",
        "folded = {self._ledger.lockfile: codec.lockfile_bytes(self.state)}",
        ("kept", "complete", "never silent", "no false not-sent", "foldable", *DOUBLE),
        noticed_by="concurrent_runs contacts git",
    ),
    Mutant(
        "writes on a branch that was moved back",
        "ledger/rewind_guard.py",
        "if tip is None or not self._contains(tip, before):",
        "if tip is None:",
        ("moved back",),
        noticed_by="branch_resets",
    ),
    Mutant(
        "does not compare the branch with the memory of its clone",
        "ledger/rewind_guard.py",
        "if self._remembered is None or self._contains(tip, self._remembered):",
        "if self._remembered is None or self._remembered:",
        (
            "moved back",
            "kept",
            *DOUBLE,
        ),
        noticed_by="branch_resets",
    ),
    Mutant(
        "does not remember the branch in its clone",
        "ledger/rewind_guard.py",
        "if self.tip is not None and self.tip != self._remembered:",
        "if self.tip is None and self._remembered is not None:",
        (
            "moved back",
            "kept",
            *DOUBLE,
        ),
        noticed_by="branch_resets",
    ),
    Mutant(
        "exits with 0 although its branch was moved back before it folded",
        "ledger/git_session.py",
        "with suppress(GitFailed):",
        "with suppress(LedgerError):",
        ("moved back",),
        noticed_by="branch_resets",
    ),
    Mutant(
        "writes to a ledger that lost requests",
        "ledger/git_session.py",
        "if lost is not None:",
        "if lost is None and not self._tip:",
        (
            "moved back",
            "exit code",
            "foldable",
            "kept",
        ),
        noticed_by="branch_resets",
    ),
)
