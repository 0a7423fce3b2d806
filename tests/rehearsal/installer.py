"""Stand-in of `python -m venv` and `pip install` of a job: it checks the arguments, and copies nothing.

A real installation takes 19 seconds of CPU time a job. This one accepts only pinned and hashed requirements,
and a folder without its dependencies. Then `sendspec` is that of the tests, whose tree is that of the action.
Other programs of Python run as they are.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import NoReturn

_PINNED = re.compile(r"^[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+( ?; ?[^#]+?)?( --hash=sha256:[0-9a-f]{64})+$")
_FLAGS = {"--require-hashes", "--no-deps", "--no-build-isolation"}
_HARMLESS = {
    "--quiet",
    "-q",
    "--no-input",
    "--disable-pip-version-check",
    "--no-cache-dir",
    "--no-compile",
    "--no-index",
    "--no-warn-script-location",
    "--require-virtualenv",
}
_FILES = {"-r", "--requirement", "-c", "--constraint"}
_VALUES = {"--only-binary", "--no-binary", "--progress-bar"}


class RefusedError(Exception):
    """A call of pip that the workflows must not make."""


def requirements(path: Path) -> list[str]:
    """Return the requirements of a file, one a line with its hashes."""
    text = re.sub(r"\s*\\\n\s*", " ", path.read_text())
    lines = (line.partition(" #")[0].strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def check_file(path: Path) -> None:
    """Check that each requirement of a file has one version, and the hashes of its files."""
    for requirement in requirements(path):
        if not requirement.startswith("--") and not _PINNED.match(requirement):
            raise RefusedError(f"{path.name}: not pinned and hashed: {requirement[:60]}")


def parse(arguments: list[str]) -> tuple[set[str], list[Path], list[str]]:
    """Return the flags of `pip install`, its files of requirements, and what it installs besides."""
    flags, files, others = set(), [], []
    words = iter(arguments)
    for word in words:
        name, has_value, value = word.partition("=")
        if name in _FILES:
            files.append(Path(value if has_value else next(words)))
        elif name in _VALUES:
            next(words if not has_value else iter([value]))
        elif word in _FLAGS:
            flags.add(word)
        elif not word.startswith("-"):
            others.append(word)
        elif word not in {*_HARMLESS, "--"}:
            raise RefusedError(f"option {word}")
    return flags, files, others


def install(arguments: list[str]) -> str | None:
    """Check the arguments of `pip install`; return the folder that it installs, if there is one."""
    flags, files, others = parse(arguments)
    for file in files:
        check_file(file)
    if files and "--require-hashes" not in flags:
        raise RefusedError("requirements without --require-hashes")
    if len(others) + bool(files) != 1:
        raise RefusedError(f"not exactly one installation: {others}")
    if files:
        return None
    if not flags >= {"--no-deps", "--no-build-isolation"}:
        raise RefusedError("a folder with its dependencies, or with a build backend from elsewhere")
    folder = others[0].partition("[")[0].removeprefix("file://")
    if not (Path(folder) / "sendspec" / "__init__.py").is_file():
        raise RefusedError(f"{folder} is not a checkout of sendspec")
    return folder


def program(path: Path, text: str) -> None:
    """Write a script that the shell can start."""
    path.write_text(f"#!/usr/bin/env bash\n{text}\n")
    path.chmod(0o755)


def create(folder: Path) -> None:
    """Create a virtual environment, which has `python` and `pip`."""
    (folder / "bin").mkdir(parents=True)
    own = 'exec "$REHEARSAL_PYTHON" -I -S "$REHEARSAL_INSTALLER" "$0"'
    for name, words in (("python", '"$@"'), ("python3", '"$@"'), ("pip", '-m pip "$@"')):
        program(folder / "bin" / name, f"{own} {words}")


def pip(environment: Path, arguments: list[str]) -> None:
    """Run a call of pip in an environment: only `install` is known."""
    if not arguments or arguments[0] != "install":
        raise RefusedError(f"pip {' '.join(arguments[:1])}")
    if install(arguments[1:]):
        program(environment / "bin" / "sendspec", 'exec "$REHEARSAL_PYTHON" -m sendspec "$@"')


def main(started: str, arguments: list[str]) -> NoReturn:
    """Run what `python` was started with."""
    python = Path(started)
    isolated = [word for word in arguments if word in {"-I", "-E", "-s"}]
    match arguments[len(isolated) :]:
        case ["-m", "venv", *options, folder]:
            if any(option not in {"--clear", "--without-pip", "--upgrade-deps"} for option in options):
                raise RefusedError(f"venv {options}")
            create(Path(folder))
        case ["-m", "pip", "--python", other, *words]:
            pip(Path(other).parent.parent, words)
        case ["-m", "pip", *words]:
            pip(python.parent.parent, words)
        case _:
            os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - the arguments of the step
    sys.exit(0)


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2:])
    except RefusedError as error:
        sys.exit(f"the rehearsal refuses {error}")
