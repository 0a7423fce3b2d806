"""The hooks for pre-commit, run by pre-commit itself on a git repository."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.projects import CONTACTS, GATE, SENDSPEC, as_marketing, people, project

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = ROOT / ".pre-commit-hooks.yaml"

pytest.importorskip("pre_commit")


def hooks() -> dict[str, dict[str, object]]:
    return {hook["id"]: hook for hook in YAML(typ="safe").load(MANIFEST.read_text())}


MATCHES = {
    "specs/sendspec.yaml": {"sendspec-validate", "sendspec-fmt"},
    "sendspec.yaml": {"sendspec-validate", "sendspec-fmt"},
    "specs/campaigns/2026/spring.yml": {"sendspec-validate", "sendspec-fmt"},
    "campaigns/a.yaml": {"sendspec-validate", "sendspec-fmt"},
    "specs/campaigns/.old/a.yaml": set(),
    "specs/campaigns/.a.yaml": set(),
    "specs/campaigns/readme.md": set(),
    "specs/contacts/vip.csv": {"sendspec-validate"},
    "specs/lists/2026/vip.jsonl.gz": {"sendspec-validate"},
    "specs/contacts/vip.parquet": {"sendspec-validate"},
    "data/vip.csv": set(),
    "my-sendspec.yaml": set(),
}


@pytest.mark.parametrize("path", MATCHES)
def test_the_files_of_the_hooks(path):
    """The hooks get specs; the check of specs also gets lists in the usual folders."""
    assert {name for name, hook in hooks().items() if re.search(str(hook["files"]), path)} == MATCHES[path]


def git(where: Path, *arguments: str) -> str:
    options = ("-c", "user.name=a", "-c", "user.email=a@acme.example", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *options, *arguments], cwd=where, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_commit_with_the_hooks(tmp_path):
    """pre-commit runs both hooks on the changed files: one formats, the other reports errors.

    The hooks are those of the repository, but with the sendspec of this environment: an installation would
    need a package index.
    """
    source = tmp_path / "hooks"
    source.mkdir()
    manifest = MANIFEST.read_text().replace("language: python", "language: system")
    (source / ".pre-commit-hooks.yaml").write_text(manifest)
    git(source, "init", "-q")
    git(source, "add", ".")
    git(source, "commit", "-qm", "hooks")
    work = tmp_path / "work"
    project(work / "specs", GATE, CONTACTS)
    (work / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {source}\n    rev: {git(source, 'rev-parse', 'HEAD')}\n"
        "    hooks: [{id: sendspec-fmt}, {id: sendspec-validate}]\n"
    )
    git(work, "init", "-q")
    git(work, "add", ".")
    git(work, "commit", "-qm", "specs")
    environ = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "cache"), "PRE_COMMIT_COLOR": "never"}
    environ["PATH"] = f"{Path(SENDSPEC).parent}{os.pathsep}{os.environ['PATH']}"

    def run() -> tuple[int, str]:
        command = [sys.executable, "-m", "pre_commit", "run"]
        done = subprocess.run(command, cwd=work, env=environ, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    campaign = work / "specs" / "campaigns" / "c0.yaml"
    campaign.write_text(as_marketing(GATE).replace("id: change", "id: 'change'"))
    git(work, "add", ".")
    code, text = run()
    assert (code, text.count("Failed")) == (1, 2), text
    assert "reformatted specs/campaigns/c0.yaml\n1 file reformatted, 0 unchanged\n" in text
    assert "specs/campaigns/c0.yaml:5:15: error [marketing-consent]: " in text
    assert campaign.read_text() == as_marketing(GATE)
    campaign.write_text(GATE)
    (work / "specs" / "contacts" / "people.csv").write_text(people(4))
    git(work, "add", ".")
    code, text = run()
    assert (code, text.count("Skipped"), text.count("Passed")) == (0, 1, 1), text
