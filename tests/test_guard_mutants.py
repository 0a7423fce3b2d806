"""Each deliberate defect of tests/guard_mutants makes its test fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.guard_mutants import GUARD_MUTANTS
from tests.processes.runs import zygote
from tests.simulation.mutants.mutant import link_package

ROOT = Path(__file__).resolve().parents[1]
PYTEST = ("pytest", "-qx", "--tb=native", "--import-mode=append", "-c", f"{ROOT}/pyproject.toml")
PLUGINS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "pytest_timeout,syrupy"}
"""Without other plugins, because pytest warns if it finds that one was imported before.

Plugins of the variable are imported without a search in all installed packages, and a native traceback
is printed without the source being parsed.
"""


@pytest.mark.parametrize("mutant", GUARD_MUTANTS, ids=lambda mutant: mutant.name)
def test_the_guard_has_a_test(mutant, tmp_path, record_property):
    """The test of a guard fails if the guard is defective."""
    mutant.apply(link_package(tmp_path))
    done = zygote("module").run(
        *PYTEST,
        f"--basetemp={tmp_path}/pytest",
        f"{ROOT}/tests/{mutant.test}",
        where=tmp_path,
        PYTHONPATH=f"{tmp_path}:{ROOT}",
        **PLUGINS,
    )
    assert done.code == 1, f"the mutant survives\n{done.out}{done.err}"
    assert "FAILED" in done.out or "ERROR at setup of" in done.out, done.out
    record_property("guard mutants noticed", 1)
