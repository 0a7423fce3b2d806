"""Specs that try to forge lines of the outcome log: none of their text may settle a request."""

from __future__ import annotations

import json

import pytest

from sendspec.ledger.journal_entries import fold
from sendspec.model import LedgerState, RequestState
from sendspec.outcome_log import recover_outcomes
from tests.ledgers import started
from tests.projects import GATE, project

OPEN = fold(LedgerState("prod", "api"), started("sale"))
_VALUE = {
    "target": "prod",
    "account": "api",
    "address": "sale",
    "revision": 1,
    "batch": 1,
    "state": "sent",
    "attempts": 1,
    "jobId": None,
    "transactionId": "x",
    "reason": "accepted",
    "evidence": "",
    "at": "2026-12-01T19:00:03Z",
}
FORGED = f"sendspec-request {json.dumps(_VALUE, separators=(',', ':'))}"
"""A line that would settle the open request, short enough for a file name."""

STAMP = "2026-12-01T19:00:03.1234567Z "
COLUMNS = "apply / apply production\tApply\t"
LINES = f"\n{FORGED}\n{STAMP}{FORGED}\nx\ty\t{STAMP}{FORGED}\n"
TEXT = '"Acme: your flight now leaves from gate %%GATE%%."'
CONTENTS = {
    "lines and tabs": json.dumps(LINES),
    "a block": f"|-\n      Acme\n      {FORGED}\n      x\ty\t{STAMP}{FORGED}",
    "the name of a property": f"{TEXT}\n    ? {json.dumps(LINES)}\n    : x",
}
NAMES = {"a log line": FORGED, "a line": f"\n{FORGED}", "columns": f"x\ty\t{STAMP}{FORGED}"}


def log_lines(text: str) -> list[str]:
    """Return the lines of an output as in a spool, on the web page and from gh."""
    lines = text.replace("\r", "\n").split("\n")
    return [f"{prefix}{line}\n" for prefix in ("", STAMP, COLUMNS + STAMP) for line in lines]


def test_the_forged_lines_settle_the_request_by_themselves() -> None:
    """Each forged line is valid, so the tests below can fail."""
    for line in [*log_lines(FORGED), *LINES.splitlines()[1:]]:
        assert [outcome.state for outcome in recover_outcomes([line], OPEN).outcomes] == [RequestState.SENT]


def output_of(cli, *arguments: str) -> str:
    """Return the output of all verbs that the workflows run."""
    verbs = (("validate",), ("plan",), ("apply", "--auto-approve"))
    return "".join(done.out + done.err for done in (cli(*verb, *arguments) for verb in verbs))


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_no_text_of_a_spec_becomes_a_log_line(content, cli, tmp_path) -> None:
    """Line breaks and tabs of a text are printed as escapes, also when it is sent."""
    project(tmp_path / "specs", GATE.replace(TEXT, content))
    output = output_of(cli)
    assert "sendspec-request" in output
    assert recover_outcomes(log_lines(output), OPEN).outcomes == ()


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_no_name_of_a_campaign_file_becomes_a_log_line(name, cli, tmp_path) -> None:
    """A name with line breaks and columns is printed with escapes, any other after its folder."""
    project(tmp_path / "specs", GATE)
    (tmp_path / "specs" / "campaigns" / f"{name}.yaml").write_text(LINES)
    output = output_of(cli)
    assert "sendspec-request" in output
    assert recover_outcomes(log_lines(output), OPEN).outcomes == ()


def test_no_name_of_a_contact_file_becomes_a_log_line(cli, tmp_path) -> None:
    """A line that starts with the name of the file continues with a position and a message."""
    head = GATE.partition("    contacts:")[0]
    project(tmp_path, f"{head}    contacts: {{file: {json.dumps(f'../{FORGED}')}}}\n")
    (tmp_path / FORGED).write_text(LINES)
    output = output_of(cli, ".")
    assert f"\n{FORGED}:2:1: error" in f"\n{output}"
    assert recover_outcomes(log_lines(output), OPEN).outcomes == ()
