"""`sendspec resolve`: settling one request by hand, or many from a log."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from sendspec.formatting import parse_timestamp
from sendspec.log_signature import sign
from sendspec.model import Endpoint, OutcomeReason, RequestKey, RequestState
from sendspec.outcome_log import format_log_line
from sendspec.protocol import Result
from sendspec.signing_keys import make_keys
from tests.projects import CONTACTS, GATE, TEASER, lockfile, sendspec
from tests.sandboxed import sandboxed

BY_HAND = ("--reason", "found in the vendor's reports")
REQUEST = "gate/change#1"


@pytest.fixture
def unknown(cli, tmp_path):
    """Apply a send whose answer is lost after the sandbox accepted it; yield a client of that sandbox."""
    with sandboxed(tmp_path / "specs", GATE) as client:
        client.arm("drop-after", endpoint="external-consent")
        assert cli("apply", "--auto-approve").code == 7
        yield client


def request_in(specs, address: str = "gate/change") -> dict:
    """Return the first request of a send in the lockfile."""
    return lockfile(specs)["sends"][address]["requests"][0]


def resolve_commands(plan: str) -> list[list[str]]:
    """Return the resolve commands in the hints of a plan."""
    found = re.findall(r"`sendspec (resolve [^`]+)`", plan)
    return [shlex.split(command) for command in found]


def test_the_commands_of_the_plan_settle_a_request(unknown, cli, tmp_path):
    """The command in the plan's hint, with the id from the vendor's reports, settles the request."""
    plan = cli("plan")
    assert (plan.code, "? gate/change" in plan.out) == (3, True)
    as_sent, as_unsent = resolve_commands(plan.out)
    assert as_unsent == ["resolve", REQUEST, "--not-sent", "--reason", "TEXT"]
    [received] = unknown.received()
    words = [{"TRANSACTIONID": received["id"], "TEXT": "seen"}.get(word, word) for word in as_sent]
    done = cli(*words)
    assert (done.code, done.out, done.err) == (0, "", f"{REQUEST} is now sent\n")
    request = request_in(tmp_path / "specs")
    assert (request["state"], request["transactionId"]) == ("sent", received["id"])
    assert (request["settledBy"], request["reason"], request["evidence"]) == ("person", "stated", "seen")
    again = cli("apply", "--auto-approve")
    assert (again.code, "already sent" in again.err) == (0, True)
    assert len(unknown.received()) == 1


def test_an_unknown_request_is_not_sent_again(unknown, cli):
    """Until the request is settled, apply does not send it and ends with exit code 7."""
    done = cli("apply", "--auto-approve")
    assert done.code == 7
    assert len(unknown.received()) == 1


def test_not_sent_lets_the_next_apply_send_it(cli, tmp_path):
    """A request that a person settles as not sent goes out once with the next apply."""
    specs = tmp_path / "specs"
    with sandboxed(specs, GATE) as client:
        client.arm("drop-before", endpoint="external-consent")
        assert cli("apply", "--auto-approve").code == 7
        assert cli("resolve", REQUEST, "--not-sent", *BY_HAND).err == f"{REQUEST} is now not-sent\n"
        assert request_in(specs)["state"] == "not-sent"
        assert cli("apply", "--auto-approve").code == 0
        assert [post["accepted"] for post in client.received()] == [False, True]
    assert (request_in(specs)["state"], request_in(specs)["attempts"]) == ("sent", 2)


def test_a_job_needs_a_job_id(cli, tmp_path):
    """Only a decimal number of at most 18 digits settles a contact-source request."""
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


def test_the_batch_selects_one_of_several_requests(cli, tmp_path):
    """The batch selects the request, and the other requests are sent after it is settled."""
    specs = tmp_path / "specs"
    with sandboxed(specs, CONTACTS, count=3001) as client:
        client.arm("drop-before", endpoint="contacts")
        assert cli("apply", "--auto-approve").code == 7
        states = {
            request["batch"]: request["state"]
            for request in lockfile(specs)["sends"]["sale/last-call"]["requests"]
        }
        [lost] = [batch for batch, state in states.items() if state == "unknown"]
        other = next(batch for batch in states if batch != lost)
        done = cli("resolve", f"sale/last-call#{other}", "--not-sent", *BY_HAND)
        assert (
            done.code,
            f"the ledger has no unknown outcome of sale/last-call#{other}{UNCHANGED}" in done.err,
        ) == (1, True)
        assert cli("resolve", f"sale/last-call#{lost}", "--not-sent", *BY_HAND).code == 0
        assert cli("apply", "--auto-approve").code == 0
        accepted = [post for post in client.received() if post["accepted"]]
    numbers = [contact["contactId"] for post in accepted for contact in post["body"]["contacts"]]
    assert len(numbers) == len(set(numbers)) == 3001


UNCHANGED = "; nothing was changed"
REFUSED = {
    "no request": ((), 64, "ADDRESS#BATCH is missing"),
    "no outcome": ((REQUEST, *BY_HAND), 64, "exactly one of --sent ID, --not-sent and --stopped is"),
    "two outcomes": ((REQUEST, "--sent", "x", "--not-sent", *BY_HAND), 64, "exactly one of --sent"),
    "a blank id": ((REQUEST, "--sent", " ", *BY_HAND), 64, "--sent is empty"),
    "an id with a line break": ((REQUEST, "--sent", "x\ny", *BY_HAND), 64, "is not an id"),
    "no reason": ((REQUEST, "--not-sent"), 64, "--reason is missing"),
    "a blank reason": ((REQUEST, "--not-sent", "--reason", " \t"), 64, "--reason is missing"),
    "no batch": (("gate/change", "--not-sent", *BY_HAND), 64, "'gate/change' is not ADDRESS#BATCH"),
    "a batch in words": (("gate/change#one", "--not-sent", *BY_HAND), 64, "is not ADDRESS#BATCH"),
    "other digits": (("gate/change#\u0661", "--not-sent", *BY_HAND), 64, "is not ADDRESS#BATCH"),
    "an endless batch": ((f"gate/change#{'1' * 5000}", "--not-sent", *BY_HAND), 64, "is not ADDRESS#BATCH"),
    "an unknown send": (("gate/chnage#1", "--not-sent", *BY_HAND), 1, f"the send 'gate/chnage'{UNCHANGED}"),
    "another batch": (("gate/change#2", "--not-sent", *BY_HAND), 1, f"outcome of gate/change#2{UNCHANGED}"),
    "another revision": (("gate/change@2#1", "--not-sent", *BY_HAND), 1, f"of gate/change@2#1{UNCHANGED}"),
    "a log and a request": ((REQUEST, "--from-log", "run.log"), 64, "--from-log cannot be combined with"),
    "a missing log": (("--from-log", "lost.log"), 1, "cannot read lost.log: No such file"),
    "a folder as log": (("--from-log", "specs"), 1, f"cannot read specs: Is a directory{UNCHANGED}"),
    "another directory": ((REQUEST, "--not-sent", "--dir", "lost", *BY_HAND), 1, "directory not found"),
    "another target": ((REQUEST, "--not-sent", "--target", "prod", *BY_HAND), 1, "'prod' does not exist"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_refusals_change_nothing(case, unknown, cli, tmp_path):
    """An invalid command is refused with a sentence, and the ledger does not change."""
    words, code, message = case
    before = (tmp_path / "specs" / "sendspec.sandbox.lock").read_bytes()
    done = cli("resolve", *words)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert (tmp_path / "specs" / "sendspec.sandbox.lock").read_bytes() == before


def test_a_reason_is_masked(unknown, cli, tmp_path):
    """A phone number in a reason is masked before it is stored."""
    cli("resolve", REQUEST, "--not-sent", "--reason", "12125550123 says that nothing came")
    assert request_in(tmp_path / "specs")["evidence"] == "1212•••••23 says that nothing came"


def test_a_mistaken_not_sent_can_be_corrected(unknown, cli, tmp_path):
    """A request that was settled as not sent by mistake can be settled as sent, but not the reverse."""
    assert cli("resolve", REQUEST, "--not-sent", "--reason", "not in the report").code == 0
    assert cli("resolve", REQUEST, "--not-sent", "--reason", "once more").code == 1
    assert cli("resolve", REQUEST, "--sent", "1a2b-9f", "--reason", "found it after all").code == 0
    request = request_in(tmp_path / "specs")
    assert (request["state"], request["transactionId"]) == ("sent", "1a2b-9f")
    assert cli("resolve", REQUEST, "--not-sent", "--reason", "changed my mind").code == 1


def test_an_acceptance_in_the_spool_contradicts_not_sent(unknown, cli, tmp_path):
    """A request cannot be settled as not sent if the spool of the directory has its acceptance."""
    specs = tmp_path / "specs"
    (specs / ".sendspec").mkdir(exist_ok=True)
    (specs / ".sendspec" / "sandbox.spool").write_text(f"{log_line(specs)}\n")
    done = cli("resolve", REQUEST, "--not-sent", "--reason", "not in the report")
    assert (
        done.code,
        f"{REQUEST} was sent: the spool of this directory contains its acceptance" in done.err,
    ) == (1, True)
    assert request_in(specs)["state"] == "unknown"
    assert cli("resolve", "--from-log", "specs/.sendspec/sandbox.spool").code == 0
    assert request_in(specs)["state"] == "sent"


def test_a_log_without_lines_for_the_target_is_refused(unknown, cli, tmp_path):
    """The log of another job, or in another form, is an error."""
    (tmp_path / "run.log").write_text("2030-01-15T12:00:00.0000000Z nothing of it\n")
    done = cli("resolve", "--from-log", "run.log")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: run.log has no outcome for target 'sandbox' at ")


def log_line(specs, **changes) -> str:
    """Return the log line of a run that could not write its ledger."""
    result = Result(
        RequestKey("gate/change", 1, 1),
        Endpoint.EXTERNAL_CONSENT,
        RequestState.SENT,
        OutcomeReason.ACCEPTED,
        1,
        evidence="answered 202 with an id",
        transaction_id="1a2b-18d0-4d5e",
    )
    at = parse_timestamp(request_in(specs)["at"])
    line = format_log_line("sandbox", lockfile(specs)["account"], "lost", result, at)
    value = json.loads(line.removeprefix("sendspec-request ")) | changes
    return f"sendspec-request {json.dumps(sign(value, make_keys().machine))}"


def test_a_log_settles_requests(unknown, cli, tmp_path):
    """A downloaded log with other lines settles its requests, and an outcome it cannot record is an error."""
    specs = tmp_path / "specs"
    lines = [
        "2030-01-15T12:00:00.0000000Z ##[group]Run sendspec apply",
        "2030-01-15T12:00:01.0000000Z + gate/change  external-consent",
        f"2030-01-15T12:00:02.0000000Z {log_line(specs)}",
        f"2030-01-15T12:00:02.0000000Z {log_line(specs, address='gate/other')}",
        "\ufffd",
    ]
    (tmp_path / "run.log").write_bytes("\r\n".join(lines).encode() + b"\xff\r\n")
    done = cli("resolve", "--from-log", "run.log")
    assert (done.code, done.out) == (1, "")
    lost = [
        (
            "error: run.log has outcomes of gate/other#1, but not the sends; "
            "the ledger still lacks these requests"
        ),
        "  hint: use the whole log of that run, which has a line of each send, before the next apply",
    ]
    assert done.err.splitlines() == [
        f"{REQUEST} is now sent",
        "settled 1 from run.log, 0 were known before",
        *lost,
    ]
    request = request_in(specs)
    assert (request["state"], request["transactionId"]) == ("sent", "1a2b-18d0-4d5e")
    evidence = "answered 202 with an id"
    assert (request["settledBy"], request["reason"], request["evidence"]) == ("log", "accepted", evidence)
    repeated = cli("resolve", "--from-log", "run.log")
    assert repeated.err.splitlines() == ["settled 0 from run.log, 1 were known before", *lost]


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
def test_invalid_log_lines_settle_nothing(changes, unknown, cli, tmp_path):
    """Lines of other ledgers, and lines that sendspec did not write, are ignored."""
    specs = tmp_path / "specs"
    (tmp_path / "run.log").write_text(f"{log_line(specs, **changes)}\n")
    assert cli("resolve", "--from-log", "run.log").code == 1
    assert request_in(specs)["state"] == "unknown"
    assert cli("plan").code == 3


def test_an_unknown_outcome_in_a_log_settles_nothing(unknown, cli, tmp_path):
    """A line with an unknown outcome counts as known before and settles nothing."""
    (tmp_path / "run.log").write_text(f"{log_line(tmp_path / 'specs', state='unknown')}\n")
    done = cli("resolve", "--from-log", "run.log")
    assert (done.code, done.err) == (0, "settled 0 from run.log, 1 were known before\n")
    assert request_in(tmp_path / "specs")["state"] == "unknown"


def test_a_log_from_standard_input(unknown, tmp_path):
    """`-` reads the log from standard input."""
    line = log_line(tmp_path / "specs")
    done = sendspec("resolve", "--from-log", "-", where=tmp_path, stdin=f"{line}\n")
    assert (done.code, done.err) == (0, f"{REQUEST} is now sent\nsettled 1 from -, 0 were known before\n")


@pytest.mark.red_team(22)
@pytest.mark.parametrize(
    "sent_id",
    ["x" * 257, "a\nb", "\u202eabc", "1a2b-\x1b[31m", " \u200b"],
    ids=["long", "line", "bidi", "escape", "invisible"],
)
def test_an_id_that_no_answer_could_have_is_refused(sent_id, unknown, cli, tmp_path):
    """`--sent` takes only ids that an answer of the vendor would be accepted with."""
    done = cli("resolve", REQUEST, "--sent", sent_id, *BY_HAND)
    assert (done.code, "is not an id" in done.err) == (64, True)
    assert request_in(tmp_path / "specs")["state"] == "unknown"


@pytest.mark.red_team(13)
def test_the_id_of_another_request_is_refused(unknown, cli, tmp_path):
    """`--sent` refuses the id under which the ledger has another request."""
    campaign = tmp_path / "specs" / "campaigns" / "c1.yaml"
    campaign.write_text(GATE.replace("campaign: gate", "campaign: other"))
    cli("apply", "--auto-approve")
    known = request_in(tmp_path / "specs", "other/change")["transactionId"]
    done = cli("resolve", REQUEST, "--sent", known, *BY_HAND)
    assert (done.code, f"'{known}' is the id of other/change#1" in done.err) == (64, True)
    assert request_in(tmp_path / "specs")["state"] == "unknown"
