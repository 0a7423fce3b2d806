"""Thread pools: results in order, tasks in order, and a process that ends when it wants to."""

from __future__ import annotations

import subprocess
import sys
import threading
from queue import SimpleQueue

import pytest

from sendspec.parallel import DaemonThreadPool, parallel_map


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 100])
def test_a_parallel_map_returns_results_in_order(count):
    """The results are those of a plain loop, for few items and for many."""
    assert parallel_map(str, range(count)) == [str(item) for item in range(count)]


@pytest.mark.parametrize("count", [1, 100])
def test_a_parallel_map_raises_the_error_of_an_item(count):
    """An exception of one item is raised to the caller, whichever thread computed it."""
    with pytest.raises(ZeroDivisionError):
        parallel_map(lambda item: 1 // item, range(count))


def test_one_thread_runs_tasks_in_order():
    """A pool of one thread runs one task after another, and shutdown waits for the last."""
    done: list[int] = []
    pool = DaemonThreadPool(1, "test")
    for number in range(100):
        pool.submit(lambda number=number: done.append(number))
    pool.shutdown(wait=True)
    assert done == list(range(100))


def test_several_threads_run_tasks_together():
    """Three tasks that wait for each other finish in a pool of three threads, which carry its name."""
    barrier = threading.Barrier(3, timeout=60)
    names: SimpleQueue[str] = SimpleQueue()

    def task() -> None:
        barrier.wait()
        names.put(threading.current_thread().name)

    pool = DaemonThreadPool(3, "test")
    for _ in range(3):
        pool.submit(task)
    assert {names.get(timeout=60) for _ in range(3)} == {"test-0", "test-1", "test-2"}
    pool.shutdown(wait=True)


def test_queued_tasks_can_be_cancelled():
    """Shutdown with cancel_queued finishes the running task and drops the tasks behind it."""
    started, released = threading.Event(), threading.Event()
    done: list[str] = []

    def running() -> None:
        started.set()
        released.wait()
        done.append("running")

    pool = DaemonThreadPool(1, "test")
    pool.submit(running)
    pool.submit(lambda: done.append("queued"))
    assert started.wait(timeout=60)
    pool.shutdown(wait=False, cancel_queued=True)
    released.set()
    pool.shutdown(wait=True)
    assert done == ["running"]


def test_a_pool_that_is_shut_down_refuses_tasks():
    """A task that no thread would run is an error, not a silent loss."""
    pool = DaemonThreadPool(2, "test")
    pool.shutdown(wait=True)
    with pytest.raises(RuntimeError, match="shut down"):
        pool.submit(lambda: None)


def test_a_running_task_does_not_keep_the_process_alive():
    """A process ends while a task of its pool still waits for something that never comes."""
    script = (
        "import threading\n"
        "from sendspec.parallel import DaemonThreadPool\n"
        "started = threading.Event()\n"
        "pool = DaemonThreadPool(1, 'test')\n"
        "pool.submit(lambda: (started.set(), threading.Event().wait()))\n"
        "started.wait()\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=True, timeout=60).returncode == 0
