"""The rows of contacts that received nothing, in the lists of their sends as these are now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.errors import SpecError
from sendspec.formatting import pluralize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.audience.list_rows import ListRows
    from sendspec.cli._lib.console import Console
    from sendspec.model import LedgerState, Project, Send, Target
    from sendspec.status import TransactionStatus


def read_failed_rows(
    console: Console,
    project: Project,
    target: Target,
    state: LedgerState,
    statuses: Sequence[TransactionStatus],
) -> dict[str, ListRows]:
    """Return the rows of the contacts that failed, by the address of the send in the ledger.

    A list may have changed since the send, and the ledger has no numbers, so the number alone finds the row.
    A contact without a row and a list that cannot be read only cause a note.
    """
    from sendspec.audience.list_rows import list_rows

    failed: dict[str, set[str]] = {}
    for status in statuses:
        names = failed.setdefault(status.transaction.key.address, set())
        names |= {contact.identity for contact in status.failed}
    lists: dict[str, ListRows] = {}
    sends = _sends(console, project, target, state) if any(failed.values()) else {}
    for address, identities in failed.items():
        if not identities or address not in sends:
            continue
        try:
            rows = list_rows(sends[address], identities)
        except SpecError as error:
            console.info(f"note: the list of {address} cannot be read: {error.problems[0].message}")
            continue
        if rows is None:
            continue
        lists[address] = rows
        if missing := sum(rows.cells(identity) is None for identity in identities):
            contacts = pluralize(missing, "contact that failed is", "contacts that failed are")
            console.info(f"note: {contacts} not in the list of {address} now")
    return lists


def _sends(console: Console, project: Project, target: Target, state: LedgerState) -> dict[str, Send]:
    """Return the sends of the specs by their address in the ledger, none if the specs have problems."""
    from sendspec.identity import identify
    from sendspec.render import render

    try:
        sends = render(project, target, require_files=False)
        under = identify(sends, state).sent_under
    except SpecError:
        console.info("note: the specs have problems, so the rows of their lists are left out")
        return {}
    return {under.get(send.address, send.address): send for send in sends}
