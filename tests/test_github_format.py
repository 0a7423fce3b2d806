"""The format for GitHub Actions: annotations and outputs as the runner reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendspec.model import Level, Location
from sendspec.report.escape.characters import JOINERS, visible
from sendspec.report.github import annotation_commands, outputs_text
from tests.findings import finding
from tests.oracles.runner import read_log, read_outputs
from tests.projects import CONTACTS, GATE, as_marketing, people, project
from tests.test_inert_output import TEXTS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.processes.runs import Done


@pytest.fixture
def step(cli, monkeypatch, tmp_path: Path):
    """Return a function that runs a verb as a step, and returns how it ended and its outputs."""
    file = tmp_path / "outputs"
    monkeypatch.setenv("GITHUB_OUTPUT", str(file))

    def run(*words: str) -> tuple[Done, dict[str, str]]:
        file.write_text("earlier=1\n")
        done = cli(*words)
        outputs = read_outputs(file.read_text())
        assert outputs.pop("earlier") == "1"
        return done, outputs

    return run


def test_annotations_of_a_plan(step, tmp_path: Path, monkeypatch) -> None:
    """Each finding is at its line, in the file as the root of the repository has it, with its hint."""
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "teams" / "shop"
    folder.mkdir(parents=True)
    project(folder / "specs", as_marketing(GATE))
    monkeypatch.chdir(folder)
    done, outputs = step("plan", "--format", "github")
    commands = read_log(done.out)
    assert (done.code, len(commands)) == (3, len(done.out.splitlines()))
    assert [command.name for command in commands] == sorted(command.name for command in commands)
    [consent] = [command for command in commands if command.properties["title"] == "marketing-consent"]
    assert consent.name == "error"
    assert consent.properties["file"] == "teams/shop/specs/campaigns/c0.yaml"
    assert (consent.properties["line"], consent.properties["col"]) == ("5", "15")
    message, _, hint = consent.data.partition("\n")
    assert message == "marketing uses external-consent, which does not check consent (gate/change)"
    assert hint.startswith("hint: use the endpoint contacts")
    assert outputs["ready"] == "false"
    assert "teams/shop/specs/campaigns/c0.yaml:5:15: marketing-consent: " in outputs["failure-reason"]


def test_outputs_of_a_plan_that_is_ready(step, cli, tmp_path: Path) -> None:
    """The outputs are those of the plan; a second plan after the apply has no changes."""
    specs = project(tmp_path / "specs", GATE, CONTACTS)
    (specs / "contacts" / "people.csv").write_text(people(3))
    done, outputs = step("plan", "--format", "github", "--format", "text=plan.txt")
    assert done.code == 0
    assert f"Digest: {outputs.pop('digest')}" in (tmp_path / "plan.txt").read_text()
    expected = {"ready": "true", "has-changes": "true", "due": "true", "people": "5", "failure-reason": ""}
    assert outputs == expected
    assert cli("apply", "--auto-approve").code == 0
    outputs = step("plan", "--format", "github")[1]
    assert (outputs["has-changes"], outputs["due"]) == ("false", "false")


def test_a_send_that_waits_is_a_change_and_not_due(step, tmp_path: Path) -> None:
    """A workflow asks for approval of what is sent now, and of a rename that apply records."""
    project(tmp_path / "specs", GATE + '    notBefore: "2199-01-01T00:00:00+00:00"\n')
    outputs = step("plan", "--format", "github")[1]
    assert (outputs["has-changes"], outputs["due"]) == ("true", "false")


def test_the_summary_of_a_step(cli, monkeypatch, tmp_path: Path) -> None:
    """The plan as Markdown comes after earlier text, in the space that is left, and for this format only."""
    file = tmp_path / "summary"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    project(tmp_path / "specs", GATE)
    assert cli("plan", "--format", "markdown").code == 0
    assert not file.exists()
    file.write_text("earlier\n")
    done = cli("plan", "--format", "github", "--format", "markdown=plan.md")
    assert (done.code, done.out) == (0, "")
    assert file.read_text() == "earlier\n" + (tmp_path / "plan.md").read_text()
    file.write_text("a" * (1 << 20))
    done = cli("plan", "--format", "github")
    assert (done.code, file.stat().st_size) == (0, 1 << 20)
    assert "note: the plan does not fit into the summary of this step\n" in done.err


def test_the_summary_without_a_plan(cli, monkeypatch, tmp_path: Path) -> None:
    """The summary says why no plan was made, as the comment does: problems of specs, or another error."""
    file = tmp_path / "summary"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    project(tmp_path / "specs", "campaign: [")
    assert cli("plan", "--format", "github", "--format", "markdown=plan.md").code == 1
    assert "Not ready: 1 problem in the specs" in file.read_text()
    assert file.read_text() == (tmp_path / "plan.md").read_text()
    file.unlink()
    project(tmp_path / "specs", GATE)
    assert cli("plan", "--format", "github", "--target", "missing").code == 1
    assert "Not ready: sendspec cannot plan" in file.read_text()


def test_outputs_of_validate(step, tmp_path: Path) -> None:
    """`validate` writes what it knows without a ledger."""
    project(tmp_path / "specs", GATE)
    assert step("validate", "--format", "github")[1] == {"ready": "true", "failure-reason": ""}


@pytest.mark.parametrize("verb", ["plan", "validate"])
def test_outputs_without_a_plan(verb: str, step, tmp_path: Path) -> None:
    """Problems of specs, and any other error, are the reason why nothing is ready."""
    project(tmp_path / "specs", "campaign: [")
    done, outputs = step(verb, "--format", "github")
    [command, *_] = read_log(done.out)
    assert (done.code, command.properties["file"]) == (1, "specs/campaigns/c0.yaml")
    assert outputs["ready"] == "false"
    assert outputs["failure-reason"].startswith("specs/campaigns/c0.yaml:2:")
    project(tmp_path / "specs", GATE)
    done, outputs = step(verb, "--format", "github", "--target", "missing")
    assert (done.code, done.out) == (1, "")
    assert outputs["ready"] == "false"
    assert f"error: {outputs['failure-reason']}\n" in done.err


def test_outputs_are_written_only_for_the_format(step, cli, monkeypatch, tmp_path: Path) -> None:
    """Another format writes none, and without the variable there is no file; a folder is an error."""
    project(tmp_path / "specs", GATE)
    assert step("plan", "--format", "text")[1] == {}
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path))
    done = cli("plan", "--format", "github")
    assert (done.code, "cannot write the file of GITHUB_OUTPUT: " in done.err) == (1, True)
    monkeypatch.delenv("GITHUB_OUTPUT")
    assert cli("plan", "--format", "github").code == 0


def test_paths_without_a_work_tree(cli, monkeypatch, tmp_path: Path) -> None:
    """Without `.git` names start at the workspace; a file outside of it keeps its name."""
    folder = tmp_path / "workspace" / "specs"
    project(folder, as_marketing(GATE))
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "workspace"))
    files = {
        command.properties["file"] for command in read_log(cli("validate", folder, "--format", "github").out)
    }
    assert files == {"specs/campaigns/c0.yaml"}
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "elsewhere"))
    files = {
        command.properties["file"] for command in read_log(cli("validate", folder, "--format", "github").out)
    }
    assert files == {f"{folder}/campaigns/c0.yaml"}


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (10, 10), (11, 10), (4_000, 10)])
def test_annotations_are_limited(count: int, shown: int) -> None:
    """Of each level the most severe are shown, and the last one counts the others."""
    levels = [Level.INFO, Level.WARNING, Level.ERROR]
    found = [finding(f"number {number}", level=level) for level in levels for number in range(count)]
    found += [finding("allowed", allowed="agreed")] * 20
    commands = read_log(annotation_commands(found))
    assert [command.name for command in commands] == ["error"] * shown + ["warning"] * shown + [
        "notice"
    ] * shown
    if count > shown:
        more = f"{count - 9:,} more"
        assert [command.data for command in commands][9::10] == [
            f"{more} errors, which the plan shows",
            f"{more} warnings, which the plan shows",
            f"{more} notices, which the plan shows",
        ]


def test_the_order_of_annotations() -> None:
    """Errors that block all sends come first, and every rule comes once before another comes twice."""
    own = finding("own", blocks_only_its_send=True)
    found = [
        own,
        *[finding(f"link {number}") for number in range(20)],
        finding("brand", rule="brand-missing"),
    ]
    messages = [command.data for command in read_log(annotation_commands(found))]
    assert [message.partition(" (")[0] for message in messages[:3]] == ["link 0", "brand", "link 1"]
    assert messages[-1] == "13 more errors, which the plan shows"
    assert read_log(annotation_commands([own, finding("all")]))[0].data.startswith("all")


@settings(max_examples=100)
@given(TEXTS, TEXTS, TEXTS)
def test_hostile_findings_are_one_annotation(message: str, file: str, hint: str) -> None:
    """The runner reads one command, whatever the specs contain."""
    hostile = finding(message, location=Location(file or "a", 1, 1), hint=hint, address=file)
    [command] = read_log(annotation_commands([hostile]))
    assert (command.name, command.properties["title"], command.properties["line"]) == ("error", "link", "1")
    assert command.data.startswith(visible(message, keep=f"{JOINERS}\n"))


@settings(max_examples=100)
@given(TEXTS | st.sampled_from(["ready<<x\ntrue\nx", "a=b", "\n\n", "sendspec-", "<<"]), TEXTS)
def test_a_value_cannot_add_an_output(reason: str, other: str) -> None:
    """The runner reads each value as it is, and no output that sendspec did not write."""
    values = {"failure-reason": reason, "digest": other}
    expected = {name: visible(value, keep=f"{JOINERS}\n") for name, value in values.items()}
    assert read_outputs(f"{outputs_text(values)}last=1\n") == {**expected, "last": "1"}
