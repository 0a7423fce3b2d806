"""`sendspec init --github`: callers that match the called workflows, and files that people have edited."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from sendspec.github_setup import CALLERS, OWNER_PLACEHOLDER, SETTINGS_PATH, caller_path
from tests.ledgers import git, remote_with_clones
from tests.projects import GATE, project
from tests.test_workflows import zizmor
from tests.workflows import ROOT, load

if TYPE_CHECKING:
    from pathlib import Path

COMMIT, OTHER = "79de82b00599f39db63feaffbd754e20c9bc1a61", "0" * 40
PIN = ("--pin", f"acme/sendspec@{COMMIT}", "--default-branch", "main")
LEVELS = ("none", "read", "write")
FILES = (
    *map(caller_path, CALLERS),
    SETTINGS_PATH,
    ".github/CODEOWNERS",
    ".gitignore",
    ".github/dependabot.yml",
)


@pytest.fixture
def empty(tmp_path) -> Path:
    """Return an empty repository, which is the working directory."""
    git("init", "--quiet", "--initial-branch=main", ".", where=tmp_path)
    return tmp_path


def workflow(repository: Path, name: str) -> dict[str, Any]:
    return YAML(typ="safe").load((repository / caller_path(name)).read_text())


def snapshot_of(repository: Path) -> dict[str, str]:
    return {name: (repository / name).read_text() for name in FILES}


def existing_files(repository: Path) -> dict[str, str]:
    return {name: (repository / name).read_text() for name in FILES if (repository / name).exists()}


# ── what is written


def test_an_empty_repository(empty, cli):
    """Four callers, a page of settings and three shared files are written; a second run changes nothing."""
    done = cli("init", "--github", "--target", "production", *PIN)
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines() == [
        *(f"wrote {name}" for name in FILES),
        "pushes to main apply to target 'production'",
        f"next: replace {OWNER_PLACEHOLDER} in .github/CODEOWNERS by your reviewers",
        "next: sendspec init specs",
        "next: add `production: {pod: us-1, ledger: git}` under `targets:` of specs/sendspec.yaml",
        f"next: make the settings in {SETTINGS_PATH}",
        "next: sendspec doctor specs --target production",
    ]
    before = snapshot_of(empty)
    again = cli("init", "--github", "--target", "production", *PIN)
    assert (again.code, again.err.splitlines()[: len(FILES)]) == (0, [f"unchanged {name}" for name in FILES])
    assert snapshot_of(empty) == before
    assert zizmor(empty) == ""


@pytest.mark.parametrize("name", CALLERS)
def test_a_caller_matches_the_called_workflow(name, empty, cli):
    """Its inputs exist, each secret is passed by name, and its jobs have exactly the rights they need.

    GitHub refuses a run whose called jobs need a permission that the job of the caller does not have.
    """
    assert cli("init", "--github", "--target", "production", *PIN).code == 0
    [job] = workflow(empty, name)["jobs"].values()
    assert job["uses"] == f"acme/sendspec/.github/workflows/{name}.yml@{COMMIT}"
    called = load(name)
    offered = called["on"]["workflow_call"]
    assert job["with"].keys() <= offered["inputs"].keys()
    assert (job["with"]["directory"], job["with"]["target"]) == ("specs", "production")
    secrets = offered.get("secrets") or {}
    assert job.get("secrets", {}) == {secret: f"${{{{ secrets.{secret} }}}}" for secret in secrets}
    needed: dict[str, str] = {}
    for inner in called["jobs"].values():
        for permission, level in inner.get("permissions", called["permissions"]).items():
            needed[permission] = max(needed.get(permission, "none"), level, key=LEVELS.index)
    assert job["permissions"] == needed


def test_the_events_of_the_callers(empty, cli):
    """Pull requests plan, the default branch and the clock apply, and no workflow uses other events."""
    assert cli("init", "--github", "--target", "production", *PIN[:2], "--default-branch", "trunk").code == 0
    events = {name: workflow(empty, name)["on"] for name in CALLERS}
    assert list(events["plan"]) == ["pull_request", "merge_group"]
    assert list(events["apply"]) == ["push", "schedule", "workflow_dispatch"]
    assert events["apply"]["push"] == {"branches": ["trunk"]}
    assert [list(events[name]) for name in ("status", "watch")] == [["schedule", "workflow_dispatch"]] * 2
    assert all(workflow(empty, name)["permissions"] == {} for name in CALLERS)


def test_the_page_of_settings(empty, cli):
    """Its JSON is valid, and it requires the check of the called workflow by its full name."""
    assert cli("init", "--github", "--target", "production", *PIN).code == 0
    page = (empty / SETTINGS_PATH).read_text()
    main, ledger, environment, status = re.findall(r"<<'?END'?\n(.*?)\nEND", page, re.DOTALL)
    rules = {rule["type"]: rule.get("parameters", {}) for rule in json.loads(main)["rules"]}
    [check] = rules["required_status_checks"]["required_status_checks"]
    [job] = workflow(empty, "plan")["jobs"]
    name = load("plan")["jobs"]["plan"]["name"].replace("${{ inputs.target || 'sandbox' }}", "production")
    assert check["context"] == f"{job} / {name}"
    assert rules["pull_request"]["require_code_owner_review"] is True
    assert [rule["type"] for rule in json.loads(ledger)["rules"]] == ["deletion", "non_fast_forward"]
    assert json.loads(ledger)["conditions"]["ref_name"]["include"] == ["refs/heads/sendspec-state"]
    policy = {"protected_branches": False, "custom_branch_policies": True}
    assert json.loads(environment.replace("$team", "1"))["deployment_branch_policy"] == policy
    assert json.loads(status) == {"deployment_branch_policy": policy}
    assert workflow(empty, "status")["jobs"]["production"]["with"]["environment"] == "production-status"
    assert "environments/production-status/deployment-branch-policies" in page
    assert not re.search(r"\b(TARGET\d?|MAIN|SOURCE|NUMBER|DIRECTORY|RULES_OF_\w+|ENVIRONMENT)\b", page)


def test_the_sandbox_needs_no_secrets(empty, cli):
    """Without a target, the callers plan and apply to the sandbox, and pass no secret."""
    assert cli("init", "--github", *PIN).code == 0
    assert not (empty / caller_path("status")).exists()
    assert all("secrets" not in workflow(empty, name)["jobs"]["sandbox"] for name in ("plan", "apply"))


# ── a second target, another version, and files that people edited


def test_a_second_target_adds_its_jobs(empty, cli):
    """Each workflow has a job for each target and directory, also those that were there before."""
    for target, folder in (("sandbox", "specs"), ("production", "specs"), ("production", "sms/eu")):
        assert cli("init", "--github", folder, "--target", target, *PIN).code == 0
    assert list(workflow(empty, "plan")["jobs"]) == ["sandbox", "production", "sms-eu-production"]
    assert list(workflow(empty, "status")["jobs"]) == ["production", "sms-eu-production"]
    owners = (empty / ".github" / "CODEOWNERS").read_text()
    assert [line.split()[0] for line in owners.splitlines() if line.startswith("/")] == [
        "/specs/",
        "/.github/",
        "/sms/eu/",
    ]
    assert zizmor(empty) == ""


def test_another_version_replaces_the_hash(empty, cli):
    """Unedited files get the new hash, also after Dependabot replaced it."""
    assert cli("init", "--github", "--target", "production", *PIN).code == 0
    path = empty / caller_path("plan")
    path.write_text(path.read_text().replace(COMMIT, f"{'1' * 40} # v2"))
    done = cli("init", "--github", "--target", "production", *PIN, "--pin", f"acme/sendspec@{OTHER}")
    assert done.code == 0
    assert [line for line in done.err.splitlines() if line.startswith("updated")] == [
        f"updated {caller_path(name)}" for name in CALLERS
    ]
    for name in CALLERS:
        assert re.findall(r"(?<=@)[0-9a-f]{40}.*", (empty / caller_path(name)).read_text()) == [OTHER]


def test_an_edited_file_stays(empty, cli):
    """A file that a person edited is left; that is an error only if it lacks the target or the version."""
    assert cli("init", "--github", "--target", "production", *PIN).code == 0
    path = empty / caller_path("apply")
    edited = path.read_text().replace("7-59/15 * * * *", "*/5 9-17 * * 1-5")
    path.write_text(edited)
    assert cli("init", "--github", "--target", "production", *PIN).code == 0
    done = cli("init", "--github", "--target", "staging", *PIN)
    assert (done.code, path.read_text()) == (1, edited)
    assert f"left {caller_path('apply')} as it is, because a person edited it" in done.err
    assert f"error: a person edited {caller_path('apply')}; sendspec did not change it\n  hint: " in done.err
    assert f"  hint: add a job of target staging to {caller_path('apply')}, or move it away" in done.err
    assert list(workflow(empty, "plan")["jobs"]) == ["production", "staging"]
    other = (*PIN, "--pin", f"acme/sendspec@{OTHER}")
    update = cli("init", "--github", *other)
    hint = f"write acme/sendspec and {OTHER} into each `uses:` of {caller_path('apply')}, or move it away"
    assert f"  hint: {hint} and run this again\n" in update.err
    both = cli("init", "--github", "--target", "staging", *other)
    assert f"  hint: add a job of target staging to {caller_path('apply')} and {hint}" in both.err


def test_an_edited_page_of_settings_stays(empty, cli):
    """The hint names only what helps: no target and no hash is missing in the page."""
    assert cli("init", "--github", "--target", "production", *PIN).code == 0
    page = empty / SETTINGS_PATH
    page.write_text(page.read_text().replace("team=", "# ours\nteam="))
    done = cli("init", "--github", "--target", "staging", *PIN)
    assert (done.code, done.err.splitlines()[-1]) == (1, "  hint: move it away and run this again")


@pytest.mark.parametrize("target", ["production", "sandbox"])
def test_an_update_without_a_target_adds_no_job(target, empty, cli):
    """The existing jobs of every directory get the new hash; only a new directory gets the sandbox."""
    for folder in ("sms/eu", "sms/us"):
        assert cli("init", "--github", folder, "--target", target, *PIN).code == 0
    new = (*PIN, "--pin", f"acme/sendspec@{OTHER}")
    before = {name: text.replace(COMMIT, OTHER) for name, text in existing_files(empty).items()}
    for words in ((), ("sms/eu",)):
        done = cli("init", "--github", *words, *new)
        assert (done.code, existing_files(empty)) == (0, before)
        assert f"pushes to main apply to target '{target}'" in done.err
    assert cli("init", "--github", "sms/asia", *new).code == 0
    jobs = [f"sms-eu-{target}", f"sms-us-{target}", "sms-asia-sandbox"]
    assert list(workflow(empty, "plan")["jobs"]) == jobs


# ── the default branch


def test_a_clone_of_an_empty_repository(tmp_path, cli, monkeypatch):
    """The remote names the default branch; the branch that is checked out never becomes it."""
    remote, clone = tmp_path / "remote.git", tmp_path / "clone"
    git("init", "--quiet", "--bare", "--initial-branch=trunk", str(remote), where=tmp_path)
    git("clone", "--quiet", str(remote), str(clone), where=tmp_path)
    monkeypatch.chdir(clone)
    git("checkout", "--quiet", "-b", "fc", where=clone)
    git("commit", "--quiet", "--allow-empty", "--message=first", where=clone)
    for name in ("main", "master"):
        git("branch", name, where=clone)
    refused = cli("init", "--github", "--target", "production", *PIN[:2])
    assert refused.err == (
        "error: the remote 'origin' names no default branch; nothing was written\n"
        "  hint: name the branch whose pushes send: --default-branch NAME\n"
    )
    assert not (clone / ".github").exists()
    git("push", "--quiet", "origin", "HEAD:trunk", where=clone)
    assert applied_branches(cli, clone) == ["trunk"]
    assert " `trunk` only" in (clone / SETTINGS_PATH).read_text()
    assert applied_branches(cli, clone, "--default-branch", "fc") == ["fc"]
    assert applied_branches(cli, clone) == ["trunk"]


def test_a_default_branch_that_was_renamed(tmp_path, cli, monkeypatch):
    """The answer of the remote counts; its record in the clone counts only without an answer."""
    remote, [clone] = remote_with_clones(tmp_path, 1)
    monkeypatch.chdir(clone)
    git("remote", "set-head", "origin", "main", where=clone)
    git("branch", "--move", "main", "trunk", where=remote)
    assert applied_branches(cli, clone) == ["trunk"]
    remote.rename(tmp_path / "elsewhere.git")
    assert applied_branches(cli, clone) == ["main"]
    git("remote", "remove", "origin", where=clone)
    assert cli("init", "--github", "--target", "production", *PIN[:2]).code == 1


def applied_branches(cli, clone: Path, *words: str) -> list[str]:
    assert cli("init", "--github", "--target", "production", *PIN[:2], *words).code == 0
    return workflow(clone, "apply")["on"]["push"]["branches"]


def test_a_directory_with_a_space(empty, cli):
    """The printed commands and those of the page can be copied into a shell."""
    done = cli("init", "--github", "our texts", "--target", "production", *PIN)
    assert done.err.splitlines()[-1] == "next: sendspec doctor 'our texts' --target production"
    assert "next: sendspec init 'our texts'" in done.err.splitlines()
    page = (empty / SETTINGS_PATH).read_text()
    assert "\nsendspec init --ledger --target production 'our texts'\n" in page
    assert "`sendspec doctor 'our texts' --target production`" in page
    assert cli("init", "new texts").err.splitlines()[-1] == "next: sendspec plan 'new texts'"


def test_files_of_other_tools(empty, cli):
    """Lines are added to existing files, where GitHub reads them; a Dependabot file is only named."""
    (empty / "CODEOWNERS").write_text("* @acme/all\n/specs/ @acme/sms")
    (empty / ".gitignore").write_text("/specs/.sendspec/\n")
    (empty / ".github").mkdir()
    (empty / ".github" / "dependabot.yml").write_text("version: 2\nupdates: []\n")
    done = cli("init", "--github", "--target", "production", *PIN)
    assert done.code == 0
    owners = (empty / "CODEOWNERS").read_text().splitlines()
    assert owners[:2] == ["* @acme/all", "/specs/ @acme/sms"]
    assert owners[4:] == [f"/.github/ {OWNER_PLACEHOLDER}", f"/CODEOWNERS {OWNER_PLACEHOLDER}"]
    assert (empty / ".gitignore").read_text().count("/specs/.sendspec/\n") == 1
    assert (empty / ".github" / "dependabot.yml").read_text() == "version: 2\nupdates: []\n"
    assert "note: Dependabot does not update workflows here" in done.err


# ── what is refused, before anything is written


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (
            (),
            "the origin of this sendspec is not known, so the workflows cannot name it; nothing was written",
        ),
        (("--pin", "acme/sendspec@main"), "--pin acme/sendspec@main is not OWNER/NAME@COMMIT"),
        (("--pin", f"sendspec@{COMMIT}"), f"--pin sendspec@{COMMIT} is not OWNER/NAME@COMMIT"),
        (("--target", "Prod ${{ x }}", *PIN), "'Prod ${{ x }}' is not the name of a target"),
        (("--target", "nowhere", *PIN), "target 'nowhere' does not exist in specs/sendspec.yaml"),
        (("--ledger", *PIN), "--ledger and --github exclude each other"),
        (("--empty", *PIN), "--from and --empty work only with --ledger"),
        (("${{ x }}", *PIN), "a workflow cannot contain the name of ${{ x }}; nothing was written"),
    ],
    ids=str,
)
def test_what_is_refused(words, error, empty, cli):
    """An unknown version, target or name writes nothing."""
    project(empty / "specs", GATE)
    done = cli("init", "--github", *words)
    assert done.code != 0
    assert done.err.startswith(f"error: {error}\n  hint: ")
    assert not (empty / ".github").exists()


def test_other_places(empty, cli, tmp_path, monkeypatch):
    """A link is not followed, a folder without git is refused, and so is a pin without --github."""
    (empty / "elsewhere").mkdir()
    (empty / ".github").symlink_to(empty / "elsewhere")
    assert "is a link, or is below one; nothing was written" in cli("init", "--github", *PIN).err
    assert list((empty / "elsewhere").iterdir()) == []
    for option, value in (PIN[:2], PIN[2:]):
        assert cli("init", option, value).err.startswith(f"error: {option} works only with --github\n")
    assert empty != ROOT
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    monkeypatch.chdir(outside)
    assert "is not in a git repository; nothing was written" in cli("init", "--github", *PIN).err
