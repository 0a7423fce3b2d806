"""Lists that are the rows of a query: DuckDB in files and in memory, and a real PostgreSQL server."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from adbc_driver_manager import AdbcConnection, AdbcStatement
from adbc_driver_postgresql import connect

from sendspec.audience import arrow_reader, database_sessions, query_lists
from sendspec.render.query_checks import query_defect
from tests.postgresql import missing_part, postgresql
from tests.projects import number, project
from tests.sent_lists import sent

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = "{contactId: phone, personalization: {NAME: name}}"
SENT = [{"contactId": number(1), "personalization": {"NAME": "Ann"}}, {"contactId": number(2)}]
QUERY = "select phone, name from people order by phone"
PEOPLE = f"(values ('{number(1)}', 'Ann'), ('{number(2)}', null)) people (phone, name)"
URI = "SENDSPEC_CONNECTION_WAREHOUSE"


def with_query(sql: str, *, connection: str = "warehouse", extra: str = "", columns: str = COLUMNS) -> Path:
    """Write a project with one send to the rows of a query."""
    return project(
        Path("specs"),
        'campaign: order\npurpose: transactional\nvars: {city: Paris, quoted: "\'"}\nsends:\n'
        "  - id: ready\n"
        '    endpoint: contacts\n    channelQualifier: "148372"\n'
        '    content: "Acme: hi %%NAME%%, your order is ready."\n    personalizationDefaults: {NAME: there}\n'
        f"{extra}    contacts:\n      connection: {connection}\n      columns: {columns}\n"
        f"      sql: |\n        {sql}\n",
    )


@pytest.fixture
def memory(monkeypatch):
    """Make the connection `warehouse` a database in memory."""
    monkeypatch.setenv(URI, "duckdb://")


@pytest.fixture
def warehouse(tmp_path, monkeypatch) -> Path:
    """Make the connection `warehouse` a file of DuckDB with the table `people`."""
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(path) as database:
        database.execute(f"create table people as select * from {PEOPLE}")
    monkeypatch.setenv(URI, f"duckdb://{path}")
    return path


@pytest.mark.usefixtures("warehouse")
def test_the_rows_of_a_query_are_the_contacts(cli):
    """The plan shows the connection, the query, the counts and the countries; the JSON form too."""
    with_query(QUERY)
    assert sent(cli) == SENT
    shown = cli("plan", "--full").out
    assert "contacts  query on warehouse, 2 rows: 2 recipients, 0 duplicates, 0 refused" in shown
    assert f'query     "{QUERY}"' in shown
    assert "countries US 2" in shown
    [action] = json.loads(cli("plan", "--format", "json").out)["actions"]
    assert action["contacts"]["query"] == {"connection": "warehouse", "sql": QUERY}


@pytest.mark.usefixtures("memory")
def test_a_query_is_a_template(cli):
    """A variable fills a text of the query, which keeps its lines."""
    with_query(
        f"select phone, '{{{{ city }}}}' as name\n        from {PEOPLE}\n        order by phone limit 1"
    )
    assert sent(cli) == [{"contactId": number(1), "personalization": {"NAME": "Paris"}}]


@pytest.mark.usefixtures("memory")
def test_typed_columns_become_texts(cli):
    """Integers are numbers of phones, decimals and dates are texts of tags."""
    with_query(f"select {number(1)} as phone, 9.50::decimal(5, 2) as name order by 1")
    assert sent(cli) == [{"contactId": number(1), "personalization": {"NAME": "9.50"}}]


def test_duckdb_reads_files_of_its_directories_only(tmp_path, monkeypatch, cli):
    """The URI of the connection names the directories; a link in one does not lead out of it."""
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "people.csv").write_text(f"phone,name\n{number(1)},Ann\n{number(2)},\n")
    (tmp_path / "secret.csv").write_text("phone,name\n1,secret\n")
    (exports / "link.csv").symlink_to(tmp_path / "secret.csv")
    monkeypatch.setenv(URI, f"duckdb://?directory={exports}/")
    with_query(f"select phone, name from '{exports}/people.csv' order by phone")
    assert sent(cli) == SENT
    for path in ("link.csv", "../secret.csv", "../../proc/self/environ"):
        with_query(f"select phone, name from read_csv('{exports}/{path}') order by phone")
        done = cli("validate")
        assert done.code == 1
        assert "Cannot access file" in done.err


TEXTS = {
    "select phone from people": "the query has no order by",
    "select phone from (select phone from people order by phone) x": "the query has no order by",
    "select phone /* order by phone */ from people -- order by phone": "the query has no order by",
    "select phone, 'order by' from people": "the query has no order by",
    "select phone, $$order by$$ from people": "the query has no order by",
    "select phone from people order by phone;": "the query contains a semicolon",
    "select 1; drop table people": "the query contains a semicolon",
    "delete from people": "the query does not start with select or with",
    "/* select */ copy people to 'x'": "the query does not start with select or with",
    "select 'phone from people order by phone": "' in the query has no end",
    'select "phone from people order by phone': '" in the query has no end',
    "select phone /* from people order by phone": "/* in the query has no end",
    "select (phone from people order by phone": "the brackets of the query do not match",
    "select phone) from (people order by phone": "the brackets of the query do not match",
    "-- nothing": "the query does not start with select or with",
    "select phone from people where name = '{{ quoted }}' order by phone": "a template inserts a quote",
    "select phone from people where name = '{{ '--' }}' order by phone": "a template inserts a quote",
}


@pytest.mark.parametrize(("sql", "message"), TEXTS.items())
def test_the_text_of_a_query_is_checked_without_a_connection(sql, message, cli):
    """The error is at the query in the campaign, before anything is connected."""
    with_query(sql)
    done = cli("validate")
    assert done.code == 1
    assert "specs/campaigns/c0.yaml:13:" in done.err
    assert message in done.err


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT phone FROM people ORDER\nBY phone",
        "with x as (select ';' as a from people) select a from x order by 1 -- it's",
        "select 'it''s', \"a;b\", $x$;'$x$, `c;d` from people /* ; ' */ order by 1",
    ],
)
def test_valid_texts_of_queries(sql):
    """Texts, names and comments may contain everything."""
    assert query_defect(sql) is None


FAILING = {
    "no variable": ("", QUERY, "the connection 'warehouse' is not in the environment", f"set {URI}"),
    "unknown scheme": ("mysql://u:hunter2@db/x", QUERY, "has an unknown scheme", "use one of duckdb://"),
    "no table": ("duckdb://", QUERY, "Table with name people does not exist", "check the query"),
    "syntax": ("duckdb://", "select from order by", "syntax error", "check the query"),
    "no column": ("duckdb://", "select 1 as phone order by 1", "query on warehouse has no column 'name'", ""),
    "a value": (
        "duckdb://",
        "select 'Ann' as phone, s::int as name from (select chr(66) || 'ob' s) order by 1",
        "'•••'",
        "",
    ),
    "no file": ("duckdb:///nowhere/x.duckdb", QUERY, "the query on 'warehouse' failed", ""),
    "no server": (
        "postgresql://sender:hunter2@127.0.0.1:1/people",
        QUERY,
        "the query on 'warehouse' failed",
        "check the query and the connection",
    ),
    "no driver": (
        "snowflake://sender:hunter2@account/x",
        QUERY,
        "driver is not installed",
        "sendspec[snowflake]",
    ),
}


@pytest.mark.parametrize(("uri", "sql", "message", "hint"), FAILING.values(), ids=FAILING)
def test_a_query_that_fails_is_one_problem(  # noqa: PLR0913, PLR0917 - one parameter a column
    uri, sql, message, hint, monkeypatch, cli
):
    """The error is about this send, and has no password, no URI and no value of a row."""
    monkeypatch.setenv(URI, uri)
    with_query(sql)
    done = cli("plan")
    assert done.code == 1
    assert message in done.err
    assert hint in done.err
    assert "hunter2" not in done.err
    assert "Bob" not in done.err
    assert "1 problem in the specs" in done.err


def test_a_send_without_its_connection_does_not_stop_the_others(monkeypatch, cli):
    """Where the environment lacks the connection, the other sends can still be selected and planned."""
    directory = with_query(QUERY)
    (directory / "campaigns" / "other.yaml").write_text(
        "campaign: other\npurpose: transactional\nsends:\n  - id: ready\n    endpoint: external-consent\n"
        f'    channelQualifier: "148372"\n    content: Hi\n    contacts: [{{phoneNumber: "{number(1)}"}}]\n'
    )
    done = cli("plan", "--send", "other/*")
    assert done.code == 0
    assert "+ other/ready" in done.out


def test_a_driver_that_is_not_installed_names_the_command(monkeypatch, memory, cli):
    """Without the package of DuckDB, the hint is the command that installs it."""
    with_query(QUERY)
    monkeypatch.setitem(sys.modules, "duckdb", None)
    assert "run `pip install 'sendspec[duckdb]'`" in cli("validate").err


def test_a_query_has_a_largest_number_of_rows(monkeypatch, memory, cli):
    """A query with more rows is refused."""
    monkeypatch.setattr(arrow_reader, "ROWS_MAX", 5000)
    with_query("select i as phone, i as name from range(10000) rows (i) order by 1")
    assert "the list has more than 5,000 rows" in cli("validate").err


def test_a_query_has_a_time_limit(monkeypatch, memory, cli):
    """The database ends a query that takes too long."""
    monkeypatch.setattr(database_sessions, "QUERY_MILLISECONDS_MAX", 50)
    with_query("select hash(i) as phone, i as name from range(1000000000) rows (i) order by 1")
    assert "Query exceeded maximum execution time" in cli("validate").err


@pytest.mark.usefixtures("warehouse")
def test_sends_that_share_a_query_run_it_once(monkeypatch, cli):
    """A matrix whose sends have the same query opens one session."""
    opened = []

    def counted(*arguments: Any) -> Any:
        opened.append(arguments)
        return database_sessions.session(*arguments)

    monkeypatch.setattr(query_lists, "session", counted)
    with_query(QUERY, extra="    matrix: {locale: [de, en, fr]}\n")
    assert cli("validate").code == 0
    assert len(opened) == 1


@pytest.mark.usefixtures("memory")
def test_different_queries_do_not_share_a_scan(cli):
    """Each send of a matrix gets the rows of its own query."""
    with_query(
        f"select phone, name from {PEOPLE} order by phone limit {{{{ most }}}}",
        extra="    matrix: {most: [1, 2]}\n",
    )
    plan = json.loads(cli("plan", "--format", "json").out)
    assert [action["recipients"] for action in plan["actions"]] == [1, 2]


def test_a_saved_plan_is_stale_when_the_rows_changed(warehouse, cli):
    """Apply sends the rows of the plan, or nothing."""
    with_query(QUERY)
    assert cli("plan", "--save", "plan.json").code == 0
    with duckdb.connect(warehouse) as database:
        database.execute(f"insert into people values ('{number(3)}', 'Eve')")
    assert cli("apply", "plan.json").code == 4
    assert cli("apply", "--auto-approve").code == 0


WRITES = {
    "an insert in a select": (
        "with added as (insert into people values ('1', 'x') returning *) select * from added order by 1"
    ),
}


@pytest.mark.parametrize("sql", WRITES.values(), ids=WRITES)
def test_a_query_that_writes_to_duckdb_is_refused(sql, warehouse, cli):
    """The file is open for reading only."""
    with_query(sql)
    assert cli("validate").code == 1
    with duckdb.connect(warehouse) as database:
        assert database.execute("select count(*) from people").fetchall() == [(2,)]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Run one server of PostgreSQL with the table `people`, and give its URI."""
    missing = missing_part()
    if missing is not None:
        pytest.skip(missing)
    with postgresql() as uri:
        execute(
            uri,
            f"create table people as select phone::int8, name from {PEOPLE}",
            "create function add() returns int8 language sql as "
            "$$insert into people values (1, 'x') returning phone$$",
        )
        yield uri


def execute(uri: str, *statements: str) -> None:
    with connect(uri) as database, AdbcConnection(database) as opened:
        for sql in statements:
            with AdbcStatement(opened) as statement:
                statement.set_sql_query(sql)
                statement.execute_update()


def test_postgresql_streams_its_rows(server, monkeypatch, cli):
    """Numbers, texts and null of a real server are the contacts."""
    monkeypatch.setenv(URI, server)
    with_query(QUERY)
    assert sent(cli) == SENT
    with_query("select phone, 9.50::numeric(5, 2) as name from people where name = 'Ann' order by phone")
    assert sent(cli) == [{"contactId": number(1), "personalization": {"NAME": "9.50"}}]


REFUSED_WRITES = {
    "a function": "select add() as phone, '' as name order by 1",
    "a function after a setting": (
        "select set_config('transaction_read_only', 'off', false), add() as phone, '' as name order by 1"
    ),
    "a function after a default": (
        "select set_config('default_transaction_read_only', 'off', false), add() as phone, '' name order by 1"
    ),
    "a delete": "with removed as (delete from people returning *) select * from removed order by 1",
    "a lock": "select phone, name from people order by 1 for update",
}


@pytest.mark.parametrize("sql", REFUSED_WRITES.values(), ids=REFUSED_WRITES)
def test_a_query_that_writes_to_postgresql_is_refused(sql, server, monkeypatch, cli):
    """The session only reads, whatever the query sets."""
    monkeypatch.setenv(URI, server)
    with_query(sql)
    done = cli("validate")
    assert done.code == 1
    assert "read-only transaction" in done.err or "read-write mode" in done.err
    with_query(QUERY)
    assert sent(cli) == SENT


def test_postgresql_ends_a_query_that_takes_too_long(server, monkeypatch, cli):
    """The time limit is a setting of the session."""
    monkeypatch.setenv(URI, server)
    monkeypatch.setattr(database_sessions, "QUERY_MILLISECONDS_MAX", 50)
    with_query("select pg_sleep(60)::text as phone, '' as name order by 1")
    assert "canceling statement due to statement timeout" in cli("validate").err


def test_an_error_of_postgresql_has_no_value_of_a_row(server, monkeypatch, cli):
    """A message that quotes a value of the table is masked."""
    monkeypatch.setenv(URI, server)
    with_query("select name::int as phone, name from people order by phone")
    done = cli("validate")
    assert "invalid input syntax for type integer" in done.err
    assert "Ann" not in done.err
