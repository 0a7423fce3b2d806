"""Each deliberate defect of tests/simulation/mutants.py is noticed by the simulation."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.checks import INVARIANTS
from tests.simulation.mutants import MUTANTS

ROOT = Path(__file__).resolve().parents[1]


def test_there_are_enough_mutants():
    """At least 30 defects, each client_outcome apart by its name and expected by invariants that exist."""
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 30
    assert {name for mutant in MUTANTS for name in mutant.caught} <= INVARIANTS.keys()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutant_is_noticed(mutant, tmp_path, record_property):
    """The simulation of the defective package breaks an invariant, and one that explains the defect."""
    shutil.copytree(ROOT / "sendspec", tmp_path / "sendspec", ignore=shutil.ignore_patterns("__pycache__"))
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
    assert simulation.returncode == 1, f"it survives\n{simulation.stdout}{simulation.stderr}"
    assert simulation.stdout.partition(" (")[0] in mutant.caught, simulation.stdout + simulation.stderr
    record_property("mutants noticed", 1)
