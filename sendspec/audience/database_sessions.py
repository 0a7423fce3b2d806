"""Sessions of databases that only read, for one query each.

A pull request can change every query. A session must therefore not be able to write, to read other files
of this machine, or to load code, as far as the database can prevent it.
"""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from sendspec.audience.connections import UnusableConnection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from adbc_driver_manager import AdbcConnection, AdbcDatabase, AdbcStatement

    from sendspec.audience.connections import Connection

BATCH_BYTES: Final = 256 * 1024
"""Size of a batch of rows. With the 16 MiB of its driver, PostgreSQL needs 30 MB more for a long list."""
QUERY_MILLISECONDS_MAX: Final = 600_000
"""Time from the start of a query to its last row; the database keeps to it, if it has such a setting."""
_CONNECT_SECONDS_MAX: Final = 30


class _Database(NamedTuple):
    """An opened database, and the statements that make a session of it safe."""

    opened: AdbcDatabase
    settings: Sequence[str] = ()


class _Driver(NamedTuple):
    """How to open the databases of one scheme, and the extra of sendspec that installs the driver."""

    extra: str
    open: Callable[[str], _Database]
    reads_only: Callable[[str], bool] = lambda _: True
    """Whether the database's own parser takes a query for a single one that reads."""
    statement_options: Mapping[str, str] = MappingProxyType({})
    """Options of the driver for the statement of a query."""


@contextmanager
def session(connection: Connection, sql: str) -> Iterator[AdbcStatement]:
    """Yield the statement of one query, in a session that only reads.

    Raises:
        UnusableConnection: the URI has an unknown scheme, its driver is not installed, or the query writes.
    """
    driver = _DRIVERS.get(connection.scheme)
    if driver is None:
        known = ", ".join(f"{scheme}://" for scheme in _DRIVERS)
        message = f"the URI of the connection '{connection.name}' has an unknown scheme"
        raise UnusableConnection(message, f"use one of {known}")
    try:
        from adbc_driver_manager import AdbcConnection, AdbcStatement  # noqa: PLC0415 - an extra

        if not driver.reads_only(sql):
            raise UnusableConnection("the query is more than one select", "write one select statement")
        database = driver.open(connection.uri)
    except ImportError:
        message = f"cannot use the connection '{connection.name}': its driver is not installed"
        raise UnusableConnection(message, f"run `pip install 'sendspec[{driver.extra}]'`") from None
    with database.opened, AdbcConnection(database.opened) as opened:
        for setting in database.settings:
            _execute(opened, setting)
        with AdbcStatement(opened) as statement:
            statement.set_options(**driver.statement_options)
            statement.set_sql_query(sql)
            yield statement


def _execute(opened: AdbcConnection, sql: str) -> None:
    from adbc_driver_manager import AdbcStatement  # noqa: PLC0415 - an extra

    with AdbcStatement(opened) as statement:
        statement.set_sql_query(sql)
        statement.execute_update()


def _duckdb(uri: str) -> _Database:
    """Open a file of DuckDB, or a database in memory; only the `directory` entries of the URI are readable.

    Without limits DuckDB reads every file of the machine, and so the credentials of this process.
    """
    from adbc_driver_duckdb import driver_path  # noqa: PLC0415 - an extra
    from adbc_driver_manager import AdbcDatabase  # noqa: PLC0415 - an extra

    parts = urlsplit(uri)
    path = unquote(parts.path)
    options = {"path": path, "access_mode": "READ_ONLY"} if path.strip("/") else {"path": ":memory:"}
    database = AdbcDatabase(
        driver=driver_path(),
        entrypoint="duckdb_adbc_init",
        autoinstall_known_extensions="false",
        autoload_known_extensions="false",
        allow_community_extensions="false",
        # Contacts that do not fit the memory must not be written beside the project.
        temp_directory="",
        **options,
    )
    directories = ", ".join(map(_literal, parse_qs(parts.query).get("directory", ())))
    return _Database(
        database,
        (
            f"SET max_execution_time = {QUERY_MILLISECONDS_MAX}",
            f"SET allowed_directories = [{directories}]",
            "SET enable_external_access = false",
            "SET lock_configuration = true",
        ),
    )


def _is_select(sql: str) -> bool:
    """Return whether DuckDB takes a query for one select; its session also accepts several statements."""
    import duckdb  # noqa: PLC0415 - an extra

    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error:
        return True  # The session reports the error of syntax.
    return [statement.type for statement in statements] == [duckdb.StatementType.SELECT]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _postgresql(uri: str) -> _Database:
    from adbc_driver_postgresql import connect  # noqa: PLC0415 - an extra

    if "connect_timeout" not in uri:
        uri += f"{'&' if '?' in uri else '?'}connect_timeout={_CONNECT_SECONDS_MAX}"
    return _Database(
        connect(uri),
        (
            "SET application_name = 'sendspec'",
            "SET default_transaction_read_only = on",
            f"SET statement_timeout = {QUERY_MILLISECONDS_MAX}",
        ),
    )


def _snowflake(uri: str) -> _Database:
    database, seconds = (
        _connect("adbc_driver_snowflake", uri.partition("://")[2]),
        QUERY_MILLISECONDS_MAX // 1000,
    )
    return _Database(database, (f"ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = {seconds}",))


def _bigquery(uri: str) -> _Database:
    """Open a project as `bigquery://project`; the driver finds the credentials in the environment."""
    options = {"adbc.bigquery.sql.project_id": urlsplit(uri).netloc}
    return _Database(_connect("adbc_driver_bigquery", db_kwargs=options))


def _flight_sql(uri: str) -> _Database:
    parts = urlsplit(uri)
    user, password = parts.username, parts.password
    options = {} if user is None else {"username": unquote(user), "password": unquote(password or "")}
    address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    return _Database(_connect("adbc_driver_flightsql", address, db_kwargs=options))


def _connect(module: str, *arguments: str, **options: Mapping[str, str]) -> Any:
    """Return the database of a driver that has no types here, because the tests do not install it."""
    return import_module(module).connect(*arguments, **options)


_POSTGRESQL: Final = _Driver(
    "postgresql",
    _postgresql,
    statement_options={"adbc.postgresql.batch_size_hint_bytes": str(BATCH_BYTES)},
)

_DRIVERS: Final[Mapping[str, _Driver]] = {
    "duckdb": _Driver("duckdb", _duckdb, _is_select),
    "postgresql": _POSTGRESQL,
    "postgres": _POSTGRESQL,
    "snowflake": _Driver("snowflake", _snowflake),
    "bigquery": _Driver("bigquery", _bigquery),
    "grpc": _Driver("flightsql", _flight_sql),
    "grpc+tls": _Driver("flightsql", _flight_sql),
}
