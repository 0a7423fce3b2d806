"""Defects of renames: records that do not move, addresses that are not reserved, findings that are lost."""

from __future__ import annotations

from typing import Final

from tests.simulation.mutants.mutant import Mutant

_SILENT: Final = ("one address", "complete", "kept", "one version")
"""The invariants that notice a send under two addresses, or one whose record is not found."""

MUTANTS: Final = (
    Mutant(
        "does not report a renamed send",
        "rules/renamed_send.py",
        "yield from _first_match(checked_send, context, is_raised=False)",
        "yield from ()",
        ("one address",),
        noticed_by="renames contacts file",
    ),
    Mutant(
        "compares new sends only with addresses that left the specs",
        "rules/_lib/same_messages.py",
        "_present_records(context, checked_sends))",
        "())",
        ("one address",),
        noticed_by="renames contacts file",
    ),
    Mutant(
        "ignores formerly",
        "identity/matching.py",
        "    matching.assign_former_addresses()\n",
        "",
        _SILENT,
        noticed_by="renam",
    ),
    Mutant(
        "does not find the record of a former address in older specs",
        "identity/matching.py",
        "self._views.append(Move(current, send.address, send.axes))",
        "pass",
        _SILENT,
        noticed_by="renames",
    ),
    Mutant(
        "does not recognise the order of axes in the file",
        "identity/matching.py",
        "if self._same_values[_unordered(send.address)] == 1:",
        "if False:",
        _SILENT,
        noticed_by="renames",
    ),
    Mutant(
        "does not reserve a former address without a record",
        "identity/matching.py",
        "unknown = self.unknown.get(send.address, ()) if due else ()",
        "unknown = ()",
        _SILENT,
        noticed_by="renaming_runs",
    ),
    Mutant(
        "does not record moves",
        "apply.py",
        "if plan.moves:",
        "if not plan:",
        _SILENT,
        noticed_by="renaming_runs",
    ),
    Mutant(
        "compares a moved list with the new address",
        "model/moves.py",
        "replace(revision, recipients=replace(revision.recipients, salt=address))",
        "revision",
        _SILENT,
        noticed_by="renames",
    ),
    Mutant(
        "folds moves without effect",
        "ledger/journal_entries.py",
        "sends = _SendsBuilder(with_moves(sends.build(), moves))",
        "sends = _SendsBuilder(sends.build())",
        (*_SILENT, "foldable", "exit code", "never stuck"),
        noticed_by="renam",
    ),
    Mutant(
        "forgets former addresses in the lockfile",
        "ledger/codec.py",
        'moved=value.get("moved", {})',
        "moved={}",
        (*_SILENT, "foldable", "exit code"),
        noticed_by="renam",
    ),
    Mutant(
        "reads back a digest without its address",
        "ledger/record_json.py",
        "None if salt is None else str(salt))",
        "None)",
        (*_SILENT, "readable"),
        noticed_by="renam",
    ),
)
