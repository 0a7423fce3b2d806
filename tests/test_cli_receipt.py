"""The receipt of an apply, which never hides how the apply ended."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.projects import GATE, SENDSPEC, as_marketing, lockfile, project, sendspec
from tests.sandboxed import sandboxed


def test_a_receipt_that_cannot_be_written_is_reported_before_any_send(tmp_path):
    """A wrong file name is an error before any send, so a second run with another name sends everything."""
    specs = project(tmp_path / "specs", GATE)
    done = sendspec("apply", "--auto-approve", "--receipt", "missing/receipt.json", where=tmp_path)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(
        "error: cannot write missing/receipt.json: No such file or directory; nothing was sent\n  hint: "
    )
    assert not (specs / "sendspec.sandbox.lock").exists()
    assert sendspec("apply", "--auto-approve", "--receipt", "receipt.json", where=tmp_path).code == 0


def test_a_receipt_that_fails_after_everything_was_sent(tmp_path):
    """Everything is sent and recorded; the missing receipt is reported and exits 1."""
    specs = project(tmp_path / "specs", GATE)
    done = sendspec("apply", "--auto-approve", "--receipt", "/dev/full", where=tmp_path)
    assert done.code == 1
    assert "1 request sent, 0 not sent, 0 unknown\nerror: cannot write the receipt to /dev/full: " in done.err
    assert lockfile(specs)["sends"]["gate/change"]["requests"][0]["state"] == "sent"


@pytest.mark.parametrize("receipt", ["/dev/full", "-"])
def test_a_receipt_that_fails_keeps_the_exit_code(receipt, tmp_path):
    """An unknown outcome still exits 7, and a finding of level error 3."""
    project(tmp_path / "other", as_marketing(GATE))
    with sandboxed(tmp_path / "specs", GATE) as client:
        client.arm("drop-after", endpoint="external-consent")
        for directory, code in (("specs", 7), ("other", 3)):
            with Path("/dev/full").open("w") as full:
                done = subprocess.run(
                    [SENDSPEC, "apply", directory, "--auto-approve", "--receipt", receipt],
                    cwd=tmp_path,
                    stdout=full if receipt == "-" else subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                    check=False,
                )
            assert (done.returncode, "Traceback" in done.stderr) == (code, False)
            assert "error: cannot write the receipt to " in done.stderr


def test_on_standard_output(tmp_path):
    """With `--receipt -` standard output has the receipt, and standard error the plan."""
    project(tmp_path / "specs", GATE)
    done = sendspec("apply", "--auto-approve", "--receipt", "-", where=tmp_path)
    assert done.code == 0
    assert [request["state"] for request in json.loads(done.out)["requests"]] == ["sent"]
    assert done.err.startswith("Ready\n    who       2 people; 1 send\n")
    assert "\n\n+ gate/change  external-consent  2 people, immediately" in done.err


def test_on_a_closed_standard_output(tmp_path):
    """Everything is sent; the missing receipt is reported and exits 1."""
    specs = project(tmp_path / "specs", GATE)
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "wb") as pipe:
        done = subprocess.run(
            [SENDSPEC, "apply", "--auto-approve", "--receipt", "-"],
            cwd=tmp_path,
            stdout=pipe,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.endswith(
        "error: cannot write the receipt to standard output: the reader closed the pipe\n"
    )
    assert lockfile(specs)["sends"]["gate/change"]["requests"][0]["state"] == "sent"


def test_into_a_pipe(tmp_path):
    """A pipe that a shell puts in place of a file gets the receipt."""
    project(tmp_path / "specs", GATE)
    command = f"{SENDSPEC} apply --auto-approve --receipt >(cat >receipt.json) >plan.txt; wait $!"
    assert subprocess.run(["bash", "-c", command], cwd=tmp_path, check=False).returncode == 0
    assert json.loads((tmp_path / "receipt.json").read_text())["exitCode"] == 0


def test_a_receipt_replaces_an_earlier_one(tmp_path):
    """A shorter receipt replaces a longer one completely."""
    specs = project(tmp_path / "specs", GATE)
    old = {"exitCode": 7, "requests": ["x" * 100_000]}
    (tmp_path / "receipt.json").write_text(json.dumps(old))
    sendspec("apply", "--auto-approve", "--receipt", "receipt.json", where=tmp_path)
    longer = (tmp_path / "receipt.json").read_text()
    assert json.loads(longer)["exitCode"] == 0
    (specs / "sendspec.yaml").unlink()
    sendspec("apply", "--auto-approve", "--receipt", "receipt.json", where=tmp_path)
    assert json.loads((tmp_path / "receipt.json").read_text())["exitCode"] == 1


def test_a_receipt_replaces_that_of_a_second_run(tmp_path):
    """A second run wrote into the same file meanwhile; the first run replaces that completely."""
    receipt = tmp_path / "receipt.json"
    with sandboxed(tmp_path / "specs", GATE) as client:
        client.arm("hold", endpoint="external-consent")
        command = [SENDSPEC, "apply", "--auto-approve", "--receipt", receipt]
        with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL) as first:
            client.wait_held(1)
            second = sendspec(*command[1:], where=tmp_path)
            assert (second.code, json.loads(receipt.read_text())["exitCode"]) == (5, 5)
            receipt.write_text("x" * 100_000)
            client.release()
        assert (first.returncode, json.loads(receipt.read_text())["exitCode"]) == (0, 0)


def test_every_error_before_the_plan(tmp_path):
    """The receipt has each error that prevents the plan, and its exit code."""
    specs = project(tmp_path / "specs", GATE)
    sendspec("plan", "--save", "plan.json", where=tmp_path)
    (specs / "campaigns" / "c0.yaml").write_text(GATE.replace("B12", "B13"))
    cases = {
        ("plan.json",): 4,
        ("plan.json", "--target", "other"): 64,
        ("specs/sendspec.yaml",): 64,
        ("specs", "--dir", "specs"): 64,
        ("missing",): 1,
        ("specs", "--target", "missing"): 1,
        ("specs",): 1,
    }
    for words, code in cases.items():
        done = sendspec("apply", *words, "--receipt", "receipt.json", where=tmp_path)
        receipt = json.loads((tmp_path / "receipt.json").read_text())
        assert (done.code, receipt["exitCode"], receipt["requests"]) == (code, code, []), words
        assert f"error: {receipt['errors'][0]['message']}" in done.err


def test_a_receipt_has_the_outcome_of_each_request(cli, tmp_path):
    """The receipt has the state and evidence of the ledger, and the exit code."""
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
    """The receipt has every problem with its location and with masked numbers."""
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
