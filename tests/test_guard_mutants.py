"""Each deliberate defect of tests/guard_mutants makes its test fail."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.guard_mutants import GUARD_MUTANTS
from tests.processes.runs import zygote

ROOT = Path(__file__).resolve().parents[1]
PYTEST = (
    "pytest",
    "-qx",
    "-p",
    "pytest_timeout",
    "-p",
    "syrupy",
    "--import-mode=append",
    "-c",
    f"{ROOT}/pyproject.toml",
)
"""Without its other plugins, because pytest warns if it finds that one was imported before."""


@pytest.mark.parametrize("mutant", GUARD_MUTANTS, ids=lambda mutant: mutant.name)
def test_the_guard_has_a_test(mutant, tmp_path, record_property):
    """The test of a guard fails if the guard is defective."""
    shutil.copytree(ROOT / "sendspec", tmp_path / "sendspec")
    (tmp_path / "schemas").symlink_to(ROOT / "schemas")
    mutant.apply(tmp_path / "sendspec")
    done = zygote("module").run(
        *PYTEST,
        f"{ROOT}/tests/{mutant.test}",
        where=tmp_path,
        PYTHONPATH=f"{tmp_path}:{ROOT}",
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
    )
    assert done.code == 1, f"the mutant survives\n{done.out}{done.err}"
    assert "FAILED" in done.out or "ERROR at setup of" in done.out, done.out
    record_property("guard mutants noticed", 1)
