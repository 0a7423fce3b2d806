"""Calls of sendspec's reusable workflows: repository and commit, project directory and target."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from msgspec import Struct

from sendspec.errors import Usage
from sendspec.install_source import COMMIT, REPOSITORY, install_source

_USES: Final = re.compile(
    r"(?P<repository>[^/\s@]+/[^/\s@]+)/\.github/workflows/(?P<name>[\w-]+)\.yml@(?P<ref>\S+)"
)


class Pin(Struct, frozen=True):
    """The repository (OWNER/NAME) and the full commit hash of the workflows that callers name."""

    repository: str
    commit: str

    @classmethod
    def of_this_version(cls, named: str | None) -> Pin:
        """Return the pin that a person named as `OWNER/NAME@COMMIT`, else that of the installed sendspec.

        Raises:
            Usage: the name has another form, or this installation does not know its commit.
        """
        if named is not None:
            repository, _, commit = named.partition("@")
            if not REPOSITORY.fullmatch(repository) or not COMMIT.fullmatch(commit):
                raise Usage(
                    f"--pin {named} is not OWNER/NAME@COMMIT",
                    hint="use the repository of sendspec on GitHub and a hash of 40 hexadecimal digits",
                )
            return cls(repository, commit)
        source = install_source()
        if source.repository is None or source.commit is None:
            missing = "commit" if source.repository else "repository" if source.commit else "origin"
            raise Usage(
                f"the {missing} of this sendspec is not known, so the workflows cannot name it; "
                "nothing was written",
                hint=f"name the repository and the commit: --pin OWNER/sendspec@{source.commit or 'COMMIT'}",
            )
        return cls(source.repository, source.commit)

    def uses(self, name: str) -> str:
        """Return the value of `uses:` for a workflow."""
        return f"{self.repository}/.github/workflows/{name}.yml@{self.commit}"


class Call(NamedTuple):
    """The project directory, from the root of the repository, and the target of one job."""

    directory: str
    target: str

    @property
    def job(self) -> str:
        """The key of the job: the target, after the directory unless that is `specs`, from a letter on."""
        folder = re.sub(r"[^a-z0-9]+", "-", self.directory.lower()).strip("-")
        name = self.target if self.directory == "specs" else f"{folder or 'root'}-{self.target}"
        return name if name[0].isalpha() else f"target-{name}"


class UsedWorkflow(NamedTuple):
    """A reusable workflow that a job names: repository, name and ref."""

    repository: str
    name: str
    ref: str


def parse_uses(value: str) -> UsedWorkflow | None:
    """Return the reusable workflow of another repository that a `uses:` names, None if it is another kind."""
    found = _USES.fullmatch(value)
    return UsedWorkflow(*found.groups()) if found else None
