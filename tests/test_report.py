"""Plans, receipts and deliveries as people and machines read them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sendspec import schema
from sendspec.apply import Receipt
from sendspec.errors import ExitCode, LedgerError
from sendspec.model import Endpoint, Location, Locations, OutcomeReason, RequestKey, RequestState
from sendspec.protocol import Result
from sendspec.report.escape import escape_text, escape_value, json_document
from sendspec.report.json import plan_json
from sendspec.report.receipt import receipt_json
from sendspec.report.text import plan_text, result_text
from tests.plans import SENT, UNKNOWN, UNSENT, begun, planned
from tests.projects import CONTACTS, GATE, TEASER, people, project
from tests.snapshots import Json, Text

if TYPE_CHECKING:
    from pathlib import Path

HI = '"Acme: your flight now leaves from gate %%GATE%%."'


def gate(name: str, *lines: str, text: str = HI) -> str:
    """A transactional campaign of one immediate send to two people, with these lines more."""
    campaign = GATE.replace("campaign: gate", f"campaign: {name}").replace(HI, text)
    return campaign + "".join(f"    {line}\n" for line in lines)


def teaser(name: str) -> str:
    return TEASER.replace("campaign: spring", f"campaign: {name}")


@pytest.fixture
def specs(tmp_path, monkeypatch) -> Path:
    """A working directory for a project called `specs`, as places name it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "specs"


def all_signs(specs: Path):
    """A plan with every sign, twice where one sign has two stories."""
    project(
        specs,
        gate("blocked").replace("transactional", "marketing"),
        gate("done"),
        gate("edited"),
        gate("gone"),
        gate("new"),
        CONTACTS.replace("campaign: sale", "campaign: partial"),
        gate("passed", 'notAfter: "2030-01-01T00:00:00Z"'),
        gate("unclear"),
        gate("waiting", 'notBefore: "2030-02-01T09:00:00+01:00"'),
        teaser("job-done"),
        teaser("job-new"),
        teaser("job-unclear"),
        count=2500,
    )
    first = planned()
    ledger = {
        "done/change": begun(first, "done/change", SENT),
        "edited/change": begun(first, "edited/change", SENT),
        "gone/change": begun(first, "gone/change", SENT),
        "partial/last-call": begun(first, "partial/last-call", SENT, SENT, UNSENT),
        "unclear/change": begun(first, "unclear/change", UNKNOWN),
        "job-done/teaser": begun(first, "job-done/teaser", SENT),
        "job-unclear/teaser": begun(first, "job-unclear/teaser", UNKNOWN),
    }
    (specs / "campaigns" / "c3.yaml").unlink()
    (specs / "campaigns" / "c2.yaml").write_text(gate("edited", text='"Acme: your gate is %%GATE%% now."'))
    return planned(ledger)


def test_every_sign(specs, snapshot):
    """What goes out and what is refused is told whole, everything else in a line; the footer counts all."""
    plan = all_signs(specs)
    assert {action.sign.value for action in plan.actions} == set("+>@=~?!x-")
    assert plan_text(plan) == snapshot(extension_class=Text)


def test_every_sign_for_machines(specs, snapshot):
    """The same plan as JSON is what its schema describes, and holds no number of anybody."""
    text = plan_json(all_signs(specs))
    assert text == snapshot(extension_class=Json)
    assert schema.check("plan", json.loads(text), Locations(Location("plan"))) == []
    assert "5550123" not in text


def test_large_numbers(specs, snapshot):
    """Thousands are set apart, in lines and in the footer; a contact source is counted beside them."""
    text = CONTACTS.replace("20% off ends tonight", "everything must go, " * 8)
    project(specs, text, TEASER, gate("gate"), count=12_430)
    assert plan_text(planned()) == snapshot(extension_class=Text)


def test_nothing_to_send(specs, snapshot):
    """A project that was sent has one line a send, with ids, or the number of requests if several."""
    project(specs, CONTACTS, GATE, TEASER, count=1001)
    first = planned()
    ledger = {
        "sale/last-call": begun(first, "sale/last-call", SENT, SENT),
        "gate/change": begun(first, "gate/change", SENT),
        "spring/teaser": begun(first, "spring/teaser", SENT),
    }
    assert plan_text(planned(ledger)) == snapshot(extension_class=Text)


def test_an_edit_field_by_field(specs, snapshot):
    """An edited send shows each property that changed, as it was sent and as it is now."""
    lines = ("ttlInMinutes: 60", "personalizationDefaults: {GATE: A1}")
    project(specs, gate("edited", *lines), CONTACTS)
    first = planned()
    ledger = {
        "edited/change": begun(first, "edited/change", SENT),
        "sale/last-call": begun(first, "sale/last-call", SENT),
    }
    (specs / "campaigns" / "c0.yaml").write_text(
        gate("edited", "personalizationDefaults: {GATE: null, TIME: noon}", "source: gates")
        .replace("null", "Tor ü")
        .replace('{phoneNumber: "12125550124", personalization: {GATE: B14}}', "{phoneNumber: '12125550125'}")
    )
    (specs / "contacts" / "people.csv").write_text(people(4))
    assert plan_text(planned(ledger)) == snapshot(extension_class=Text)


def test_an_edit_that_raised_its_revision(specs, snapshot):
    """A raised revision goes out again, and shows what is new about it."""
    project(specs, GATE)
    ledger = {"gate/change": begun(planned(), "gate/change", SENT)}
    project(specs, gate("gate", "revision: 2", text='"Acme: gate %%GATE%%, sorry."'))
    assert plan_text(planned(ledger)) == snapshot(extension_class=Text)


def test_findings(specs, snapshot):
    """Findings stand in the order of their places, with level, rule, address, the way out, and exceptions."""
    marketing = gate("bare").replace("transactional", "marketing")
    allowed = "allow: [{rule: marketing-consent, reason: signed forms on file}]"
    expired = "allow: [{rule: marketing-consent, reason: until the new year, until: 2029-12-31}]"
    project(
        specs,
        marketing,
        gate("excused", allowed).replace("transactional", "marketing"),
        gate("expired", expired).replace("transactional", "marketing"),
        gate("lost", text='"Acme: %%GATE%% %%TIME%%"'),
        CONTACTS,
        count=1200,
    )
    with (specs / "contacts" / "people.csv").open("a") as file:
        file.write("12015550100,Ada\n")
    assert plan_text(planned()) == snapshot(extension_class=Text)


def test_recipients_that_changed_while_a_send_was_under_way(specs, snapshot):
    """A partly sent send whose contact file changed is blocked, and says what is different."""
    project(specs, CONTACTS, count=2500)
    ledger = {"sale/last-call": begun(planned(), "sale/last-call", SENT, UNSENT, UNSENT)}
    (specs / "contacts" / "people.csv").write_text(people(2500, name="Grace"))
    assert plan_text(planned(ledger)) == snapshot(extension_class=Text)


HOSTILE = "\u202egnihton\u200b \x1b[31m ##[error]x\n::error::y\r\u2028\ufeff\U000e0001"


def test_text_that_would_like_to_be_more(specs, snapshot):
    """Escapes of terminals, bidi, zero-width characters and commands of runners are shown, not obeyed."""
    project(specs, gate("gate", "source: ok", text='"A \\u202e ##[error] \\n::error::\\u200b\\u00a0B"'))
    plan = planned()
    ledger = {"gate/change": begun(plan, "gate/change", SENT)}
    payload = {**ledger["gate/change"].payload, "content": HOSTILE, "source": "::add-mask::"}
    text = plan_text(planned({"gate/change": replace(ledger["gate/change"], payload=payload)}))
    assert text == snapshot(extension_class=Text)
    assert text.replace("\n", "").replace("\u00a0", "").isprintable()
    assert obeyed(text) == []


def obeyed(text: str) -> list[str]:
    """The lines that a runner would take for commands."""
    return [line for line in text.splitlines() if line.strip().startswith("::") or "##[" in line]


@pytest.mark.parametrize(
    ("text", "shown"),
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
def test_escape_text(text, shown):
    """A text of unknown origin comes out on one line that neither a terminal nor a runner obeys."""
    assert escape_text(text) == shown
    assert len(shown.splitlines()) <= 1
    assert obeyed(shown) == []


def test_json_is_safe_to_print_and_still_json():
    """What a terminal or a runner would obey is escaped in JSON, and reads back as it was."""
    value = {"a": [HOSTILE, "::x", "\x7f\udcff"], HOSTILE: None}
    for text in (json_document(value), escape_value(value)):
        assert json.loads(text) == value
        assert obeyed(text) == []
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
    """A recorded result of a job if the address says so, else of a request with contacts."""
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
    """Each request of a run is told in one line, whatever the vendor's answer held."""
    lines = [result_text(result) for result in RESULTS]
    assert "\n".join(lines) + "\n" == snapshot(extension_class=Text)
    assert obeyed("\n".join(lines)) == []


def test_receipt(specs, snapshot):
    """A receipt lists every request, what was not begun, and every error with its way out."""
    project(specs, GATE)
    receipt = Receipt(
        plan=planned(),
        results=RESULTS,
        held_back=(RequestKey("b/x[en]", 1, 6), RequestKey("b/x[en]", 2, 1)),
        errors=(LedgerError("cannot write the journal: no space left on device", hint="make room"),),
        interrupted=True,
    )
    text = receipt_json("sandbox", receipt, None, receipt.exit_code)
    assert text == snapshot(extension_class=Json)
    assert schema.check("receipt", json.loads(text), Locations(Location("receipt"))) == []


def test_receipt_of_a_run_that_did_nothing(snapshot):
    """Where there was not even a plan, the receipt has the error and the exit code."""
    error = LedgerError("cannot read it")
    text = receipt_json("production", None, error, ExitCode.ERROR)
    assert text == snapshot(extension_class=Json)
    assert schema.check("receipt", json.loads(text), Locations(Location("receipt"))) == []


def test_states_of_results_are_all_told():
    """No state of a request is without a line of its own."""
    told = {state: result_text(replace(RESULTS[3], state=state)).split("  ")[0] for state in RequestState}
    assert told == {SENT: "sent", UNSENT: "not sent", UNKNOWN: "UNKNOWN", RequestState.INTENT: "UNKNOWN"}
