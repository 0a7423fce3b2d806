"""A second ledger of one account: another form, another name; nothing is sent again because of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from sendspec.ledger import Settled
from sendspec.ledger.registry import make_ledger
from sendspec.model import RequestKey, RequestState, Target
from tests.ledgers import AT, accepted, git, remote_with_clones, started
from tests.projects import GATE, project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sendspec.ledger import Ledger
    from tests.projects import Done

US_1 = "https://api-campaign-us-1.goacoustic.com"


class Clone(NamedTuple):
    """A clone with a project in `specs`, and verbs that run in it."""

    root: Path
    cli: Callable[..., Done]

    @property
    def specs(self) -> Path:
        return self.root / "specs"

    def use(self, targets: str) -> None:
        (self.specs / "sendspec.yaml").write_text(f"version: 1\ntargets: {{{targets}}}\n")

    def ledger(self, form: str, name: str = "production") -> Ledger:
        return make_ledger(self.specs, Target(name, US_1, ledger=form))

    def record(self, form: str, address: str, name: str = "production") -> None:
        """Record a sent request in a ledger, which is created if necessary."""
        ledger = self.ledger(form, name)
        ledger.create()
        with ledger.open() as session:
            session.append([*started(address), accepted(address, transaction_id=f"id-{address}")])


@pytest.fixture
def clone(tmp_path: Path, cli, monkeypatch) -> Clone:
    _, [root] = remote_with_clones(tmp_path, 1)
    project(root / "specs", GATE)
    monkeypatch.chdir(root)
    return Clone(root, cli)


class Change(NamedTuple):
    """The form of the ledger before a change of sendspec.yaml, and name and settings after it."""

    before: str
    name: str
    settings: str


FILE, GIT = "production: {pod: us-1}", "production: {pod: us-1, ledger: git}"
RENAMED_FILE, RENAMED_GIT = "prod: {pod: us-1}", "prod: {pod: us-1, ledger: git}"
INIT = ("init", "--ledger", "--target")


@pytest.mark.red_team(3)
@pytest.mark.parametrize(
    ("change", "source"),
    [
        (Change("file", "production", GIT), "specs/sendspec.production.lock"),
        (Change("git", "production", FILE), "the folder production of the branch sendspec-state"),
        (Change("file", "prod", RENAMED_FILE), "specs/sendspec.production.lock"),
        (Change("git", "prod", RENAMED_GIT), "the folder production of the branch sendspec-state"),
        (Change("file", "prod", RENAMED_GIT), "specs/sendspec.production.lock"),
        (Change("git", "prod", RENAMED_FILE), "the folder production of the branch sendspec-state"),
    ],
    ids=["file to git", "git to file", "renamed file", "renamed git", "renamed to git", "renamed to file"],
)
def test_a_new_ledger_has_the_records_of_the_old_one(change: Change, source: str, clone: Clone):
    """`init --ledger` carries all records over, and the plan knows them."""
    clone.record(change.before, "gate/change")
    clone.use(change.settings)
    assert clone.cli("plan", "--target", change.name).code == 1
    done = clone.cli(*INIT, change.name)
    assert (done.code, f"added 1 send with 1 request of {source}" in done.err) == (0, True), done.err
    planned = json.loads(clone.cli("plan", "--target", change.name, "--format", "json").out)
    assert [action["sign"] for action in planned["actions"]] == ["~"]
    assert "added" not in clone.cli(*INIT, change.name).err


@pytest.mark.red_team(3)
@pytest.mark.parametrize(
    "change",
    [
        Change("file", "production", GIT),
        Change("git", "production", FILE),
        Change("file", "prod", RENAMED_FILE),
        Change("file", "prod", RENAMED_GIT),
    ],
    ids=["file to git", "git to file", "renamed file", "renamed to git"],
)
def test_an_empty_ledger_beside_a_full_one_is_refused(change: Change, clone: Clone):
    """Plan and apply name both ledgers, and the command of the hint completes the empty one."""
    clone.use(change.settings)
    form = "git" if "git" in change.settings else "file"
    clone.ledger(form, change.name).create()
    clone.record(change.before, "gate/change")
    for verb in ("plan", "apply"):
        done = clone.cli(verb, "--target", change.name)
        assert done.code == 1
        assert "lacks 1 request of " in done.err
        assert "such as gate/change#1" in done.err
        assert f"`sendspec init --ledger specs --target {change.name}`" in done.err
    assert "nothing was sent" in done.err
    done = clone.cli("init", "--ledger", "specs", "--target", change.name)
    assert (done.code, "a ledger already exists" in done.err, "added 1 send" in done.err) == (0, True, True)
    assert clone.cli("plan", "--target", change.name).code != 1
    assert "gate/change" in clone.ledger(form, change.name).read().sends


def test_later_requests_of_the_old_ledger_are_refused(clone: Clone):
    """If a run still used the old ledger after the change, its requests are missing in the new one."""
    clone.record("file", "gate/change")
    clone.use(GIT)
    assert clone.cli(*INIT, "production").code == 0
    assert clone.cli("plan", "--target", "production").code != 1
    clone.record("file", "sale/late")
    assert "such as sale/late#1" in clone.cli("plan", "--target", "production").err


def test_what_the_new_ledger_knows_better_is_not_missing(clone: Clone):
    """A moved acceptance, a resolved outcome and a refusal in the old lockfile do not stop a plan."""
    clone.record("file", "old/name")
    old = clone.ledger("file")
    key, refused = RequestKey("sale/open", 1, 1), RequestKey("sale/refused", 1, 1)
    with old.open() as session:
        session.append([*started("sale/open"), Settled(key, RequestState.UNKNOWN, AT, 1)])
        session.append([*started("sale/refused"), Settled(refused, RequestState.NOT_SENT, AT, 1)])
    new = clone.ledger("git")
    new.create()
    with new.open() as session:
        session.append([*started("new/name"), accepted("new/name", transaction_id="id-old/name")])
        session.append([*started("sale/open"), Settled(key, RequestState.NOT_SENT, AT, 1)])
    clone.use(GIT)
    assert clone.cli("plan", "--target", "production").code != 1


@pytest.mark.red_team(3)
def test_two_targets_of_one_account(clone: Clone):
    """A second target of the account must state if it is the same organisation; both ways work."""
    clone.record("git", "gate/change")
    clone.use(f"{GIT}, {RENAMED_GIT}, third: {{pod: us-1}}, other: {{pod: us-2}}")
    done = clone.cli(*INIT, "prod")
    assert done.code == 1
    assert "error: target 'production' has sent 1 request to the same account" in done.err
    assert "`--from production`" in done.err
    assert "`--empty`" in done.err
    assert clone.cli(*INIT, "other").code == 0
    assert clone.cli(*INIT, "prod", "--from", "other").code == 1
    assert clone.cli(*INIT, "prod", "--from", "production").code == 0
    assert set(clone.ledger("git", "prod").read().sends) == {"gate/change"}
    assert clone.cli(*INIT, "third", "--empty").code == 0
    assert clone.ledger("file", "third").read().sends == {}
    assert clone.cli("plan", "--target", "third").code != 1


def test_a_lockfile_of_another_organisation_is_ignored(clone: Clone):
    """A lockfile of another account, and one of a target that still exists, are not compared."""
    clone.record("file", "gate/change")
    clone.use("prod: {pod: us-2}")
    assert clone.cli(*INIT, "prod").code == 0
    assert clone.cli("plan", "--target", "prod").code != 1


def test_a_damaged_lockfile_beside_a_git_ledger_is_refused(clone: Clone):
    """If the requests of the other ledger cannot be read, they may be missing."""
    clone.use(GIT)
    clone.ledger("git").create()
    (clone.specs / "sendspec.production.lock").write_text("{")
    done = clone.cli("plan", "--target", "production")
    assert (done.code, "sendspec.production.lock:1:2: the end of this lockfile is missing" in done.err) == (
        1,
        True,
    )


def test_a_file_ledger_that_cannot_ask_its_remote_is_not_created(clone: Clone):
    """The branch of an unreachable remote may have the records, so no empty ledger is created."""
    clone.use(FILE)
    git("remote", "set-url", "origin", "/nowhere/at/all", where=clone.root)
    assert clone.cli(*INIT, "production").code == 1
    assert not (clone.specs / "sendspec.production.lock").exists()
    git("remote", "remove", "origin", where=clone.root)
    assert clone.cli(*INIT, "production").code == 0


@pytest.mark.parametrize("words", [("--from", "x"), ("--empty",)], ids=" ".join)
def test_options_without_ledger(words, cli):
    """`--from` and `--empty` decide about a ledger only."""
    assert f"{words[0]} works only with --ledger" in cli("init", *words).err
    assert cli("init", "--ledger", "--target", "a", "--from", "x", "--empty").code == 64
