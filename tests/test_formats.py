"""docs/formats.md has every reason code with its meaning, and examples that the code would print."""

from __future__ import annotations

import ast
import inspect
import json
import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from sendspec import schema
from sendspec.model import (
    DeliveryReason,
    Endpoint,
    Location,
    Locations,
    OutcomeReason,
    PlanReason,
    RequestKey,
    RequestState,
    SettledBy,
    StatusReason,
)
from sendspec.outcome_log import format_log_line
from sendspec.protocol import Result
from sendspec.watch import BranchState, WatchReason
from tests.projects import CONTACTS, GATE, as_marketing, project
from tests.sandboxed import sandboxed

if TYPE_CHECKING:
    from enum import StrEnum

PAGE = (Path(__file__).parents[1] / "docs" / "formats.md").read_text(encoding="utf-8")
FORMATS = ("plan", "receipt", "status", "watch", "doctor", "findings", "rules")


def table(heading: str) -> dict[str, str]:
    """Return the table with this first heading: the code in the first column and the last column."""
    lines = PAGE[PAGE.index(f"| {heading} |") :].splitlines()[2:]
    rows = [line.strip("|").split("|") for line in lines[: lines.index("")]]
    return {row[0].strip(" `"): row[-1].strip() for row in rows}


def docstrings(enum: type[StrEnum]) -> dict[str, str]:
    """Return the docstring of each member of an enum, by value."""
    module = ast.parse(Path(inspect.getfile(enum)).read_text(encoding="utf-8"))
    classes = (node for node in module.body if isinstance(node, ast.ClassDef))
    [body] = [node.body for node in classes if node.name == enum.__name__]
    members = {}
    for assignment, text in pairwise(body):
        if isinstance(assignment, ast.Assign) and isinstance(text, ast.Expr):
            members[ast.literal_eval(assignment.value)] = ast.literal_eval(text.value)
    return members


def examples(heading: str) -> list[str]:
    """Return the code blocks in the section with this heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"```(?:json)?\n(.*?)\n```", section, re.DOTALL)


@pytest.mark.parametrize(
    ("heading", "enum"),
    [
        ("plan reason", PlanReason),
        ("outcome reason", OutcomeReason),
        ("status reason", StatusReason),
        ("watch reason", WatchReason),
        ("ledger branch", BranchState),
        ("settled by", SettledBy),
        ("delivery reason", DeliveryReason),
    ],
)
def test_every_code_is_documented(heading, enum):
    """The table of an enum has its codes in the same order, each with the meaning in its docstring."""
    documented = table(heading)
    assert list(documented) == [*map(str, enum)]
    meanings = docstrings(enum)
    for code, meaning in documented.items():
        assert meaning.startswith(meanings[code].removesuffix(".")), code


def test_examples_are_valid():
    """The examples have the properties of their schemas."""
    [action] = map(json.loads, examples("Plan"))
    action_schema = schema.expanded("plan")["properties"]["actions"]["items"]
    assert action.keys() <= action_schema["properties"].keys()
    for name, value in action.items():
        assert not list(Draft202012Validator(action_schema["properties"][name]).iter_errors(value)), name
    for heading, items in (
        ("Receipt", "requests"),
        ("Status", "transactions"),
        ("Watch", "items"),
        ("Doctor", "checks"),
    ):
        [example] = map(json.loads, examples(heading))
        items_schema = schema.expanded(heading.lower())["properties"][items]["items"]
        assert not list(Draft202012Validator(items_schema).iter_errors(example))


def test_the_log_line():
    """The example of a log line is what a run prints."""
    key = RequestKey("gate/change", 1, 1)
    result = Result(
        key=key,
        endpoint=Endpoint.EXTERNAL_CONSENT,
        state=RequestState.SENT,
        reason=OutcomeReason.ACCEPTED,
        attempts=1,
        evidence="answered 202",
        transaction_id="1a2b-18d0001-4d5e",
    )
    run, at = "3f2a9c01d5e84b7fa6c0e1b2d3f4a596", datetime(2030, 1, 14, 9, 30, tzinfo=UTC)
    assert examples("Log line") == [format_log_line("sandbox", "sandbox", run, result, at, key=b"0" * 32)]


@pytest.mark.parametrize("name", FORMATS)
def test_versions(name):
    """Each format has version 1 and requires it."""
    document = schema.expanded(name)
    assert document["properties"]["version"]["const"] == 1
    assert "version" in document["required"]


@pytest.mark.parametrize("name", schema.NAMES)
def test_schemas_are_printed(name, cli):
    """`sendspec schema NAME` prints each schema, and its help names it."""
    printed = cli("schema", name)
    assert (printed.code, printed.out) == (0, schema.schema_text(name))
    assert name in cli("schema", "--help").out


def check(name: str, text: str) -> None:
    """Check a printed document against its schema."""
    assert schema.check(name, json.loads(text), Locations(Location(name))) == []


def test_documents_are_valid(cli, tmp_path):
    """Plan, plan file, receipt, status, findings and rules of a real run are valid against their schemas."""
    broken = as_marketing(GATE).replace("campaign: gate", "campaign: blocked")
    with sandboxed(tmp_path / "specs", GATE, CONTACTS) as client:
        check("plan", cli("plan", "--format", "json").out)
        client.arm("status", endpoint="external-consent", code=500, text="down")
        assert cli("apply", "--auto-approve", "--receipt", "receipt.json").code == 7
        check("receipt", (tmp_path / "receipt.json").read_text())
        check("status", cli("status", "--format", "json", "--timeout", "0").out)
        check("plan", cli("plan", "--format", "json").out)
        check("lockfile", (tmp_path / "specs" / "sendspec.sandbox.lock").read_text())
        settings = (tmp_path / "specs" / "sendspec.yaml").read_text()
        project(tmp_path / "specs", GATE, CONTACTS, broken, settings=settings)
        check("findings", cli("validate", "--format", "json").out)
        check("rules", cli("rules", "--format", "json").out)
        check("plan", cli("plan", "--format", "json").out)
        assert cli("apply", "--auto-approve", "--receipt", "receipt.json").code == 3
        check("receipt", (tmp_path / "receipt.json").read_text())
    project(tmp_path / "specs", "campaign: [")
    assert cli("apply", "--receipt", "receipt.json").code == 1
    check("receipt", (tmp_path / "receipt.json").read_text())
