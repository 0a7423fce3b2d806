"""Progress of a run: every line is shown, and none of them delays a request."""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import redirect_stderr, suppress
from typing import TYPE_CHECKING

from sendspec.cli._lib.console import Console
from sendspec.cli._lib.progress import show_progress
from sendspec.model import Endpoint, OutcomeReason, RequestKey, RequestState
from sendspec.protocol import Result

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNT = 40


def result_of(batch: int, state: RequestState = RequestState.SENT) -> Result:
    key = RequestKey("sale/last-call", 1, batch)
    return Result(key, Endpoint.CONTACTS, state, OutcomeReason.ACCEPTED, 1, transaction_id=f"t-{batch}")


def read_to_end(file: int) -> Iterator[bytes]:
    """Yield everything that is written to a pipe or a terminal, until its last writer closes it."""
    with suppress(OSError):  # A terminal without a writer is an error on Linux.
        while chunk := os.read(file, 65536):
            yield chunk


def test_every_result_is_one_line(capsys):
    """Outside of a terminal, all lines are there at the end, in order."""
    with show_progress(Console(), COUNT) as progress:
        for batch in range(COUNT):
            progress.report(result_of(batch))
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"sent      sale/last-call#{batch}  transaction t-{batch}" for batch in range(COUNT)]


def test_a_terminal_that_stops_delays_no_request():
    """If standard error takes nothing more, reports return, and the lines follow when it does."""
    reader, writer = os.pipe()
    flags = fcntl.fcntl(writer, fcntl.F_GETFL)
    fcntl.fcntl(writer, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while os.write(writer, b"x" * 4096):
            pass
    fcntl.fcntl(writer, fcntl.F_SETFL, flags)
    shown: list[bytes] = []
    reading = threading.Thread(target=lambda: shown.extend(read_to_end(reader)))
    reported = threading.Event()

    def give_up() -> None:
        # Only a report that waits for the pipe needs this reader.
        if not reported.wait(5):
            reading.start()

    threading.Thread(target=give_up).start()
    with os.fdopen(writer, "w") as stream, redirect_stderr(stream), show_progress(Console(), 2) as progress:
        progress.report(result_of(1))
        progress.report(result_of(2))
        assert not reading.is_alive()
        reported.set()
        reading.start()
    reading.join()
    os.close(reader)
    assert b"".join(shown).count(b"sale/last-call#") == 2


def test_a_terminal_shows_count_and_rate(monkeypatch):
    """The bar counts what was sent, and only other results get a line."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    terminal, stream = os.openpty()
    shown: list[bytes] = []
    reading = threading.Thread(target=lambda: shown.extend(read_to_end(terminal)))
    reading.start()
    with os.fdopen(stream, "w") as standard_error, redirect_stderr(standard_error):
        for last in (RequestState.SENT, RequestState.UNKNOWN):
            with show_progress(Console(), 3) as progress:
                for batch in (1, 2):
                    progress.report(result_of(batch))
                progress.report(result_of(3, last))
    reading.join()
    os.close(terminal)
    text = b"".join(shown).decode()
    assert text.count("sale/last-call#") == 1
    assert "UNKNOWN   sale/last-call#3" in text
    assert "3/3" in text
