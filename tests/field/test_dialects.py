"""Contact files as other programs write them: read if nothing is unclear, else named for what it is."""

from __future__ import annotations

import pytest

from tests.field.lists import LIST, MAPPED, bodies, with_list

ANN = {"contactId": "12125550101", "personalization": {"NAME": "Ann"}}

REFUSED = {
    "a conflict at the start": (
        "<<<<<<< HEAD\ncontactId,NAME\n=======\nphone,NAME\n>>>>>>> main\n12125550101,Ann\n",
        None,
        "1:1: error: the line is a conflict marker of git",
    ),
    "a conflict between rows": (
        "contactId,NAME\n12125550101,Ann\n>>>>>>> main\n",
        None,
        "3:1: error: the line is a conflict marker of git",
    ),
    "a page": (
        "\n<!DOCTYPE html>\n<html><body>Sign in, please</body></html>\n",
        MAPPED,
        "2:1: error: the file is an HTML page, not a list",
    ),
    "a page without a type": (
        '<html lang="en">\n<title>Sign in</title>\n',
        None,
        "1:1: error: the file is an HTML page, not a list",
    ),
    "semicolons": (
        "contactId;NAME\n12125550101;Ann\n",
        None,
        "1:1: error: the columns are separated by semicolons",
    ),
    "quoted semicolons": (
        '"contactId";"NAME"\n"12125550101";"Ann"\n',
        None,
        "1:1: error: the columns are separated by semicolons",
    ),
    "mapped semicolons": (
        "phone;name\n12125550101;Ann\n",
        MAPPED,
        "1:1: error: the columns are separated by semicolons",
    ),
    "semicolons and a comma": (
        "phone;name;city, state\n12125550101;Ann;x, y\n",
        MAPPED,
        "1:1: error: the columns are separated by semicolons",
    ),
    "bars": (
        "contactId|NAME\n12125550101|Ann\n",
        None,
        "1:1: error: the columns are separated by vertical bars",
    ),
    "tabs": ("\ncontactId\tNAME\n12125550101\tAnn\n", None, "2:1: error: the columns are separated by tabs"),
    "sep": (
        "sep=,\ncontactId,NAME\n12125550101,Ann\n",
        None,
        "1:1: error: the line 'sep=' is an instruction for Excel",
    ),
    "sep with semicolons": (
        '"SEP=;"\r\ncontactId;NAME\r\n',
        MAPPED,
        "1:1: error: the line 'sep=' is an instruction",
    ),
    "a name twice": ("phone,name,name\n1,2,3\n", MAPPED, "1:1: error: columns 2 and 3 have the same name"),
    "a comma in a name": ("contactId,NAME\n12125550101,Lee, Ann\n", None, "2:1: error: the row has 3 fields"),
    "a missing field": (
        "contactId,NAME\n12125550101\n",
        None,
        "2:1: error: the row has 1 field, but the header has 2",
    ),
}


@pytest.mark.field_case(29)
@pytest.mark.parametrize(("text", "columns", "message"), REFUSED.values(), ids=REFUSED)
def test_another_dialect_is_named_for_what_it_is(text, columns, message, cli):
    """The error is one line with the cause, at the line of the file."""
    with_list(text, columns=columns)
    done = cli("validate")
    assert done.code == 1
    assert f"{LIST}:{message}" in done.err
    assert done.err.count("error:") == 2, "one problem, and the count of problems"


READ = {
    "an unnamed first column": (",contactId,NAME\n0,12125550101,Ann\n", None),
    "an unnamed first column, mapped": (",phone,name\n0,12125550101,Ann\n", MAPPED),
    "trailing commas": ("contactId,NAME,,\n12125550101,Ann,,\n", None),
    "trailing commas in rows": ("phone,name\n12125550101,Ann,,,\n", MAPPED),
    "trailing commas in the header": ("phone,name,,\n12125550101,Ann\n", MAPPED),
    "blank rows": ("phone,name\n,\n12125550101,Ann\n  , \n\n,,,,\n\u00a0\n", MAPPED),
    "a blank row first": (" ,\nphone,name\n12125550101,Ann\n", MAPPED),
    "unmapped columns of one name": ("x,phone,x,name,x\n1,12125550101,2,Ann,3\n", MAPPED),
    "unmapped columns with anything": (
        "phone,name,a,b,c\n12125550101,Ann,NULL,\u202e{x},+12125550199\n",
        MAPPED,
    ),
    "one column with semicolons": ("a;b,phone,name\n0,12125550101,Ann\n", MAPPED),
    "a quote and a space inside quotes": ('phone,name,note\n12125550101,Ann," ""x"""\n', MAPPED),
}


@pytest.mark.field_case(29)
@pytest.mark.parametrize(("text", "columns"), READ.values(), ids=READ)
def test_columns_and_rows_that_mean_nothing_are_ignored(text, columns, cli):
    """Unmapped columns, commas at the end and blank rows are ignored, as the docs say."""
    with_list(text, columns=columns)
    assert cli("validate").code == 0
    assert bodies(cli) == [ANN]


QUOTES = {
    "a name": ('contactId,NAME\n12125550101, "Ann"\n', 2),
    "a name with a comma": ('contactId,NAME\n12125550101, "Lee, Ann"\n', 2),
    "after a tab": ('contactId,NAME\n12125550101,Ann\n12125550102,\t"Ben"\n', 3),
    "after a no-break space": ('contactId,NAME\n12125550101,\u00a0"Ann"\n', 2),
    "in the first column": ('contactId,NAME\n "12125550101",Ann\n', 2),
    "in the header": ('contactId, "NAME"\n12125550101,Ann\n', 1),
    "in a column that no tag has": ('contactId,NAME\n12125550101,Ann\n12125550102,Ben, "x"\n', 3),
    "after many rows": ("contactId,NAME\n" + "12125550101,Ann Lee\n" * 9000 + '12125550102, "Ben"\n', 9002),
}


@pytest.mark.field_case(11)
@pytest.mark.parametrize(("text", "line"), QUOTES.values(), ids=QUOTES)
def test_a_quote_after_a_space_is_an_error_with_its_cause(text, line, cli):
    """The error is at the row, and the hint is to remove the space."""
    with_list(text)
    done = cli("validate")
    assert done.code == 1
    assert f"{LIST}:{line}:1: error: a quote follows a space, so it does not start a quoted field" in done.err
    assert "hint: remove the space between the comma and the quote" in done.err
    assert "put a value that contains a comma in quotes" not in done.err
