"""Progress of the scan of large lists: a line on a terminal, a few lines in CI, otherwise nothing."""

from __future__ import annotations

import gzip
import os
import pty
import struct
import sys
import termios
from contextlib import contextmanager
from fcntl import ioctl

import pytest
from arro3 import io
from arro3.core import Array, DataType, Table

from sendspec.cli._lib.console import Console
from sendspec.cli._lib.scan_progress import BYTES_MIN, show_scan
from sendspec.load import load_project
from sendspec.model import LedgerState
from sendspec.plan import plan_project
from sendspec.report.scan_progress import rows_line, scan_line
from tests.clocks import SetClock
from tests.projects import CONTACTS, number, people, project

WIDE_ROWS = "contactId,NAME,NOTES\n" + "".join(f"{number(i)},Ada,{'x' * 20_000}\n" for i in range(250))
SECOND_SEND = CONTACTS.replace("campaign: sale", "campaign: second").replace("{NAME: there}", "{NAME: you}")
WIDE = CONTACTS.replace("csv}", "csv, columns: {contactId: contactId, personalization: {NAME: NAME}}}")
END = "end of the output"
EXCLUDING = "    exclude: [../contacts/opt-out.csv]\n"


class Record:
    """An observer that keeps what it receives."""

    def __init__(self) -> None:
        self.total, self.lists, self.reads, self.rows = 0, [], [], 0

    def on_scan(self, total: int) -> None:
        self.total = total

    def on_list(self, size: int) -> None:
        self.lists.append(size)
        self.reads.append(0)

    def on_read(self, count: int) -> None:
        self.reads[-1] += count

    def on_rows(self, count: int) -> None:
        self.rows += count


def observed(directory) -> Record:
    """Return what an observer receives from a plan of this project."""
    record, loaded = Record(), load_project(directory, {})
    target, at = loaded.targets["sandbox"], SetClock.START
    plan_project(loaded, target, LedgerState("sandbox", "sandbox"), at, observer=record)
    return record


@contextmanager
def terminal(monkeypatch, columns: int):
    """Make standard error a terminal of this width; yield a function that returns its output."""
    mine, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with open(theirs, "w", encoding="utf-8") as stream:  # noqa: PTH123 - from a descriptor
        monkeypatch.setattr(sys, "stderr", stream)

        def output() -> str:
            stream.write(END)
            stream.flush()
            text = ""
            while not text.endswith(END):
                text += os.read(mine, 1 << 16).decode()
            return text.removesuffix(END)

        yield output
    os.close(mine)


def drawn(output: str) -> list[str]:
    """Return the lines that were drawn, without the spaces that replace a longer line."""
    return [line.rstrip() for line in output.split("\r") if line.strip()]


# ── what an observer receives


def test_an_observer_receives_the_size_of_every_list_and_each_read(tmp_path):
    """Two sends share one scan; an exclude list is read once; each file is read to its end."""
    third = SECOND_SEND.replace("second", "third") + EXCLUDING
    directory = project(tmp_path, CONTACTS, SECOND_SEND, third, third.replace("third", "fourth"))
    (directory / "contacts" / "opt-out.csv").write_text(people(1))
    list_size, excluded = len(people(3)), len(people(1))
    record = observed(directory)
    assert sorted(record.lists) == [list_size, list_size, list_size + excluded]
    assert record.total == sum(record.lists)
    # The header of an exclude list is read first, to find its column.
    assert sorted(record.reads) == [list_size, list_size, list_size + 2 * excluded]


def test_a_second_pass_over_a_list_exceeds_its_size(tmp_path):
    """Duplicates are compared in a second pass, whose reads are reported too."""
    directory = project(tmp_path, CONTACTS)
    text = people(3) + f"{number(0)},Ada\n"
    (directory / "contacts" / "people.csv").write_text(text)
    record = observed(directory)
    assert (record.total, record.lists, record.reads) == (len(text), [len(text)], [2 * len(text)])


def test_the_size_of_a_compressed_list_is_that_on_the_disk(tmp_path):
    """Total and reads of a list in gzip are those of the compressed file."""
    directory = project(tmp_path, CONTACTS.replace("people.csv", "people.csv.gz"))
    content = gzip.compress(people(2000).encode())
    (directory / "contacts" / "people.csv.gz").write_bytes(content)
    record = observed(directory)
    assert (record.total, record.reads) == (len(content), [len(content)])


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_the_reads_of_a_library_are_reported(suffix, tmp_path):
    """A library reads Parquet and Arrow; the observer receives each of its reads, and the file is closed."""
    directory = project(tmp_path, CONTACTS.replace("people.csv", f"people.{suffix}"))
    file = directory / "contacts" / f"people.{suffix}"
    texts = {"contactId": [number(i) for i in range(3000)], "NAME": ["Ada"] * 3000}
    table = Table({name: Array(values, type=DataType.string()) for name, values in texts.items()})
    (io.write_parquet if suffix == "parquet" else io.write_ipc)(table, file)
    record = observed(directory)
    assert record.total == file.stat().st_size
    assert record.reads[0] >= 0.9 * record.total


def test_the_rows_of_a_query_are_reported(tmp_path, monkeypatch):
    """The size of a query is not known, so the observer receives rows."""
    monkeypatch.setenv("SENDSPEC_CONNECTION_LISTS", "duckdb://")
    number_of_row = "cast(12125550100 + i as varchar)"
    sql = f"select {number_of_row} as contactId, 'Ada' as NAME from range(90) as t(i) order by 1"
    query = f'{{sql: "{sql}", connection: lists}}'
    record = observed(project(tmp_path, CONTACTS.replace("{file: ../contacts/people.csv}", query)))
    assert (record.total, record.reads, record.rows) == (0, [0], 90)


# ── the line


@pytest.mark.parametrize(
    ("done", "seconds", "repeats", "line"),
    [
        (0, 0, False, "reading lists: 0 %, 0 B of 945 MB"),
        (65_536, 0.4, False, "reading lists: 0 %, 66 kB of 945 MB"),
        (312_000_000, 7.6, False, "reading lists: 33 %, 0:15 left, 312 MB of 945 MB, 41 MB/s"),
        (2_500_000, 10, False, "reading lists: 0 %, 1:02:50 left, 2.5 MB of 945 MB, 250 kB/s"),
        (945_000_000, 23, False, "reading lists: 100 %, 945 MB of 945 MB, 41 MB/s"),
        (945_000_000, 25, True, "reading lists: 100 %, comparing duplicates, 945 MB of 945 MB"),
    ],
)
def test_the_line_has_the_time_left_and_the_rate(done, seconds, repeats, line):
    """Rate and time left follow after a second, and not for a second pass."""
    assert scan_line(done, 945_000_000, seconds, repeats=repeats) == line


def test_the_line_of_a_query_has_its_rows():
    """The number of rows and, after a second, the rate."""
    assert rows_line(52_000, 0.8) == "reading lists: 52,000 rows of a query"
    assert rows_line(230_000, 5) == "reading lists: 230,000 rows of a query, 46,000/s"


def test_a_terminal_shows_the_rows_of_a_large_query(monkeypatch):
    """The line of a query appears when the query has many rows, also if no file is large."""
    clock = SetClock()
    with terminal(monkeypatch, 80) as output:
        with show_scan(Console(), clock) as observer:
            observer.on_scan(0)
            observer.on_list(0)
            for tick in range(16):
                clock.seconds = tick / 8
                observer.on_rows(10_000)
        lines = drawn(output())
    assert lines[0] == "reading lists: 50,000 rows of a query"
    assert lines[-1] == "reading lists: 160,000 rows of a query, 85,333/s"


def test_a_terminal_shows_one_line_at_most_ten_times_a_second(monkeypatch):
    """A line replaces the one before it, without escape codes, and disappears at the end."""
    clock = SetClock()
    with terminal(monkeypatch, 80) as output:
        with show_scan(Console(), clock) as observer:
            observer.on_scan(10_000_000)
            observer.on_list(10_000_000)
            for tick in range(64):
                clock.seconds = tick / 32
                observer.on_read(100_000)
        text = output()
    assert len(drawn(text)) == 16
    assert drawn(text)[0] == "reading lists: 1 %, 100 kB of 10 MB"
    assert drawn(text)[-1] == "reading lists: 61 %, 0:01 left, 6.1 MB of 10 MB, 3.3 MB/s"
    assert "\x1b" not in text
    assert "\n" not in text
    assert text.endswith(f"\r{' ' * len(drawn(text)[-1])}\r")


@pytest.mark.parametrize(("columns", "shown"), [(40, "reading lists: 33 %, 0:15 left"), (10, "reading l")])
def test_a_narrow_terminal_cuts_the_line(columns, shown, monkeypatch):
    """The line never folds, because a folded line could not be replaced."""
    with terminal(monkeypatch, columns) as output:
        Console().draw(scan_line(312_000_000, 945_000_000, 7.6))
        assert output() == f"\r{shown}"


def test_a_drawn_line_is_masked_and_cannot_move_the_cursor(monkeypatch):
    """A drawn line passes the same masking and escaping as every message."""
    with terminal(monkeypatch, 80) as output:
        Console().draw("list of +1 212 555 0123 \x1b[2J")
        assert output() == "\rlist of 1212•••••23 \\u001b[2J"


def test_a_message_replaces_the_line(monkeypatch):
    """A message that is written meanwhile does not follow the line on the same row."""
    with terminal(monkeypatch, 80) as output:
        console = Console()
        console.draw("reading")
        console.info("note")
        assert output() == "\rreading\r       \rnote\r\n"


def test_ci_has_a_line_every_ten_seconds(monkeypatch, capsys):
    """A scan of less than ten seconds writes nothing in CI, a longer one a line for each ten."""
    monkeypatch.setenv("CI", "true")
    clock = SetClock()
    with show_scan(Console(), clock) as observer:
        observer.on_scan(100_000_000)
        observer.on_list(100_000_000)
        for second in range(31):
            clock.seconds = second
            observer.on_read(1_000_000)
    assert capsys.readouterr().err.splitlines() == [
        "reading lists: 11 %, 1:21 left, 11 MB of 100 MB, 1.1 MB/s",
        "reading lists: 21 %, 1:15 left, 21 MB of 100 MB, 1.1 MB/s",
        "reading lists: 31 %, 1:07 left, 31 MB of 100 MB, 1.0 MB/s",
    ]


# ── the verbs


@pytest.mark.parametrize("verb", [("plan",), ("validate",), ("apply", "--auto-approve")])
def test_a_verb_shows_the_scan_of_a_large_list_on_a_terminal(verb, cli, tmp_path, monkeypatch):
    """A list of some megabytes has a line, which is removed before the verb writes anything else."""
    directory = project(tmp_path / "specs", WIDE)
    (directory / "contacts" / "people.csv").write_text(WIDE_ROWS)
    assert len(WIDE_ROWS) > BYTES_MIN
    with terminal(monkeypatch, 80) as output:
        cli(*verb, directory)
        shown, _, rest = output().partition(" \r")
    assert drawn(shown)[0].startswith("reading lists: 0 %, ")
    assert "reading lists" not in rest


def test_small_lists_and_other_streams_have_no_line(cli, tmp_path, monkeypatch):
    """A small list has no line on a terminal, and a large one has none in a file."""
    directory = project(tmp_path / "specs", WIDE)
    with terminal(monkeypatch, 80) as output:
        cli("validate", directory)
        assert "reading lists" not in output()
    monkeypatch.undo()
    (directory / "contacts" / "people.csv").write_text(WIDE_ROWS)
    assert "reading lists" not in cli("validate", directory).err
