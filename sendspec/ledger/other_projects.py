"""Git ledgers of the other project directories in a work tree.

The branch has one folder per target name. So two directories with a target of one name would share a
ledger, and each would count the other's sends as sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from sendspec.errors import LedgerError, SpecError
from sendspec.ledger.git_plumbing import GitClone
from sendspec.ledger.git_process import GitFailed, GitProcess, format_output
from sendspec.load.project_files import read_inside
from sendspec.load.yaml_parser import BYTES_MAX, parse_document
from sendspec.load.yaml_values import Converter, schema_types
from sendspec.protocol_limits import GIT_CALL_SECONDS_MAX

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FILE: Final = "sendspec.yaml"
_ORIGIN: Final = "origin"


class OtherTarget(Struct, frozen=True):
    """A target with a git ledger of another project directory."""

    name: str
    remote: str
    file: str
    """Path of its sendspec.yaml from the root of the work tree."""


def other_targets(directory: Path) -> tuple[OtherTarget, ...]:
    """Return the targets with git ledgers of the other sendspec.yaml files that git tracks.

    A file that is not YAML is left out: its own directory cannot send anything until it is repaired.

    Raises:
        LedgerError: git cannot list the files, or the directory is not in a clone.
    """
    git = GitProcess(directory, GIT_CALL_SECONDS_MAX)
    listed = git.call(("ls-files", "-z", "--cached", "--", f":(top,glob)**/{_FILE}"), None)
    if listed.returncode != 0:
        raise GitFailed(
            f"git cannot list the files of this clone: {format_output(listed.stderr)}",
            hint="fix what git reports, then try again",
        )
    own = directory.resolve() / _FILE
    names = dict.fromkeys(listed.stdout.decode(errors="surrogateescape").split("\0"))
    paths = {name: git.root / name for name in names if name}
    return tuple(
        found for name, path in paths.items() if path != own for found in _git_targets(path, shown=name)
    )


def refuse_shared_ledger(directory: Path, target: str, remote: str = _ORIGIN) -> None:
    """Check that no other project directory has a target with the same git ledger.

    Raises:
        LedgerError: another one has it, or git cannot list the files.
    """
    for other in other_targets(directory):
        if other.name == target and _is_same_remote(directory, other.remote, remote):
            raise LedgerError(
                f"{(directory / _FILE).as_posix()} and {other.file} share one ledger, "
                f"because both have the target '{target}'",
                hint="give one of the targets another name, then run `sendspec init --ledger` with that name",
            )


def _is_same_remote(directory: Path, name: str, other: str) -> bool:
    if name == other:
        return True
    try:
        urls = {GitClone(directory, remote).normalized_url() for remote in (name, other)}
    except LedgerError:  # This clone lacks one of them, so their URLs cannot be compared.
        return False
    return len(urls) == 1


def _git_targets(path: Path, *, shown: str) -> Iterator[OtherTarget]:
    targets = _read(path).get("targets")
    for name, settings in targets.items() if isinstance(targets, dict) else ():
        ledger = settings.get("ledger") if isinstance(settings, dict) else None
        form, remote = ledger, _ORIGIN
        if isinstance(ledger, dict):
            form, remote = ledger.get("type"), str(ledger.get("remote", _ORIGIN))
        if form == "git":
            yield OtherTarget(str(name), remote, shown.encode(errors="replace").decode())


def _read(path: Path) -> dict[str, Any]:
    """Return the values of a sendspec.yaml, also of one that its schema refuses; {} without a mapping."""
    try:
        root = parse_document(read_inside(path.parent, path, BYTES_MAX), str(path))
    except SpecError:
        return {}
    values = Converter(str(path)).convert(root, schema_types("project"))
    return values if isinstance(values, dict) else {}
