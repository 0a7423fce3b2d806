"""The steps of a release that need code: `python -m tests.release` checks, builds and describes it.

`check TAG` compares the version of a tag with those of the repository. `build DIRECTORY` builds sdist and
wheel of the current commit twice, in surroundings as different as possible, and refuses two results.
`describe DIRECTORY ASSETS` writes what a release has beside them: its section of the changelog, and the
pinned requirements with the hash of this wheel.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / ".github" / "actions" / "sendspec"

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class NotReproducible(Exception):
    """Two builds of one commit differ."""


@dataclass(frozen=True)
class Sources:
    """The texts of a repository that have its version."""

    pyproject: str
    package: str
    changelog: str

    @classmethod
    def of(cls, root: Path = ROOT) -> Sources:
        names = ("pyproject.toml", "sendspec/__init__.py", "CHANGELOG.md")
        return cls(*((root / name).read_text(encoding="utf-8") for name in names))

    @property
    def version(self) -> str:
        """Return the version of pyproject.toml."""
        return str(tomllib.loads(self.pyproject)["project"]["version"])

    def sections(self) -> list[tuple[str, str, str]]:
        """Return version, date and text of each section of the changelog, the newest first."""
        _, *parts = re.split(r"^## (\S+) - (.+)$", self.changelog, flags=re.MULTILINE)
        return [(parts[i], parts[i + 1], parts[i + 2].strip()) for i in range(0, len(parts), 3)]


def problems(tag: str, sources: Sources) -> list[str]:
    """Return why a tag must not be released."""
    version = sources.version
    newest, date, text = (sources.sections() or [("none", "", "")])[0]
    found = []
    if tag != f"v{version}":
        found.append(f"the tag is {tag}; pyproject.toml needs v{version}")
    if f'__version__ = "{version}"\n' not in sources.package:
        found.append(f"sendspec/__init__.py does not have the version {version}")
    if newest != version:
        found.append(f"the newest section of CHANGELOG.md is {newest}, not {version}")
    elif not _DATE.fullmatch(date):
        found.append(f"CHANGELOG.md has no date for {version}: {date}")
    elif not text:
        found.append(f"CHANGELOG.md has no changes for {version}")
    return found


def notes(sources: Sources) -> str:
    """Return the section of the changelog about the current version."""
    return next(text for version, _, text in sources.sections() if version == sources.version) + "\n"


def describe(built: Path, assets: Path, sources: Sources) -> None:
    """Write `notes.md` and each file of pinned requirements, so that pip installs all with one command."""
    assets.mkdir()
    (assets / "notes.md").write_text(notes(sources), encoding="utf-8")
    [wheel] = built.glob("*.whl")
    pin = f"sendspec=={sources.version} \\\n    --hash=sha256:{digests(built)[wheel.name]}\n"
    for file in sorted(REQUIREMENTS.glob("requirements*.txt")):
        more = pin if file.name == "requirements.txt" else ""
        (assets / file.name).write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")


@dataclass(frozen=True)
class Surroundings:
    """What must not change a build: a folder, variables, a umask and times of modification."""

    folder: str
    variables: dict[str, str]
    umask: int
    modified: int | None = None


PLAIN = Surroundings("a", {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "1"}, 0o022)
ODD = Surroundings(
    folder="a longer name of a directory",
    variables={"LC_ALL": "C.UTF-8", "TZ": "Pacific/Apia", "PYTHONHASHSEED": "2"},
    umask=0o077,
    modified=1_000_000_000,
)


def build(into: Path, root: Path = ROOT) -> dict[str, str]:
    """Build the current commit twice; return the SHA-256 of each file by its name.

    `into` gets the files of the first build. Raise NotReproducible if the second one differs.
    """
    with tempfile.TemporaryDirectory() as scratch:
        again = Path(scratch) / "again"
        _build(_clone(root, Path(scratch), PLAIN), into, PLAIN)
        _build(_clone(root, Path(scratch), ODD), again, ODD)
        first, second = digests(into), digests(again)
    if first != second:
        differing = sorted(name for name in first | second if first.get(name) != second.get(name))
        raise NotReproducible(", ".join(differing))
    return first


def _clone(root: Path, scratch: Path, surroundings: Surroundings) -> Path:
    """Clone the current commit of a repository, with the address that the repository was cloned from."""
    clone = scratch / surroundings.folder
    origin = _git(root, "config", "--default", str(root), "--get", "remote.origin.url")
    command = ["git", "clone", "--quiet", "--shared", root, clone]
    subprocess.run(command, umask=surroundings.umask, check=True)
    _git(clone, "remote", "set-url", "origin", origin)  # The build records from which repository it is.
    if surroundings.modified is not None:
        for path in clone.rglob("*"):
            os.utime(path, (surroundings.modified,) * 2, follow_symlinks=False)
    return clone


def _build(clone: Path, into: Path, surroundings: Surroundings) -> None:
    # Hatch has a fixed date of its own unless this variable has another.
    inherited = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel", "-d", into.absolute()],
        cwd=clone,
        env={**inherited, **surroundings.variables},
        umask=surroundings.umask,
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def digests(directory: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a directory, by its name."""
    files = sorted(directory.iterdir())
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def main(arguments: list[str] | None = None) -> int:
    """Run one step; return 1 if it refuses."""
    parser = argparse.ArgumentParser(prog="python -m tests.release", description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True)
    steps.add_parser("check").add_argument("tag")
    steps.add_parser("build").add_argument("directory", type=Path)
    described = steps.add_parser("describe")
    described.add_argument("directory", type=Path)
    described.add_argument("assets", type=Path)
    given = parser.parse_args(arguments)
    found: list[str] = []
    if given.step == "check":
        found = problems(given.tag, Sources.of())
    elif given.step == "describe":
        describe(given.directory, given.assets, Sources.of())
    else:
        try:
            print("".join(f"{digest}  {name}\n" for name, digest in build(given.directory).items()), end="")
        except NotReproducible as error:
            found = [f"two builds of this commit differ: {error}"]
    print("".join(f"error: {problem}\n" for problem in found), end="", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
