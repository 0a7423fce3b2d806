"""The work tree of a git ledger: files of a commit never decide which repository git uses."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sendspec.ledger.git_ledger import GitLedger
from tests.ledgers import git, remote_with_clones
from tests.projects import GATE, project

if TYPE_CHECKING:
    from pathlib import Path

SECRETS = {f"SENDSPEC_{name}": f"secret-{name}" for name in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")}
PLACES = {
    "the project directory": "specs",
    "a folder above the project directory": "marketing",
}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone whose remote has the ledger of the target `sandbox`."""
    _, [clone] = remote_with_clones(tmp_path, 1)
    GitLedger(clone, "sandbox", "sandbox").create()
    return clone


def project_in(directory: Path) -> Path:
    """Write a project whose default target keeps its ledger in git."""
    specs = project(directory, GATE)
    (specs / "sendspec.yaml").write_text("version: 1\ntargets: {sandbox: {ledger: git}}\n")
    return specs


def plan(specs: Path, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run `sendspec plan` as a workflow does, with the credentials in its environment."""
    return subprocess.run(
        [sys.executable, "-m", "sendspec", "plan", str(specs)],
        env={**os.environ, **SECRETS, "PATH": path or os.environ["PATH"]},
        cwd=specs.parent,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.red_team(1)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_files_of_a_commit_are_not_taken_for_a_repository(clone: Path, place: str) -> None:
    """A folder that looks like a bare repository is refused, and the command in its `config` does not run."""
    specs = project_in(clone / place / "specs" if place == "marketing" else clone / place)
    proof = clone / "proof"
    folder = clone / place
    for name in ("objects", "refs/heads"):
        (folder / name).mkdir(parents=True)
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / "config").write_text(
        "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
        f"\tsshCommand = env > {proof}; false\n"
        '[remote "origin"]\n\turl = ssh://127.0.0.1/ledger\n'
    )
    done = plan(specs)
    assert (done.returncode, proof.exists()) == (1, False)
    assert f"error: {folder} has the files of a git repository" in done.stderr


@pytest.mark.red_team(1)
def test_git_gets_no_credentials(clone: Path, tmp_path: Path) -> None:
    """No call of git has a variable with credentials, or can find another repository."""
    calls = tmp_path / "calls"
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    wrapper.write_text(f'#!/bin/sh\n{{ echo "call $*"; env; }} >>{calls}\nexec {real} "$@"\n')
    wrapper.chmod(0o755)
    done = plan(project_in(clone / "specs"), f"{wrapper.parent}:{os.environ['PATH']}")
    assert done.returncode == 0, done.stderr
    text = calls.read_text()
    assert "secret-" not in text
    assert "SENDSPEC_" not in text
    made = [line for line in text.splitlines() if line.startswith("call ")]
    checks = [line for line in made if line.endswith((" version", " rev-parse --git-dir"))]
    users = ("the ledger", "the search for other projects", "the survey of tracked files")
    assert len(made) > len(checks) == 2 * len(users), "each of them checks the clone"
    assert all(f"--git-dir {clone}/.git --work-tree {clone} " in line for line in made if line not in checks)


@pytest.mark.red_team(1)
def test_a_clone_of_another_owner_is_refused_in_the_words_of_git(clone: Path) -> None:
    """The check of the owner that git makes still applies, and its remedy is printed."""
    if os.geteuid() != 0:
        pytest.skip("only root may give a clone to another owner")
    specs = project_in(clone / "specs")
    subprocess.run(["chown", "-R", "12345", str(clone)], check=True)
    done = plan(specs)
    assert done.returncode == 1
    assert "dubious ownership" in done.stderr
    assert "safe.directory" in done.stderr


@pytest.mark.red_team(1)
def test_an_old_git_is_refused(clone: Path, tmp_path: Path) -> None:
    """A git without `safe.bareRepository` is an error with the version to install."""
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text("#!/bin/sh\necho git version 2.30.2\n")
    wrapper.chmod(0o755)
    done = plan(project_in(clone / "specs"), f"{wrapper.parent}:{os.environ['PATH']}")
    assert done.returncode == 1
    assert "error: git is older than 2.38, so it cannot be used safely" in done.stderr
    assert "  hint: install git 2.38 or newer" in done.stderr


@pytest.mark.red_team(1)
def test_a_linked_work_tree_uses_the_repository_of_its_clone(clone: Path, tmp_path: Path) -> None:
    """A linked work tree, whose `.git` is a file, reads the ledger of the remote."""
    linked = tmp_path / "linked"
    git("worktree", "add", "--quiet", str(linked), where=clone)
    done = plan(project_in(linked / "specs"))
    assert done.returncode == 0, done.stderr
    assert "1 to send" in done.stdout
