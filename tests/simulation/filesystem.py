"""A disk in memory: a power failure loses, keeps or tears what is not durable."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.simulation.process import Killed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.simulation.process import Process

    Choose = Callable[[int], int]
    """Returns an index from 0 to n-1; 0 always means that only durable data survives."""


@dataclass(slots=True, eq=False)
class File:
    """A file as processes see it, as the disk has it, and the spans that a failed sync lost.

    After a failed fsync the system considers the data clean, so later syncs succeed without it.
    """

    content: bytes = b""
    durable: bytes = b""
    lost_spans: list[tuple[int, int]] = field(default_factory=list)

    def sync(self) -> None:
        """Make the content durable, except the lost spans."""
        durable = bytearray(self.content)
        for start, end in self.lost_spans:
            durable[start:end] = bytes(min(end, len(durable)) - start)
        self.durable = bytes(durable)

    def lose(self) -> None:
        """Lose what is not durable yet, as a failed fsync does."""
        shared = _shared(self.durable, self.content)
        self.lost_spans.append((shared, len(self.content)))

    def empty(self) -> None:
        """Truncate the file."""
        self.content = b""
        self.lost_spans.clear()

    def survivor(self, choose: Choose) -> bytes:
        """Return the content after a power failure."""
        possible = [self.durable]
        if self.content != self.durable and not self.lost_spans:
            shared = _shared(self.durable, self.content)
            tail = self.content[shared:]
            torn = [tail[: len(tail) // 2], tail[:-1], tail[:1], bytes(len(tail)), bytes(9) + tail[9:]]
            possible += [self.content, *(self.content[:shared] + rest for rest in torn if tail)]
        return possible[choose(len(possible))]


def _shared(one: bytes, other: bytes) -> int:
    """Return the length of the common prefix of two contents."""
    if other.startswith(one):
        return len(one)
    return next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(other)
    )


class Storage:
    """The files of one machine, as its processes see them and as a power failure leaves them."""

    def __init__(self) -> None:
        self.names: dict[str, File] = {}
        self.locks: dict[str, Process] = {}
        self._durable: dict[str, File] = {}
        self._moves: dict[str, list[File | None]] = {}

    def name(self, name: str, file: File | None) -> None:
        """Point a name to a file, or remove it; not durable yet."""
        self._moves.setdefault(name, []).append(file)
        if file is None:
            self.names.pop(name, None)
        else:
            self.names[name] = file

    def sync_names(self) -> None:
        """Make every name durable."""
        if self._moves:
            self._durable = dict(self.names)
            self._moves.clear()

    @property
    def at_risk(self) -> bool:
        """Whether a power failure would change anything."""
        return bool(self._moves) or any(file.content != file.durable for file in self.names.values())

    def survivors(self, choose: Choose) -> dict[str, bytes]:
        """Return the contents after a power failure, as `choose` decides."""
        files = dict(self._durable)
        for name, versions in self._moves.items():
            possible = [self._durable.get(name), *versions]
            file = possible[choose(len(possible))]
            if file is None:
                files.pop(name, None)
            else:
                files[name] = file
        contents = {file: file.survivor(choose) for file in dict.fromkeys(files.values())}
        return {name: contents[file] for name, file in files.items()}

    def fail_power(self, choose: Choose) -> None:
        """Reduce the files to what a power failure leaves."""
        self._durable = {name: File(left, left) for name, left in self.survivors(choose).items()}
        self._moves.clear()
        self.names = dict(self._durable)


class ProcessDisk:
    """The storage as one process uses it; see `sendspec.ledger.filesystem.Filesystem`."""

    def __init__(self, storage: Storage, process: Process) -> None:
        self.storage = storage
        self.process = process
        self._handles: dict[int, File | str] = {}

    def _act(self, what: str, path: Path, effect: Callable[[], object]) -> None:
        """Carry out an atomic operation; with a fault, only if its extent is not nothing."""
        fault = self.process.step(f"{what} {path.name}", can_fail=True)
        if fault is None:
            effect()
            return
        if fault.extent is not fault.extent.NOTHING:
            effect()
        raise fault.error

    def read(self, path: Path) -> bytes | None:
        name = path.name
        fault = self.process.step(f"read {name}", can_fail=True)
        if fault is not None:
            raise fault.error
        file = self.storage.names.get(name)
        return None if file is None else file.content

    def open(self, path: Path, *, private: bool = False) -> int:  # noqa: ARG002 - as in Filesystem
        name = path.name
        fault = self.process.step(f"open {name}", can_fail=True)
        if fault is not None and fault.extent is fault.extent.NOTHING:
            raise fault.error
        file = self.storage.names.get(name)
        if file is None:
            file = File()
            self.storage.name(name, file)
        if fault is not None:  # The file exists, but is not truncated.
            raise fault.error
        file.empty()
        return self._handle(file)

    def write(self, handle: int, content: bytes) -> None:
        file = self._file(handle)
        fault = self.process.step("write", can_fail=True)
        if fault is None:
            file.content += content
            return
        file.content += fault.extent.of(content)
        raise fault.error

    def sync(self, handle: int) -> None:
        file = self._file(handle)
        fault = self.process.step("fsync", can_fail=True)
        if fault is None:
            file.sync()
            return
        if fault.extent is fault.extent.WHOLE:
            file.sync()
        elif fault.extent is fault.extent.NOTHING:
            file.lose()
        raise fault.error

    def sync_all(self, handles: Sequence[int], _start: object) -> None:
        for handle in handles:
            self.sync(handle)

    def close(self, handle: int) -> None:
        held = self._handles[handle]
        self.process.step("unlock" if isinstance(held, str) else "close")
        del self._handles[handle]
        if isinstance(held, str) and self.storage.locks.get(held) is self.process:
            del self.storage.locks[held]

    def replace(self, source: Path, path: Path) -> None:
        def rename() -> None:
            file = self.storage.names.get(source.name)
            if file is None:
                raise FileNotFoundError(errno.ENOENT, "ENOENT", source.name)
            self.storage.name(source.name, None)
            self.storage.name(path.name, file)

        self._act("rename onto", path, rename)

    def remove(self, path: Path) -> None:
        def unlink() -> None:
            if path.name in self.storage.names:
                self.storage.name(path.name, None)

        self._act("unlink", path, unlink)

    def sync_directory(self, directory: Path) -> None:
        self._act("fsync directory", directory, self.storage.sync_names)

    def is_named(self, handle: int, path: Path) -> bool:
        name = path.name
        self.process.step(f"stat {name}")
        held = self._handles[handle]
        if isinstance(held, str):
            return self.storage.locks.get(name) is self.process
        return self.storage.names.get(name) is held

    def lock(self, path: Path, line: bytes, *, private: bool = False) -> int:  # noqa: ARG002 - as in Filesystem
        name = path.name
        fault = self.process.step(f"lock {name}", can_fail=True)
        if fault is not None and not isinstance(fault.error, Killed):
            raise fault.error
        if name in self.storage.locks:
            raise BlockingIOError
        self.storage.names[name] = File(line, line)
        self.storage.locks[name] = self.process
        if fault is not None:
            raise fault.error
        return self._handle(name)

    def _file(self, handle: int) -> File:
        file = self._handles[handle]
        assert isinstance(file, File)
        return file

    def _handle(self, held: File | str) -> int:
        handle = self.process.steps
        self._handles[handle] = held
        return handle
