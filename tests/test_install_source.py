"""The repository and commit of the installed sendspec: in a wheel, an sdist, and an install from git."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from hatch_build import install_source as source_of_tree
from sendspec.install_source import InstallSource, install_source
from tests.ledgers import git

ROOT = Path(__file__).resolve().parents[1]
BUILT = ("pyproject.toml", "hatch_build.py", ".git_archive.json", ".gitattributes", "README.md", "LICENSE")
COMMIT = "79de82b00599f39db63feaffbd754e20c9bc1a61"


def tree(directory: Path, url: str = "https://github.com/acme/sendspec.git") -> str:
    """Write a small sendspec into a new clone of `url`, and return its commit."""
    directory.mkdir()
    for name in BUILT:
        shutil.copy(ROOT / name, directory)
    for folder in ("sendspec", "schemas", "tests/simulation"):
        (directory / folder).mkdir(parents=True)
        (directory / folder / "x.json").touch()  # git and an sdist have no empty folders.
    shutil.copy(ROOT / "sendspec" / "__init__.py", directory / "sendspec")
    git("init", "--quiet", ".", where=directory)
    git("add", ".", where=directory)
    git("commit", "--quiet", "--message", "x", where=directory)
    git("remote", "add", "origin", url, where=directory)
    return git("rev-parse", "HEAD", where=directory)


def build(directory: Path, kind: str) -> Path:
    """Build the wheel or the sdist of a source tree."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", directory.parent]
    subprocess.run(command, cwd=directory, check=True, capture_output=True)
    [built] = directory.parent.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


def record(wheel: Path) -> dict[str, str | None]:
    with zipfile.ZipFile(wheel) as archive:
        return json.loads(archive.read("sendspec/install_source.json"))


def test_a_wheel_names_its_commit(tmp_path):
    """A wheel, also one that is built from an sdist, has the commit and the repository of its clone."""
    commit = tree(tmp_path / "clone")
    expected = {"repository": "acme/sendspec", "commit": commit}
    assert record(build(tmp_path / "clone", "wheel")) == expected
    (tmp_path / "unpacked").mkdir()
    subprocess.run(["tar", "xf", build(tmp_path / "clone", "sdist")], cwd=tmp_path / "unpacked", check=True)
    [sdist] = (tmp_path / "unpacked").iterdir()
    assert record(build(sdist, "wheel")) == expected


def test_sources_whose_commit_is_not_certain(tmp_path):
    """A clone with changes has no commit; an archive has that of GitHub; other folders have none."""
    clone = tmp_path / "clone"
    commit = tree(clone, "git@gitlab.com:acme/sendspec.git")
    assert source_of_tree(clone) == {"repository": None, "commit": commit}
    (tmp_path / "archive").mkdir()
    archived = subprocess.run(["git", "archive", "HEAD"], cwd=clone, capture_output=True, check=True)
    subprocess.run(["tar", "x"], cwd=tmp_path / "archive", input=archived.stdout, check=True)
    assert source_of_tree(tmp_path / "archive") == {"repository": None, "commit": commit}
    (clone / "README.md").write_text("changed")
    assert source_of_tree(clone) == {"repository": None, "commit": None}
    shutil.rmtree(clone / ".git")
    assert source_of_tree(clone) == {"repository": None, "commit": None}


def installed(directory: Path, url: object, monkeypatch: pytest.MonkeyPatch) -> InstallSource:
    """Return the source of a sendspec that pip installed with this record."""
    folder = directory / f"sendspec-{metadata.version('sendspec')}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: sendspec\nVersion: 9\n")
    (folder / "direct_url.json").write_text(url if isinstance(url, str) else json.dumps(url))
    monkeypatch.syspath_prepend(directory)
    return install_source({"GITHUB_SERVER_URL": "https://github.acme.example"})


@pytest.mark.parametrize(
    ("url", "repository"),
    [
        ("https://github.com/acme/sendspec", "acme/sendspec"),
        ("https://github.com/acme/sendspec.git", "acme/sendspec"),
        ("ssh://git@github.com/acme/sendspec.git", "acme/sendspec"),
        ("https://github.acme.example/acme/sendspec", "acme/sendspec"),
        ("https://example.com/acme/sendspec", None),
        ("https://github.com/acme/group/sendspec", None),
        ("file:///srv/sendspec.git", None),
        ("https://[github.com/acme/sendspec", None),
    ],
)
def test_an_install_from_git(url, repository, tmp_path, monkeypatch):
    """The record of pip has the commit, and the repository if it is on GitHub."""
    value = {"url": url, "vcs_info": {"vcs": "git", "commit_id": COMMIT}}
    assert installed(tmp_path, value, monkeypatch) == InstallSource(repository, COMMIT)


@pytest.mark.parametrize(
    "value",
    [
        "no JSON",
        [],
        {"url": "file:///srv/sendspec", "dir_info": {"editable": True}},
        {"url": "https://github.com/acme/sendspec", "vcs_info": {"vcs": "hg", "commit_id": COMMIT}},
        {"url": "https://example.com/x", "vcs_info": {"vcs": "git", "commit_id": "main"}},
    ],
    ids=str,
)
def test_an_install_without_a_commit(value, tmp_path, monkeypatch):
    """Any other record says nothing."""
    assert installed(tmp_path, value, monkeypatch) == InstallSource()
