"""Yardsticks: other programs of pinned versions, in an environment that the benchmark creates itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.processes import NotAvailable, environment

FOLDER: Final = Path(__file__).resolve().parent
REQUIREMENTS: Final = FOLDER / "requirements.txt"


@dataclass(frozen=True)
class Yardsticks:
    """The environment below `folder`; it is created when a row first needs a program of it."""

    folder: Path
    may_install: bool

    def program(self, name: str) -> str:
        """Return the path of a program of the environment.

        Raises:
            NotAvailable: the environment does not exist and cannot be created.
        """
        self._create_if_outdated()
        return str(self.folder / "bin" / name)

    def script(self, name: str, *arguments: object) -> list[str]:
        """Return the command that runs a script of this package in the environment."""
        return [self.program("python"), str(FOLDER / name), *map(str, arguments)]

    def _create_if_outdated(self) -> None:
        stamp, expected = self.folder / "stamp", f"{sys.version}\n{REQUIREMENTS.read_text(encoding='utf-8')}"
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == expected:
            return
        if not self.may_install:
            raise NotAvailable("the yardsticks are not installed")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        _run([sys.executable, "-m", "venv", str(self.folder)])
        _run([str(self.folder / "bin" / "pip"), "install", "--quiet", "-r", str(REQUIREMENTS)])
        stamp.write_text(expected, encoding="utf-8")


def _run(command: list[str]) -> None:
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        raise NotAvailable(f"{Path(command[0]).name} cannot install the yardsticks: {' '.join(last)}")
