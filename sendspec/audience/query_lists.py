"""Lists that are the rows of a query, streamed from a database."""

from __future__ import annotations

import re
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final, NoReturn

from sendspec.audience.arrow_reader import open_batches
from sendspec.audience.column_block import ColumnList
from sendspec.audience.connections import Connection, UnusableConnection
from sendspec.audience.database_sessions import session
from sendspec.errors import SpecError
from sendspec.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adbc_driver_manager import AdbcStatement
    from arro3.core import RecordBatchReader

    from sendspec.audience.column_block import ColumnBlock
    from sendspec.audience.problem_list import ProblemList
    from sendspec.model import ContactQuery, ReadObserver, Send

_CAUSE_LENGTH_MAX: Final = 200
_KIND: Final = re.compile(r"(?:[A-Z_]+|C Data interface error): ")
"""The start of a message: the status of ADBC, or the interface that the message came through."""

_QUOTED: Final = re.compile(r"(['\"])(.*?)\1")


def open_query(send: Send, query: ContactQuery, problems: ProblemList) -> ColumnList:
    """Return the rows of a query for one pass; the line of a contact is its row, from 1.

    The session ends with the last block, or when the blocks are closed.

    Raises:
        SpecError: the query cannot be run, or does not have the columns of the send.
    """
    with ExitStack() as stack:
        reader = stack.enter_context(_running(query))
        opened = open_batches(send, query, reader.schema, reader, problems)
        kept = stack.pop_all()
    return ColumnList(opened.layout, _closing(kept, opened.blocks, query.observer))


def _closing(
    kept: ExitStack, blocks: Iterator[ColumnBlock], observer: ReadObserver | None
) -> Iterator[ColumnBlock]:
    with kept:
        for block in blocks:
            if observer is not None:
                observer.on_rows(len(block))
            yield block


@contextmanager
def _running(query: ContactQuery) -> Iterator[RecordBatchReader]:
    """Yield the rows of a query while its session is open; raise SpecError if the query fails."""
    try:
        connection = Connection.from_environment(query.connection)
    except UnusableConnection as error:
        _refuse(query, error.message, error.hint)
    try:
        with session(connection, query.sql) as statement:
            yield _started(statement)
    except (SpecError, GeneratorExit):
        raise
    except UnusableConnection as error:
        _refuse(query, error.message, error.hint)
    except Exception as error:  # noqa: BLE001 - every driver has its own errors
        cause = _cause(str(error), connection, query.sql)
        message = f"the query on '{query.connection}' failed: {cause}"
        _refuse(query, message, "check the query and the connection")


def _started(statement: AdbcStatement) -> RecordBatchReader:
    """Return the rows of a query; the database sends them as they are read."""
    from arro3.core import RecordBatchReader  # noqa: PLC0415 - an extra

    stream, _ = statement.execute_query()
    return RecordBatchReader.from_stream(stream)


def _cause(text: str, connection: Connection, sql: str) -> str:
    """Return the first line of a database's message, without secrets and without values of contacts."""
    line = " ".join(_KIND.sub("", text[: 4 * _CAUSE_LENGTH_MAX].partition("\n")[0]).split())
    line = _QUOTED.sub(lambda quoted: quoted[0] if quoted[2] in sql else "'•••'", line)
    return connection.redactor.foreign(line)[:_CAUSE_LENGTH_MAX].rstrip(". ")


def _refuse(query: ContactQuery, message: str, hint: str) -> NoReturn:
    raise SpecError([Problem(query.location, message, hint)]) from None
