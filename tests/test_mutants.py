"""Each deliberate defect of tests/simulation/mutants is noticed by the simulation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sendspec.protocol_limits import ContradictoryLimits
from tests.processes.runs import zygote
from tests.simulation.checks import INVARIANTS
from tests.simulation.mutants import MUTANTS
from tests.simulation.mutants.mutant import LIMITS, link_package

if TYPE_CHECKING:
    from tests.processes.runs import Done

ROOT = Path(__file__).resolve().parents[1]


def test_there_are_enough_mutants():
    """The table has at least 100 defects with different names, and names only existing invariants."""
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 100
    assert {name for mutant in MUTANTS for name in mutant.caught} <= INVARIANTS.keys() | {LIMITS}


def noticed_by(simulation: Done) -> str:
    """Return the name of the invariant that a simulation reports, or `limits` if it refused to load."""
    if f"sendspec.protocol_limits.{ContradictoryLimits.__name__}: " in simulation.err:
        return LIMITS
    return simulation.out.partition(" (")[0]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutant_is_noticed(mutant, tmp_path, record_property):
    """The simulation of a defective package breaks an invariant, and one that explains the defect."""
    mutant.apply(link_package(tmp_path))
    simulation = zygote("module").run(
        "tests.simulation", "--quick", mutant.noticed_by, where=tmp_path, PYTHONPATH=f"{tmp_path}:{ROOT}"
    )
    assert simulation.code == 1, f"the mutant survives\n{simulation.out}{simulation.err}"
    assert noticed_by(simulation) in mutant.caught, simulation.out + simulation.err
    record_property("mutants noticed", 1)
