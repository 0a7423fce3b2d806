"""Workflows and the composite action, checked by other programs; their exceptions are narrow."""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from tests.test_workflows import EXAMPLES, example
from tests.workflows import ACTION, NAMES, ROOT, load, read_yaml

ORACLES = Path(__file__).parent / "oracles"
SETTINGS = ROOT / ".github" / "actionlint.yaml"


def validator(kind: str) -> Draft7Validator:
    return Draft7Validator(json.loads((ORACLES / f"github-{kind}.json").read_text(encoding="utf-8")))


def errors(kind: str, value: dict[str, Any]) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in validator(kind).iter_errors(value)]


DOCUMENTS = {name: load(name) for name in NAMES} | {name: example(name) for name in EXAMPLES}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_workflow_conforms_to_the_schema_of_workflows(name):
    """Keys, events, rights and types of each workflow and example are those of GitHub's schema."""
    assert errors("workflow", DOCUMENTS[name]) == []


def test_the_action_conforms_to_the_schema_of_actions():
    """Inputs, outputs and steps of the composite action are those of GitHub's schema."""
    assert errors("action", read_yaml(ACTION)) == []


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("on", "pull_requests"), None),
        (("jobs", "plan", "permission"), {"contents": "read"}),
        (("jobs", "plan", "permissions", "content"), "read"),
        (("concurrency", "cancel"), True),
        (("jobs", "plan", "timeout_minutes"), 10),
    ],
)
def test_the_schema_finds_a_key_that_github_would_refuse(keys, value):
    """A misspelled event, job key, right or concurrency key is an error."""
    workflow = copy.deepcopy(load("plan"))
    *parents, last = keys
    place = workflow
    for key in parents:
        place = place[key]
    place[last] = value
    assert errors("workflow", workflow)


RIGHTS = re.compile(
    r"^\| (\w+) \| (\w+) \| (`.+) \| (none|those of the environment) \| (.+) \|$", re.MULTILINE
)


def test_the_page_about_security_has_the_rights_of_each_job():
    """SECURITY.md lists every job with exactly its rights, its access to secrets, and what it checks out."""
    rows = RIGHTS.findall((ROOT / "SECURITY.md").read_text(encoding="utf-8"))
    listed = {}
    for workflow, job, rights, secrets, source in rows:
        granted = dict(re.findall(r"`([a-z-]+): (read|write)`", rights))
        listed[workflow, job] = (granted, secrets != "none", source != "nothing")
    actual = {
        (name, key): (
            job["permissions"],
            "secrets." in str(job),
            any(step.get("uses", "").startswith("actions/checkout@") for step in job["steps"]),
        )
        for name in NAMES
        for key, job in load(name)["jobs"].items()
    }
    assert listed == actual


# ── exceptions


def test_each_exception_of_zizmor_names_its_rule_and_has_a_reason():
    """An ignored finding has a rule in brackets, and a comment above it or behind it."""
    files = sorted((ROOT / ".github").rglob("*.yml"))
    assert len(files) == len(NAMES) + 1
    for path in files:
        above = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if "zizmor: ignore" in line:
                match = re.search(r"# zizmor: ignore\[[a-z-]+\](.*)", line)
                assert match, line
                assert match[1].strip() or above.lstrip().startswith("# "), line
            above = line


def test_each_exception_of_actionlint_is_one_message_and_has_a_reason():
    """An ignored message is anchored, without a wildcard, and a comment above it says why."""
    settings = read_yaml(SETTINGS)
    lines = SETTINGS.read_text(encoding="utf-8").splitlines()
    assert list(settings) == ["paths"]
    patterns = [pattern for path in settings["paths"].values() for pattern in path["ignore"]]
    for pattern in patterns:
        assert re.fullmatch(r"\^([^.*+?]|\\.)+", pattern), pattern
        (place,) = [number for number, line in enumerate(lines) if line.strip() == f"- '{pattern}'"]
        assert lines[place - 1].lstrip().startswith("# ")


def actionlint(root: Path) -> list[str]:
    """Return the messages of actionlint about the workflows of a repository."""
    if shutil.which("actionlint") is None:
        pytest.skip("actionlint is not installed; ci.yml runs it")
    done = subprocess.run(
        ["actionlint", "-no-color", "-format", "{{range $e := .}}{{$e.Message}}\n{{end}}"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout.splitlines()


def test_actionlint_accepts_the_workflows():
    """Syntax, expressions, contexts and scripts of the workflows have no finding but the exceptions."""
    assert actionlint(ROOT) == []


def test_actionlint_still_needs_its_exceptions(tmp_path):
    """Without the exceptions actionlint refuses what they allow; remove one that it does not need."""
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (folder / "probe.yml").write_text(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    concurrency: {group: x, queue: max}\n"
        "    steps:\n      - uses: $/.github/actions/sendspec\n"
    )
    messages = actionlint(tmp_path)
    shutil.copy(SETTINGS, tmp_path / ".github")
    assert len(messages) == len(read_yaml(SETTINGS)["paths"][".github/workflows/*.yml"]["ignore"])
    assert actionlint(tmp_path) == []
