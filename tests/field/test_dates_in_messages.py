"""Dates and times in messages: they stay readable, because they are not phone numbers."""

from __future__ import annotations

import pytest

from sendspec.redact import Redactor
from tests.projects import GATE, project


@pytest.mark.field_case(26)
@pytest.mark.parametrize(
    "written",
    [
        "2036-03-01 10:00",
        "01.03.2036 10:00",
        "03/01/2036 10:00 PM",
        "2036/03/01 10:00:00",
        "2036-03-01T10:00:00",
        "Sat 1 Mar 2036 10:00",
    ],
)
def test_a_date_is_quoted_as_written(written, cli, tmp_path):
    """The message about a wrong date quotes the whole date, on a terminal and in a receipt."""
    project(tmp_path / "specs", f'{GATE}    notBefore: "{written}"\n')
    done = cli("validate")
    assert done.code == 1
    assert written in done.err
    receipt = tmp_path / "receipt.json"
    cli("apply", "--auto-approve", "--receipt", receipt)
    assert written in done.err
    assert "•" not in receipt.read_text()


@pytest.mark.field_case(26)
@pytest.mark.parametrize(
    "reason", ["looked up on 2036-03-01 10:00", "call at 01.03.2036 9:30", "due 3/1/2036"]
)
def test_a_date_in_a_reason_is_kept(reason):
    """A reason with a date, as a person states it, is stored unchanged; a number beside it is masked."""
    assert Redactor()(f"{reason} by 12125550123") == f"{reason} by 1212•••••23"
