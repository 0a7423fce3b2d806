"""Creation of the ledger of a target, with the records of its other ledgers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sendspec.errors import LedgerError, LedgerMissing
from sendspec.formatting import pluralize
from sendspec.ledger.merge import Version, merge_versions
from sendspec.ledger.other_ledgers import OtherLedger, fetched_ledgers, local_ledgers, missing_requests
from sendspec.ledger.registry import make_ledger
from sendspec.model import LedgerState
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.ledger.interface import Ledger
    from sendspec.model import Project, Target


class Creation(Struct, frozen=True):
    """Whether the ledger was created, and the other ledgers whose records were added to it."""

    created: bool
    added: tuple[Version, ...] = ()


def create_ledger(
    project: Project, target: Target, ledger: Ledger, *, source: Target | None = None, empty: bool = False
) -> Creation:
    """Create the ledger of a target, or complete it, with every record of its other ledgers.

    `source` is a target whose records are added as well. With `empty` only records of the target's own
    name are added. The ledger of another project directory is only added as `source`.

    Raises:
        LedgerError: a ledger cannot be read, or another target of the account has records, and neither
            `source` nor `empty` decides about them.
    """
    empty_state = LedgerState(target.name, target.account)
    state = _read(ledger)
    others = _other_ledgers(project, target, is_shared=ledger.is_shared)
    found = [other for other in others if other.project is None]
    if empty:
        found = [other for other in found if other.target == target.name]
    elif source is not None:
        found.append(_source_ledger(project, target, source))
    elif state is None:
        _refuse_same_account(project, target)
        _refuse_other_projects(target, others)
    versions = [v for _, v, _ in found if missing_requests(v.state, state or empty_state)]
    initial = merge_versions(versions) if versions else empty_state
    if ledger.create(replace(initial, target=target.name)):
        return Creation(created=True, added=tuple(versions))
    if versions:
        ledger.merge((), accept_edits=False, versions=versions)
    return Creation(created=False, added=tuple(versions))


def _read(ledger: Ledger) -> LedgerState | None:
    try:
        return ledger.read()
    except LedgerMissing:
        return None


def _other_ledgers(project: Project, target: Target, *, is_shared: bool) -> list[OtherLedger]:
    found = {
        (other.target, other.version.name): other
        for others in (
            local_ledgers(project, target, is_shared=is_shared),
            fetched_ledgers(project, target, is_shared=is_shared),
        )
        for other in others
    }
    return list(found.values())


def _source_ledger(project: Project, target: Target, source: Target) -> OtherLedger:
    if source.account != target.account:
        raise LedgerError(
            f"target '{source.name}' is at {source.account}, not at {target.account}",
            hint="name a target of the same organisation",
        )
    ledger = make_ledger(project.directory, source)
    state = replace(ledger.read(), target=target.name)
    return OtherLedger(source.name, Version(f"target '{source.name}'", state))


def _refuse_same_account(project: Project, target: Target) -> None:
    """Raise LedgerError if another target of sendspec.yaml has sent something to the same account."""
    for other in _same_account(project, target):
        state = _read(make_ledger(project.directory, other))
        sent = missing_requests(state, LedgerState(target.name, target.account)) if state else ()
        if sent:
            raise LedgerError(
                f"target '{other.name}' has sent {pluralize(len(sent), 'request')} to the same account",
                hint=f"add `--from {other.name}` if both are one organisation, `--empty` if they are two",
            )


def _refuse_other_projects(target: Target, others: Sequence[OtherLedger]) -> None:
    """Raise LedgerError if another project directory has sent something to the same account.

    This project may have shared that ledger before its target got a name of its own.
    """
    for name, version, file in others:
        sent = missing_requests(version.state, LedgerState(target.name, target.account))
        if file is not None and sent:
            raise LedgerError(
                f"target '{name}' of {file} has sent {pluralize(len(sent), 'request')} to the same account",
                hint=f"add `--empty` if this project never used that target, `--from {name}` if it did",
            )


def _same_account(project: Project, target: Target) -> Sequence[Target]:
    return [
        other
        for other in project.targets.values()
        if other.name != target.name and other.account == target.account
    ]
