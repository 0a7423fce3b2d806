"""Files of the repository that GitHub reads, and the checks of them: pinned workflows, CODEOWNERS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sendspec.doctor.examination import ApplyTrigger, UsedAction, WorkTreeFacts
from sendspec.doctor.results import Check, CheckGroup, CheckReason, Decision
from sendspec.errors import LedgerError
from sendspec.formatting import first_names
from sendspec.github_setup import CALLERS, OWNER_PLACEHOLDER, OWNERS_PATHS, parse_workflow
from sendspec.install_source import install_source
from sendspec.ledger.git_process import default_branch

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
    rf"(?P<owner>[^/@\s]+)/(?P<name>[^/@\s]+)/\.github/(?:workflows/(?P<file>{'|'.join(CALLERS)})\.yml|"
    r"actions/sendspec)@(?P<ref>\S+)"
)


def examine_work_tree(root: Path, environ: Mapping[str, str]) -> WorkTreeFacts:
    """Return the facts about the files of a work tree; nothing is written."""
    source = install_source(environ)
    uses: list[UsedAction] = []
    triggers: list[ApplyTrigger] = []
    environments: set[str] = set()
    unreadable: list[str] = []
    for path in sorted(path for pattern in _PATTERNS for path in root.glob(pattern)):
        name = path.relative_to(root).as_posix()
        workflow = parse_workflow(_text(path))
        for step in _mappings(workflow):
            used = step.get("uses")
            if isinstance(used, str):
                uses.append(UsedAction(name, used))
            environments |= set(_environments(step))
        if any(_applies(step, source) for step in _mappings(workflow)):
            triggers.append(ApplyTrigger(name, tuple(_pushed_refs(workflow.get("on")))))
        if not workflow:
            unreadable.append(name)
    owners = next((name for name in OWNERS_PATHS if (root / name).is_file()), None)
    text = "" if owners is None else _text(root / owners)
    return WorkTreeFacts(
        tuple(uses),
        tuple(triggers),
        frozenset(environments),
        tuple(unreadable),
        owners,
        text,
        source,
        _default_branch(root),
    )


def _default_branch(root: Path) -> str | None:
    try:
        return default_branch(root)
    except LedgerError:
        return None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_BYTES_MAX).decode(errors="replace")
    except OSError:
        return ""


def _mappings(workflow: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping of a workflow or an action, such as jobs and steps; an alias is read once."""
    pending, seen = [workflow], set[int]()
    while pending:
        value = pending.pop()
        if id(value) in seen or not isinstance(value, dict | list):
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            yield value
        pending += value.values() if isinstance(value, dict) else value


def _environments(job: dict[str, Any]) -> Iterator[str]:
    """Yield the environment that a job names, or passes to a called workflow."""
    value = job.get("environment")
    name = value.get("name") if isinstance(value, dict) else value
    if isinstance(name, str):
        yield name


def _applies(step: dict[str, Any], source: InstallSource) -> bool:
    """Return whether a job calls `apply.yml` of sendspec, or a step runs its action with that verb."""
    found, values = _OWN.fullmatch(str(step.get("uses"))), step.get("with")
    if found is None or (found["name"] != _NAME and _repository(found) != (source.repository or "").lower()):
        return False
    is_verb = isinstance(values, dict) and values.get("verb") in ("apply", "send")
    return found["file"] == "apply" or (found["file"] is None and is_verb)


def _pushed_refs(events: Any) -> Iterator[str]:
    """Yield the refs whose pushes start a workflow with these values of `on:`.

    Without a filter these are all branches and tags; with one of branches only, no tags, and the other way
    round. Source: GitHub, "Events that trigger workflows", `push`, as of 2026-11.
    """
    if isinstance(events, str | list):
        events = dict.fromkeys([events] if isinstance(events, str) else map(str, events))
    if not isinstance(events, dict) or "push" not in events:
        return
    push = events["push"] if isinstance(events["push"], dict) else {}
    branches, tags = push.get("branches"), push.get("tags")
    if {"branches-ignore", "tags-ignore"} & push.keys() or branches is tags is None:
        yield "every branch"
    yield from map(str, [branches] if isinstance(branches, str) else branches or ())
    yield from (f"tag {tag}" for tag in ([tags] if isinstance(tags, str) else tags or ()))


def _triggers(examination: Examination) -> Decision:
    tree, github = examination.work_tree, examination.github.value
    if tree is None:
        return Decision.of(CheckReason.NO_REPOSITORY)
    if not tree.triggers:
        return Decision.of(CheckReason.NO_CALLERS)
    branch = tree.default_branch if github is None else github.default_branch
    if branch is None:
        return Decision.of(CheckReason.DEFAULT_NOT_KNOWN)
    others = tuple(
        f"{ref} ({trigger.file})" for trigger in tree.triggers for ref in trigger.refs if ref != branch
    )
    if others:
        return Decision.of(CheckReason.OTHER_TRIGGERS, branch=branch, names=first_names(others, _SHOWN_MAX))
    return Decision.of(CheckReason.ONLY_DEFAULT_TRIGGERS, branch=branch)


def _pinned(examination: Examination) -> Decision:
    tree = examination.work_tree
    if tree is None:
        return Decision.of(CheckReason.NO_REPOSITORY)
    if tree.unreadable:
        return Decision.of(CheckReason.WORKFLOWS_UNUSABLE, files=first_names(tree.unreadable, _SHOWN_MAX))
    if not tree.uses:
        return Decision.of(CheckReason.NO_WORKFLOWS)
    loose = [
        used for used in tree.uses if not used.value.startswith(_LOCAL) and not _PINNED.fullmatch(used.value)
    ]
    if loose:
        names = first_names([f"{used.value} ({used.file})" for used in loose], _SHOWN_MAX)
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
        return Decision.of(CheckReason.OTHER_VERSION, files=first_names(others, _SHOWN_MAX), commit=commit)
    return Decision.of(CheckReason.SAME_VERSION, commit=commit)


def _own_ref(used: UsedAction, source: InstallSource) -> str | None:
    """Return the ref of a workflow or action of sendspec, None if it is another one.

    Without the repository of this installation, each repository with the name sendspec counts.
    """
    found = _OWN.fullmatch(used.value)
    if found is None:
        return None
    repository = _repository(found)
    is_own = found["name"] == _NAME if source.repository is None else repository == source.repository.lower()
    return found["ref"] if is_own else None


def _repository(found: re.Match[str]) -> str:
    return f"{found['owner']}/{found['name']}".lower()


def _owners(examination: Examination) -> Decision:
    tree = examination.work_tree
    if tree is None:
        return Decision.of(CheckReason.NO_REPOSITORY)
    if tree.owners_file is None:
        return Decision.of(CheckReason.NO_OWNERS)
    has_placeholder = OWNER_PLACEHOLDER in tree.owners
    reason = CheckReason.OWNERS_PLACEHOLDER if has_placeholder else CheckReason.OWNERS_NAMED
    return Decision.of(reason, file=tree.owners_file, placeholder=OWNER_PLACEHOLDER)


CHECKS: Final = (
    Check("workflows-pinned", CheckGroup.REPOSITORY, _pinned),
    Check("workflows-version", CheckGroup.REPOSITORY, _version),
    Check("workflows-branch", CheckGroup.REPOSITORY, _triggers),
    Check("code-owners", CheckGroup.REPOSITORY, _owners),
)
