"""Thread pools: a map over all processors, and daemon threads for I/O."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_Task = Callable[[], None]

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
    """A fixed number of daemon threads that run tasks in the order of submission.

    The process can end while a task runs; `concurrent.futures` would wait for the task at exit.
    A task must handle its own exceptions: one that escapes ends the task's thread. Each idle thread waits
    for a queue of its own, because each task of a shared queue wakes a second thread for nothing.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[_Task | None] = deque()
        self._idle: list[SimpleQueue[_Task | None]] = []
        self._shut_down = False
        self._threads = [
            threading.Thread(target=self._run_tasks, name=f"{name}-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, task: _Task) -> None:
        """Queue `task`.

        Raises:
            RuntimeError: the pool is shut down, so no thread would run the task.
        """
        if self._shut_down:
            raise RuntimeError("cannot submit a task: the pool is shut down")
        self._start(task)

    def shutdown(self, *, wait: bool, cancel_queued: bool = False) -> None:
        """End the threads after the queued tasks; with `cancel_queued`, after the running tasks only.

        With `wait`, return when all threads have ended.
        """
        self._shut_down = True
        if cancel_queued:
            with self._lock:
                self._waiting.clear()
        for _ in self._threads:
            self._start(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _start(self, task: _Task | None) -> None:
        """Give a task, None as its end, to the thread that was busy last, or to the next idle one."""
        with self._lock:
            if not self._idle:
                self._waiting.append(task)
                return
            idle = self._idle.pop()
        idle.put(task)

    def _run_tasks(self) -> None:
        own: SimpleQueue[_Task | None] = SimpleQueue()
        while (task := self._next(own)) is not None:
            task()

    def _next(self, own: SimpleQueue[_Task | None]) -> _Task | None:
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._idle.append(own)
        return own.get()
