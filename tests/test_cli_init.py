"""`sendspec init`: a project that can be planned and applied, and the ledger of a target."""

from __future__ import annotations

from datetime import datetime

import pytest

from sendspec.cli._lib.new_project import new_project_files
from tests.ledgers import git, remote_with_clones
from tests.projects import GATE, lockfile, project

FILES = (
    "sendspec.yaml",
    "campaigns/spring-sale.yaml",
    "campaigns/order-ready.yaml",
    "contacts/customers-en.csv",
    "contacts/customers-fr.csv",
    "contacts/opt-out.csv",
    ".gitignore",
    "schemas/campaign.schema.json",
    "schemas/project.schema.json",
)
GIT_TARGET = "version: 1\ntargets:\n  production: {pod: us-1, ledger: git}\n  files: {pod: us-2}\n"


def test_a_new_project_can_be_applied_unchanged(cli, tmp_path):
    """A new project is valid, is sent to the sandbox unchanged, and then has nothing to send."""
    done = cli("init")
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines() == [
        *(f"wrote specs/{name}" for name in FILES),
        "next: sendspec plan specs",
    ]
    checked = cli("validate")
    assert (checked.code, checked.out) == (0, "")
    assert checked.err == "3 sends of 2 campaigns: 0 errors, 0 other findings\n"
    planned = cli("plan", "--detailed-exitcode")
    assert planned.code == 2
    assert "Plan: 3 to send (7 recipients in 3 requests, 7 segments)" in planned.out
    assert cli("apply", "--auto-approve").code == 0
    sends = lockfile(tmp_path / "specs")["sends"]
    assert {send["requests"][0]["state"] for send in sends.values()} == {"sent"}
    assert [*sends] == ["order-ready/pickup", "spring-sale/offer[en]", "spring-sale/offer[fr]"]
    assert "Nothing to send: everything was already sent." in cli("apply", "--auto-approve").err


def test_git_ignores_the_files_of_runs(cli, tmp_path):
    """After an apply to the sandbox, git sees only the files that `init` wrote."""
    git("init", "--quiet", ".", where=tmp_path)
    cli("init", "sms")
    cli("apply", "sms", "--auto-approve")
    assert (tmp_path / "sms" / "sendspec.sandbox.lock").exists()
    seen = git("status", "--porcelain", "--untracked-files=all", where=tmp_path).splitlines()
    assert sorted(line.split()[-1] for line in seen) == sorted(f"sms/{name}" for name in FILES)


@pytest.mark.parametrize("present", FILES)
def test_nothing_is_overwritten(present, cli, tmp_path):
    """If one of its files exists, `init` writes nothing."""
    path = tmp_path / "specs" / present
    path.parent.mkdir(parents=True)
    path.write_text("mine\n")
    done = cli("init")
    assert done.code == 1
    assert f"error: specs/{present} already exists; nothing was written\n  hint: " in done.err
    assert [file for file in (tmp_path / "specs").rglob("*") if file.is_file()] == [path]
    assert path.read_text() == "mine\n"


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        ("2026-12-01T23:00", "2026-11-30T10:00:00-05:00", "2026-12-08T19:00:00-05:00"),
        ("2027-03-14T01:30", "2027-03-12T10:00:00-05:00", "2027-03-20T19:00:00-04:00"),
        ("2027-11-06T12:00", "2027-11-05T10:00:00-04:00", "2027-11-13T19:00:00-05:00"),
        ("2028-02-29T12:00", "2028-02-28T10:00:00-05:00", "2028-03-07T19:00:00-05:00"),
    ],
)
def test_the_example_may_be_sent_for_a_week(day, start, end):
    """Its window is about the present, begins and ends by day, and has the offset of each end."""
    files = new_project_files(datetime.fromisoformat(f"{day}+00:00"))
    campaign = files["campaigns/spring-sale.yaml"]
    assert (f'notBefore: "{start}"' in campaign, f'notAfter: "{end}"' in campaign) == (True, True)


def test_an_old_schema_is_a_note(cli, tmp_path):
    """`validate` names a schema of another version, with the command that updates it."""
    cli("init")
    schema = tmp_path / "specs" / "schemas" / "campaign.schema.json"
    current = schema.read_text()
    schema.write_text(current.replace("sendspec campaign", "an older campaign"))
    done = cli("validate")
    path = "specs/schemas/campaign.schema.json"
    command = f"sendspec schema campaign -o {path}"
    note = f"note: {path} is from another version of sendspec; update it with `{command}`"
    assert (done.code, done.err.splitlines()[0]) == (0, note)
    assert cli("schema", "campaign", "-o", "specs/schemas/campaign.schema.json").code == 0
    assert schema.read_text() == current
    assert "note:" not in cli("validate").err


def test_a_directory_with_other_files(cli, tmp_path):
    """`init` creates a project in a directory that has other files."""
    (tmp_path / "README.md").write_text("mine\n")
    assert cli("init", ".").code == 0
    assert cli("plan", ".").code == 0
    assert (tmp_path / "README.md").read_text() == "mine\n"


def test_a_directory_that_cannot_be_created(cli, tmp_path):
    """`init` reports an error if it cannot create the directory."""
    (tmp_path / "specs").write_text("a file\n")
    done = cli("init")
    assert done.code == 1
    assert done.err == (
        "error: cannot write to specs: File exists\n"
        "  hint: name a directory that you may write to, or free disk space\n"
    )


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """Return a remote and its clone, with a project whose target `production` has a git ledger."""
    remote, [clone] = remote_with_clones(tmp_path, 1)
    project(clone / "specs", GATE, settings=GIT_TARGET)
    return remote, clone


def test_the_branch_of_a_git_ledger(clone, cli, monkeypatch):
    """`--ledger` creates the branch on the remote, once; the second time it changes nothing."""
    remote, here = clone
    monkeypatch.chdir(here)
    done = cli("plan", "--target", "production")
    assert (done.code, "sendspec init --ledger --target production" in done.err) == (1, True)
    done = cli("init", "--ledger", "--target", "production")
    assert (done.code, done.out, done.err) == (
        0,
        "",
        "created a ledger for target 'production' on the branch sendspec-state\n",
    )
    tip = git("rev-parse", "sendspec-state", where=remote)
    done = cli("init", "--ledger", "--target", "production")
    assert (done.code, done.err) == (
        0,
        "a ledger already exists for target 'production' on the branch sendspec-state\n",
    )
    assert git("rev-parse", "sendspec-state", where=remote) == tip
    planned = cli("plan", "--target", "production")
    assert planned.code == 3
    assert "[fictional-number]" in planned.out
    assert "target    production (api-campaign-us-1.goacoustic.com)" in planned.out


def test_the_ledger_of_a_real_target_in_files(clone, cli, monkeypatch):
    """A real target without a lockfile is refused, both before `--ledger` and after a loss."""
    monkeypatch.chdir(clone[1])
    refused = cli("plan", "--target", "files")
    assert (refused.code, "sendspec init --ledger --target files" in refused.err) == (1, True)
    created = cli("init", "--ledger", "--target", "files")
    assert (created.code, created.err) == (0, "created a ledger for target 'files' in specs\n")
    assert "target    files (api-campaign-us-2.goacoustic.com)" in cli("plan", "--target", "files").out
    assert "a ledger already exists for target 'files'" in cli("init", "--ledger", "--target", "files").err
    (clone[1] / "specs" / "sendspec.files.lock").unlink()
    assert cli("apply", "--auto-approve", "--target", "files").err == f"{refused.err}nothing was sent\n"
    assert "sendspec-state" not in git("branch", "--all", where=clone[0])


@pytest.mark.parametrize(("variable", "value"), [("CI", "1"), ("CI", "True"), ("GITHUB_ACTIONS", "true")])
def test_ci_refuses_a_ledger_in_the_checkout(variable, value, clone, cli, monkeypatch):
    """In CI a real target with a file ledger is refused, because a re-run has the old ledger."""
    monkeypatch.chdir(clone[1])
    assert cli("init", "--ledger", "--target", "files").code == 0
    assert cli("plan", "--target", "files").code == 3
    monkeypatch.setenv(variable, value)
    for verb in (("plan",), ("apply", "--auto-approve"), ("init", "--ledger")):
        done = cli(*verb, "--target", "files")
        assert (done.code, "in CI a re-run would read an old copy and send again" in done.err) == (1, True)


def test_a_journal_without_its_lockfile(clone, cli, monkeypatch):
    """`--ledger` refuses if a journal shows that the lockfile was lost."""
    monkeypatch.chdir(clone[1])
    (clone[1] / "specs" / "sendspec.files.journal").touch()
    done = cli("init", "--ledger", "--target", "files")
    assert (done.code, "but its lockfile is missing" in done.err) == (1, True)


def test_a_misspelt_target(clone, cli, monkeypatch):
    """`--ledger` with a misspelt target creates nothing."""
    monkeypatch.chdir(clone[1])
    assert cli("init", "--ledger", "--target", "nowhere").code == 1
    assert "sendspec-state" not in git("branch", "--all", where=clone[0])


def test_a_remote_that_cannot_be_reached(clone, cli, monkeypatch):
    """`--ledger` reports an error if it cannot reach the remote."""
    monkeypatch.chdir(clone[1])
    git("remote", "set-url", "origin", "/nowhere/at/all", where=clone[1])
    done = cli("init", "--ledger", "--target", "production")
    assert done.code == 1
    assert done.err.startswith("error: ")
