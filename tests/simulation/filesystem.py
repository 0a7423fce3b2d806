"""A disk in memory that loses, keeps or tears at a power failure what was not made durable."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.simulation.process import Killed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.simulation.process import Process

    Choose = Callable[[int], int]
    """Picks one of n possibilities: an index from 0 to n-1. 0 is always "what was made durable"."""


@dataclass(slots=True, eq=False)
class File:
    """A file as processes see it, as the platter has it, and the spans that a failed sync gave up.

    After a failed fsync the system takes the data for clean: later syncs succeed without it.
    """

    content: bytes = b""
    durable: bytes = b""
    given_up: list[tuple[int, int]] = field(default_factory=list)

    def sync(self) -> None:
        """Make the content durable, but for what was given up."""
        durable = bytearray(self.content)
        for start, end in self.given_up:
            durable[start:end] = bytes(min(end, len(durable)) - start)
        self.durable = bytes(durable)

    def give_up(self) -> None:
        """Forget that what is not durable yet should become so."""
        shared = _shared(self.durable, self.content)
        self.given_up.append((shared, len(self.content)))

    def empty(self) -> None:
        """Keep nothing."""
        self.content = b""
        self.given_up.clear()

    def survivor(self, choose: Choose) -> bytes:
        """Give what a power failure leaves."""
        possible = [self.durable]
        if self.content != self.durable and not self.given_up:
            shared = _shared(self.durable, self.content)
            tail = self.content[shared:]
            torn = [tail[: len(tail) // 2], tail[:-1], tail[:1], bytes(len(tail)), bytes(9) + tail[9:]]
            possible += [self.content, *(self.content[:shared] + rest for rest in torn if tail)]
        return possible[choose(len(possible))]


def _shared(one: bytes, other: bytes) -> int:
    """Give how many bytes two contents begin with alike."""
    if other.startswith(one):
        return len(one)
    return next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(other)
    )


class Storage:
    """The files of one machine: what its processes see, and what a power failure leaves."""

    def __init__(self) -> None:
        self.names: dict[str, File] = {}
        self.locks: dict[str, Process] = {}
        self._durable: dict[str, File] = {}
        self._moves: dict[str, list[File | None]] = {}

    def name(self, name: str, file: File | None) -> None:
        """Let a name stand for a file, or for none; not durable yet."""
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
        """Whether a power failure could take anything."""
        return bool(self._moves) or any(file.content != file.durable for file in self.names.values())

    def survivors(self, choose: Choose) -> dict[str, bytes]:
        """Give what a power failure leaves of everything that was not made durable, as `choose` response."""
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
        """Be what a power failure leaves."""
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
        """Do what either happens or does not; cut short it has happened only if it is cut after it."""
        fault = self.process.step(f"{what} {path.name}", can_fail=True)
        if fault is None:
            effect()
            return
        if fault.extent is not fault.extent.NOTHING:
            effect()
        raise fault.error

    def read(self, path: Path) -> bytes | None:
        fault = self.process.step(f"read {path.name}", can_fail=True)
        if fault is not None:
            raise fault.error
        file = self.storage.names.get(path.name)
        return None if file is None else file.content

    def open(self, path: Path) -> int:
        fault = self.process.step(f"open {path.name}", can_fail=True)
        if fault is not None and fault.extent is fault.extent.NOTHING:
            raise fault.error
        file = self.storage.names.get(path.name)
        if file is None:
            file = File()
            self.storage.name(path.name, file)
        if fault is not None:  # created, but not emptied
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
            file.give_up()
        raise fault.error

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
        self.process.step(f"stat {path.name}")
        held = self._handles[handle]
        if isinstance(held, str):
            return self.storage.locks.get(path.name) is self.process
        return self.storage.names.get(path.name) is held

    def lock(self, path: Path, line: bytes) -> int:
        fault = self.process.step(f"lock {path.name}", can_fail=True)
        if fault is not None and not isinstance(fault.error, Killed):
            raise fault.error
        if path.name in self.storage.locks:
            raise BlockingIOError
        self.storage.names[path.name] = File(line, line)
        self.storage.locks[path.name] = self.process
        if fault is not None:
            raise fault.error
        return self._handle(path.name)

    def _file(self, handle: int) -> File:
        file = self._handles[handle]
        assert isinstance(file, File)
        return file

    def _handle(self, held: File | str) -> int:
        handle = self.process.steps
        self._handles[handle] = held
        return handle
