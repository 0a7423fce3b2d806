"""What the ledger on a branch must do besides."""

from __future__ import annotations

from typing import Final

from tests.simulation.mutants.mutant import DOUBLE, Mutant

MUTANTS: Final = (
    Mutant(
        "takes a push whose end is unclear for one that arrived",
        "ledger/git.py",
        "                if not self._is_there(commit):\n                    continue\n",
        "                self._tip = commit\n                return True\n",
        ("kept", "complete", "exit code", "never silent", "no false not-sent", "foldable", *DOUBLE),
        noticed_by="faults",
    ),
    Mutant(
        "takes a push that was refused for one that arrived",
        "ledger/git.py",
        "                self._refusal = str(refusal)\n",
        "                self._refusal = str(refusal)\n                return True\n",
        ("kept", "complete", "exit code", "never silent", "no false not-sent", "foldable", *DOUBLE),
        noticed_by="meetings",
    ),
    Mutant(
        "holds its intents against what it read last",
        "ledger/git.py",
        "known, expected = self._known, self._expected\n",
        "known = expected = self._known\n",
        ("kept", *DOUBLE, "no false not-sent", "exit code"),
        noticed_by="meetings",
    ),
    Mutant(
        "sends what another run has begun",
        "ledger/git.py",
        "left = [entry for entry in left if not isinstance(entry, Fixed | Intent)]",
        "left = list(left)",
        ("kept", *DOUBLE, "no false not-sent", "exit code"),
        noticed_by="meetings",
    ),
    Mutant(
        "posts on after a lost race",
        "protocol/machine.py",
        "self._open.pop(entry.key).stage = _Stage.PENDING",
        "self._requests[entry.key].stage = _Stage.READY",
        ("kept", *DOUBLE, "no false not-sent", "exit code", "drained", "never silent"),
        noticed_by="meetings",
    ),
    Mutant(
        "calls unsent what another run repeated",
        "ledger/git.py",
        "entry.state is RequestState.NOT_SENT)",
        "entry.state is RequestState.INTENT)",
        ("no false not-sent", "kept"),
        noticed_by="meetings",
    ),
    Mutant(
        "moves the branch by force",
        "ledger/git.py",
        "repository.push(commit, self._tip)",
        "repository.push(commit, self._ledger.tip(self._ref))",
        ("kept", "complete", "exit code", "never silent", "no false not-sent", "foldable", *DOUBLE),
        noticed_by="meetings",
    ),
    Mutant(
        "forgets the other files of its folder when it folds",
        "ledger/git.py",
        "files = {self._ledger.lockfile: codec.lockfile_bytes(state)}",
        "files = {self._ledger.lockfile: codec.lockfile_bytes(self.state)}",
        ("kept", "complete", "never silent", "no false not-sent", "foldable", *DOUBLE),
        noticed_by="meetings",
    ),
    Mutant(
        "repeats in its receipt what a lost race made untrue",
        "apply.py",
        "return tuple(one for one in earlier if one.state is RequestState.SENT or one.key not in sent)",
        "return earlier",
        ("no false not-sent",),
        noticed_by="meetings",
    ),
    Mutant(
        "cannot tell its intents from those of another run in the same second",
        "ledger/git.py",
        "        entries = [replace(e, run=self._run) if isinstance(e, Intent) else e for e in entries]\n",
        "",
        ("no false not-sent", "kept", *DOUBLE),
        noticed_by="meetings",
    ),
)
