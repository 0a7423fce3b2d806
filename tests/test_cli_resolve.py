"""`sendspec resolve`: the only way out of unknown, for one request or by what a log tells."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from sendspec.model import Endpoint, RequestKey, RequestState
from sendspec.protocol import Result
from sendspec.request_log import receipt_line
from tests.projects import CONTACTS, GATE, TEASER, lockfile, sendspec
from tests.sandboxed import sandboxed

BY_HAND = ("--reason", "found in the vendor's reports")
REQUEST = "gate/change#1"


@pytest.fixture
def unknown(cli, tmp_path):
    """A send whose answer was lost after the sandbox took it, and a client of that sandbox."""
    with sandboxed(tmp_path / "specs", GATE) as client:
        client.arm("drop-after", endpoint="external-consent")
        assert cli("apply", "--auto-approve").code == 7
        yield client


def request_in(specs, address: str = "gate/change") -> dict:
    """The first request of a send in the lockfile."""
    return lockfile(specs)["sends"][address]["requests"][0]


def commands(plan: str) -> list[list[str]]:
    """The resolve commands that a plan tells a person to run."""
    found = re.findall(r"`sendspec (resolve [^`]+)`", plan)
    return [shlex.split(command) for command in found]


def test_the_plan_tells_the_commands(unknown, cli, tmp_path):
    """Run as the plan prints it, with the id that the vendor's reports have, the command settles it."""
    plan = cli("plan")
    assert (plan.code, "? gate/change" in plan.out) == (3, True)
    as_sent, as_unsent = commands(plan.out)
    assert as_unsent == ["resolve", REQUEST, "--not-sent", "--reason", "TEXT"]
    [received] = unknown.received()
    words = [{"TRANSACTIONID": received["id"], "TEXT": "seen"}.get(word, word) for word in as_sent]
    done = cli(*words)
    assert (done.code, done.out, done.err) == (0, "", f"{REQUEST} is now sent\n")
    request = request_in(tmp_path / "specs")
    assert (request["state"], request["transactionId"]) == ("sent", received["id"])
    assert request["evidence"] == "resolved by hand: seen"
    again = cli("apply", "--auto-approve")
    assert (again.code, "already sent" in again.err) == (0, True)
    assert len(unknown.received()) == 1


def test_nothing_is_sent_again_by_itself(unknown, cli):
    """Until it is resolved, apply sends nothing of it and keeps ending with 7."""
    done = cli("apply", "--auto-approve")
    assert done.code == 7
    assert len(unknown.received()) == 1


def test_not_sent_lets_the_next_apply_send_it(cli, tmp_path):
    """What did not arrive is called not sent by hand, and goes out once with the next apply."""
    specs = tmp_path / "specs"
    with sandboxed(specs, GATE) as client:
        client.arm("drop-before", endpoint="external-consent")
        assert cli("apply", "--auto-approve").code == 7
        assert cli("resolve", REQUEST, "--not-sent", *BY_HAND).err == f"{REQUEST} is now not-sent\n"
        assert request_in(specs)["state"] == "not-sent"
        assert cli("apply", "--auto-approve").code == 0
        assert [each["accepted"] for each in client.received()] == [False, True]
    assert (request_in(specs)["state"], request_in(specs)["attempts"]) == ("sent", 2)


def test_a_job(cli, tmp_path):
    """A contact-source request is settled with a number, and with nothing else."""
    specs = tmp_path / "specs"
    with sandboxed(specs, TEASER) as client:
        client.arm("drop-after", endpoint="contact-source", times=None)
        assert cli("apply", "--auto-approve").code == 7
        for wrong in ("1a2b-3c", "-1", "٣", "9" * 5000):
            done = cli("resolve", "spring/teaser#1", "--sent", wrong, *BY_HAND)
            assert (done.code, " is not a job id\n" in done.err) == (64, True)
        assert request_in(specs, "spring/teaser")["state"] == "unknown"
        assert cli("resolve", "spring/teaser#1", "--sent", "10000001", *BY_HAND).code == 0
        assert request_in(specs, "spring/teaser")["jobId"] == 10000001
        assert "already sent" in cli("apply", "--auto-approve").err


def test_one_of_several_requests(cli, tmp_path):
    """The batch says which request; the others of the send are sent once it is settled."""
    specs = tmp_path / "specs"
    with sandboxed(specs, CONTACTS, count=3001) as client:
        client.arm("drop-before", endpoint="contacts")
        assert cli("apply", "--auto-approve").code == 7
        states = {
            each["batch"]: each["state"] for each in lockfile(specs)["sends"]["sale/last-call"]["requests"]
        }
        [lost] = [batch for batch, state in states.items() if state == "unknown"]
        other = next(batch for batch in states if batch != lost)
        done = cli("resolve", f"sale/last-call#{other}", "--not-sent", *BY_HAND)
        assert (done.code, "has no unknown outcome: there is nothing to resolve" in done.err) == (1, True)
        assert cli("resolve", f"sale/last-call#{lost}", "--not-sent", *BY_HAND).code == 0
        assert cli("apply", "--auto-approve").code == 0
        accepted = [each for each in client.received() if each["accepted"]]
    numbers = [contact["contactId"] for each in accepted for contact in each["body"]["contacts"]]
    assert len(numbers) == len(set(numbers)) == 3001


REFUSED = {
    "no request": ((), 64, "say which request"),
    "neither sent nor not": ((REQUEST, *BY_HAND), 64, "say either --sent ID or --not-sent"),
    "both": ((REQUEST, "--sent", "x", "--not-sent", *BY_HAND), 64, "say either --sent ID or --not-sent"),
    "a blank id": ((REQUEST, "--sent", " ", *BY_HAND), 64, "--sent must say the job or transaction id"),
    "no reason": ((REQUEST, "--not-sent"), 64, "--reason must say how you know"),
    "a blank reason": ((REQUEST, "--not-sent", "--reason", " \t"), 64, "--reason must say how you know"),
    "no batch": (("gate/change", "--not-sent", *BY_HAND), 64, "'gate/change' is not ADDRESS#BATCH"),
    "a batch in words": (("gate/change#one", "--not-sent", *BY_HAND), 64, "is not ADDRESS#BATCH"),
    "an endless batch": ((f"gate/change#{'1' * 5000}", "--not-sent", *BY_HAND), 64, "is not ADDRESS#BATCH"),
    "an unknown send": (("gate/chnage#1", "--not-sent", *BY_HAND), 1, "has no send 'gate/chnage'"),
    "a batch that was not begun": (("gate/change#2", "--not-sent", *BY_HAND), 1, "nothing to resolve"),
    "a log besides": ((REQUEST, "--from-log", "run.log"), 64, "--from-log goes without"),
    "a log that is not there": (("--from-log", "gone.log"), 1, "cannot read gone.log: No such file"),
    "a log that is a folder": (("--from-log", "specs"), 1, "cannot read specs: Is a directory"),
    "another directory": ((REQUEST, "--not-sent", "--dir", "gone", *BY_HAND), 1, "directory not found"),
    "another target": ((REQUEST, "--not-sent", "--target", "prod", *BY_HAND), 1, "there is no target 'prod'"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_refusals_change_nothing(case, unknown, cli, tmp_path):
    """Whatever cannot be meant is refused with a sentence, and the ledger stays as it is."""
    words, code, told = case
    before = (tmp_path / "specs" / "sendspec.sandbox.lock").read_bytes()
    done = cli("resolve", *words)
    assert (done.code, done.out) == (code, "")
    assert told in done.err
    assert (tmp_path / "specs" / "sendspec.sandbox.lock").read_bytes() == before


def test_a_reason_keeps_no_number(unknown, cli, tmp_path):
    """A phone number in a reason is masked before it is kept."""
    cli("resolve", REQUEST, "--not-sent", "--reason", "12125550123 says that nothing came")
    assert (
        request_in(tmp_path / "specs")["evidence"] == "resolved by hand: 1212•••••23 says that nothing came"
    )


def test_a_mistaken_not_sent_can_be_corrected(unknown, cli, tmp_path):
    """What was settled as not sent by mistake may be called sent later; the other way round never."""
    assert cli("resolve", REQUEST, "--not-sent", "--reason", "not in the report").code == 0
    assert cli("resolve", REQUEST, "--not-sent", "--reason", "once more").code == 1
    assert cli("resolve", REQUEST, "--sent", "1a2b-9f", "--reason", "found it after all").code == 0
    request = request_in(tmp_path / "specs")
    assert (request["state"], request["transactionId"]) == ("sent", "1a2b-9f")
    assert cli("resolve", REQUEST, "--not-sent", "--reason", "changed my mind").code == 1


def test_what_a_spool_calls_sent_is_not_settled_otherwise(unknown, cli, tmp_path):
    """A person who found nothing is told that a run in this directory has the vendor's receipt."""
    specs = tmp_path / "specs"
    (specs / ".sendspec").mkdir(exist_ok=True)
    (specs / ".sendspec" / "sandbox.spool").write_text(f"{receipt(specs)}\n")
    done = cli("resolve", REQUEST, "--not-sent", "--reason", "not in the report")
    assert (done.code, "was sent: a run in this directory has its receipt" in done.err) == (1, True)
    assert request_in(specs)["state"] == "unknown"
    assert cli("resolve", "--from-log", "specs/.sendspec/sandbox.spool").code == 0
    assert request_in(specs)["state"] == "sent"


def test_a_log_without_any_receipt_is_a_mistake(unknown, cli, tmp_path):
    """The log of another job, or in a form that is not understood, is refused and not passed over."""
    (tmp_path / "run.log").write_text("2030-01-15T12:00:00.0000000Z nothing of it\n")
    done = cli("resolve", "--from-log", "run.log")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: run.log has no receipt of target 'sandbox' at ")


def receipt(specs, **changes) -> str:
    """The line that a run which lost its ledger would have left in its log."""
    result = Result(
        RequestKey("gate/change", 1, 1),
        Endpoint.EXTERNAL_CONSENT,
        RequestState.SENT,
        "answered 202 with an id",
        1,
        transaction_id="1a2b-18d0-4d5e",
    )
    line = receipt_line("sandbox", lockfile(specs)["account"], "gone", result, request_in(specs)["at"])
    value = json.loads(line.removeprefix("sendspec-receipt ")) | changes
    return f"sendspec-receipt {json.dumps(value)}"


def test_from_a_log(unknown, cli, tmp_path):
    """A downloaded log, with a runner's time stamps and all else that it holds, settles what it tells."""
    specs = tmp_path / "specs"
    lines = [
        "2030-01-15T12:00:00.0000000Z ##[group]Run sendspec apply",
        "2030-01-15T12:00:01.0000000Z + gate/change  external-consent",
        f"2030-01-15T12:00:02.0000000Z {receipt(specs)}",
        f"2030-01-15T12:00:02.0000000Z {receipt(specs, address='gate/other')}",
        "\ufffd",
    ]
    (tmp_path / "run.log").write_bytes("\r\n".join(lines).encode() + b"\xff\r\n")
    done = cli("resolve", "--from-log", "run.log")
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines() == [f"{REQUEST} is now sent", "1 settled from run.log, 1 known before"]
    request = request_in(specs)
    assert (request["state"], request["transactionId"]) == ("sent", "1a2b-18d0-4d5e")
    assert request["evidence"] == "from a log: answered 202 with an id"
    assert cli("resolve", "--from-log", "run.log").err == "0 settled from run.log, 2 known before\n"


@pytest.mark.parametrize(
    "changes",
    [
        {"account": "api.example.com"},
        {"target": "production"},
        {"state": "perhaps"},
        {"batch": "one"},
        {"jobId": "7"},
        {"transactionId": 7},
        {"at": "yesterday"},
        {"at": None},
        {"attempts": None},
    ],
    ids=str,
)
def test_a_log_that_tells_nothing(changes, unknown, cli, tmp_path):
    """Lines of others, and lines that no sendspec wrote, change nothing and are no receipts."""
    specs = tmp_path / "specs"
    (tmp_path / "run.log").write_text(f"{receipt(specs, **changes)}\n")
    assert cli("resolve", "--from-log", "run.log").code == 1
    assert request_in(specs)["state"] == "unknown"
    assert cli("plan").code == 3


def test_a_log_that_knows_no_more(unknown, cli, tmp_path):
    """A receipt that calls the request unknown is one, and settles nothing."""
    (tmp_path / "run.log").write_text(f"{receipt(tmp_path / 'specs', state='unknown')}\n")
    done = cli("resolve", "--from-log", "run.log")
    assert (done.code, done.err) == (0, "0 settled from run.log, 1 known before\n")
    assert request_in(tmp_path / "specs")["state"] == "unknown"


def test_from_standard_input(unknown, tmp_path):
    """`-` reads the log from standard input."""
    line = receipt(tmp_path / "specs")
    done = sendspec("resolve", "--from-log", "-", where=tmp_path, stdin=f"{line}\n")
    assert (done.code, done.err) == (0, f"{REQUEST} is now sent\n1 settled from -, 0 known before\n")
