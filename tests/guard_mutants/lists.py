"""Defects of the reader of lists: names in the log, and work that grows with the square of a list."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

_TEST: Final = "test_list_privacy.py::"
_QUERIES: Final = "test_query_lists.py::"
_ARROW: Final = "test_arrow_lists.py::"
_FORMATS: Final = "test_list_formats.py::"
_NO_HEADER: Final = _TEST + "test_a_list_without_a_header_puts_no_name_into_the_log"
_COLUMNS: Final = "test_scan_by_columns.py"

MUTANTS: Final = (
    GuardMutant(
        "hides the defects of a list behind an expired send",
        "rules/suppressed_contact.py",
        "return not checked_send.comparison.finished and not is_expired",
        "return not checked_send.comparison.finished",
        "field/test_exclude_lists.py::test_a_defect_of_a_list_is_reported_once",
    ),
    GuardMutant(
        "accepts the defects of a list for all sends",
        "rules/suppressed_contact.py",
        "is_allowed = active_exception(send, self, context.now)[0] is not None",
        "is_allowed = True",
        "field/test_exclude_lists.py::test_a_defect_of_a_list_is_reported_once",
    ),
    GuardMutant(
        "accepts a note that a comment cuts",
        "rules/comment_in_text.py",
        'frozenset({"owner", "description", "ticket"})',
        'frozenset({"description"})',
        "field/test_texts.py::test_a_note_that_a_comment_cuts_is_an_error[ticket: ABC #12]",
    ),
    GuardMutant(
        "accepts values that are whole in quotes",
        "text_defects/leftovers.py",
        "if _QUOTED.fullmatch(value.strip()):",
        "if False:",
        "field/test_values.py::test_a_value_in_straight_quotes_is_a_warning['Ann']",
    ),
    GuardMutant(
        "accepts a blank default as a value",
        "rules/unresolved_tag.py",
        "in defaults.items() if not str(default).isspace())",
        "in defaults.items())",
        "field/test_values.py::test_a_blank_default_is_not_a_default",
    ),
    GuardMutant(
        "plans a send without recipients like any other",
        "rules/no_recipients.py",
        "if facts is None or facts.count or not facts.rows:",
        "if True:",
        "field/test_counts.py::test_a_send_without_recipients_is_an_error_with_its_counts[off-refused]",
    ),
    GuardMutant(
        "hides the counts of a send without recipients",
        "report/terminal/sends.py",
        "if not contacts:",
        "if not contacts or not planned.pending:",
        "field/test_counts.py::test_an_allowed_send_without_recipients_shows_its_counts",
    ),
    GuardMutant(
        "covers swallowed rows with an exception for line breaks",
        "rules/hidden_rows.py",
        'id = "hidden-rows"',
        'id = "value-shape"',
        "field/test_values.py::test_no_exception_for_lines_covers_swallowed_rows[allow-two people]",
    ),
    GuardMutant(
        "suggests a name from the header of a list",
        "audience/csv_header.py",
        'f"compare it with the name of column {number}, which is similar"',
        'f"did you mean {match!r} in column {number}?"',
        _NO_HEADER + "[only names, mapped]",
    ),
    GuardMutant(
        "shows a column's name from the header of a list",
        "audience/csv_header.py",
        'problems.add(location, f"{numbers} have the same name",',
        'problems.add(location, f"{numbers} have the name {name!r}",',
        _TEST + "test_a_name_of_several_columns_is_not_shown",
    ),
    GuardMutant(
        "suggests a tag from the header of a list",
        "rules/unresolved_tag.py",
        "if not isinstance(contacts, ContactFile | ContactQuery) or contacts.columns is not None:",
        "if True:",
        _TEST + "test_a_hint_names_only_columns_of_the_spec_and_the_api",
    ),
    GuardMutant(
        "searches all columns for each tag",
        "audience/csv_header.py",
        "tuple((tag, columns[name][0]) for tag, name in tags.items())",
        "tuple((tag, names.index(name)) for tag, name in tags.items())",
        _TEST + "test_a_list_of_many_columns_takes_linear_time",
    ),
    GuardMutant(
        "reads a list once for each send",
        "audience/scan.py",
        "return (contacts.key, contacts.shown, columns, send.endpoint, filters)",
        "return send.address",
        _TEST + "test_a_list_is_read_once_however_many_sends_use_it[5]",
    ),
    GuardMutant(
        "shares a scan between different mappings",
        "audience/scan.py",
        "contacts.shown, columns, send.endpoint",
        "contacts.shown, send.endpoint",
        _TEST + "test_sends_that_read_a_list_differently_do_not_share_a_scan",
    ),
    GuardMutant(
        "decompresses a list without end",
        "audience/list_files.py",
        "if self._size > max(",
        "if self._size < 0 * max(",
        _FORMATS + "test_a_damaged_list_is_one_problem[bomb]",
    ),
    GuardMutant(
        "takes the digits of a float for a phone number",
        "audience/typed_cell_text.py",
        "    if isinstance(value, float):",
        "    if value is NotImplemented:",
        _FORMATS + "test_a_broken_line_has_its_place[float number]",
    ),
    GuardMutant(
        "loses the first value of a repeated key",
        "audience/json_lines.py",
        'if isinstance(values, dict) and line.count(":") > len(values):',
        "if False:",
        _FORMATS + "test_a_broken_line_has_its_place[key twice]",
    ),
    GuardMutant(
        "omits a date that is out of range",
        "audience/arrow_values.py",
        "return _OUT_OF_RANGE",
        "return None",
        _ARROW + "test_a_value_without_a_text_has_its_row[far date]",
    ),
    GuardMutant(
        "reads rows without end",
        "audience/arrow_reader.py",
        "if row + batch.num_rows > ROWS_MAX + 1:",
        "if False:",
        _ARROW + "test_a_list_has_a_largest_number_of_rows",
    ),
    GuardMutant(
        "lets a query of PostgreSQL write",
        "audience/database_sessions.py",
        '            "SET default_transaction_read_only = on",\n',
        "",
        _QUERIES + "test_a_query_that_writes_to_postgresql_is_refused[a function]",
    ),
    GuardMutant(
        "lets a query of DuckDB read every file",
        "audience/database_sessions.py",
        '            "SET enable_external_access = false",\n',
        "",
        _QUERIES + "test_duckdb_reads_files_of_its_directories_only",
    ),
    GuardMutant(
        "lets a query of DuckDB write",
        "audience/database_sessions.py",
        '"access_mode": "READ_ONLY"',
        '"access_mode": "AUTOMATIC"',
        _QUERIES + "test_a_query_that_writes_to_duckdb_is_refused[an insert in a select]",
    ),
    GuardMutant(
        "shows a value of a row in an error of a database",
        "audience/query_lists.py",
        "quoted[0] if quoted[2] in sql else",
        "quoted[0] if True else",
        _QUERIES + "test_a_query_that_fails_is_one_problem[a value]",
    ),
    GuardMutant(
        "reads a query in no order",
        "render/query_checks.py",
        "if _ORDER_BY.search(outer) is None:",
        "if _ORDER_BY.search(text) is None:",
        _QUERIES
        + "test_the_text_of_a_query_is_checked_without_a_connection["
        + "select phone from (select phone from people order by phone) x-the query has no order by]",
    ),
    GuardMutant(
        "shares a scan between different queries",
        "audience/scan.py",
        "return (contacts.connection, contacts.sql, columns,",
        "return (contacts.connection, columns,",
        _QUERIES + "test_different_queries_do_not_share_a_scan",
    ),
    GuardMutant(
        "takes a line end of another kind for a part of a cell",
        "audience/csv_blocks.py",
        "if line_ends != len(ends) or",
        "if",
        _COLUMNS + "::test_a_line_end_of_another_kind_ends_a_line",
    ),
    GuardMutant(
        "forgets the numbers of a block without duplicates",
        "audience/dedupe.py",
        "map(self.identities.numbers.add_checked, rest)",
        "map(BitMap64().add_checked, rest)",
        _COLUMNS + "::test_duplicates_are_found_across_blocks",
    ),
    GuardMutant(
        "counts a number of a fictional line as valid",
        "phone/number_columns.py",
        'if code in RESERVED else ""\n        number',
        'if code == "" else ""\n        number',
        "test_phone_numbers.py::test_verdicts_of_a_column_are_those_of_its_numbers",
    ),
    GuardMutant(
        "writes a text that JSON escapes as it is",
        "audience/canonical_json.py",
        "or not is_plain or",
        "or",
        _COLUMNS,
    ),
    GuardMutant(
        "reports a refused contact with the batch before it",
        "audience/request_batches.py",
        "odd = self._add_odd(block, odd, offsets[stop - 1])",
        "odd = self._add_odd(block, odd, len(block))",
        _COLUMNS,
    ),
    GuardMutant(
        "sends to a lookup without one of its values",
        "audience/lookup_contacts.py",
        "if all(row[key.offset].strip()",
        "if any(row[key.offset].strip()",
        "test_lookup_lists.py::test_a_lookup_of_several_fields_needs_all_of_them",
    ),
    GuardMutant(
        "fills a tag with blanks",
        "text_defects/quick_check.py",
        """'"', _BLANK]""",
        """'"']""",
        "test_text_defects.py::test_a_value_that_needs_a_closer_look_is_not_plain",
    ),
    GuardMutant(
        "counts the segments of a character beyond GSM-7 as of one in it",
        "text_defects/quick_check.py",
        'patterns = [*_odd_patterns(), f"[^{_escaped(self._basic + SEPARATOR)}]", ',
        "patterns = [*_odd_patterns(), ",
        "test_text_defects.py::test_a_value_that_needs_a_closer_look_is_not_plain",
    ),
)
