"""Versions and hashes of what the composite action installs: `python -m tests.constraints` writes them.

`.github/actions/sendspec/requirements.txt` has the dependencies of sendspec and of its build backend;
`requirements-EXTRA.txt` beside it has those of one extra. All files together are one resolution, so pip
accepts any of them in one command. Versions stay as they are unless pyproject.toml excludes them or
`--upgrade` is given.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".github" / "actions" / "sendspec"
UV = Path(sysconfig.get_path("scripts")) / "uv"

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MACHINES = ("x86_64", "aarch64")

HEADER = """\
# `python -m tests.constraints` wrote this file from pyproject.toml.
# pip refuses a file whose hash is not here, and never builds one from source.
--require-hashes
--only-binary :all:
"""

_PIN = re.compile(
    r"(?P<name>[\w.-]+)==(?P<version>[\w.]+)( ; (?P<marker>[^-@:]+?))?"
    r"(?P<hashes>( +--hash=sha256:[0-9a-f]{64})*)"
)


@dataclass(frozen=True)
class Pin:
    """A line of a file: one version of a package, its marker, and how many files of it are accepted."""

    name: str
    version: str
    marker: str
    hashes: int


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def extras() -> list[str]:
    """Return the extras of users, without that of developers."""
    return sorted(set(pyproject()["project"]["optional-dependencies"]) - {"dev"})


def path_of(extra: str | None, folder: Path = FOLDER) -> Path:
    return folder / (f"requirements-{extra}.txt" if extra else "requirements.txt")


def requirements(extra: str | None) -> list[Requirement]:
    """Return the direct requirements of an extra; without one, those of sendspec and of its build."""
    data = pyproject()
    if extra:
        texts = data["project"]["optional-dependencies"][extra]
    else:
        texts = [*data["project"]["dependencies"], *data["build-system"]["requires"]]
    return [Requirement(text) for text in texts]


def pins(path: Path) -> dict[str, Pin]:
    """Return the pins of a file by their canonical names; raise ValueError for any other line."""
    found = {}
    body = path.read_text(encoding="utf-8").removeprefix(HEADER).replace("\\\n", "")
    for line in filter(None, (line.strip() for line in body.splitlines())):
        match = _PIN.fullmatch(line)
        if match is None:
            raise ValueError(f"{path.name}: not a pin with hashes: {line[:100]}")
        name = canonicalize_name(match["name"])
        found[name] = Pin(name, match["version"], match["marker"] or "", match["hashes"].count("--hash="))
    return found


def compile_pins(texts: list[str], into: Path, *, constraints: Path | None = None, upgrade: bool) -> None:
    """Resolve requirements for every Python and machine; keep the versions that `into` already has."""
    options = [
        *("--universal", "--python-version", PYTHONS[0], "--generate-hashes"),
        *("--no-header", "--no-annotate", "--no-emit-index-url", "--quiet"),
        *(("--constraints", str(constraints)) if constraints else ()),
        *(("--upgrade",) if upgrade else ()),
    ]
    # The resolution must not depend on how this machine's uv is configured.
    command = [UV, "pip", "compile", "--no-config", *options, "-", "--output-file", str(into)]
    subprocess.run(command, input="\n".join(texts), text=True, check=True)


def check_wheels(files: list[Path]) -> None:
    """Raise CalledProcessError if a Python on a machine lacks a wheel of a pinned version."""
    install = [UV, "pip", "install", "--no-config", "--quiet", "--dry-run"]
    install += ["--require-hashes", "--only-binary", ":all:"]
    for python, machine in product(PYTHONS, MACHINES):
        platform = ("--python-version", python, "--python-platform", f"{machine}-manylinux_2_28")
        chosen = [word for file in files for word in ("-r", str(file))]
        with tempfile.TemporaryDirectory() as target:
            subprocess.run([*install, "--target", target, *platform, *chosen], check=True)


def write(folder: Path = FOLDER, *, upgrade: bool = False) -> None:
    """Write every file below `folder`, and check that each machine finds wheels."""
    names = [None, *extras()]
    with tempfile.TemporaryDirectory() as scratch:
        every = Path(scratch) / "every.txt"
        kept = (path_of(name, folder) for name in names)
        every.write_text("".join(p.read_text().removeprefix(HEADER) for p in kept if p.exists()))
        everything = [str(requirement) for name in names for requirement in requirements(name)]
        compile_pins(everything, every, upgrade=upgrade)
        for name in names:
            part = Path(scratch) / "part.txt"
            part.unlink(missing_ok=True)
            texts = [str(requirement) for requirement in requirements(name)]
            compile_pins(texts, part, constraints=every, upgrade=False)
            path_of(name, folder).write_text(HEADER + part.read_text())
    check_wheels([path_of(name, folder) for name in names])


def main(arguments: list[str] | None = None) -> int:
    """Write the files."""
    parser = argparse.ArgumentParser(prog="python -m tests.constraints", description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    write(upgrade=parser.parse_args(arguments).upgrade)
    return 0


if __name__ == "__main__":
    sys.exit(main())
