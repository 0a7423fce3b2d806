"""The pinned versions of the composite action agree with pyproject.toml; no test needs a network."""

from __future__ import annotations

import re
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.constraints import FOLDER, HEADER, PYTHONS, Pin, extras, path_of, pins, requirements

FILES = [None, *extras()]
EVERY_PIN = [pin for extra in FILES for pin in pins(path_of(extra)).values()]


def environments() -> list[dict[str, str]]:
    """Return the environment of each supported Python, as a marker reads it."""
    linux = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "extra": ""}
    versions = ({"python_version": python, "python_full_version": f"{python}.0"} for python in PYTHONS)
    return [{**linux, **version, "implementation_name": "cpython"} for version in versions]


def missing(requirement: Requirement, pinned: dict[str, Pin]) -> list[str]:
    """Return the Pythons that need this requirement, and for which no pin of `pinned` satisfies it."""
    wanting = []
    for environment in environments():
        if requirement.marker and not requirement.marker.evaluate(environment):
            continue
        pin = pinned.get(canonicalize_name(requirement.name))
        applies = pin and (not pin.marker or Requirement(f"x; {pin.marker}").marker.evaluate(environment))
        if not (pin and applies and requirement.specifier.contains(pin.version)):
            wanting.append(environment["python_version"])
    return wanting


@pytest.mark.parametrize("extra", FILES)
def test_every_requirement_of_pyproject_has_an_admissible_pin(extra):
    """Each requirement, also of the build backend, has a version that pyproject.toml accepts.

    If this fails, run `python -m tests.constraints`.
    """
    pinned = pins(path_of(extra))
    assert requirements(extra)
    assert {str(r): missing(r, pinned) for r in requirements(extra) if missing(r, pinned)} == {}


@pytest.mark.parametrize("extra", FILES)
def test_the_requirements_of_each_pin_are_pinned_in_the_same_file(extra):
    """A file is complete by itself: what an installed package needs is in its file at a fitting version."""
    pinned = pins(path_of(extra))
    for name, pin in pinned.items():
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # the suite does not install the extras that need an account somewhere
        if package.version != pin.version:
            continue
        needs = [Requirement(text) for text in package.requires or []]
        assert {str(need): missing(need, pinned) for need in needs if missing(need, pinned)} == {}, name


def test_each_pin_has_hashes():
    """Every line of every file has at least one hash."""
    assert [pin for pin in EVERY_PIN if not pin.hashes] == []


def test_a_package_has_one_version_in_all_files():
    """One command of pip accepts the files of several extras."""
    assert len({(pin.name, pin.version) for pin in EVERY_PIN}) == len({pin.name for pin in EVERY_PIN})


def test_the_files_refuse_other_files_and_name_no_host():
    """Each file turns on hashes and wheels only, and comes from pip's own configuration."""
    files = sorted(FOLDER.glob("requirements*.txt"))
    assert files == sorted(path_of(extra) for extra in FILES)
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert text.startswith(HEADER)
        assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host| @ ", text)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("click==8.5.1", None),
        ("click>=8.2", "click>=8.2"),
        ("--index-url x", "--index-url x"),
        ("click==8.5.1 --hash=md5:00", "click==8.5.1 --hash=md5:00"),
        ("click @ file:///x", "click @ file:///x"),
    ],
)
def test_other_lines_are_refused(line, named, tmp_path):
    """A line that is not an exact version with hashes is an error; one without hashes is counted."""
    path = tmp_path / "requirements.txt"
    path.write_text(HEADER + line + "\n")
    if named is None:
        assert pins(path)["click"].hashes == 0
        return
    with pytest.raises(ValueError, match=re.escape(f"not a pin with hashes: {named}")):
        pins(path)


def test_a_pin_outside_pyproject_is_noticed():
    """An older version, a missing package and a marker that leaves out a Python are reported."""
    pinned = {"click": Pin("click", "8.1.0", "", 1), "six": Pin("six", "1.0", "python_version < '3.13'", 1)}
    assert missing(Requirement("click>=8.2"), pinned) == list(PYTHONS)
    assert missing(Requirement("rich"), pinned) == list(PYTHONS)
    assert missing(Requirement("six"), pinned) == ["3.13", "3.14"]
    assert missing(Requirement("rich; sys_platform == 'win32'"), pinned) == []
