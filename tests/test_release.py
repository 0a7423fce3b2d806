"""A release: versions that agree, builds that anyone can repeat, and a wheel that runs."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from sendspec.structs import replace
from tests.constraints import Pin, pins
from tests.oracles.runner import read_outputs
from tests.release import (
    REQUIREMENTS,
    ROOT,
    NotReproducible,
    Sources,
    build,
    describe,
    main,
    notes,
    problems,
)
from tests.workflows import load, steps

if TYPE_CHECKING:
    from pathlib import Path

GOOD = Sources(
    pyproject='[project]\nversion = "1.2.0"\n',
    package='__version__ = "1.2.0"\n',
    changelog="# Changes\n\n## 1.2.0 - 2027-01-31\n\n- New.\n\n## 1.1.0 - 2026-12-01\n\n- Old.\n",
)


def test_a_tag_whose_version_is_everywhere_may_be_released():
    """Tag, pyproject.toml, package and the newest dated section of the changelog agree."""
    assert problems("v1.2.0", GOOD) == []
    assert notes(GOOD) == "- New.\n"


@pytest.mark.parametrize(
    ("tag", "changes", "problem"),
    [
        ("1.2.0", {}, "the tag is 1.2.0; pyproject.toml needs v1.2.0"),
        ("v1.2.1", {}, "the tag is v1.2.1; pyproject.toml needs v1.2.0"),
        (
            "v1.2.0",
            {"package": '__version__ = "1.2.0.dev1"\n'},
            "sendspec/__init__.py does not have the version 1.2.0",
        ),
        (
            "v1.2.0",
            {"changelog": "## 1.1.0 - 2026-12-01\n\n- Old.\n"},
            "the newest section of CHANGELOG.md is 1.1.0, not 1.2.0",
        ),
        ("v1.2.0", {"changelog": ""}, "the newest section of CHANGELOG.md is none, not 1.2.0"),
        (
            "v1.2.0",
            {"changelog": "## 1.2.0 - unreleased\n\n- New.\n"},
            "CHANGELOG.md has no date for 1.2.0: unreleased",
        ),
        (
            "v1.2.0",
            {"changelog": "## 1.2.0 - 2027-01-31\n\n## 1.1.0 - 2026-12-01\n\n- Old.\n"},
            "CHANGELOG.md has no changes for 1.2.0",
        ),
    ],
)
def test_a_tag_with_another_version_is_refused(tag, changes, problem):
    """Each place that disagrees is named."""
    assert problems(tag, replace(GOOD, **changes)) == [problem]


def test_the_step_of_the_workflow_fails(capsys):
    """The command that the workflow runs exits 1 and prints the reasons."""
    assert main(["check", "v0.0.0"]) == 1
    assert "error: the tag is v0.0.0; pyproject.toml needs v" in capsys.readouterr().err


# ── the files of a release


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """Return a directory with the sdist and the wheel of the current commit, which were built twice."""
    directory = tmp_path_factory.mktemp("dist")
    digests = build(directory)
    assert len(digests) == 2
    return directory


def tracked(*folders: str) -> set[str]:
    done = subprocess.run(
        ["git", "ls-tree", "-r", "-z", "--name-only", "HEAD", *folders],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.strip("\0").split("\0"))


def test_the_wheel_has_the_package_and_nothing_else(built):
    """The wheel has the tracked files of the package, the schemas, the build record and metadata."""
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        record = json.loads(archive.read("sendspec/install_source.json"))
    metadata = {name for name in names if ".dist-info/" in name}
    schemas = {f"sendspec/{name}" for name in tracked("schemas/") if name.endswith(".json")}
    assert names - metadata == tracked("sendspec/") | schemas | {"sendspec/install_source.json"}
    assert {name.partition("/")[2] for name in metadata} == {
        *("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    }
    assert len(record["commit"]) == 40


def test_the_sdist_has_tracked_files_only(built):
    """The sdist has the sources with their tests, and no file that git does not track."""
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names - tracked() == {"PKG-INFO", "sendspec/install_source.json"}
    assert {"tests/test_release.py", ".ci/run", "hatch_build.py", "SECURITY.md"} <= names


def test_the_wheel_installs_and_runs(built, tmp_path):
    """The wheel installs without a network; its command plans a new project with its own schemas."""
    (wheel,) = built.glob("*.whl")
    installed = tmp_path / "installed"
    pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", installed, wheel]
    subprocess.run([sys.executable, *pip], check=True)

    def sendspec(*arguments: str) -> str:
        variables = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(installed)}
        command = [installed / "bin" / "sendspec", *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert sendspec("--version") == f"sendspec, version {Sources.of().version}\n"
    sendspec("init", "project")
    assert "Plan: " in sendspec("plan", "project")
    schema = (ROOT / "schemas" / "campaign.schema.json").read_text(encoding="utf-8")
    assert json.loads(sendspec("schema", "campaign")) == json.loads(schema)


def test_the_assets_pin_the_wheel_too(built, tmp_path):
    """The notes are those of this version, and the requirements have the hash of the wheel that was built."""
    describe(built, tmp_path / "assets", Sources.of())
    assert (tmp_path / "assets" / "notes.md").read_text() == notes(Sources.of())
    files = {path.name for path in (tmp_path / "assets").glob("requirements*.txt")}
    assert files == {path.name for path in REQUIREMENTS.glob("requirements*.txt")}
    pinned, before = pins(tmp_path / "assets" / "requirements.txt"), pins(REQUIREMENTS / "requirements.txt")
    (wheel,) = built.glob("*.whl")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert pinned == before | {"sendspec": Pin("sendspec", Sources.of().version, "", 1)}
    assert f"--hash=sha256:{digest}\n" in (tmp_path / "assets" / "requirements.txt").read_text()


def test_a_build_that_depends_on_its_surroundings_is_refused(tmp_path):
    """A file whose content is the time zone of the build makes two builds differ."""
    project = tmp_path / "project"
    (project / "odd").mkdir(parents=True)
    (project / "odd" / "__init__.py").touch()
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "odd"\nversion = "1"\n[tool.hatch.build.targets.wheel.hooks.custom]\n'
    )
    (project / "hatch_build.py").write_text(
        "import os, pathlib\nfrom hatchling.builders.hooks.plugin.interface import BuildHookInterface\n"
        "class Hook(BuildHookInterface):\n    def initialize(self, version, build_data):\n"
        "        pathlib.Path(self.root, 'odd', 'zone.txt').write_text(os.environ['TZ'])\n"
    )
    git = ["git", "-C", project, "-c", "user.name=A", "-c", "user.email=a@example.com"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "odd"]):
        subprocess.run([*git, *command], check=True)
    with pytest.raises(NotReproducible, match=r"^odd-1-py2\.py3-none-any\.whl$"):
        build(tmp_path / "dist", project)


# ── the workflow


def test_each_job_of_a_release_has_only_the_right_that_it_uses():
    """No job both runs code of the repository and has a right, and only one may publish."""
    jobs = load("release")["jobs"]
    assert {name: job["permissions"] for name, job in jobs.items()} == {
        "test": {"contents": "read"},
        "build": {"contents": "read"},
        "publish": {"id-token": "write", "attestations": "write"},
        "release": {"contents": "write"},
    }
    assert {name: job["environment"] for name, job in jobs.items() if "environment" in job} == {
        "publish": "pypi"
    }
    for name in ("publish", "release"):
        uses = [step["uses"].partition("@")[0] for step in jobs[name]["steps"] if "uses" in step]
        assert "actions/checkout" not in uses


def test_a_release_is_published_after_tests_and_the_comparison():
    """Each job waits for the one before it, and the whole workflow starts with a tag of a version."""
    release = load("release")
    assert release["on"] == {"push": {"tags": ["v*"]}}
    needs = {name: job["needs"] for name, job in release["jobs"].items() if "needs" in job}
    assert needs == {"publish": ["test", "build"], "release": ["build", "publish"]}
    assert release["concurrency"]["cancel-in-progress"] is False
    assert release["concurrency"]["group"] == "release-${{ github.ref }}"
    assert "secrets." not in str(release)


def test_the_index_and_the_signature_come_after_the_approval():
    """A job of the environment starts when its reviewers approved, so a rejected release is not signed."""
    uses = [
        step["uses"].partition("@")[0]
        for step in load("release")["jobs"]["publish"]["steps"]
        if "uses" in step
    ]
    assert uses == ["actions/download-artifact", "actions/attest", "pypa/gh-action-pypi-publish"]


def bash(name: str, where: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the step `name` of the release in a folder, as the runner does."""
    run = next(step["run"] for step in steps("release") if step.get("name") == name)
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", run]
    return subprocess.run(
        command,
        cwd=where,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("change", ["", "edit", "add", "remove", "link"])
def test_only_the_files_of_the_build_are_published(change, tmp_path):
    """Each job with rights gets the artifact by its id, and compares each file with the build's digest."""
    jobs = load("release")["jobs"]
    for name in ("publish", "release"):
        download, compare, *_ = jobs[name]["steps"]
        assert download["with"] == {"artifact-ids": "${{ needs.build.outputs.artifact }}", "path": "release"}
        assert compare["env"] == {"DIGESTS": "${{ needs.build.outputs.digests }}"}
    for name in ("dist", "assets"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name} 1.txt").write_text(name)
    assert bash("Name the files", tmp_path, GITHUB_OUTPUT=str(tmp_path / "output")).returncode == 0
    digests = read_outputs((tmp_path / "output").read_text())["digests"]
    folder = tmp_path / "release" / "dist"
    match change:
        case "edit":
            (folder / "dist 1.txt").write_text("other")
        case "add":
            (folder / "evil.whl").touch()
        case "remove":
            (folder / "dist 1.txt").unlink()
        case "link":
            (folder / "evil.whl").symlink_to("dist 1.txt")
    done = bash("Compare the files", tmp_path, DIGESTS=digests)
    assert (done.returncode == 0) is (not change), done.stdout + done.stderr
