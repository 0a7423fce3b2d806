"""Each deliberate defect of tests/guard_mutants makes its test fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guard_mutants import GUARD_MUTANTS

ROOT = Path(__file__).resolve().parents[1]
PYTEST = (
    sys.executable,
    "-m",
    "pytest",
    "-q",
    "-p",
    "no:xdist",
    "--import-mode=append",
    "-c",
    f"{ROOT}/pyproject.toml",
)


@pytest.mark.parametrize("mutant", GUARD_MUTANTS, ids=lambda mutant: mutant.name)
def test_the_guard_has_a_test(mutant, tmp_path, record_property):
    """The test of a guard fails if the guard is defective."""
    shutil.copytree(ROOT / "sendspec", tmp_path / "sendspec")
    (tmp_path / "schemas").symlink_to(ROOT / "schemas")
    mutant.apply(tmp_path / "sendspec")
    done = subprocess.run(
        [*PYTEST, f"{ROOT}/tests/{mutant.test}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, f"the mutant survives\n{done.stdout}{done.stderr}"
    assert "FAILED" in done.stdout, done.stdout
    record_property("guard mutants noticed", 1)
