"""Progress of a scan: the size of all lists, the list that is next, and each read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sendspec.model import ContactFile, ContactQuery
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from sendspec.model import Send


class ScanObserver(Protocol):
    """Receives the progress of the scan of all lists of a run: bytes of files, and rows of queries."""

    def on_scan(self, total: int) -> None:
        """Receive the size of all files, each as often as the scan reads it for the first time."""
        ...

    def on_list(self, size: int) -> None:
        """Receive the size of the files that are read next, 0 for a query."""
        ...

    def on_read(self, count: int) -> None:
        """Receive the size of one read; duplicates cost a second pass, which exceeds the size of the list."""
        ...

    def on_rows(self, count: int) -> None:
        """Receive the number of rows of a query that were read next."""
        ...


def watch_lists(groups: Iterable[Sequence[Send]], observer: ScanObserver | None) -> Iterator[Sequence[Send]]:
    """Yield groups of sends that share a list; the observer receives each read of their lists."""
    if observer is None:
        yield from groups
        return
    groups = list(groups)
    sizes = _sizes(groups)
    observer.on_scan(sum(sizes))
    for sends, size in zip(groups, sizes, strict=True):
        observer.on_list(size)
        yield [_watched(send, observer) for send in sends]


def _sizes(groups: Iterable[Sequence[Send]]) -> list[int]:
    """Return the size of the lists of each group; an exclude list is read once for all of them."""
    excluded: set[Path] = set()
    sizes = []
    for sends in groups:
        contacts, lists = sends[0].contacts, {file.path for file in sends[0].exclude} - excluded
        excluded |= lists
        own = [contacts.path] if isinstance(contacts, ContactFile) else []
        sizes.append(sum(map(_size, [*own, *lists])))
    return sizes


def _size(path: Path) -> int:
    """Return the size of a file, 0 if it cannot be opened, which the scan reports."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _watched(send: Send, observer: ScanObserver) -> Send:
    contacts = send.contacts
    exclude = tuple(replace(file, observer=observer) for file in send.exclude)
    if isinstance(contacts, ContactFile | ContactQuery):
        contacts = replace(contacts, observer=observer)
    elif not exclude:
        return send
    return replace(send, contacts=contacts, exclude=exclude)
