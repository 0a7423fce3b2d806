"""Deliberate defects of guards that the simulation does not reach; a test must fail for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.guard_mutants import (
    bases,
    command_line,
    finished_lists,
    identity,
    ledger,
    legal_hours,
    lists,
    lists_outside,
    memory,
    numbers,
    repetitions,
    rule_settings,
    selection,
    spec_files,
    texts,
    time_zones,
    vendor,
    watch,
    work_tree,
)

if TYPE_CHECKING:
    from tests.guard_mutants.guard_mutant import GuardMutant

GUARD_MUTANTS: Final[tuple[GuardMutant, ...]] = (
    *bases.MUTANTS,
    *command_line.MUTANTS,
    *identity.MUTANTS,
    *ledger.MUTANTS,
    *legal_hours.MUTANTS,
    *finished_lists.MUTANTS,
    *lists.MUTANTS,
    *lists_outside.MUTANTS,
    *memory.MUTANTS,
    *numbers.MUTANTS,
    *repetitions.MUTANTS,
    *rule_settings.MUTANTS,
    *selection.MUTANTS,
    *spec_files.MUTANTS,
    *texts.MUTANTS,
    *time_zones.MUTANTS,
    *vendor.MUTANTS,
    *watch.MUTANTS,
    *work_tree.MUTANTS,
)
