"""Sentences of `init --github`: what comes next, and what a person must change in files of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.errors import SendspecError
from sendspec.github_setup import DEPENDABOT_PATHS, OWNER_PLACEHOLDER, SETTINGS_PATH, ChangeKind
from sendspec.model import SANDBOX

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


def next_steps(
    changes: Sequence[Change], call: Call, branch: str, directory: str, *, has_project: bool
) -> Iterator[str]:
    """Yield what a person does next."""
    yield f"pushes to {branch} apply to target '{call.target}'"
    placeholders = [change.path for change in changes if OWNER_PLACEHOLDER in _owners(change)]
    yield from (f"next: replace {OWNER_PLACEHOLDER} in {path} by your reviewers" for path in placeholders)
    if any(change.path in DEPENDABOT_PATHS and change.kind is ChangeKind.EDITED for change in changes):
        yield "note: Dependabot does not update workflows here; add the ecosystem github-actions to it"
    if not has_project:
        yield f"next: sendspec init {directory}"
    if call.target != SANDBOX:
        yield f"next: make the settings in {SETTINGS_PATH}"
        yield f"next: sendspec doctor {directory} --target {call.target}"


def _owners(change: Change) -> str:
    return change.text if change.path.endswith("CODEOWNERS") else ""


def edited_error(changes: Sequence[Change], pin: Pin, call: Call) -> SendspecError | None:
    """Return an error about the edited files that lack this call or this version, None without such files."""
    edited = [
        change.path
        for change in changes
        if change.kind is ChangeKind.EDITED and change.path not in DEPENDABOT_PATHS
    ]
    if not edited:
        return None
    left = "it" if len(edited) == 1 else "them"
    return SendspecError(
        f"a person edited {', '.join(edited)}; sendspec did not change {left}",
        hint=f"add target {call.target} and the hash {pin.commit} there, or move the files away and run this "
        "again",
    )
