"""Each deliberate defect of tests/simulation/mutants is noticed by the simulation."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sendspec.protocol_limits import ContradictoryLimits
from tests.simulation.checks import INVARIANTS
from tests.simulation.mutants import MUTANTS
from tests.simulation.mutants.mutant import LIMITS

ROOT = Path(__file__).resolve().parents[1]


def test_there_are_enough_mutants():
    """The table has at least 100 defects with different names, and names only existing invariants."""
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 100
    assert {name for mutant in MUTANTS for name in mutant.caught} <= INVARIANTS.keys() | {LIMITS}


def noticed_by(simulation: subprocess.CompletedProcess[str]) -> str:
    """Return the name of the invariant that a simulation reports, or `limits` if it refused to load."""
    if f"sendspec.protocol_limits.{ContradictoryLimits.__name__}: " in simulation.stderr:
        return LIMITS
    return simulation.stdout.partition(" (")[0]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutant_is_noticed(mutant, tmp_path, record_property):
    """The simulation of a defective package breaks an invariant, and one that explains the defect."""
    shutil.copytree(ROOT / "sendspec", tmp_path / "sendspec")
    (tmp_path / "schemas").symlink_to(ROOT / "schemas")
    mutant.apply(tmp_path / "sendspec")
    simulation = subprocess.run(
        [sys.executable, "-m", "tests.simulation", "--quick", mutant.noticed_by],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert simulation.returncode == 1, f"the mutant survives\n{simulation.stdout}{simulation.stderr}"
    assert noticed_by(simulation) in mutant.caught, simulation.stdout + simulation.stderr
    record_property("mutants noticed", 1)
