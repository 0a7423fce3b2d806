"""SARIF: documents that the published schema accepts, with fingerprints that stay the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from sendspec.model import Level, Location
from sendspec.report.sarif import sarif
from tests.findings import finding
from tests.projects import CONTACTS, GATE, as_marketing, project

SCHEMA = Path(__file__).parent / "oracles" / "sarif-schema-2.1.0.json"
VALIDATOR = Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def run_of(text: str) -> dict[str, Any]:
    """Return the run of a document that is valid against the published schema."""
    document = json.loads(text)
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []
    [run] = document["runs"]
    return run


def fingerprint(*args: Any, **fields: Any) -> str:
    [result] = run_of(sarif([finding(*args, **fields)]))["results"]
    return result["partialFingerprints"]["primaryLocationLineHash"]


@pytest.mark.parametrize("verb", ["plan", "validate"])
def test_a_document_of_each_verb(verb: str, cli, tmp_path: Path) -> None:
    """Each result has its rule with its page, and the location from the root of the repository."""
    (tmp_path / ".git").mkdir()
    project(tmp_path / "a b" / "specs", as_marketing(GATE), CONTACTS)
    run = run_of(cli(verb, "a b/specs", "--format", "sarif").out)
    [rule] = [rule for rule in run["tool"]["driver"]["rules"] if rule["id"] == "marketing-consent"]
    [result] = [result for result in run["results"] if result["ruleId"] == "marketing-consent"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]] == rule
    assert rule["shortDescription"]["text"] == "Marketing uses an endpoint that does not check consent."
    assert rule["help"]["text"].startswith(rule["shortDescription"]["text"])
    assert (rule["defaultConfiguration"]["level"], result["level"]) == ("error", "error")
    assert (result["suppressions"], run["invocations"]) == ([], [{"executionSuccessful": True}])
    [location] = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20b/specs/campaigns/c0.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 5, "startColumn": 15},
    }
    assert location["logicalLocations"] == [{"fullyQualifiedName": "gate/change"}]


def test_specs_that_cannot_be_read(cli, tmp_path: Path) -> None:
    """The problems are results, and the run was not successful."""
    project(tmp_path / "specs", "campaign: [")
    done = cli("plan", "--format", "sarif")
    run = run_of(done.out)
    assert (done.code, run["results"][0]["ruleId"]) == (1, "spec")
    assert run["invocations"] == [{"executionSuccessful": False}]


def test_a_fingerprint_stays_if_lines_move_and_counts_change() -> None:
    """Neither the line nor a number is part of it; the rule, the reason, the send and the words are."""
    first = fingerprint("3 of 1,200 recipients have 1415•••••23")
    moved = Location("specs/campaigns/sale.yaml", 99, 1)
    assert fingerprint("4 of 900 recipients have 4477•••••00", location=moved) == first
    others = [
        fingerprint("3 of 1,200 people have 1415•••••23"),
        fingerprint("3 of 1,200 recipients have 1415•••••23", address="sale/last-call[fr]"),
        fingerprint("3 of 1,200 recipients have 1415•••••23", rule="leftover"),
        fingerprint("3 of 1,200 recipients have 1415•••••23", reason="other"),
        fingerprint("3 of 1,200 recipients have 1415•••••23", address=None),
        fingerprint("3 of 1,200 recipients have 1415•••••23", address=None, location=Location("b.yaml")),
    ]
    assert len({first, *others}) == 1 + len(others)
    run = run_of(sarif([finding(), finding()]))
    prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert [text.partition(":")[2] for text in prints] == ["1", "2"]


def test_an_allowed_finding_is_suppressed() -> None:
    """It keeps its level, comes last, and has the reason of its `allow` entry."""
    run = run_of(sarif([finding(allowed="agreed with legal"), finding(level=Level.INFO)]))
    assert [(result["level"], result["suppressions"]) for result in run["results"]] == [
        ("note", []),
        ("error", [{"kind": "inSource", "justification": "agreed with legal"}]),
    ]


def test_a_file_has_at_most_5000_results() -> None:
    """The most severe remain, and a notification counts the others."""
    many = [finding(str(number), level=Level.WARNING) for number in range(5_010)]
    run = run_of(sarif([*many, finding("the error")]))
    assert len(run["results"]) == 5_000
    assert run["results"][0]["message"]["text"] == "the error"
    [notification] = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("11 more findings left out")


def test_hostile_texts() -> None:
    """Links, placeholders, names of files and lone surrogates are text, and the document stays valid."""
    hostile = finding(
        "[a](https://acme.example) {0} {{x}} ::error::x ##[error]y \x1b[31m \udcff",
        location=Location("specs/%2e%2e/a#b?c \udcff é.yaml", 1, 1),
        address="a/b](c)",
        hint="[hint](1)",
    )
    text = sarif([hostile])
    [result] = run_of(text)["results"]
    assert "\x1b" not in text
    assert result["message"]["text"] == (
        "[a\\](https://acme.example) {{0} {{x}} ::error::x ##[error]y \x1b[31m \udcff\nhint: [hint\\](1)"
    )
    [location] = result["locations"]
    uri = location["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "specs/%252e%252e/a%23b%3Fc%20%FF%20%C3%A9.yaml"
    absolute = finding(location=Location("/elsewhere/a b.csv", 2, 1))
    [result] = run_of(sarif([absolute]))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "file:///elsewhere/a%20b.csv"
    }
