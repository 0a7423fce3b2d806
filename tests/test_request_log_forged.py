"""Receipts that specs try to bring into a log: however a line of it is read, none is taken for a receipt."""

from __future__ import annotations

import json

import pytest

from sendspec.ledger.entries import fold
from sendspec.model import LedgerState, RequestState
from sendspec.request_log import rebuild
from tests.ledgers import begun
from tests.projects import GATE, project

OPEN = fold(LedgerState("production", "api.example"), begun("sale"))
_VALUE = {
    "target": "production",
    "account": "api.example",
    "address": "sale",
    "revision": 1,
    "batch": 1,
    "state": "sent",
    "attempts": 1,
    "jobId": None,
    "transactionId": "x",
    "evidence": "",
    "at": "2026-12-01T19:00:03Z",
}
FORGED = f"sendspec-receipt {json.dumps(_VALUE, separators=(',', ':'))}"
"""A line that would settle the open request, short and plain enough for the name of a file."""

STAMP = "2026-12-01T19:00:03.1234567Z "
COLUMNS = "apply / apply production\tApply\t"
LINES = f"\n{FORGED}\n{STAMP}{FORGED}\nx\ty\t{STAMP}{FORGED}\n"
TEXT = '"Acme: your flight now leaves from gate %%GATE%%."'
CONTENTS = {
    "lines and tabs": json.dumps(LINES),
    "a block": f"|-\n      Acme\n      {FORGED}\n      x\ty\t{STAMP}{FORGED}",
    "the name of a property": f"{TEXT}\n    ? {json.dumps(LINES)}\n    : x",
}
NAMES = {"a receipt": FORGED, "a line": f"\n{FORGED}", "columns": f"x\ty\t{STAMP}{FORGED}"}


def read_as_a_log(text: str) -> list[str]:
    """Give the lines of an output as a spool, the web page and gh would have them."""
    lines = text.replace("\r", "\n").split("\n")
    return [f"{before}{line}\n" for before in ("", STAMP, COLUMNS + STAMP) for line in lines]


def test_the_forged_lines_would_do() -> None:
    """By themselves they settle the request, so that their failing below shows something."""
    for line in [*read_as_a_log(FORGED), *LINES.splitlines()[1:]]:
        assert [outcome.state for outcome in rebuild([line], OPEN).outcomes] == [RequestState.SENT]


def told(cli, *arguments: str) -> str:
    """Give all that the verbs of the workflows print of a project."""
    verbs = (("validate",), ("plan",), ("apply", "--auto-approve"))
    return "".join(done.out + done.err for done in (cli(*verb, *arguments) for verb in verbs))


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_no_text_of_a_spec_becomes_a_receipt(content, cli, tmp_path) -> None:
    """Line breaks and tabs of a text are escapes wherever it is printed, also where it is sent."""
    project(tmp_path / "specs", GATE.replace(TEXT, content))
    output = told(cli)
    assert "sendspec-receipt" in output
    assert rebuild(read_as_a_log(output), OPEN).outcomes == ()


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_no_name_of_a_campaign_file_becomes_a_receipt(name, cli, tmp_path) -> None:
    """A name of lines and columns is shown with escapes, any other after its folder."""
    project(tmp_path / "specs", GATE)
    (tmp_path / "specs" / "campaigns" / f"{name}.yaml").write_text(LINES)
    output = told(cli)
    assert "sendspec-receipt" in output
    assert rebuild(read_as_a_log(output), OPEN).outcomes == ()


def test_no_name_of_a_contact_file_becomes_a_receipt(cli, tmp_path) -> None:
    """Where a problem's line begins with the name of the file, its place and message follow."""
    head = GATE.partition("    contacts:")[0]
    project(tmp_path, f"{head}    contacts: {{file: {json.dumps(f'../{FORGED}')}}}\n")
    (tmp_path / FORGED).write_text(LINES)
    output = told(cli, ".")
    assert f"\n{FORGED}:2:1: error" in f"\n{output}"
    assert rebuild(read_as_a_log(output), OPEN).outcomes == ()
