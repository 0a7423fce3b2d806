"""Each deliberate defect of tests/guard_mutants makes its test fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.guard_mutants import GUARD_MUTANTS
from tests.processes.runs import zygote
from tests.processes.zygote import PYTEST_OPTIONS, PYTEST_PLUGINS
from tests.simulation.mutants.mutant import link_package

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("mutant", GUARD_MUTANTS, ids=lambda mutant: mutant.name)
def test_the_guard_has_a_test(mutant, tmp_path, record_property):
    """The test of a guard fails if the guard is defective."""
    mutant.apply(link_package(tmp_path))
    done = zygote("module").run(
        "pytest",
        *PYTEST_OPTIONS,
        f"--basetemp={tmp_path}/pytest",
        f"{ROOT}/tests/{mutant.test}",
        where=tmp_path,
        PYTHONPATH=f"{tmp_path}:{ROOT}",
        **PYTEST_PLUGINS,
    )
    assert done.code == 1, f"the mutant survives\n{done.out}{done.err}"
    assert "FAILED" in done.out or "ERROR at setup of" in done.out, done.out
    record_property("guard mutants noticed", 1)
