"""Apply waits for the legal hours of the recipients, and posts nothing after their end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from sendspec.apply import Receipt, job_of
from sendspec.errors import PlanStale
from sendspec.load import load_project
from sendspec.model import LedgerState, Level, OutcomeReason, PlanReason, RequestKey, RequestState, Sign
from sendspec.plan import plan_project
from sendspec.plan_file import check_digest, check_plan_file, plan_file_json, read_plan_file
from sendspec.report.reasons import reason_text
from sendspec.report.terminal import plan_text
from sendspec.report.text import cut_off_lines, waiting_lines
from sendspec.structs import replace
from tests.clocks import MovedClock
from tests.plans import plan_value, record_of
from tests.processes import clocked_apply
from tests.processes.clones import opened, run, settings_for
from tests.processes.truth import TARGET, vendor
from tests.projects import project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import Plan, PlannedSend, SendRecord
    from tests.processes.truth import Project, Vendor

FLORIDA = """\
campaign: sale
purpose: marketing
sends:
  - id: last-call
    endpoint: contacts
    channelQualifier: "148372"
    content: "Acme: 20% off ends tonight. Reply STOP to opt out."
    contacts: {file: ../people.csv}
    ttlInMinutes: 240
"""
JOB = """\
campaign: spring
purpose: marketing
sends:
  - id: teaser
    endpoint: contact-source
    publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
    contactSourceId: 4396816
    messageName: teaser
"""
WITHOUT_STOP = FLORIDA.replace(" Reply STOP to opt out.", "")
NEW_YORK = ZoneInfo("America/New_York")
EVENING = datetime(2030, 1, 15, 19, 30, tzinfo=NEW_YORK)
NIGHT = EVENING + timedelta(hours=3)
MORNING = datetime(2030, 1, 16, 8, tzinfo=NEW_YORK)
RULES = "rules: {fictional-number: off, brand-missing: off"


def floridians(count: int) -> str:
    """Return a list of reserved numbers of Florida."""
    areas = [239, 305, 321, 352, 386, 407, 561, 727, 754, 772, 786, 813, 863, 904, 941, 954]
    rows = [f"1{areas[n // 100]}55501{n % 100:02}" for n in range(min(count, 1600))]
    rows += [f"1{areas[n % 16]}6{n:06}" for n in range(1600, count)]
    return "\n".join(["contactId", *rows, ""])


def planned(  # noqa: PLR0913 - what the cases change
    now: datetime,
    *,
    campaign: str = FLORIDA,
    rules: str = ", quiet-hours: off",
    target: str = "vendor",
    record: SendRecord | None = None,
    count: int = 3,
    settings: str = "",
) -> Plan:
    """Plan one send of a target that could be a tunnel to the vendor, in the directory `specs`."""
    targets = f"targets: {{vendor: {{baseUrl: 'http://127.0.0.1:9'{settings}}}}}"
    text = f"version: 1\n{targets}\n{RULES}{rules}}}\n"
    directory = project(Path("specs"), campaign, settings=text)
    (directory / "people.csv").write_text(floridians(count), encoding="utf-8")
    loaded = load_project(directory)
    chosen = loaded.targets[target]
    address = "spring/teaser" if campaign.startswith("campaign: spring") else "sale/last-call"
    sends = {} if record is None else {address: record}
    return plan_project(loaded, chosen, LedgerState(chosen.name, chosen.account, sends), now)


def only(plan: Plan) -> PlannedSend:
    [send] = plan.sends
    return send


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_send_waits_outside_the_legal_hours():
    """At night its sign is `@`, with the next legal instant in text and JSON; it is not an error."""
    plan = planned(NIGHT)
    send = only(plan)
    assert (send.sign, send.reason, send.batches, send.pending) == (
        Sign.WAITING,
        PlanReason.QUIET_HOURS,
        (),
        (1,),
    )
    assert reason_text(send) == "waits for the legal hours of its recipients until 2030-01-16T13:00:00+00:00"
    assert [f.level for f in plan.findings if f.rule == "state-hours"] == [Level.WARNING]
    assert "@ sale/last-call" in plan_text(plan)
    assert "the first apply after that sends to 3 recipients" in plan_text(plan)
    value = plan_value(plan)
    assert value["actions"][0]["legalFrom"] == "2030-01-16T13:00:00+00:00"
    assert value["actions"][0]["legalUntil"] is None
    assert (value["summary"]["waiting"], value["summary"]["later"]["recipients"]) == (1, 3)
    [waits, again] = waiting_lines(plan)
    assert waits.endswith("until 2030-01-16T13:00:00+00:00.")
    assert again == "The first apply after that sends it."


def test_a_rest_waits_for_the_legal_hours_of_the_whole_list():
    """Those who got it count too, so the sentence does not name those who remain only."""
    record = record_of(planned(NIGHT, count=2500), "sale/last-call", *[RequestState.SENT] * 2)
    sentence = reason_text(only(planned(NIGHT, count=2500, record=record)))
    assert sentence.startswith("waits for the legal hours of its whole list, also of those sent to before")


def test_a_send_in_legal_hours_has_their_end():
    """The job of a send carries the legal hours, so no byte leaves after them."""
    plan = planned(EVENING)
    send = only(plan)
    assert (send.sign, send.reason) == (Sign.SEND, PlanReason.NEW)
    legal = job_of(send).legal
    assert legal is not None
    assert legal.end == EVENING.replace(hour=20, minute=0)
    assert "legal hours until 2030-01-16T01:00:00+00:00; apply posts nothing after that" in plan_text(plan)
    action = plan_value(plan)["actions"][0]
    assert (action["legalUntil"], action["legalFrom"]) == ("2030-01-16T01:00:00+00:00", None)


def test_the_edges_of_the_hours():
    """The first legal second sends, and the first one after the hours waits."""
    second = timedelta(seconds=1)
    assert only(planned(MORNING)).sign is Sign.SEND
    assert only(planned(MORNING - second)).sign is Sign.WAITING
    end = EVENING.replace(hour=20, minute=0)
    assert only(planned(end - second)).sign is Sign.SEND
    assert only(planned(end)).sign is Sign.WAITING


@pytest.mark.parametrize(
    "changes",
    [
        {"rules": ", quiet-hours: off, state-hours: off"},
        {"rules": ", quiet-hours: off, state-hours: warning"},
        {"rules": ", quiet-hours: off, state-hours: info"},
        {"rules": ", quiet-hours: off, state-hours: {ignore: [US-FL]}"},
        {"campaign": FLORIDA + "    allow: [{rule: state-hours, reason: asked for it}]\n"},
        {"campaign": FLORIDA.replace("marketing", "transactional")},
        {"target": "sandbox"},
    ],
    ids=["off", "warning", "info", "ignored", "allowed", "transactional", "sandbox"],
)
def test_what_does_not_wait(changes):
    """Apply waits only for an error without exception, and never on a sandbox."""
    assert only(planned(NIGHT, **changes)).sign is Sign.SEND


def test_an_exception_that_has_expired_does_not_count():
    """After the day of `until`, the send waits again."""
    entry = "    allow: [{{rule: state-hours, reason: a fair, until: {}}}]\n"
    assert only(planned(NIGHT, campaign=FLORIDA + entry.format("2030-01-16"))).sign is Sign.SEND
    assert only(planned(NIGHT, campaign=FLORIDA + entry.format("2030-01-14"))).sign is Sign.WAITING


def test_the_end_of_the_window_comes_first():
    """A send that expired at night is expired, and one that is not due yet waits for its `notBefore`."""
    expired = f'    notAfter: "{EVENING.isoformat()}"\n'
    assert only(planned(NIGHT, campaign=FLORIDA + expired)).reason is PlanReason.EXPIRED
    early = f'    notBefore: "{(MORNING + timedelta(hours=1)).isoformat()}"\n'
    send = only(planned(NIGHT, campaign=FLORIDA + early))
    assert (send.reason, send.legal_from) == (PlanReason.TOO_EARLY, None)
    due = f'    notBefore: "{EVENING.isoformat()}"\n'
    assert only(planned(NIGHT, campaign=FLORIDA + due)).reason is PlanReason.QUIET_HOURS


def test_the_rest_of_a_partial_send_waits():
    """A send of which a part was sent waits for its rest, and shows what was sent."""
    whole = planned(EVENING, count=2500)
    record = record_of(whole, "sale/last-call", RequestState.SENT, RequestState.NOT_SENT)
    plan = planned(NIGHT, count=2500, record=record)
    send = only(plan)
    assert (send.sign, send.reason, send.pending) == (Sign.WAITING, PlanReason.QUIET_HOURS, (2, 3))
    assert "the first apply after that sends the rest to 1,500 recipients in 2 requests" in plan_text(plan)
    assert "revision 1 was sent in part" in plan_text(plan)
    assert only(planned(MORNING, count=2500, record=record)).sign is Sign.RESUME


def test_the_digest_covers_what_waits():
    """The plan of the evening is not that of the night, whose digest covers the list that waits."""
    night = planned(NIGHT).digest
    assert night != planned(EVENING).digest
    assert night == planned(NIGHT + timedelta(hours=1)).digest
    assert night != planned(NIGHT, count=4).digest


@pytest.mark.red_team(32)
@pytest.mark.parametrize(
    "changes",
    [
        {"rules": ", quiet-hours: off, state-hours: off"},
        {"rules": ", state-hours: off"},
        {"rules": ", quiet-hours: off"},
        {"rules": ", state-hours: warning"},
        {"rules": ", state-hours: {ignore: [US-FL]}"},
        {"rules": ", quiet-hours: {from: '23:00'}"},
        {"rules": ", quiet-hours: {to: '03:00'}"},
        {"campaign": FLORIDA + "    allow: [{rule: state-hours, reason: asked for it}]\n"},
        {"campaign": FLORIDA + "    allow: [{rule: quiet-hours, reason: asked for it}]\n"},
        {"campaign": FLORIDA.replace("marketing", "transactional")},
        {"settings": ", sandbox: true"},
    ],
    ids=lambda changes: " ".join(str(value).strip(", \n")[-40:] for value in changes.values()),
)
def test_the_digest_covers_the_legal_hours(changes):
    """A plan that was approved with its hours is stale after a commit that changes them."""
    approved = planned(EVENING, rules="").digest
    assert approved != planned(EVENING, **{"rules": "", **changes}).digest
    assert approved != planned(NIGHT, **{"rules": "", **changes}).digest


def test_the_digest_covers_the_zones_of_a_job():
    """Other zones that a commit declares are other hours, although the payload is the same."""
    job = JOB + "    audience: {timezones: [America/New_York]}\n"
    approved, moved = (
        planned(EVENING, rules="", campaign=campaign)
        for campaign in (job, job.replace("New_York", "Los_Angeles"))
    )
    assert only(approved).send.payload_digest == only(moved).send.payload_digest
    assert approved.digest != moved.digest


def test_the_digest_has_no_instant_of_the_legal_hours():
    """A plan in other hours of the same rules has the same digest, and so has one on another day."""
    approved = planned(EVENING, rules="").digest
    for later in (timedelta(minutes=20), timedelta(days=1), timedelta(days=30)):
        assert planned(EVENING + later, rules="").digest == approved


@pytest.mark.red_team(32)
def test_the_hours_of_a_saved_plan():
    """Other hours than those of a saved plan are named, and a plan that was applied stays one."""
    approved = planned(EVENING, rules="")
    Path("plan.json").write_text(plan_file_json(approved, "specs"), encoding="utf-8")
    saved = read_plan_file(Path("plan.json"))
    check_plan_file(saved, planned(EVENING + timedelta(minutes=10), rules=""))
    with pytest.raises(PlanStale, match=r"differences: sale/last-call: legalHoursDigest$"):
        check_plan_file(saved, planned(EVENING + timedelta(minutes=10)))
    record = record_of(approved, "sale/last-call", RequestState.SENT)
    check_plan_file(saved, planned(NIGHT, rules="", record=record))
    check_digest(approved.digest, saved, planned(NIGHT, rules="", record=record))


@pytest.mark.parametrize(
    "unblocked",
    [
        {"rules": ", opt-out-missing: off"},
        {"campaign": WITHOUT_STOP + "    allow: [{rule: opt-out-missing, reason: a test}]\n"},
    ],
)
def test_the_digest_covers_what_an_error_blocks(unblocked):
    """A blocked send is not in the digest, so one that is unblocked later is not approved with it."""
    blocked = planned(EVENING, campaign=WITHOUT_STOP)
    sent = planned(EVENING, **{"campaign": WITHOUT_STOP, **unblocked})
    assert (only(blocked).sign, only(sent).sign) == (Sign.BLOCKED, Sign.SEND)
    assert blocked.digest != sent.digest


def test_the_receipt_names_the_reason():
    """The receipt has why each request was not started, and apply says when to run it again."""
    plan = planned(EVENING)
    receipt = Receipt(plan, held_back={RequestKey("sale/last-call", 1, 1): OutcomeReason.QUIET_HOURS})
    [line, again] = cut_off_lines(plan, receipt.cut_off)
    assert line == "sale/last-call: the rest waits for legal hours until 2030-01-16T13:00:00+00:00."
    assert again == "The first apply after that sends it."
    assert receipt.exit_code == 6
    expired = replace(receipt, held_back={RequestKey("sale/last-call", 1, 1): OutcomeReason.EXPIRED})
    assert list(cut_off_lines(plan, expired.cut_off)) == []


def test_quiet_hours_and_state_hours_together():
    """The hours are legal by both rules, so the earlier end counts; quiet hours alone end at 21:00."""
    both, quiet = only(planned(EVENING, rules="")), only(planned(EVENING, rules=", state-hours: off"))
    assert both.legal_until == EVENING.replace(hour=20, minute=0)
    assert quiet.legal_until == EVENING.replace(hour=21, minute=0)
    night = only(planned(NIGHT, rules=", state-hours: off"))
    assert (night.reason, night.legal_from) == (PlanReason.QUIET_HOURS, MORNING)
    assert only(planned(NIGHT, rules=", time: off")).sign is Sign.SEND
    assert only(planned(NIGHT, rules=", time: warning")).sign is Sign.SEND
    allowed = FLORIDA + "    allow: [{rule: quiet-hours, reason: asked for it}]\n"
    assert only(planned(NIGHT, rules=", state-hours: off", campaign=allowed)).sign is Sign.SEND


@pytest.mark.parametrize(
    ("contacts", "not_before", "expected"),
    [
        (["13055550123", "13105550123"], "2030-01-15T07:30:00-05:00", "2030-01-15T11:00:00-05:00"),
        (["33612345678"], "2029-12-31T22:30:00+01:00", "2030-01-02T08:00:00+01:00"),
        (["12145550123", "12125550123"], "2030-01-13T07:30:00-05:00", "2030-01-13T13:00:00-05:00"),
    ],
    ids=["two states", "holiday", "sunday"],
)
def test_the_hints_of_both_rules_name_the_same_time(contacts, not_before, expected):
    """The next legal time is legal by the hours of every rule, and by its holidays."""
    people = ", ".join(f"{{contactId: '{number}'}}" for number in contacts)
    campaign = FLORIDA.replace("contacts: {file: ../people.csv}", f"contacts: [{people}]")
    window = f'    notBefore: "{not_before}"\n'
    plan = planned(datetime(2029, 12, 30, tzinfo=UTC), rules="", campaign=campaign + window)
    hints = {f.rule: f.hint for f in plan.findings if f.rule in {"quiet-hours", "state-hours"}}
    assert hints == {
        "quiet-hours": f"write {expected}, the next time that is legal for all recipients",
        "state-hours": f"send at {expected}, the next time that is legal for all recipients",
    }
    again = campaign + f'    notBefore: "{expected}"\n'
    plan = planned(datetime(2029, 12, 30, tzinfo=UTC), rules="", campaign=again)
    assert [f for f in plan.findings if f.rule in {"quiet-hours", "state-hours"}] == []


def test_hours_that_start_after_the_window_are_an_error():
    """Apply would wait until the send is expired, so the rule blocks it, and the plan says why it waits."""
    late = f'    notAfter: "{(MORNING - timedelta(hours=1)).isoformat()}"\n'
    plan = planned(NIGHT, campaign=FLORIDA + late)
    assert only(plan).sign is Sign.BLOCKED
    assert [f.level for f in plan.findings if f.rule == "state-hours"] == [Level.ERROR]
    waiting = only(planned(NIGHT))
    expires = replace(waiting, send=replace(waiting.send, not_after=waiting.legal_from))
    assert reason_text(expires) == f"{reason_text(waiting)}, after its notAfter"


def test_zones_without_a_common_time_wait():
    """A send whose zones are never legal together says so, and does not go out at night for some."""
    zones = "[America/Los_Angeles, Europe/Berlin, Asia/Tokyo]"
    send = only(planned(NIGHT, rules="", campaign=f"{JOB}    audience: {{timezones: {zones}}}\n"))
    assert (send.reason, send.legal_from) == (PlanReason.QUIET_HOURS, None)
    assert reason_text(send) == (
        "waits for the legal hours of its recipients; they have none in common in the next 8 days"
    )


def test_a_job_waits_unless_it_has_a_date():
    """A job that the vendor starts when it gets it waits; one with a date goes to the vendor at night."""
    job = JOB + "    audience: {timezones: [America/New_York]}\n"
    assert only(planned(NIGHT, rules="", campaign=job)).reason is PlanReason.QUIET_HOURS
    dated = f'{job}    scheduledDate: "{MORNING.isoformat()}"\n'
    assert only(planned(NIGHT, rules="", campaign=dated)).sign is Sign.SEND
    assert only(planned(NIGHT, rules=", quiet-hours: warning", campaign=JOB)).sign is Sign.SEND


@pytest.mark.parametrize("declared", ["timezones: [America/Los_Angeles]", "countries: [JP]"])
def test_contacts_without_a_number_wait_in_the_declared_zones(declared):
    """A lookup has no zone, so the send waits for the hours of the zones that it declares."""
    lookups = "contacts: [{contactLookup: [{name: ID, value: '7', channel: SMS}]}]"
    campaign = FLORIDA.replace("contacts: {file: ../people.csv}", lookups)
    send = only(planned(MORNING, rules="", campaign=f"{campaign}    audience: {{{declared}}}\n"))
    assert (send.sign, send.reason) == (Sign.WAITING, PlanReason.QUIET_HOURS)
    assert only(planned(MORNING, rules="", campaign=campaign)).sign is Sign.BLOCKED


@pytest.mark.parametrize(
    ("zone", "sign"),
    [
        *(("", Sign.WAITING), ("America/Los_Angeles", Sign.SEND), ("America/New_York", Sign.WAITING)),
        *(("America/Chicago", Sign.SEND), ("Etc/GMT+5", Sign.WAITING)),
    ],
)
def test_the_own_zone_of_a_contact_decides_about_its_state(zone, sign):
    """At 20:30 in New York, a number of Florida may get a text if its person is in the west."""
    contact = f"contacts: [{{contactId: '13055550123', timezone: '{zone}'}}]"
    campaign = FLORIDA.replace("contacts: {file: ../people.csv}", contact)
    assert only(planned(EVENING + timedelta(hours=1), rules="", campaign=campaign)).sign is sign


def test_a_repetition_waits():
    """A job of unknown outcome is not repeated at night, and the plan says from when on."""
    job = JOB + "    audience: {timezones: [America/New_York]}\n"
    unknown = record_of(planned(EVENING, rules="", campaign=job), "spring/teaser", RequestState.UNKNOWN)
    record = replace(unknown, requests=(replace(unknown.requests[0], at=EVENING.astimezone(UTC)),))
    send = only(planned(NIGHT, rules="", campaign=job, record=record))
    assert (send.sign, send.obstacle, send.batches) == (Sign.UNKNOWN, PlanReason.QUIET_HOURS, ())
    assert "the send waits for the legal hours of its recipients until 2030-01-16T13:00" in reason_text(send)
    assert only(planned(MORNING, rules="", campaign=job, record=record)).reason is PlanReason.REPEATED


# ── the whole command


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory) -> Iterator[Vendor]:
    with vendor(tmp_path_factory.mktemp("vendor")) as sandbox:
        yield sandbox


@pytest.fixture
def clock(tmp_path) -> MovedClock:
    return MovedClock(tmp_path / "clock")


@pytest.fixture
def florida(sandbox, tmp_path) -> Project:
    """A send of three requests, for a target that could be a tunnel to the vendor."""
    settings = settings_for(sandbox, "concurrency: 1").replace(" sandbox: true,", "") + RULES + "}\n"
    campaign = FLORIDA.replace("Acme", f"Acme {tmp_path.name}")
    specs = project(tmp_path / "specs", campaign, settings=settings)
    (specs / "people.csv").write_text(floridians(2500), encoding="utf-8")
    assert run("init", "--ledger", *TARGET, specs, where=tmp_path).code == 0
    return opened(specs, sandbox)


def move_to(clock: MovedClock, local: datetime) -> None:
    clock.move((local - datetime.now(UTC)).total_seconds(), 0)


def ended(florida: Project, tmp_path: Path) -> int:
    process = clocked_apply.started(florida.directory, tmp_path / "clock")
    process.communicate(timeout=60)
    return process.returncode


@pytest.mark.field_case(36)
def test_a_run_whose_legal_hours_end_posts_nothing_after_them(florida, sandbox, clock, tmp_path):
    """One request is in flight when the hours end; the next two go out in the morning, each once."""

    def accepted() -> int:
        return sum(map(len, florida.ids().values()))

    evening = datetime.now(NEW_YORK).replace(hour=19, minute=58, second=0) + timedelta(days=1)
    morning = evening.replace(hour=8, minute=1) + timedelta(days=1)
    move_to(clock, evening)
    sandbox.arm("hold", after=True)
    process = clocked_apply.started(florida.directory, tmp_path / "clock")
    sandbox.wait_held(1)
    move_to(clock, evening + timedelta(minutes=2))
    sandbox.release()
    process.communicate(timeout=60)
    assert (process.returncode, accepted()) == (6, 1)
    requests = florida.requests()
    assert [request.state for request in requests.values()] == [
        RequestState.SENT,
        RequestState.NOT_SENT,
        RequestState.NOT_SENT,
    ]
    reasons = [request.reason for request in requests.values()]
    assert reasons == [OutcomeReason.ACCEPTED, OutcomeReason.QUIET_HOURS, OutcomeReason.QUIET_HOURS]

    move_to(clock, morning - timedelta(minutes=2))
    assert (ended(florida, tmp_path), accepted()) == (0, 1)
    move_to(clock, morning)
    assert (ended(florida, tmp_path), accepted()) == (0, 3)
    florida.check_done()
