"""Several formats of one plan at once: where each goes, and what is refused before anything is read."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.projects import CONTACTS, GATE, people, project

if TYPE_CHECKING:
    from pathlib import Path


def without_instant(document: str) -> dict[str, Any]:
    """Return a plan as JSON without the instant that it was made for."""
    return {key: value for key, value in json.loads(document).items() if key != "plannedAt"}


def test_each_format_of_one_plan(cli, tmp_path: Path) -> None:
    """A file has what the format prints alone, and standard output has the format without a file."""
    specs = project(tmp_path / "specs", GATE, CONTACTS)
    (specs / "contacts" / "people.csv").write_text(people(3))
    text, document = cli("plan").out, without_instant(cli("plan", "--format", "json").out)
    done = cli("plan", "--format", "json=plan.json", "--format", "text")
    assert (done.code, done.out) == (0, text)
    assert without_instant((tmp_path / "plan.json").read_text()) == document
    silent = cli("plan", "--format", "json=plan.json", "--format", "text=plan=1.txt", "--save", "saved.json")
    assert (silent.code, silent.out) == (0, "")
    assert (tmp_path / "plan=1.txt").read_text() == text
    assert cli("plan", "--format", "json=plan.json", "--format", "text", "-o", "plan.txt").out == ""
    assert (tmp_path / "plan.txt").read_text() == text
    assert without_instant(cli("plan", "--format", "json=-").out) == document
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "plan.json",
        "plan.txt",
        "plan=1.txt",
        "saved.json",
        "specs",
    ]


def test_the_findings_and_the_rules_in_two_formats(cli, tmp_path: Path) -> None:
    """`validate` and `rules` take several formats; findings without an entry make an empty text."""
    project(tmp_path / "specs", GATE)
    for verb in ("validate", "rules"):
        document = cli(verb, "--format", "json").out
        text = cli(verb).out
        assert cli(verb, "--format", "json", "--format", f"text={verb}.txt").out == document
        assert (tmp_path / f"{verb}.txt").read_text() == text
    assert (tmp_path / "validate.txt").read_text() == ""


@pytest.mark.parametrize("verb", ["plan", "validate"])
def test_problems_in_each_format(verb: str, cli, tmp_path: Path) -> None:
    """Problems of specs are findings in every file, and standard output has no second text of them."""
    project(tmp_path / "specs", GATE + "more: 1\n")
    done = cli(verb, "--format", "json=found.json", "--format", "text")
    assert (done.code, done.out) == (1, "")
    [found] = json.loads((tmp_path / "found.json").read_text())["findings"]
    assert (found["rule"], found["reason"]) == ("spec", "unreadable")
    assert found["message"] in done.err
    cli(verb, "--format", "text=found.txt", "--format", "json")
    assert found["message"] in (tmp_path / "found.txt").read_text()


REFUSED = {
    "two formats to standard output": (
        ["--format", "text", "--format", "json"],
        "only one format can go to standard output",
    ),
    "standard output by its names": (
        ["--format", "text=/dev/stdout", "--format", "json=-"],
        "only one format can go to standard output",
    ),
    "one format twice": (
        ["--format", "json=a.json", "--format", "json=b.json"],
        "format 'json' is given twice",
    ),
    "two formats to one file": (
        ["--format", "text=plan.out", "--format", "json=./plan.out"],
        "two outputs have the same file ./plan.out",
    ),
    "one file by two ways": (
        ["--format", "json=specs/../plan.out", "--format", "text", "-o", "plan.out"],
        "two outputs have the same file ",
    ),
    "a file without a format for it": (["--format", "json=a.json", "-o", "b.txt"], "-o needs a format"),
    "no name of a file": (
        ["--format", "json="],
        "--format json= does not name a file\n  hint: write `",
    ),
    "a blank name": (["--format", "json= "], "--format json=  does not name a file"),
    "no name of a format": (["--format", "=a.json"], "format '' does not exist"),
    "a file that cannot be created": (
        ["--format", "text", "--format", "json=missing/a.json"],
        "cannot write missing/a.json: No such file or directory",
    ),
    "a file of sendspec": (
        ["--format", "json=specs/sendspec.yaml"],
        "cannot write specs/sendspec.yaml: it is a file of sendspec",
    ),
    "a folder": (["--format", "json=specs"], "cannot write specs: it is not a regular file"),
}


@pytest.mark.parametrize("verb", ["plan", "validate"])
@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_outputs_that_are_refused(case: tuple[list[str], str], verb: str, cli, tmp_path: Path) -> None:
    """The usage error comes before the specs are read, and no file is written."""
    words, message = case
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "sendspec.yaml").write_text("[")
    done = cli(verb, *words)
    assert (done.code, done.out) == (64, "")
    assert message in done.err
    assert "sendspec.yaml:1" not in done.err
    assert list(tmp_path.iterdir()) == [tmp_path / "specs"]


def test_a_saved_plan_and_a_format_with_one_file(cli, tmp_path: Path) -> None:
    """The file of `--save` cannot be that of a format."""
    project(tmp_path / "specs", GATE)
    done = cli("plan", "--save", "plan.json", "--format", f"json={tmp_path}/plan.json")
    assert (done.code, "two outputs have the same file" in done.err) == (64, True)


def test_a_pipe_of_a_shell_gets_a_format(cli, tmp_path: Path) -> None:
    """A pipe below /dev is not opened before the format is written to it."""
    project(tmp_path / "specs", GATE)
    reader, writer = os.pipe()
    try:
        done = cli("validate", "--format", "text", "--format", f"json=/dev/fd/{writer}")
        assert done.code == 0
        assert json.loads(os.read(reader, 1 << 16)) == {"version": 1, "findings": []}
    finally:
        os.close(reader)
        os.close(writer)


def test_broken_specs_replace_an_earlier_plan(cli, tmp_path: Path) -> None:
    """The comment and the page of a plan that was ready must not stay beside specs that cannot be read."""
    specs = project(tmp_path / "specs", GATE)
    arguments = ["plan", "--format", "html=o.html", "--format", "markdown=o.md"]
    assert cli(*arguments).code == 0
    (specs / "campaigns" / "gate.yaml").write_text(GATE.replace("sends:", "sendz:"))
    assert cli(*arguments).code == 1
    comment, page = (tmp_path / "o.md").read_text(), (tmp_path / "o.html").read_text()
    heading = "## ⛔ SMS plan for sandbox · Not ready: 2 problems in the specs"
    assert comment.startswith(f"<!-- sendspec:sandbox:specs -->\n{heading}\n")
    assert "campaigns/gate.yaml" in comment
    assert "✅" not in comment
    assert "<h1>Not planned: 2 problems</h1>" in page
    assert "Ready" not in page


def test_a_ledger_that_cannot_be_read_replaces_an_earlier_plan(cli, tmp_path: Path) -> None:
    """Not only broken specs keep sendspec from a plan."""
    specs = project(tmp_path / "specs", GATE)
    arguments = ["plan", "--format", "html=o.html", "--format", "markdown=o.md"]
    assert cli(*arguments).code == 0
    (specs / "sendspec.sandbox.lock").write_text("{")
    failed = cli(*arguments)
    assert failed.code == 1
    assert "Not ready: sendspec cannot plan" in (tmp_path / "o.md").read_text()
    assert "<h1>Not planned</h1>" in (tmp_path / "o.html").read_text()
