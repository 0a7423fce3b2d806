"""The repository of a ledger branch: forks, mirrors, replaced objects, remotes, and a required commit."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sendspec.errors import LedgerError
from sendspec.ledger.branch_identity import IDENTITY_FILE, normalize_url
from sendspec.ledger.git_ledger import GitLedger
from sendspec.ledger.git_plumbing import BRANCH, GitClone
from tests.branches import FIRST, SECOND, Shared, text_of
from tests.ledgers import accepted, git, remote_with_clones, started
from tests.projects import GATE, project

LOCK = "sendspec.production.lock"


@pytest.fixture
def shared(tmp_path: Path) -> Shared:
    return Shared(tmp_path)


def fork_of(shared: Shared, directory: Path) -> Path:
    """Copy the repository with all branches, and return a clone of the copy."""
    git("clone", "--quiet", "--mirror", str(shared.remote), str(directory / "fork.git"), where=directory)
    git("clone", "--quiet", str(directory / "fork.git"), "clone-of-fork", where=directory)
    return directory / "clone-of-fork"


@pytest.mark.red_team(6)
def test_a_fork_with_all_branches_is_not_the_ledger(shared: Shared, tmp_path: Path) -> None:
    """Every access from a clone of the fork names both repositories and both ways to accept it."""
    clone = fork_of(shared, tmp_path)
    ledger = GitLedger(clone, "production", "api.example")
    others = GitLedger(clone, "staging", "api.example")
    for access in (ledger.read, ledger.open, ledger.create, others.create):
        with pytest.raises(
            LedgerError, match=f"is the ledger of {tmp_path}/remote, but .*{tmp_path}/fork"
        ) as caught:
            access()
    identity = json.loads(git("show", f"{BRANCH}:{IDENTITY_FILE}", where=shared.remote))
    assert f"`git config sendspec.ledger {identity['id']}`" in text_of(caught.value)
    assert f"`sendspec ledger adopt {clone} --target staging`" in text_of(caught.value)


def test_a_clone_accepts_another_url_of_the_same_repository(shared: Shared, tmp_path: Path) -> None:
    """The setting of a clone accepts the ledger by its id, for this clone only."""
    (tmp_path / "alias.git").symlink_to(shared.remote)
    for clone in shared.clones:
        git("remote", "set-url", "origin", f"file://{tmp_path}/alias.git", where=clone)
    with pytest.raises(LedgerError, match="is the ledger of"):
        shared.ledger(0).read()
    ledger_id = json.loads(git("show", f"{BRANCH}:{IDENTITY_FILE}", where=shared.remote))["id"]
    git("config", "sendspec.ledger", ledger_id, where=shared.clones[0])
    with shared.ledger(0).open() as session:
        session.append(started(FIRST))
    with pytest.raises(LedgerError, match="is the ledger of"):
        shared.ledger(1).read()


def test_a_ledger_that_moved_is_adopted(shared: Shared, tmp_path: Path) -> None:
    """After `adopt` the new repository has the ledger and another id, and all records remain."""
    with shared.ledger(0).open() as session:
        session.append([*started(FIRST), accepted(FIRST)])
    clone = fork_of(shared, tmp_path)
    ledger = GitLedger(clone, "production", "api.example")
    assert (ledger.adopt(), ledger.adopt()) == (True, False)
    assert set(ledger.read().sends) == {FIRST}
    ids = {
        json.loads(git("show", f"{BRANCH}:{IDENTITY_FILE}", where=remote))["id"]
        for remote in (shared.remote, tmp_path / "fork.git")
    }
    assert len(ids) == 2
    assert set(shared.ledger(1).read().sends) == {FIRST}


def test_a_branch_without_identity_is_read_and_can_get_one(shared: Shared, cli) -> None:
    """A branch of the first versions works, in a fork as well, until `adopt` gives it an identity."""
    tree = git("rev-parse", f"{BRANCH}:production", where=shared.remote)
    shared.edit(git("mktree", where=shared.remote, stdin=f"040000 tree {tree}\tproduction\n"))
    assert git("ls-tree", "--name-only", BRANCH, where=shared.remote) == "production"
    with shared.ledger(0).open() as session:
        session.append(started(FIRST))
    specs = project(shared.clones[1] / "specs", GATE)
    (specs / "sendspec.yaml").write_text(
        "version: 1\ntargets: {production: {pod: us-1, ledger: git}, files: {pod: us-2}}\n"
    )
    account = "api-campaign-us-1.goacoustic.com"
    GitLedger(specs, "production", account)
    done = cli("ledger", "adopt", specs, "--target", "production")
    assert (done.code, done.err) == (
        0,
        f"the branch sendspec-state is now the ledger of {shared.remote.with_suffix('')}\n",
    )
    assert "is already the ledger of" in cli("ledger", "adopt", specs, "--target", "production").err
    assert cli("ledger", "adopt", specs, "--target", "files").code == 64
    assert set(shared.ledger(0).read().sends) == {FIRST}


@pytest.mark.red_team(6)
@pytest.mark.parametrize("kind", ["commit", "tree", "blob"])
def test_replaced_objects_are_ignored(kind: str, shared: Shared) -> None:
    """`refs/replace` of a commit, a tree or a blob does not change what the ledger contains."""
    name = {"commit": BRANCH, "tree": f"{BRANCH}:production", "blob": f"{BRANCH}:production/{LOCK}"}[kind]
    empty = git("rev-parse", name, where=shared.remote)
    with shared.ledger(0).open() as session:
        session.append([*started(FIRST), accepted(FIRST)])
    full = git("rev-parse", name, where=shared.remote)
    clone = shared.clones[0]
    git("fetch", "--quiet", "origin", where=clone)
    git("replace", full, empty, where=clone)
    assert set(GitLedger(clone, "production", "api.example").read().sends) == {FIRST}


@pytest.mark.red_team(6)
def test_a_graft_does_not_hide_that_the_branch_was_moved_back(shared: Shared) -> None:
    """`info/grafts` of a clone cannot make a lost commit an ancestor of the branch."""
    with shared.ledger(0).open() as session:
        session.append([*started(FIRST), accepted(FIRST)])
    held, first = shared.tip(), git("rev-list", "--max-parents=0", BRANCH, where=shared.remote)
    shared.move(first)
    (shared.clones[0] / ".git" / "info" / "grafts").write_text(f"{first} {held}\n")
    with pytest.raises(LedgerError, match="no longer contains commit"):
        shared.ledger(0).read()


@pytest.mark.red_team(6)
def test_a_new_clone_notices_that_the_branch_was_moved_back(shared: Shared, tmp_path: Path) -> None:
    """The commit in `from` must be in the branch; a clone without memory finds that it is not."""
    first = shared.tip()
    with shared.ledger(0).open() as session:
        session.append([*started(FIRST), accepted(FIRST)])
    required = shared.tip()

    def fresh(name: str, since: str) -> GitLedger:
        git("clone", "--quiet", "--depth=1", f"file://{shared.remote}", name, where=tmp_path)
        return GitLedger(tmp_path / name, "production", "api.example", since=since)

    for number, commit in enumerate((first, required)):
        assert set(fresh(f"valid{number}", commit).read().sends) == {FIRST}
    shared.move(first)
    git("gc", "--quiet", "--prune=now", where=shared.remote)
    for access in (fresh("read", required).read, fresh("open", required).open):
        with pytest.raises(LedgerError, match=f"does not contain commit {required}, which `from` of"):
            access()


# ── the remote of a target


REMOTES = {
    "another name": ("upstream", "upstream"),
    "the default": ("origin", None),
    "both": ("origin", "origin"),
}


def settings(remote: str | None) -> str:
    ledger = "git" if remote is None else f"{{type: git, remote: {remote}}}"
    return f"version: 1\ntargets: {{sandbox: {{ledger: {ledger}}}}}\n"


@pytest.mark.field_case(22)
@pytest.mark.parametrize(("name", "setting"), REMOTES.values(), ids=REMOTES)
def test_the_remote_is_a_setting_of_the_target(name, setting, cli, tmp_path) -> None:
    """A ledger on a remote of any name is created, read and planned."""
    _, [clone] = remote_with_clones(tmp_path, 1)
    if name != "origin":
        git("remote", "rename", "origin", name, where=clone)
    specs = project(clone / "specs", GATE, settings=settings(setting))
    assert cli("init", "--ledger", specs, "--target", "sandbox").code == 0
    assert "1 to send" in cli("plan", specs).out


@pytest.mark.field_case(22)
@pytest.mark.parametrize(
    ("damage", "message", "hint"),
    [
        (lambda clone: git("remote", "rename", "origin", "upstream", where=clone),
         "error: this clone does not have the remote 'origin'", "set `ledger: {type: git, remote: NAME}`"),
        (lambda clone: shutil.rmtree(clone / ".git"),
         "is not in a clone of a git repository", "use a clone of the repository with the ledger branch"),
        (lambda clone: git("remote", "set-url", "origin", "/nowhere/at/all", where=clone),
         "failed: fatal: '/nowhere/at/all' does not appear to be a git repository", "is reachable"),
        (lambda clone: (clone / ".git" / "HEAD").write_text("nonsense"),
         "git cannot use this clone: fatal: not a git repository", "fix what git reports"),
    ],
    ids=["another name", "no repository", "an unreachable remote", "a damaged repository"],
)  # fmt: skip
def test_a_clone_that_cannot_be_used_says_why(damage, message, hint, cli, tmp_path) -> None:
    """Each reason has its own message, in the words of git if git has some, and its own hint."""
    _, [clone] = remote_with_clones(tmp_path, 1)
    specs = project(clone / "specs", GATE, settings=settings(None))
    damage(clone)
    done = cli("plan", specs)
    assert (done.code, message in done.err, hint in done.err) == (1, True, True), done.err


@pytest.mark.field_case(22)
def test_a_folder_with_the_name_of_the_remote_is_not_read(cli, tmp_path) -> None:
    """Git takes the name of a missing remote for a path, so a folder of a commit could be a ledger."""
    remote, [clone] = remote_with_clones(tmp_path, 1)
    GitLedger(clone, "sandbox", "sandbox").create()
    specs = project(clone / "specs", GATE, settings=settings("mirror"))
    git("clone", "--quiet", "--bare", str(remote), "mirror", where=clone)
    done = cli("plan", specs)
    assert (done.code, "this clone does not have the remote 'mirror'" in done.err) == (1, True)


@pytest.mark.field_case(22)
@pytest.mark.parametrize(
    "remote",
    [
        "--upload-pack=touch",
        "-x",
        "https://user:hunter2@host/x.git",
        "../other",
        "git@host:x.git",
        "ext::sh",
        "",
    ],
)
def test_a_remote_is_a_name(remote, cli, tmp_path) -> None:
    """An option, a URL or a path is not the name of a remote, and is refused at its place."""
    specs = project(tmp_path / "specs", GATE, settings=settings(f'"{remote}"'))
    done = cli("plan", specs)
    assert done.code == 1
    assert "specs/sendspec.yaml:2:" in done.err
    assert "must be the name of a remote such as upstream" in done.err
    assert "hunter2" not in done.err


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("{type: git, from: abc}", "must be a full commit id"),
        ("{type: file, remote: x}", "must be git"),
        ("{remote: x}", "'type'"),
        ("{type: git, url: x}", "'url'"),
        ("branch", "must be one of file, git"),
        ("[git]", "must be file, git, or a mapping with type"),
    ],
)
def test_wrong_settings_of_a_ledger(settings, message, cli, tmp_path) -> None:
    """Each mistake in `ledger` is reported at its place."""
    specs = project(
        tmp_path / "specs", GATE, settings=f"version: 1\ntargets: {{sandbox: {{ledger: {settings}}}}}\n"
    )
    done = cli("plan", specs)
    assert (done.code, "sendspec.yaml:2:" in done.err, message in done.err) == (1, True, True), done.err


SPELLINGS = {
    "github.com/acme/sms": [
        "https://github.com/acme/sms",
        "https://github.com/acme/sms.git",
        "https://GitHub.com/Acme/SMS/",
        "https://token:x-oauth-basic@github.com:443/acme/sms.git",
        "http://github.com/acme/sms",
        "git@github.com:acme/sms.git",
        "github.com:acme/sms",
        "ssh://git@github.com/acme/sms.git",
        "ssh://git@github.com:22/acme/sms.git/",
        "ssh://git@ssh.github.com:443/acme/sms.git",
        "git://github.com/acme/sms",
        "git+ssh://git@github.com/acme/sms.git",
    ],
    "git.example:8443/acme/sms": ["https://git.example:8443/acme/sms.git"],
    "[::1]:8080/sms": ["http://[::1]:8080/sms.git"],
    "/srv/sms": ["/srv/sms.git", "file:///srv/sms.git", "../srv/sms.git", "/srv//sms.git/"],
}


@pytest.mark.parametrize(
    ("url", "expected"), [(url, name) for name, urls in SPELLINGS.items() for url in urls]
)
def test_one_repository_has_one_normalised_url(url: str, expected: str) -> None:
    """Scheme, user, default port, case and `.git` do not make another repository."""
    assert normalize_url(url, Path("/work")) == expected


def test_credentials_of_a_url_are_not_stored(tmp_path: Path) -> None:
    """The identity on the branch has no user and no password."""
    _, [clone] = remote_with_clones(tmp_path, 1)
    git("remote", "set-url", "origin", "https://user:hunter2secret@git.example/acme/sms.git", where=clone)
    assert GitClone(clone).normalized_url() == "git.example/acme/sms"


def test_a_damaged_identity_is_an_error(shared: Shared) -> None:
    """A file that is not an identity is refused, and does not count as a branch without one."""
    tree = git("rev-parse", f"{BRANCH}:production", where=shared.remote)
    blob = git("hash-object", "-w", "--stdin", where=shared.remote, stdin="{}")
    listed = f"040000 tree {tree}\tproduction\n100644 blob {blob}\t{IDENTITY_FILE}\n"
    shared.edit(git("mktree", where=shared.remote, stdin=listed))
    with pytest.raises(LedgerError, match=f"sendspec-state:{IDENTITY_FILE}:1: this is not the identity"):
        shared.ledger(0).read()
    assert SECOND not in git("ls-tree", "-r", BRANCH, where=shared.remote)
