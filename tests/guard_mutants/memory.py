"""Defects of the guards of the memory of a machine and of the signatures of a log."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

_MEMORY: Final = "test_machine_memory.py::"
_PROOF: Final = "test_log_proof.py::"

MUTANTS: Final = (
    GuardMutant(
        "does not look into the memory for a request that the ledger lacks",
        "ledger/recall.py",
        "    if recorded is None:\n        return True",
        "    if recorded is None:\n        return False",
        _MEMORY + "test_a_lost_journal_sends_nothing_again[clean_ignored]",
    ),
    GuardMutant(
        "keeps no copy of the open journal",
        "ledger/file_ledger.py",
        "copy = None if ledger.memory is None else ledger.memory.journal",
        "copy = None",
        _MEMORY + "test_a_lost_journal_sends_nothing_again[work_tree]",
    ),
    GuardMutant(
        "believes every line with a valid checksum",
        "log_signature.py",
        "any(_is_mac(mac, content, key) for key in keys)",
        "True",
        _PROOF + "test_a_signature_covers_every_property",
    ),
    GuardMutant(
        "does not compare the checksum of a line",
        "log_signature.py",
        "value[CHECK] != _checksum(content)",
        "False",
        _PROOF + "test_a_signature_covers_every_property",
    ),
    GuardMutant(
        "believes an unsigned refusal",
        "log_recovery.py",
        "        return Doubt.NOT_SENT",
        "        return None",
        _PROOF + "test_a_forged_refusal_sends_nothing_again[unsigned]",
    ),
    GuardMutant(
        "leaves a lost request in doubt out of the ledger",
        "log_recovery.py",
        "_as_unknown(claim) if claim.key in doubts else claim for claim in recovery.unsigned.restored",
        "claim for claim in recovery.unsigned.restored if claim.key not in doubts",
        _PROOF + "test_a_lost_request_in_doubt_becomes_unknown",
    ),
    GuardMutant(
        "reads a committed spool",
        "cli/_lib/outcome_spool.py",
        "if is_tracked(earlier.path):",
        "if False:",
        _PROOF + "test_a_committed_spool_is_never_believed",
    ),
)
