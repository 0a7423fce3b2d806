"""Files of the repository that GitHub reads, and the checks of them: pinned workflows, CODEOWNERS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sendspec.doctor.examination import UsedAction, WorkTreeFacts
from sendspec.doctor.results import Check, CheckGroup, CheckReason, Decision
from sendspec.github_setup import CALLERS, OWNER_PLACEHOLDER, OWNERS_PATHS, parse_workflow
from sendspec.install_source import install_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sendspec.doctor.examination import Examination
    from sendspec.install_source import InstallSource

_SHOWN_MAX: Final = 3
_BYTES_MAX: Final = 1 << 20
_NAME: Final = "sendspec"
_PATTERNS: Final = (".github/workflows/*.yml", ".github/workflows/*.yaml", ".github/actions/*/action.y*ml")
_LOCAL: Final = ("./", "$/")
"""Starts of what is in the same repository: of the checkout, or at the commit of the workflow file."""

_PINNED: Final = re.compile(r"[^@\s]+@[0-9a-f]{40}|docker://[^@\s]+@sha256:[0-9a-f]{64}")
_OWN: Final = re.compile(
    rf"(?P<owner>[^/@\s]+)/(?P<name>[^/@\s]+)/\.github/(?:workflows/(?:{'|'.join(CALLERS)})\.yml|"
    r"actions/sendspec)@(?P<ref>\S+)"
)


def examine_work_tree(root: Path, environ: Mapping[str, str]) -> WorkTreeFacts:
    """Return the facts about the files of a work tree; nothing is written."""
    uses: list[UsedAction] = []
    unreadable: list[str] = []
    for path in sorted(path for pattern in _PATTERNS for path in root.glob(pattern)):
        name = path.relative_to(root).as_posix()
        workflow = parse_workflow(_text(path))
        uses += (UsedAction(name, value) for value in _uses(workflow))
        if not workflow:
            unreadable.append(name)
    owners = next((name for name in OWNERS_PATHS if (root / name).is_file()), None)
    text = "" if owners is None else _text(root / owners)
    return WorkTreeFacts(tuple(uses), tuple(unreadable), owners, text, install_source(environ))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_BYTES_MAX).decode(errors="replace")
    except OSError:
        return ""


def _uses(workflow: Any) -> Iterator[str]:
    """Yield the values of every `uses:` of a workflow or an action; an alias of YAML is read once."""
    pending, seen = [workflow], set[int]()
    while pending:
        value = pending.pop()
        if id(value) in seen or not isinstance(value, dict | list):
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            used = value.get("uses")
            if isinstance(used, str):
                yield used
        pending += value.values() if isinstance(value, dict) else value


def _pinned(examination: Examination) -> Decision:
    tree = examination.work_tree
    if tree is None:
        return Decision.of(CheckReason.NO_REPOSITORY)
    if tree.unreadable:
        return Decision.of(CheckReason.WORKFLOWS_UNUSABLE, files=_listed(tree.unreadable))
    if not tree.uses:
        return Decision.of(CheckReason.NO_WORKFLOWS)
    loose = [
        used for used in tree.uses if not used.value.startswith(_LOCAL) and not _PINNED.fullmatch(used.value)
    ]
    if loose:
        names = _listed(tuple(f"{used.value} ({used.file})" for used in loose))
        return Decision.of(CheckReason.USES_NOT_PINNED, names=names)
    return Decision.of(CheckReason.USES_PINNED, count=len(tree.uses))


def _version(examination: Examination) -> Decision:
    tree = examination.work_tree
    if tree is None:
        return Decision.of(CheckReason.NO_REPOSITORY)
    refs = {used.file: ref for used in tree.uses if (ref := _own_ref(used, tree.source)) is not None}
    if not refs:
        return Decision.of(CheckReason.NO_CALLERS)
    commit = tree.source.commit
    if commit is None:
        return Decision.of(CheckReason.VERSION_NOT_KNOWN)
    others = tuple(name for name, ref in refs.items() if ref != commit)
    if others:
        return Decision.of(CheckReason.OTHER_VERSION, files=_listed(others), commit=commit)
    return Decision.of(CheckReason.SAME_VERSION, commit=commit)


def _own_ref(used: UsedAction, source: InstallSource) -> str | None:
    """Return the ref of a workflow or action of sendspec, None if it is another one.

    Without the repository of this installation, each repository with the name sendspec counts.
    """
    found = _OWN.fullmatch(used.value)
    if found is None:
        return None
    repository = f"{found['owner']}/{found['name']}".lower()
    is_own = found["name"] == _NAME if source.repository is None else repository == source.repository.lower()
    return found["ref"] if is_own else None


def _owners(examination: Examination) -> Decision:
    tree = examination.work_tree
    if tree is None:
        return Decision.of(CheckReason.NO_REPOSITORY)
    if tree.owners_file is None:
        return Decision.of(CheckReason.NO_OWNERS)
    has_placeholder = OWNER_PLACEHOLDER in tree.owners
    reason = CheckReason.OWNERS_PLACEHOLDER if has_placeholder else CheckReason.OWNERS_NAMED
    return Decision.of(reason, file=tree.owners_file, placeholder=OWNER_PLACEHOLDER)


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _SHOWN_MAX} more" if len(names) > _SHOWN_MAX else ""
    return ", ".join(names[:_SHOWN_MAX]) + more


CHECKS: Final = (
    Check("workflows-pinned", CheckGroup.REPOSITORY, _pinned),
    Check("workflows-version", CheckGroup.REPOSITORY, _version),
    Check("code-owners", CheckGroup.REPOSITORY, _owners),
)
