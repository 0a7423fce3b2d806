"""The base of `plan --against`: refs, directories, what is refused, and what git must not do."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.branching import SETTINGS, against, campaign, commit, kinds, list_of, of, repository, send, write
from tests.ledgers import git
from tests.projects import number

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.processes.runs import Done

    Cli = Callable[..., Done]


# ── where the branch started


def test_what_main_did_since_is_left_out_and_counted(cli: Cli, tmp_path: Path) -> None:
    """A send that main got later is not cancelled by the branch; its commits are counted."""
    specs = repository(tmp_path)
    git("checkout", "--quiet", "main", where=tmp_path)
    write(specs, {"campaigns/later.yaml": campaign("later", send("news"))})
    newer = commit(tmp_path)
    git("checkout", "--quiet", "branch", where=tmp_path)
    found = against(cli)
    assert (kinds(found), found["newerCommits"]) == ({"sale/one": "untouched"}, 1)
    assert found["commit"] != newer
    assert (
        "main has 1 newer commit, which this comparison leaves out." in cli("plan", "--against", "main").out
    )


def test_a_commit_that_is_not_checked_out_is_read(cli: Cli, tmp_path: Path) -> None:
    """Tags, hashes and expressions of git are accepted, and the index and the files stay as they are."""
    specs = repository(tmp_path)
    git("tag", "v1", where=tmp_path)
    write(specs, {"campaigns/sale.yaml": campaign("sale", send("one", "Acme: edited."))})
    commit(tmp_path)
    before = git("status", "--porcelain", where=tmp_path)
    for name in ("v1", "HEAD~1", git("rev-parse", "main", where=tmp_path)[:10], "refs/heads/main"):
        assert kinds(against(cli, name)) == {"sale/one": "edited"}
    assert git("status", "--porcelain", where=tmp_path) == before
    assert git("worktree", "list", where=tmp_path).count("\n") == 0


def shallow_clone(tmp_path: Path, depth: int, *, merged: bool = True) -> Path:
    """Return a clone of the last commits: of the merge of a pull request, or of the branch."""
    origin = tmp_path / "origin"
    origin.mkdir()
    specs = repository(origin)
    write(specs, {"campaigns/sale.yaml": campaign("sale", send("one", "Acme: edited."))})
    commit(origin)
    git("checkout", "--quiet", "main", where=origin)
    write(origin, {"README": "main goes on"})
    commit(origin)
    git("checkout", "--quiet", "-b", "pull", "main" if merged else "branch", where=origin)
    if merged:
        git("merge", "--quiet", "--no-ff", "--no-edit", "branch", where=origin)
    clone = tmp_path / "clone"
    git("clone", "--quiet", f"--depth={depth}", "--branch=pull", f"file://{origin}", "clone", where=tmp_path)
    return clone


def test_two_commits_of_a_pull_request_are_enough(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `fetch-depth: 2`, the first parent of the checked-out merge commit is the base."""
    monkeypatch.chdir(shallow_clone(tmp_path, 2))
    found = against(cli, "HEAD^1")
    assert (kinds(found), found["newerCommits"]) == ({"sale/one": "edited"}, 0)


def test_a_branch_that_was_fetched_alone(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clone of one commit hides that main is a parent of the merge; a fetch of main is enough."""
    clone = shallow_clone(tmp_path, 1)
    monkeypatch.chdir(clone)
    done = cli("plan", "--against", "origin/main")
    assert done.code == 1
    assert (
        "error: 'origin/main' is neither a git ref of this clone nor a directory with a project" in done.err
    )
    assert "hint: run `git fetch origin main`" in done.err
    assert "hint: run `git fetch --deepen=1`" in cli("plan", "--against", "HEAD^1").err
    git("fetch", "--quiet", "--depth=1", "origin", "main:refs/remotes/origin/main", where=clone)
    found = against(cli, "origin/main")
    assert (kinds(found), found["newerCommits"]) == ({"sale/one": "edited"}, 0)


def test_a_clone_without_the_common_history(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the commit where the branch started, the comparison would be wrong, so it is an error."""
    clone = shallow_clone(tmp_path, 1, merged=False)
    monkeypatch.chdir(clone)
    git("fetch", "--quiet", "--depth=1", "origin", "main:refs/remotes/origin/main", where=clone)
    done = cli("plan", "--against", "origin/main")
    assert (done.code, done.out) == (1, "")
    assert "error: this clone does not have a commit that 'origin/main' and HEAD have in common" in done.err
    assert "hint: run `git fetch --unshallow origin`" in done.err


def test_the_edge_of_a_shallow_clone_is_not_the_commit_of_a_campaign(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest commit of a shallow clone seems to have written every file, so it is not named."""
    clone = shallow_clone(tmp_path, 2)
    monkeypatch.chdir(clone)
    git("checkout", "--quiet", "HEAD^1", where=clone)
    [carried] = against(cli, "HEAD")["carried"]
    assert carried["commit"] is None


# ── states of the base


def test_a_base_without_the_project_has_only_new_sends(cli: Cli, tmp_path: Path) -> None:
    """A branch that adds the project directory has new sends only."""
    git("init", "--quiet", "--initial-branch=main", ".", where=tmp_path)
    git("commit", "--quiet", "--allow-empty", "--message=first", where=tmp_path)
    git("checkout", "--quiet", "-b", "other", where=tmp_path)
    (tmp_path / "inner").mkdir()
    shutil.rmtree(tmp_path / "inner")
    source = tmp_path / "source"
    source.mkdir()
    shutil.move(repository(source), tmp_path / "specs")
    shutil.rmtree(source)
    found = against(cli)
    assert (found["state"], kinds(found)) == ("no-project", {"sale/one": "new"})


def test_a_base_without_the_target_has_only_new_sends(cli: Cli, tmp_path: Path) -> None:
    """A target that the branch adds has new sends only."""
    specs = repository(tmp_path)
    url = "targets: {local: {baseUrl: 'http://127.0.0.1:9', sandbox: true}}\n"
    write(specs, {"sendspec.yaml": SETTINGS + url})
    found = against(cli, "main", "--target", "local")
    assert (found["state"], kinds(found)) == ("no-target", {"sale/one": "new"})


def test_a_base_that_is_not_valid_is_not_an_error(cli: Cli, tmp_path: Path) -> None:
    """The plan of a branch that repairs the specs is made; the comparison has the problems instead."""
    specs = repository(tmp_path, more={"campaigns/sale.yaml": "campaign: sale\npurpose: 19492319304\n"})
    write(specs, {"campaigns/sale.yaml": campaign("sale", send("one"))})
    found = against(cli)
    assert (found["state"], found["sends"]) == ("not-valid", [])
    assert {problem["file"] for problem in found["problems"]} == {"specs/campaigns/sale.yaml"}
    done = cli("plan", "--against", "main")
    assert (done.code, "9492319304" in done.out) == (0, False)
    assert "Not compared with main at" in done.out


def test_a_target_of_another_organisation_is_another_target(cli: Cli, tmp_path: Path) -> None:
    """A target that the branch moves to another host has new sends, and the setting is shown."""
    url = "targets: {{local: {{baseUrl: 'http://127.0.0.1:{}', sandbox: true}}}}\n"
    specs = repository(tmp_path, more={"sendspec.yaml": SETTINGS + url.format(9)})
    write(specs, {"sendspec.yaml": SETTINGS + url.format(10)})
    found = against(cli, "main", "--target", "local")
    assert (found["state"], kinds(found)) == ("no-target", {"sale/one": "new"})
    assert [change["field"] for change in found["settings"]] == ["targets.local.baseUrl"]


# ── directories


def test_another_checkout_is_compared(cli: Cli, tmp_path: Path) -> None:
    """A project directory, or a folder with the project at the same path, is read as a base."""
    specs = repository(tmp_path)
    shutil.copytree(specs, tmp_path / "old" / "specs")
    write(specs, {"campaigns/sale.yaml": campaign("sale", send("one", "Acme: edited."))})
    write(tmp_path / "old", {"specs/contacts/people.csv": list_of(range(10))})
    for name in ("old/specs", "./old", str(tmp_path / "old" / "specs")):
        found = against(cli, name)
        assert (found["commit"], kinds(found)) == (None, {"sale/one": "edited"})
        assert of(found, "sale/one")["people"]["before"] == 9
        assert of(found, "sale/one")["people"]["added"]["count"] == 10


def test_a_directory_needs_no_repository(cli: Cli, tmp_path: Path) -> None:
    """A project outside of git is compared with a directory; a ref is an error that says so."""
    specs = repository(tmp_path)
    shutil.copytree(specs, tmp_path / "old")
    shutil.rmtree(tmp_path / ".git")
    assert kinds(against(cli, "old")) == {"sale/one": "untouched"}
    done = cli("plan", "--against", "main")
    assert done.code == 1
    assert "error: cannot read the base 'main': specs is not in a clone of a git repository" in done.err


# ── names


@pytest.mark.parametrize("name", ["", " ", "-q", "--output=proof", "--upload-pack=touch proof", "main\n"])
def test_names_that_are_refused(cli: Cli, tmp_path: Path, name: str) -> None:
    """A name that git could read as an option is refused before git gets it."""
    repository(tmp_path)
    done = cli("plan", f"--against={name}")
    assert (done.code, (tmp_path / "proof").exists()) == (64, False)
    assert "error: --against cannot use the name" in done.err


@pytest.mark.parametrize("name", ["main..HEAD", "nothing", "main:specs", "HEAD^{tree}", ":/absent", "^main"])
def test_names_that_mean_no_commit(cli: Cli, tmp_path: Path, name: str) -> None:
    """Anything else that is not one commit is an error with a hint."""
    repository(tmp_path)
    done = cli("plan", "--against", name)
    assert done.code == 1
    assert "is neither a git ref of this clone nor a directory with a project" in done.err
    assert "hint: " in done.err


def test_a_name_with_two_meanings_is_refused(cli: Cli, tmp_path: Path) -> None:
    """A directory with a project and a branch of the same name are not confused."""
    shutil.copytree(repository(tmp_path), tmp_path / "main")
    done = cli("plan", "specs", "--against", "main")
    assert done.code == 64
    assert "error: --against main is both a directory and a git ref" in done.err
    assert kinds(against(cli, "refs/heads/main", "specs")) == {"sale/one": "untouched"}


# ── what a commit must not do


def test_links_of_a_commit_stay_in_the_project(cli: Cli, tmp_path: Path) -> None:
    """A link inside the project is followed in the tree; one that leaves it is a problem of the base."""
    specs = repository(tmp_path)
    git("checkout", "--quiet", "main", where=tmp_path)
    (specs / "contacts" / "people.csv").rename(specs / "contacts" / "real.csv")
    (specs / "contacts" / "people.csv").symlink_to("real.csv")
    (specs / "campaigns" / "sale.yaml").rename(specs / "sale.yaml.txt")
    (specs / "campaigns" / "sale.yaml").symlink_to("../sale.yaml.txt")
    start = commit(tmp_path)
    git("checkout", "--quiet", "-b", "next", where=tmp_path)
    write(specs, {"contacts/real.csv": list_of(range(15))})
    people = of(against(cli, start), "sale/one")["people"]
    assert (people["before"], people["removed"]["count"]) == (19, 5)
    secret = tmp_path / "secret.csv"
    secret.write_text(list_of(range(3)))
    for target in ("../../secret.csv", str(secret), "loop.csv", "../contacts"):
        (specs / "contacts" / "people.csv").unlink()
        (specs / "contacts" / "people.csv").symlink_to(target)
        (specs / "contacts" / "loop.csv").unlink(missing_ok=True)
        (specs / "contacts" / "loop.csv").symlink_to("loop.csv")
        hostile = commit(tmp_path)
        (specs / "contacts" / "people.csv").unlink()
        write(specs, {"contacts/people.csv": list_of(range(15))})
        assert of(against(cli, hostile), "sale/one")["people"] is None


def test_git_runs_no_program_for_a_base(cli: Cli, tmp_path: Path) -> None:
    """Filters, textual conversions and hooks that the clone has do not run for a base."""
    attributes = "*.csv filter=evil diff=evil\n*.yaml filter=evil diff=evil\n"
    # The date of an exclude list comes from `git diff`, with the filters of this clone.
    settings = SETTINGS.replace("exclude: [contacts/opt-out.csv]", "")
    more = {"../.gitattributes": attributes, "sendspec.yaml": settings}
    specs = repository(tmp_path, more=more)
    proof = tmp_path / "proof"
    for name in ("filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv", "diff.evil.command"):
        git("config", name, f"touch {proof}; cat", where=tmp_path)
    for hook in ("post-checkout", "reference-transaction", "post-index-change"):
        path = tmp_path / ".git" / "hooks" / hook
        path.write_text(f"#!/bin/sh\ntouch {proof}\n")
        path.chmod(0o755)
    edited = campaign("sale", send("x"))
    write(specs, {"contacts/people.csv": list_of(range(30)), "campaigns/sale.yaml": edited})
    assert kinds(against(cli)) == {"sale/one": "cancelled", "sale/x": "new"}
    assert not proof.exists()


@pytest.mark.red_team(1)
def test_files_that_look_like_a_repository_are_refused(cli: Cli, tmp_path: Path) -> None:
    """A project directory with `HEAD`, `objects` and `refs` is refused before git reads its `config`."""
    specs = repository(tmp_path)
    for name in ("objects", "refs"):
        (specs / name).mkdir()
    (specs / "HEAD").write_text("ref: refs/heads/main\n")
    proof = tmp_path / "proof"
    (specs / "config").write_text(f"[core]\n\tbare = true\n\tfsmonitor = touch {proof}\n")
    done = cli("plan", "--against", "main")
    assert (done.code, proof.exists()) == (1, False)
    assert "has the files of a git repository" in done.err


def test_replaced_objects_of_a_clone_are_ignored(cli: Cli, tmp_path: Path) -> None:
    """`refs/replace` cannot make a base look like the branch."""
    specs = repository(tmp_path)
    write(specs, {"campaigns/sale.yaml": campaign("sale", send("one", "Acme: edited."))})
    commit(tmp_path)
    git("replace", "main", "HEAD", where=tmp_path)
    assert kinds(against(cli)) == {"sale/one": "edited"}


def test_a_submodule_in_place_of_a_list(cli: Cli, tmp_path: Path) -> None:
    """A commit of another repository in the tree has no files of the base."""
    specs = repository(tmp_path)
    git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},specs/contacts/more.csv", where=tmp_path)
    write(specs, {"campaigns/sale.yaml": campaign("sale", send("one", people="more"))})
    git("add", "specs/campaigns", where=tmp_path)
    git("commit", "--quiet", "--message=submodule", where=tmp_path)
    base = git("rev-parse", "HEAD", where=tmp_path)
    write(specs, {"contacts/more.csv": list_of(range(9))})
    assert of(against(cli, base), "sale/one")["notCompared"] == "not-in-base"


def test_a_list_in_git_lfs_is_the_same_if_its_pointer_fits(cli: Cli, tmp_path: Path) -> None:
    """The pointer of the base to the content on disk means the same list; another pointer cannot be read."""
    content = list_of(range(12))
    done = subprocess.run(["sha256sum"], input=content.encode(), capture_output=True, check=True)
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{done.stdout.decode()[:64]}\nsize 1\n"
    specs = repository(tmp_path, more={"contacts/people.csv": pointer})
    write(specs, {"contacts/people.csv": content})
    assert of(against(cli), "sale/one")["kind"] == "untouched"
    write(specs, {"contacts/people.csv": list_of(range(13))})
    assert of(against(cli), "sale/one")["notCompared"] == "unreadable"


# ── personal data and cost

OPEN_BASE = """\
import os, signal, sys
from pathlib import Path
from sendspec.base_specs import open_base
with open_base("main", Path("specs")) as base:
    found = base.find(Path("specs/contacts/people.csv"))
    data = found.content().read(1 << 20)
    assert data.count(b"\\n") == 21, data
    print(os.listdir(os.environ["TMPDIR"]), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_nothing_of_a_list_remains_after_a_kill(tmp_path: Path) -> None:
    """The copy of a list of the base has no name, so a killed process leaves nothing."""
    specs = repository(tmp_path)
    write(specs, {"contacts/people.csv": list_of(range(3))})
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", OPEN_BASE],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "[]\n"), done.stderr
    assert list(temporary.iterdir()) == []
    wanted = number(19).encode()
    left = [path for path in tmp_path.rglob("*") if path.is_file() and wanted in path.read_bytes()]
    assert left == []


COUNT_READS = """\
import sys
reads = []
def hook(event, arguments):
    if event == "open" and str(arguments[0]).endswith("people.csv"):
        reads.append(arguments[0])
sys.addaudithook(hook)
from sendspec.cli import run
codes = []
for more in ([], ["--against", "main"]):
    reads.clear()
    codes.append(run(["plan", "--format", "json", "-o", "plan.json", *more]))
    print(len(reads), codes[-1])
"""


def test_a_list_that_did_not_change_is_scanned_once(tmp_path: Path) -> None:
    """The comparison reads such a list once more only for its hash, and never gets it from git."""
    specs = repository(tmp_path, sends=[send("one"), send("two", "Acme: two.")])
    write(specs, {"campaigns/sale.yaml": campaign("sale", send("one", "Acme: edited."))})
    people = git("rev-parse", "main:specs/contacts/people.csv", where=tmp_path)
    (tmp_path / ".git" / "objects" / people[:2] / people[2:]).unlink()
    done = subprocess.run(
        [sys.executable, "-c", COUNT_READS], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    plain, compared = (line.split() for line in done.stdout.splitlines())
    assert (plain[1], compared[1]) == ("0", "0"), done.stderr
    assert int(compared[0]) == int(plain[0]) + 1
    found = json.loads((tmp_path / "plan.json").read_text())["against"]
    assert kinds(found) == {"sale/one": "edited", "sale/two": "cancelled"}
    assert of(found, "sale/two")["base"]["recipients"] == 19


def test_the_project_itself_is_not_a_base(cli: Cli, tmp_path: Path) -> None:
    """A comparison with itself would say that a branch changes nothing."""
    repository(tmp_path)
    done = cli("plan", "--against", ".")
    assert (done.code, done.out) == (64, "")
    assert "error: --against names the project itself" in done.err
    twice = cli("plan", "--against", "main", "--against", "other")
    assert (twice.code, "error: --against is given twice" in twice.err) == (64, True)
