"""Sentences of `init --github`: what comes next, and what a person must change in files of their own."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sendspec.errors import SendspecError
from sendspec.github_setup import DEPENDABOT_PATHS, OWNER_PLACEHOLDER, SETTINGS_PATH, ChangeKind, Missing
from sendspec.model import SANDBOX
from sendspec.suggest import add_target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.github_setup import Call, Change, Pin


_DONE: Final = {
    ChangeKind.NEW: "wrote {path}",
    ChangeKind.UPDATED: "updated {path}",
    ChangeKind.UNCHANGED: "unchanged {path}",
    ChangeKind.EDITED: "left {path} as it is, because a person edited it",
}


def change_text(change: Change) -> str:
    """Return what happened to a file."""
    return _DONE[change.kind].format(path=change.path)


def change_notes(changes: Sequence[Change], calls: Sequence[Call], branch: str) -> Iterator[str]:
    """Yield which pushes send by these calls, and what a person must write into shared files."""
    for target in dict.fromkeys(call.target for call in calls):
        yield f"pushes to {branch} apply to target '{target}'"
    placeholders = [change.path for change in changes if OWNER_PLACEHOLDER in _owners(change)]
    yield from (f"next: replace {OWNER_PLACEHOLDER} in {path} by your reviewers" for path in placeholders)
    if any(change.path in DEPENDABOT_PATHS and change.kind is ChangeKind.EDITED for change in changes):
        yield "note: Dependabot does not update workflows here; add the ecosystem github-actions to it"


def next_steps(target: str, directory: str, *, has_project: bool) -> Iterator[str]:
    """Yield what a person does next for a new target, in an order in which each step works."""
    if not has_project:
        yield f"next: {shlex.join(('sendspec', 'init', directory))}"
    if target == SANDBOX:
        return
    if not has_project:
        yield f"next: {add_target(target, Path(directory))}"
    yield f"next: make the settings in {SETTINGS_PATH}"
    yield f"next: {shlex.join(('sendspec', 'doctor', directory, '--target', target))}"


def _owners(change: Change) -> str:
    return change.text if change.path.endswith("CODEOWNERS") else ""


def edited_error(changes: Sequence[Change], pin: Pin, target: str | None) -> SendspecError | None:
    """Return an error about the edited files that lack a call or this version, None without such files."""
    edited = [
        change
        for change in changes
        if change.kind is ChangeKind.EDITED and change.path not in DEPENDABOT_PATHS
    ]
    if not edited:
        return None
    left = "it" if len(edited) == 1 else "them"
    parts = []
    if paths := _paths(edited, Missing.TARGET):
        parts.append(f"add a job of target {target} to {paths}")
    if paths := _paths(edited, Missing.COMMIT):
        parts.append(f"write {pin.repository} and {pin.commit} into each `uses:` of {paths}")
    return SendspecError(
        f"a person edited {_listed(edited)}; sendspec did not change {left}",
        hint=", or ".join(filter(None, (" and ".join(parts), f"move {left} away and run this again"))),
    )


def _paths(changes: Sequence[Change], missing: Missing) -> str:
    return _listed([change for change in changes if missing in change.missing])


def _listed(changes: Sequence[Change]) -> str:
    return ", ".join(change.path for change in changes)
