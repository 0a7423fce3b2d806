"""The specs of a base, rendered for the target of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field

from sendspec.errors import SpecError
from sendspec.load import load_project
from sendspec.model import BaseState
from sendspec.render import ListFinder, render
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from sendspec.load import ProjectFiles
    from sendspec.model import ComparedBase, Project, Send, Target
    from sendspec.selection import Selection


class BaseFiles(ListFinder, Protocol):
    """The project directory of a base: its specs and lists."""

    base: ComparedBase
    directory: Path
    """The project directory, as its locations start."""

    @property
    def files(self) -> ProjectFiles | None:
        """The specs, None if they are on disk."""

    def text_of(self, spec: Path) -> str:
        """Return the text of sendspec.yaml or of a campaign."""

    def is_outside(self, path: Path) -> bool:
        """Return whether the base does not have the list at this path, so that the one on disk is read."""

    def changed_since(self, campaigns: Iterable[Path]) -> frozenset[Path]:
        """Return the files that newer commits of the ref change, which the comparison leaves out."""

    def last_commits(self, campaigns: Iterable[Path]) -> Mapping[Path, tuple[str, datetime]]:
        """Return the last commit that changed each of these files, with its time, if it is known."""


class BaseSpecs(Struct, frozen=True):
    """The specs of a base; without `project` and `target`, nothing of it would be sent."""

    base: ComparedBase
    files: BaseFiles
    project: Project | None = None
    target: Target | None = None
    sends: Mapping[str, Send] = field(default_factory=dict)


def read_base(
    files: BaseFiles,
    target: Target,
    environ: Mapping[str, str],
    selection: Selection,
    contacts_directory: Path | None = None,
) -> BaseSpecs:
    """Load and render the specs of a base; one that is not valid is a state of it, not an error.

    Its lists outside of the repository are those in the `contacts_directory` of the plan.
    A target of that name in another organisation is another target: its ledger is another one, too.
    """
    if files.base.state is not BaseState.COMPARED:
        return BaseSpecs(files.base, files)
    try:
        loaded = load_project(files.directory, environ, selection, files.files)
        project = replace(loaded, contacts_directory=contacts_directory)
        own = project.targets.get(target.name)
        if own is None or own.account != target.account:
            return BaseSpecs(replace(files.base, state=BaseState.NO_TARGET), files, project)
        sends = render(project, own, selection, require_files=False, lists=files)
    except SpecError as error:
        base = replace(files.base, state=BaseState.NOT_VALID, problems=error.problems)
        return BaseSpecs(base, files)
    return BaseSpecs(files.base, files, project, own, {send.address: send for send in sends})
