"""The example in specs/ and the samples in the pages."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sysconfig
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sendspec.load import load_project
from sendspec.model import LedgerState, Level, Purpose
from sendspec.render import render
from sendspec.rules import RuleContext, run_rules

ROOT = Path(__file__).resolve().parents[1]
SENDSPEC = Path(sysconfig.get_path("scripts"), "sendspec")
RESERVED = re.compile(r"1[2-9]\d\d55501\d\d")


@pytest.fixture
def example(tmp_path):
    """Return a directory with a fresh copy of the example in `specs`."""
    generated = shutil.ignore_patterns(".sendspec", "*.lock", "*.journal")
    shutil.copytree(ROOT / "specs", tmp_path / "specs", ignore=generated)
    return tmp_path


def sendspec(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in `directory`, without credentials."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SENDSPEC_")}
    command = [SENDSPEC, *arguments]
    return subprocess.run(
        command,
        cwd=directory,
        env=environ,
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        check=False,
    )


def sample(page: str, language: str, start: str) -> str:
    """Return the only code block of a page that starts with `start`."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)
    (only,) = [block for block in blocks if block.startswith(start)]
    return str(only)


def test_the_first_command_sends_once_and_then_nothing(example):
    """The first run records one job id and six transaction ids; the second leaves the lockfile unchanged."""
    first = sendspec(example, "apply", "--auto-approve")
    assert first.returncode == 0, first.stderr
    assert "7 requests sent, 0 not sent, 0 unknown" in first.stderr
    lockfile = (example / "specs" / "sendspec.sandbox.lock").read_bytes()
    requests = [request for send in json.loads(lockfile)["sends"].values() for request in send["requests"]]
    kinds = Counter(kind for request in requests for kind in ("jobId", "transactionId") if kind in request)
    assert kinds == {"jobId": 1, "transactionId": 6}
    second = sendspec(example, "apply", "--auto-approve")
    assert second.returncode == 0
    assert "Plan: 0 to send, 0 blocked, 3 already sent, 0 unknown, 1 with the vendor." in second.stdout
    assert (example / "specs" / "sendspec.sandbox.lock").read_bytes() == lockfile


def test_the_plan_in_the_readme_is_the_plan_of_the_example(example):
    """The README shows exactly the output of `sendspec plan`."""
    done = sendspec(example, "plan")
    assert done.returncode == 0, done.stderr
    assert done.stdout == sample("README.md", "", "Ready")


def test_the_example_has_neither_errors_nor_warnings():
    """The example has only infos, and every text is one SMS for every recipient."""
    project = load_project(ROOT / "specs", {})
    target = project.targets["sandbox"]
    sends = render(project, target)
    empty = LedgerState(target.name, target.account)
    inspection = run_rules(RuleContext(project, target, sends, empty, datetime.now(UTC)))
    assert [finding for finding in inspection.findings if finding.level is not Level.INFO] == []
    sized = {address: facts for address, facts in inspection.facts.items() if facts is not None}
    assert {address: facts.count for address, facts in sized.items()} == {
        "gate-change/pickup": 3,
        "last-call/vip[en]": 2412,
        "last-call/vip[fr]": 1188,
    }
    assert all(facts.segments == facts.count == facts.rows for facts in sized.values())
    marketing = [
        send.payload["content"] for send in sends if send.purpose is Purpose.MARKETING and send.contacts
    ]
    assert len(marketing) == 2
    assert all("STOP" in content for content in marketing)


def test_the_example_has_fictional_numbers_only():
    """Each number is one of 555-0100 to 555-0199, reserved for fiction, and occurs once."""
    numbers = []
    for path in sorted((ROOT / "specs" / "contacts").iterdir()):
        with path.open(encoding="utf-8", newline="") as file:
            numbers += [row["phone"] for row in csv.DictReader(file)]
    campaigns = "".join(path.read_text() for path in (ROOT / "specs" / "campaigns").iterdir())
    numbers += re.findall(r'phoneNumber: "(\d+)"', campaigns)
    assert len(numbers) == len(set(numbers)) == 2412 + 1188 + 3
    assert [number for number in numbers if not RESERVED.fullmatch(number)] == []


def test_the_example_cannot_be_sent_for_real(example):
    """Its numbers are an error on a real target."""
    done = sendspec(example, "validate", "--target", "production")
    assert done.returncode == 3
    assert "error [fictional-number]" in done.stdout


def test_editors_find_the_schemas_of_the_example():
    """The first line of each file names its schema."""
    paths = [ROOT / "specs" / "sendspec.yaml", *sorted((ROOT / "specs" / "campaigns").iterdir())]
    assert len(paths) == 4
    for path in paths:
        line = path.read_text().splitlines()[0]
        found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", line)
        assert found, path
        assert (path.parent / found[1]).resolve().is_relative_to(ROOT / "schemas")
        assert (path.parent / found[1]).exists()


def test_the_spec_in_the_readme_is_a_campaign(example):
    """The spec of the README is valid in place of the campaign of the example."""
    (example / "specs" / "campaigns" / "last-call.yaml").write_text(sample("README.md", "yaml", "campaign: "))
    done = sendspec(example, "validate")
    assert (done.returncode, done.stdout.count("error")) == (0, 0), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("page", "start"), [("docs/targets.md", "# specs/sendspec.yaml"), ("README.md", "version: 1\ntargets:")]
)
def test_the_targets_in_the_pages_are_valid(page, start, example):
    """The targets of the pages are valid in sendspec.yaml."""
    text = sample(page, "yaml", start)
    project = example / "specs" / "sendspec.yaml"
    project.write_text(text if "version:" in text else f"version: 1\n{text}")
    assert load_project(example / "specs", {}).targets["production"].base_url
