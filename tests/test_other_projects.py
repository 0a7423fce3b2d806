"""Two project directories of one repository: a git ledger belongs to one target of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from sendspec.ledger.registry import make_ledger
from sendspec.model import Target
from tests.ledgers import accepted, git, remote_with_clones, started
from tests.projects import GATE, project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.projects import Done

US_1 = "https://api-campaign-us-1.goacoustic.com"
GIT = "version: 1\ntargets: {production: {pod: us-1, ledger: git}}\n"
CANADA = "version: 1\ntargets: {canada: {pod: us-1, ledger: git}}\n"
MAPPING = "version: 1\ntargets: {production: {pod: ca-1, ledger: {type: git, remote: origin}}}\n"
ALIAS = "version: 1\ntargets: {production: {pod: us-1, ledger: {type: git, remote: upstream}}}\n"
ESCAPED = 'version: 1\n"targets": {"production": {pod: us-1, "\\x6cedger": "git"}}\n'
REFUSED_HOST = "version: 1\ntargets: {production: {baseUrl: 'https://other.example', ledger: git}}\n"
NO_SCHEMA = "targets: {production: {ledger: git}}\nunknown: 1\n"
SHARED = (
    "error: teams/ca/sendspec.yaml and specs/sendspec.yaml share one ledger, because both have the target"
)
VERBS = (
    "plan {}",
    "apply {} --auto-approve",
    "status {}",
    "watch {}",
    "resolve --dir {} gate/change#1 --not-sent --reason x",
    "github report {}",
    "ledger adopt {}",
    "init --ledger {}",
)


class Directories(NamedTuple):
    """A clone with the projects `specs`, which has sent gate/change, and `teams/ca`."""

    root: Path
    cli: Callable[..., Done]

    def write(self, settings: str, name: str = "teams/ca") -> None:
        """Write a project with the same campaign as `specs`, and let git track it."""
        project(self.root / name, GATE, settings=settings)
        git("add", name, where=self.root)

    def addresses(self, target: str) -> set[str]:
        """Return the sends in a ledger."""
        return set(make_ledger(self.root, Target(target, US_1, ledger="git")).read().sends)


@pytest.fixture
def directories(tmp_path: Path, cli, monkeypatch) -> Directories:
    _, [root] = remote_with_clones(tmp_path, 1)
    monkeypatch.chdir(root)
    both = Directories(root, cli)
    both.write(GIT, "specs")
    ledger = make_ledger(root / "specs", Target("production", US_1, ledger="git"))
    ledger.create()
    with ledger.open() as session:
        session.append([*started("gate/change"), accepted("gate/change")])
    return both


@pytest.mark.red_team(3)
def test_every_verb_refuses_a_shared_ledger(directories: Directories):
    """The error names both files, and nothing is read or sent; so do the two directories."""
    directories.write(GIT)
    for verb in VERBS:
        done = directories.cli(*verb.format("teams/ca").split(), "--target", "production")
        assert (done.code, SHARED in done.err, done.out) == (1, True, ""), done.err
    done = directories.cli("plan", "specs", "--target", "production")
    assert (done.code, "specs/sendspec.yaml and teams/ca/sendspec.yaml share" in done.err) == (1, True)


def test_every_form_of_the_other_settings_is_understood(directories: Directories):
    """A mapping, escapes, another account and settings that this run would refuse are seen as well."""
    for form in (MAPPING, ESCAPED, REFUSED_HOST, NO_SCHEMA, "\ufeff" + GIT):
        directories.write(form)
        done = directories.cli("plan", "specs", "--target", "production")
        expected = "specs/sendspec.yaml and teams/ca/sendspec.yaml share one ledger"
        assert (done.code, expected in done.err) == (1, True), form


def test_a_second_name_of_the_same_remote_is_seen(directories: Directories):
    """Two names of remotes with one URL lead to one branch; two URLs do not."""
    git("remote", "add", "upstream", str(directories.root.parent / "remote.git"), where=directories.root)
    directories.write(ALIAS)
    assert directories.cli("plan", "specs", "--target", "production").code == 1
    git("remote", "set-url", "upstream", "https://git.example/other", where=directories.root)
    assert directories.cli("plan", "specs", "--target", "production").code != 1


def test_other_projects_without_that_ledger_do_not_matter(directories: Directories):
    """An example or a broken file of another folder does not stop a project."""
    file = CANADA.replace("canada", "production").replace(", ledger: git", "")
    broken = "targets: [production\n", "targets: {production: git}\n", "- production\n", "\0", ""
    for settings in (file, "version: 1\n", CANADA, *broken):
        directories.write(settings)
        done = directories.cli("plan", "specs", "--target", "production")
        assert (done.code, done.err) == (3, ""), settings


def test_a_file_that_git_does_not_track_does_not_matter(directories: Directories):
    """Copies in a virtual environment or a build folder are not projects of the repository."""
    project(directories.root / "build/specs", GATE, settings=GIT)
    assert directories.cli("plan", "specs", "--target", "production").code != 1
    (directories.root / "gone").mkdir()
    directories.write(GIT, "gone")
    (directories.root / "gone" / "sendspec.yaml").unlink()
    assert directories.cli("plan", "specs", "--target", "production").code != 1


@pytest.mark.red_team(3)
def test_the_hint_works_for_a_new_directory(directories: Directories):
    """Another name and `init --ledger --empty` give the second directory a ledger of its own."""
    directories.write(GIT)
    done = directories.cli("init", "--ledger", "teams/ca", "--target", "production")
    assert (done.code, SHARED in done.err) == (1, True)
    directories.write(CANADA)
    done = directories.cli("init", "--ledger", "teams/ca", "--target", "canada")
    assert done.code == 1
    assert "target 'production' of specs/sendspec.yaml has sent 1 request to the same account" in done.err
    assert "`--empty`" in done.err
    assert "`--from production`" in done.err
    assert directories.cli("init", "--ledger", "teams/ca", "--target", "canada", "--empty").code == 0
    assert directories.addresses("canada") == set()
    assert "added" not in directories.cli("init", "--ledger", "teams/ca", "--target", "canada").err
    assert "2 people" in directories.cli("plan", "teams/ca", "--target", "canada").out
    assert directories.cli("plan", "specs", "--target", "production").code != 1


@pytest.mark.red_team(3)
def test_the_hint_works_for_a_directory_that_shared_the_ledger(directories: Directories):
    """`--from` adds the records of the ledger that the directory used, so nothing is sent again."""
    directories.write(CANADA)
    arguments = ("init", "--ledger", "teams/ca", "--target", "canada", "--from")
    assert "target 'productoin' does not exist" in directories.cli(*arguments, "productoin").err
    done = directories.cli(*arguments, "production")
    assert (done.code, "added 1 send with 1 request" in done.err) == (0, True), done.err
    assert directories.addresses("canada") == {"gate/change"}


def test_a_file_ledger_beside_the_ledger_of_another_directory(directories: Directories):
    """A new target with a file ledger is asked as well, and then works."""
    directories.write(CANADA.replace(", ledger: git", ""))
    arguments = ("init", "--ledger", "teams/ca", "--target", "canada")
    assert "target 'production' of specs/sendspec.yaml has sent" in directories.cli(*arguments).err
    assert directories.cli(*arguments, "--empty").code == 0
    assert directories.cli("plan", "teams/ca", "--target", "canada").code != 1


def test_doctor_reports_a_shared_ledger(directories: Directories):
    """The check `ledger` fails with both files."""
    directories.write(GIT)
    done = directories.cli("doctor", "specs", "--target", "production")
    assert "specs/sendspec.yaml and teams/ca/sendspec.yaml share one ledger" in " ".join(done.out.split())


@pytest.mark.parametrize("has_project", [True, False], ids=["a project", "a new directory"])
def test_workflows_of_a_shared_ledger_are_not_written(has_project, directories: Directories):
    """`init --github` refuses a second directory with the same target."""
    if has_project:
        directories.write(GIT)
    (directories.root / "teams/ca").mkdir(parents=True, exist_ok=True)
    pin = "OWNER/sendspec@" + "a" * 40
    done = directories.cli("init", "--github", "teams/ca", "--target", "production", "--pin", pin)
    assert (done.code, SHARED in done.err, "nothing was written" in done.err) == (1, True, True), done.err
    assert not (directories.root / ".github").exists()
    directories.write(CANADA)
    done = directories.cli("init", "--github", "teams/ca", "--target", "canada", "--pin", pin)
    assert done.code == 0, done.err
