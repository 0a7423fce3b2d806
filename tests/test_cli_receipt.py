"""The receipt of an apply, and that it never hides how the apply ended."""

from __future__ import annotations

import json

from tests.projects import GATE, lockfile, project
from tests.sandboxed import sandboxed


def test_a_receipt_that_cannot_be_written_after_all_was_sent(cli, tmp_path):
    """Everything was sent and is recorded; that the receipt is missing is told and exits 1."""
    specs = project(tmp_path / "specs", GATE)
    done = cli("apply", "--auto-approve", "--receipt", "gone/receipt.json")
    assert done.code == 1
    assert "1 request sent, 0 not sent, 0 unknown\nerror: cannot write gone/receipt.json: No such" in done.err
    assert lockfile(specs)["sends"]["gate/change"]["requests"][0]["state"] == "sent"


def test_a_receipt_that_cannot_be_written_hides_no_unknown_outcome(cli, tmp_path):
    """An unknown outcome still exits 7, a finding of level error still 3."""
    with sandboxed(tmp_path / "specs", GATE) as client:
        client.arm("drop-after", endpoint="external-consent")
        done = cli("apply", "--auto-approve", "--receipt", "gone/receipt.json")
        assert (done.code, "error: cannot write gone/receipt.json" in done.err) == (7, True)
    project(tmp_path / "other", GATE.replace("transactional", "marketing"))
    done = cli("apply", "other", "--auto-approve", "--receipt", "gone/receipt.json")
    assert (done.code, "error: cannot write gone/receipt.json" in done.err) == (3, True)


def test_a_receipt_has_what_became_of_each_request(cli, tmp_path):
    """Ids, states and evidence as in the ledger, and the exit code."""
    with sandboxed(tmp_path / "specs", GATE) as client:
        client.arm("status", endpoint="external-consent", code=500, text="down")
        assert cli("apply", "--auto-approve", "--receipt", "receipt.json").code == 7
    receipt = json.loads((tmp_path / "receipt.json").read_text())
    [request] = receipt["requests"]
    assert (receipt["exitCode"], request["state"], request["recorded"]) == (7, "unknown", True)
    assert "500" in request["evidence"]
    assert (
        lockfile(tmp_path / "specs")["sends"]["gate/change"]["requests"][0]["evidence"] == request["evidence"]
    )


def test_a_receipt_of_specs_that_cannot_be_understood(cli, tmp_path):
    """Every problem is in the receipt, with its place, and with numbers masked as on the screen."""
    project(tmp_path / "specs", GATE.replace("content:", "contnt:"), "campaign: +1 212 555 0123\n")
    assert cli("apply", "--receipt", "receipt.json").code == 1
    [error] = json.loads((tmp_path / "receipt.json").read_text())["errors"]
    problems = error["problems"]
    assert error["message"] == f"{len(problems)} problems in the specs"
    assert {
        "file": "specs/campaigns/c0.yaml",
        "line": 7,
        "column": 5,
        "message": "unknown property 'contnt'",
        "hint": "did you mean 'content'?",
    } in problems
    assert any("1212•••••23" in problem["message"] for problem in problems)
    assert "555" not in (tmp_path / "receipt.json").read_text()
