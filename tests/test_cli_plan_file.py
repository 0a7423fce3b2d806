"""Saved plans and their project directories; files and empty names in place of a directory."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.projects import GATE, lockfile, project, sendspec

APPROVED = ("--auto-approve",)


@pytest.fixture
def repository(tmp_path):
    """Return a checkout with a project, and a saved plan at its root."""
    project(tmp_path / "checkout" / "teams" / "specs", GATE)
    done = sendspec("plan", "teams/specs", "--save", "plan.json", where=tmp_path / "checkout")
    assert done.code == 0, done.err
    return tmp_path / "checkout"


def test_a_plan_file_has_a_relative_directory(repository, tmp_path):
    """The plan file has the path of the directory relative to itself, and no path of the machine."""
    (tmp_path / "out").mkdir()
    sendspec("plan", ".", "--save", "../../../out/plan.json", where=repository / "teams" / "specs")
    for file, directory in (
        (repository / "plan.json", "teams/specs"),
        (tmp_path / "out" / "plan.json", "../checkout/teams/specs"),
    ):
        assert json.loads(file.read_text())["directory"] == directory
        assert str(tmp_path) not in file.read_text()


@pytest.mark.parametrize("inside", ["..", ".", "teams", "teams/specs/campaigns"])
def test_a_plan_file_is_applied_from_anywhere(inside, repository):
    """`apply` finds the project directory from any working directory."""
    where = repository / inside
    plan = {"..": "checkout/plan.json", ".": "plan.json"}.get(
        inside, "../" * (inside.count("/") + 1) + "plan.json"
    )
    done = sendspec("apply", plan, *APPROVED, where=where)
    assert done.code == 0, done.err
    assert lockfile(repository / "teams" / "specs")["sends"]["gate/change"]["requests"][0]["state"] == "sent"


def test_a_plan_file_moves_with_its_checkout(repository, tmp_path):
    """The plan is applied after its checkout moved to another place."""
    moved = tmp_path / "other" / "machine"
    shutil.move(repository, moved)
    done = sendspec("apply", str(moved / "plan.json"), *APPROVED, where=tmp_path)
    assert done.code == 0, done.err
    assert lockfile(moved / "teams" / "specs")["sends"]


def test_a_project_of_the_same_name_is_not_used(repository, tmp_path):
    """`apply` ignores a project of the same relative name in the working directory."""
    stale = project(tmp_path / "old" / "teams" / "specs", GATE)
    assert sendspec("apply", str(repository / "plan.json"), *APPROVED, where=tmp_path / "old").code == 0
    assert not (stale / "sendspec.sandbox.lock").exists()
    assert lockfile(repository / "teams" / "specs")["sends"]


def test_a_plan_file_without_its_directory(repository, tmp_path):
    """The error says where the directory was expected, and `--dir` names the new place."""
    (tmp_path / "artifact").mkdir()
    shutil.move(repository / "plan.json", tmp_path / "artifact")
    done = sendspec("apply", "artifact/plan.json", *APPROVED, where=tmp_path)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "error: artifact/plan.json:1: the project directory 'teams/specs', relative to the plan file, "
        "does not exist\n  hint: name the project directory with `--dir DIR`\n"
        "nothing was sent\n"
    )
    moved = ("apply", "artifact/plan.json", *APPROVED, "--dir")
    assert sendspec(*moved, "checkout/teams/specs", where=tmp_path).code == 0
    assert "already sent" in sendspec(*moved, "checkout/teams/specs", where=tmp_path).err
    other = project(tmp_path / "other", GATE.replace("B12", "B13"))
    assert sendspec(*moved, str(other), where=tmp_path).code == 4


@pytest.mark.parametrize("directory", ["a\0b", "x" * 5000, "/missing", "../" * 50])
def test_an_edited_directory(directory, repository):
    """`apply` refuses a directory that someone edited in the plan file, and sends nothing."""
    plan = json.loads((repository / "plan.json").read_text()) | {"directory": directory}
    (repository / "plan.json").write_text(json.dumps(plan))
    done = sendspec("apply", "plan.json", *APPROVED, where=repository)
    assert (done.code, " does not exist\n  hint: " in done.err) == (1, True)


def _digest(repository) -> str:
    return str(json.loads((repository / "plan.json").read_text())["digest"])


@pytest.mark.parametrize("argument", ["teams/specs", "plan.json"])
def test_an_expected_digest(argument, repository):
    """`apply --expect` sends the plan of this digest, with and without a plan file."""
    done = sendspec("apply", argument, "--expect", _digest(repository), *APPROVED, where=repository)
    assert done.code == 0, done.err
    assert lockfile(repository / "teams" / "specs")["sends"]


@pytest.mark.parametrize("argument", ["teams/specs", "plan.json"])
def test_another_digest_than_the_expected_one(argument, repository):
    """Nothing is sent, and the error has both digests and the next step."""
    other = f"scrypt:{'0' * 64}"
    done = sendspec("apply", argument, "--expect", other, *APPROVED, where=repository)
    subject = "this plan" if argument == "teams/specs" else "the saved plan"
    assert (done.code, "Plan: 1 to send" in done.out) == (4, True)
    assert done.err.endswith(
        f"error: {subject} has the digest {_digest(repository)}, but --expect has {other}\n"
        "  hint: check the plan above, then use its digest with --expect\n"
        "nothing was sent\n"
    )
    assert not (repository / "teams" / "specs" / "sendspec.sandbox.lock").exists()


def test_the_expected_digest_of_a_plan_that_was_applied(repository):
    """A repetition with the plan file sends nothing and succeeds; without the file the digest differs."""
    apply = ("apply", "plan.json", "--expect", _digest(repository), *APPROVED)
    assert [sendspec(*apply, where=repository).code for _ in range(2)] == [0, 0]
    again = sendspec("apply", "teams/specs", *apply[2:], where=repository)
    assert (again.code, "but --expect has" in again.err) == (4, True)


@pytest.mark.parametrize("digest", ["", " ", "scrypt:", "543cf52d", "scrypt:" + "A" * 64])
def test_an_expected_digest_must_be_one(digest, repository):
    """An unset variable or a part of a digest is a usage error, not a missing option."""
    done = sendspec("apply", "teams/specs", "--expect", digest, *APPROVED, where=repository)
    assert (done.code, done.out) == (64, "")
    assert done.err == (
        "error: --expect needs the digest of a plan\n  hint: use the whole digest that plan prints\n"
    )


def test_dir_works_only_with_a_saved_plan(repository):
    """`--dir` beside a project directory is a usage error, so that a lost plan is not replaced."""
    done = sendspec("apply", "teams/specs", "--dir", "teams/specs", *APPROVED, where=repository)
    assert (done.code, done.out) == (64, "")
    assert done.err == (
        "error: teams/specs is a directory; expected a saved plan\n"
        "  hint: name the file that `plan --save FILE` wrote\nnothing was sent\n"
    )


@pytest.mark.parametrize("moved", [(), ("--dir", "teams/specs")])
def test_a_saved_plan_that_is_missing(moved, repository):
    """The error names the file, also with `--dir`; a directory of its name is not a project."""
    (repository / "plan.json").unlink()
    done = sendspec("apply", "plan.json", *moved, *APPROVED, where=repository)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "error: the saved plan plan.json does not exist\n"
        "  hint: name the file that `plan --save FILE` wrote\nnothing was sent\n"
    )
    (repository / "plan.json").mkdir()
    done = sendspec("apply", "plan.json", *moved, *APPROVED, where=repository)
    assert (done.code, "error: plan.json is a directory; expected a saved plan\n" in done.err) == (64, True)
    assert not (repository / "teams" / "specs" / "sendspec.sandbox.lock").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        ("--expect", ""),
        ("--dir", ""),
        ("--contacts-dir", " "),
        ("--expect", "scrypt:1", "--target", "production"),
    ],
    ids=" ".join,
)
def test_a_usage_error_has_a_receipt(wrong, repository):
    """A workflow shows it, so an empty variable does not look like requests that may have been sent."""
    receipts = ("--receipt", "receipt.json", "--format", "markdown=receipt.md")
    done = sendspec("apply", "teams/specs", *wrong, *receipts, *APPROVED, where=repository)
    assert (done.code, done.out) == (64, "")
    receipt = json.loads((repository / "receipt.json").read_text())
    assert (receipt["exitCode"], receipt["requests"], receipt["planDigest"]) == (64, [], None)
    assert receipt["target"] == ("production" if "production" in wrong else "sandbox")
    assert [error["reason"] for error in receipt["errors"]] == ["usage"]
    assert "nothing was sent" in (repository / "receipt.md").read_text()


def test_a_receipt_that_a_usage_error_cannot_write(repository):
    """The usage error is reported, and a file that is not a receipt stays."""
    before = (repository / "plan.json").read_text()
    done = sendspec("apply", "--expect", "", "--receipt", "plan.json", "teams/specs", where=repository)
    assert (done.code, "error: --expect needs the digest of a plan\n" in done.err) == (64, True)
    assert (repository / "plan.json").read_text() == before


@pytest.mark.parametrize("argument", ["teams/specs", "plan.json"])
def test_the_receipt_of_another_digest_has_the_digest_of_the_plan(argument, repository):
    """A plan that was shown and refused is named in the receipt, in JSON and in Markdown."""
    receipts = ("--receipt", "receipt.json", "--format", "markdown=receipt.md")
    other = ("--expect", f"scrypt:{'0' * 64}")
    assert sendspec("apply", argument, *other, *receipts, *APPROVED, where=repository).code == 4
    receipt = json.loads((repository / "receipt.json").read_text())
    assert (receipt["planDigest"], receipt["requests"]) == (_digest(repository), [])
    shown = (repository / "receipt.md").read_text().replace("<wbr>", "")
    assert f"plan digest {_digest(repository)}" in shown


def test_a_plan_is_saved_to_a_file(repository):
    """`--save -` is a usage error, because standard output has the readable plan."""
    done = sendspec("plan", "teams/specs", "--save", "-", where=repository)
    assert (done.code, done.out, "error: --save needs the name of a file\n" in done.err) == (64, "", True)


VERBS = ("init", "validate", "render", "plan", "apply", "status", "sandbox")


@pytest.mark.parametrize("verb", [*VERBS, "resolve"])
@pytest.mark.parametrize("name", ["", "  "], ids=["nothing", "blanks"])
def test_an_empty_name(name, verb, tmp_path):
    """An empty name, such as an unset variable, is a usage error, not the current directory."""
    project(tmp_path, GATE)
    before = sorted(tmp_path.rglob("*"))
    words = (verb, "--dir", name) if verb == "resolve" else (verb, name)
    done = sendspec(*words, where=tmp_path)
    subject = {"resolve": "--dir", "validate": "a path"}.get(verb, "DIR")
    wanted = "a project directory or a file" if verb == "validate" else "the project directory"
    assert (done.code, done.out) == (64, "")
    assert done.err == f"error: {subject} is empty\n  hint: name {wanted}; `.` is the current one\n"
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("verb", ["render", "plan", "apply", "status"])
@pytest.mark.parametrize("name", ["sendspec.yaml", "campaigns/c0.yaml"])
def test_a_file_of_the_project(name, verb, repository):
    """The error for a file of a project names its project directory."""
    done = sendspec(verb, f"teams/specs/{name}", where=repository)
    assert (done.code, done.out) == (64, "")
    assert done.err == (
        f"error: teams/specs/{name} is a file; expected a project directory\n"
        "  hint: use its project directory, teams/specs\n"
    ) + ("nothing was sent\n" if verb == "apply" else "")


def test_a_file_outside_a_project(repository):
    """A plan file is an error for `plan`, and another file is an error for `apply`."""
    done = sendspec("plan", "plan.json", where=repository)
    assert (done.code, "hint: use the directory of sendspec.yaml\n" in done.err) == (64, True)
    (repository / "notes.txt").write_text("Acme\n")
    done = sendspec("apply", "notes.txt", where=repository)
    assert (done.code, "error: notes.txt:1: this cannot be read as a plan: " in done.err) == (4, True)
