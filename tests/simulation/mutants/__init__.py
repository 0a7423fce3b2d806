"""Deliberate defects of the protocol, which the simulation must notice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.simulation.mutants import answers, behaviour, branch, durable, folded, guards, renames, repeated

if TYPE_CHECKING:
    from tests.simulation.mutants.mutant import Mutant

MUTANTS: Final[tuple[Mutant, ...]] = (
    *durable.MUTANTS,
    *folded.MUTANTS,
    *repeated.MUTANTS,
    *answers.MUTANTS,
    *behaviour.MUTANTS,
    *branch.MUTANTS,
    *guards.MUTANTS,
    *renames.MUTANTS,
)
