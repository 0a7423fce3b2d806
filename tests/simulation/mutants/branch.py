"""What the ledger on a branch must do besides."""

from __future__ import annotations

from typing import Final

from tests.simulation.mutants.mutant import DOUBLE, Mutant

MUTANTS: Final = (
    Mutant(
        "takes a push whose end is unclear for one that arrived",
        "ledger/branch_guard.py",
        "                if not self._has_arrived(commit):\n                    continue\n",
        "                self.tip = commit\n                return True\n",
        ("kept", "complete", "exit code", "never silent", "no false not-sent", "foldable", *DOUBLE),
        noticed_by="faults",
    ),
    Mutant(
        "takes a push that was refused for one that arrived",
        "ledger/branch_guard.py",
        "                self.rejection = str(rejection)\n",
        "                self.rejection = str(rejection)\n                return True\n",
        ("kept", "complete", "exit code", "never silent", "no false not-sent", "foldable", *DOUBLE),
        noticed_by="meetings",
    ),
    Mutant(
        "holds its intents against what it read last",
        "ledger/git_ledger.py",
        "valid_entries(valid, self._known, self._planned)",
        "valid_entries(valid, self._known, self._known)",
        ("kept", *DOUBLE, "no false not-sent", "exit code"),
        noticed_by="meetings",
    ),
    Mutant(
        "sends what another run has begun",
        "ledger/conflicts.py",
        "valid = [entry for entry in valid if not isinstance(entry, RevisionStarted | Intent)]",
        "valid = list(valid)",
        ("kept", *DOUBLE, "no false not-sent", "exit code"),
        noticed_by="meetings",
    ),
    Mutant(
        "posts on after a lost race",
        "protocol/machine.py",
        "self._open.pop(entry.key).stage = Stage.PENDING",
        "self._requests[entry.key].stage = Stage.READY",
        ("kept", *DOUBLE, "no false not-sent", "exit code", "drained", "never silent"),
        noticed_by="meetings",
        second=("self.stopping = self.lost_race = True", "self.lost_race = True"),
    ),
    Mutant(
        "calls unsent what another run repeated",
        "ledger/conflicts.py",
        "entry.state is RequestState.NOT_SENT)",
        "entry.state is RequestState.INTENT)",
        ("no false not-sent", "kept"),
        noticed_by="meetings",
    ),
    Mutant(
        "moves the branch by force",
        "ledger/branch_guard.py",
        "self._clone.push(commit, self.tip)",
        "self._clone.push(commit, self._clone.fetch_tip(self._ref).tip)",
        ("kept", "complete", "exit code", "never silent", "no false not-sent", "foldable", *DOUBLE),
        noticed_by="meetings",
    ),
    Mutant(
        "forgets the other files of its folder when it folds",
        "ledger/git_ledger.py",
        "folded = {self._ledger.lockfile: codec.lockfile_bytes(state)}",
        "folded = {self._ledger.lockfile: codec.lockfile_bytes(self.state)}",
        ("kept", "complete", "never silent", "no false not-sent", "foldable", *DOUBLE),
        noticed_by="meetings",
    ),
    Mutant(
        "cannot tell its intents from those of another run in the same second",
        "ledger/git_ledger.py",
        "entries = with_run(entries, self.run)",
        "entries = list(entries)",
        ("no false not-sent", "kept", *DOUBLE),
        noticed_by="meetings",
    ),
    Mutant(
        "writes on a branch that was moved back",
        "ledger/branch_guard.py",
        "if tip is None or not self._contains(tip, before):",
        "if tip is None:",
        ("moved back",),
        noticed_by="rewound",
    ),
    Mutant(
        "looks at no branch with what its clone remembers",
        "ledger/branch_guard.py",
        "if self._remembered is None or self._contains(tip, self._remembered):",
        "if self._remembered is None or self._remembered:",
        (
            "moved back",
            "kept",
            *DOUBLE,
        ),
        noticed_by="rewound",
    ),
    Mutant(
        "remembers nothing of the branch in its clone",
        "ledger/branch_guard.py",
        "if self.tip is not None and self.tip != self._remembered:",
        "if self.tip is None and self._remembered is not None:",
        (
            "moved back",
            "kept",
            *DOUBLE,
        ),
        noticed_by="rewound",
    ),
    Mutant(
        "ends well although its branch was moved back before it folded",
        "ledger/git_ledger.py",
        "with suppress(GitFailed):",
        "with suppress(LedgerError):",
        ("moved back",),
        noticed_by="rewound",
    ),
    Mutant(
        "writes to a ledger from which somebody took what it knew",
        "ledger/git_ledger.py",
        "if lost is not None:",
        "if lost is None and not self._tip:",
        (
            "moved back",
            "exit code",
            "foldable",
            "kept",
        ),
        noticed_by="rewound",
    ),
)
