"""Thread pools: a map over all processors, and daemon threads for I/O."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_ITEMS_MIN: Final = 8
"""Below this many items, threads cost more than they save."""


def parallel_map(
    function: Callable[[_Item], _Result], items: Sequence[_Item], *, items_min: int = _ITEMS_MIN
) -> list[_Result]:
    """Return `function` of every item, in order, computed on all processors if there are `items_min`.

    It pays only if `function` releases the interpreter's lock for most of its time, as scrypt does.
    """
    workers = 1 if len(items) < items_min else os.cpu_count() or 1
    if workers == 1:
        return [function(item) for item in items]

    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - few items need no threads

    # Each thread takes every n-th item, because queueing single items would cost more than most take.
    def share(first: int) -> list[_Result]:
        return [function(item) for item in items[first::workers]]

    with ThreadPoolExecutor(workers) as pool:
        shares = list(pool.map(share, range(workers)))
    return [shares[index % workers][index // workers] for index in range(len(items))]


class DaemonThreadPool:
    """A fixed number of daemon threads that run tasks from one queue, in the order of submission.

    The process can end while a task runs; `concurrent.futures` would wait for the task at exit.
    A task must handle its own exceptions: one that escapes ends the task's thread.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._shut_down = False
        self._threads = [
            threading.Thread(target=self._run_tasks, name=f"{name}-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, task: Callable[[], None]) -> None:
        """Queue `task`.

        Raises:
            RuntimeError: the pool is shut down, so no thread would run the task.
        """
        if self._shut_down:
            raise RuntimeError("cannot submit a task: the pool is shut down")
        self._tasks.put(task)

    def shutdown(self, *, wait: bool, cancel_queued: bool = False) -> None:
        """End the threads after the queued tasks; with `cancel_queued`, after the running tasks only.

        With `wait`, return when all threads have ended.
        """
        self._shut_down = True
        if cancel_queued:
            with suppress(Empty):
                while True:
                    self._tasks.get_nowait()
        for _ in self._threads:
            self._tasks.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _run_tasks(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()
