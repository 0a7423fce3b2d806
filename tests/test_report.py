"""Plans, results and receipts as text and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sendspec import schema
from sendspec.apply import Receipt
from sendspec.errors import ExitCode, LedgerError
from sendspec.model import Endpoint, Location, Locations, OutcomeReason, RequestKey, RequestState
from sendspec.protocol import Result
from sendspec.report.escape.json_text import json_document
from sendspec.report.escape.plain import escape_text, escape_value
from sendspec.report.plan_json import plan_json
from sendspec.report.receipt_json import receipt_json
from sendspec.report.terminal import plan_text
from sendspec.report.text import result_text
from sendspec.structs import replace
from tests.plans import SENT, UNKNOWN, UNSENT, plan_specs, record_of
from tests.projects import CONTACTS, GATE, TEASER, as_marketing, people, project
from tests.snapshots import Json, Text

if TYPE_CHECKING:
    from pathlib import Path

SAME_TEXTS = "version: 1\nrules: {renamed-send: off, overlap: off, duplicate-content: off}\n"
"""Settings for sends that have one text and one list, which these rules report."""
HI = '"Acme: your flight now leaves from gate %%GATE%%."'


def gate(name: str, *lines: str, text: str = HI) -> str:
    """Return a transactional campaign of one immediate send to two people, with additional lines."""
    campaign = GATE.replace("campaign: gate", f"campaign: {name}").replace(HI, text)
    return campaign + "".join(f"    {line}\n" for line in lines)


def teaser(name: str) -> str:
    return TEASER.replace("campaign: spring", f"campaign: {name}")


@pytest.fixture
def specs(tmp_path, monkeypatch) -> Path:
    """A working directory for a project called `specs`."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "specs"


def all_signs(specs: Path):
    """Return a plan with every sign, twice if a sign has two meanings."""
    project(
        specs,
        as_marketing(gate("blocked")),
        gate("done"),
        gate("edited"),
        gate("removed", text='"Acme: boarding has started."').replace("12125550123", "12125550133"),
        gate("new"),
        CONTACTS.replace("campaign: sale", "campaign: partial"),
        gate("expired", 'notAfter: "2030-01-01T00:00:00Z"'),
        gate("unknown"),
        gate("waiting", 'notBefore: "2030-02-01T09:00:00+01:00"'),
        teaser("job-done"),
        teaser("job-new"),
        teaser("job-unknown"),
        count=2500,
        settings=SAME_TEXTS,
    )
    first = plan_specs()
    ledger = {
        "done/change": record_of(first, "done/change", SENT),
        "edited/change": record_of(first, "edited/change", SENT),
        "removed/change": record_of(first, "removed/change", SENT),
        "partial/last-call": record_of(first, "partial/last-call", SENT, SENT, UNSENT),
        "unknown/change": record_of(first, "unknown/change", UNKNOWN),
        "job-done/teaser": record_of(first, "job-done/teaser", SENT),
        "job-unknown/teaser": record_of(first, "job-unknown/teaser", UNKNOWN),
    }
    (specs / "campaigns" / "c3.yaml").unlink()
    (specs / "campaigns" / "c2.yaml").write_text(gate("edited", text='"Acme: your gate is %%GATE%% now."'))
    return plan_specs(ledger)


def test_every_sign(specs, snapshot):
    """Sends with pending requests or changes have details, the others one line; the footer counts all."""
    plan = all_signs(specs)
    assert {action.sign.value for action in plan.actions} == set("+>@=~?!x-")
    assert plan_text(plan) == snapshot(extension_class=Text)


def test_every_sign_as_json(specs, snapshot):
    """The same plan as JSON is valid against its schema and contains no phone number."""
    text = plan_json(all_signs(specs))
    assert text == snapshot(extension_class=Json)
    assert schema.check("plan", json.loads(text), Locations(Location("plan"))) == []
    assert "5550123" not in text


def test_large_numbers(specs, snapshot):
    """Counts have separators of thousands; a contact source is counted apart."""
    text = CONTACTS.replace("20% off ends tonight", "everything must go, " * 8)
    project(specs, text, TEASER, gate("gate"), count=12_430)
    assert plan_text(plan_specs()) == snapshot(extension_class=Text)


def test_nothing_to_send(specs, snapshot):
    """A finished send has one line with its id, or with the number of requests if it has several."""
    project(specs, CONTACTS, GATE, TEASER, count=1001)
    first = plan_specs()
    ledger = {
        "sale/last-call": record_of(first, "sale/last-call", SENT, SENT),
        "gate/change": record_of(first, "gate/change", SENT),
        "spring/teaser": record_of(first, "spring/teaser", SENT),
    }
    assert plan_text(plan_specs(ledger)) == snapshot(extension_class=Text)


def test_an_edit_by_property(specs, snapshot):
    """An edited send shows each changed property with the sent and the new value."""
    lines = ("ttlInMinutes: 60", "personalizationDefaults: {GATE: A1}")
    project(specs, gate("edited", *lines), CONTACTS)
    first = plan_specs()
    ledger = {
        "edited/change": record_of(first, "edited/change", SENT),
        "sale/last-call": record_of(first, "sale/last-call", SENT),
    }
    (specs / "campaigns" / "c0.yaml").write_text(
        gate("edited", "personalizationDefaults: {GATE: null, TIME: noon}", "source: gates")
        .replace("null", "Tor ü")
        .replace('{phoneNumber: "12125550124", personalization: {GATE: B14}}', "{phoneNumber: '12125550125'}")
    )
    (specs / "contacts" / "people.csv").write_text(people(4))
    assert plan_text(plan_specs(ledger)) == snapshot(extension_class=Text)


def test_a_raised_revision(specs, snapshot):
    """A raised revision is sent again and shows its changes."""
    project(specs, GATE)
    ledger = {"gate/change": record_of(plan_specs(), "gate/change", SENT)}
    project(specs, gate("gate", "revision: 2", text='"Acme: gate %%GATE%%, sorry."'))
    assert plan_text(plan_specs(ledger)) == snapshot(extension_class=Text)


def test_findings(specs, snapshot):
    """Findings are sorted by location and have level, rule, address, hint and exception."""
    marketing = as_marketing(gate("bare"))
    allowed = "allow: [{rule: marketing-consent, reason: signed forms on file}]"
    expired = "allow: [{rule: marketing-consent, reason: until the new year, until: 2029-12-31}]"
    project(
        specs,
        marketing,
        as_marketing(gate("allowed", allowed)),
        as_marketing(gate("expired", expired)),
        gate("lost", text='"Acme: %%GATE%% %%TIME%%"'),
        CONTACTS,
        count=1200,
        settings=SAME_TEXTS,
    )
    with (specs / "contacts" / "people.csv").open("a") as file:
        file.write("12015550100,Ada\n")
    assert plan_text(plan_specs()) == snapshot(extension_class=Text)


def test_recipients_that_changed_after_a_partial_send(specs, snapshot):
    """A partly sent send whose contact file changed is blocked and shows the difference."""
    project(specs, CONTACTS, count=2500)
    ledger = {"sale/last-call": record_of(plan_specs(), "sale/last-call", SENT, UNSENT, UNSENT)}
    (specs / "contacts" / "people.csv").write_text(people(2500, name="Grace"))
    assert plan_text(plan_specs(ledger)) == snapshot(extension_class=Text)


HOSTILE = "\u202egnihton\u200b \x1b[31m ##[error]x\n::error::y\r\u2028\ufeff\U000e0001"


def test_hostile_text(specs, snapshot):
    """Terminal escapes, bidi and zero-width characters, and runner commands are escaped."""
    project(specs, gate("gate", "source: ok", text='"A \\u202e ##[error] \\n::error::\\u200b\\u00a0B"'))
    plan = plan_specs()
    ledger = {"gate/change": record_of(plan, "gate/change", SENT)}
    payload = {**ledger["gate/change"].payload, "content": HOSTILE, "source": "::add-mask::"}
    text = plan_text(plan_specs({"gate/change": replace(ledger["gate/change"], payload=payload)}))
    assert text == snapshot(extension_class=Text)
    assert text.replace("\n", "").replace("\u00a0", "").isprintable()
    assert runner_commands(text) == []


def runner_commands(text: str) -> list[str]:
    """Return the lines that a workflow runner would execute."""
    return [line for line in text.splitlines() if line.strip().startswith("::") or "##[" in line]


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("plain ü 😀 ،", "plain ü 😀 ،"),
        ("a\nb\r\tc", r"a\u000ab\u000d\u0009c"),
        ("\x1b[2J", r"\u001b[2J"),
        ("\u202eabc\u2066", r"\u202eabc\u2066"),
        ("a\u2028b\u2029c\u0085d", r"a\u2028b\u2029c\u0085d"),
        ("a\u200b\ufeffb", r"a\u200b\ufeffb"),
        ("\U000e0041", r"\udb40\udc41"),
        ("\udcff", r"\udcff"),
        ("::error::x", r"\::error::x"),
        (" \u3000::error::x", "\\ \u3000::error::x"),
        ("a ::error:: b", "a ::error:: b"),
        ("##[error]", r"#\u0023[error]"),
        ("###[", r"##\u0023["),
        ("", ""),
    ],
)
def test_escape_text(text, escaped):
    """Untrusted text becomes one line that neither a terminal nor a runner executes."""
    assert escape_text(text) == escaped
    assert len(escaped.splitlines()) <= 1
    assert runner_commands(escaped) == []


def test_json_is_safe_to_print():
    """JSON escapes what a terminal or a runner would execute, and its value stays the same."""
    value = {"a": [HOSTILE, "::x", "\x7f\udcff"], HOSTILE: None}
    for text in (json_document(value), escape_value(value)):
        assert json.loads(text) == value
        assert runner_commands(text) == []
        assert text.replace("\n", "").isprintable()


def result(  # noqa: PLR0913, PLR0917 - a row of the table below
    address: str,
    revision: int,
    batch: int,
    state: RequestState,
    reason: OutcomeReason,
    evidence: str,
    **ids: Any,
) -> Result:
    """Return a recorded result of a job if the address ends with `job`, else of a contacts request."""
    endpoint = Endpoint.CONTACT_SOURCE if address.endswith("job") else Endpoint.CONTACTS
    key = RequestKey(address, revision, batch)
    return Result(key, endpoint, state, reason, 1, evidence, recorded=True, **ids)


RESULTS = (
    result("a/job", 1, 1, SENT, OutcomeReason.ACCEPTED, "answered 201", job_id=7),
    result("a/job", 2, 1, SENT, OutcomeReason.ACCEPTED_EARLIER, "answered 400: already exists"),
    result("b/x[en]", 1, 3, SENT, OutcomeReason.ACCEPTED, "answered 202", transaction_id="1a-2b\n::x"),
    result("b/x[en]", 1, 4, UNSENT, OutcomeReason.REFUSED, "answered 400: ##[error]"),
    result("b/x[en]", 1, 5, UNKNOWN, OutcomeReason.UNUSABLE_ANSWER, "answered 502, not in the vendor's form"),
)


def test_results(snapshot):
    """Each result is one line, whatever the vendor answered."""
    lines = [result_text(result) for result in RESULTS]
    assert "\n".join(lines) + "\n" == snapshot(extension_class=Text)
    assert runner_commands("\n".join(lines)) == []


def test_receipt(specs, snapshot):
    """A receipt lists every result, the requests that were not started, and every error with its hint."""
    project(specs, GATE)
    receipt = Receipt(
        plan=plan_specs(),
        results=RESULTS,
        held_back={
            RequestKey("b/x[en]", 1, 6): OutcomeReason.QUIET_HOURS,
            RequestKey("b/x[en]", 2, 1): OutcomeReason.EARLIER_REQUEST_FAILED,
        },
        errors=(LedgerError("cannot write the journal: no space left on device", hint="make room"),),
        interrupted=True,
    )
    text = receipt_json("sandbox", receipt, None, receipt.exit_code)
    assert text == snapshot(extension_class=Json)
    assert schema.check("receipt", json.loads(text), Locations(Location("receipt"))) == []


def test_receipt_of_a_run_without_a_plan(snapshot):
    """A receipt of a run that failed before its plan has the error and the exit code."""
    error = LedgerError("cannot read it")
    text = receipt_json("production", None, error, ExitCode.ERROR)
    assert text == snapshot(extension_class=Json)
    assert schema.check("receipt", json.loads(text), Locations(Location("receipt"))) == []


def test_every_state_has_a_line():
    """A result of every state has a label."""
    labels = {state: result_text(replace(RESULTS[3], state=state)).split("  ")[0] for state in RequestState}
    assert labels == {SENT: "sent", UNSENT: "not sent", UNKNOWN: "UNKNOWN", RequestState.INTENT: "UNKNOWN"}
