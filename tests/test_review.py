"""The review of a plan: verdict, order of the sends, starts, and messages as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sendspec.load import load_project
from sendspec.model import LedgerState, PlannedSend
from sendspec.plan import plan_project
from sendspec.report.comment import plan_markdown
from sendspec.report.page import plan_page
from sendspec.report.review import FactName, Readiness, Recipient, review_plan
from sendspec.report.terminal import plan_text
from tests.plans import NOW, SENT, plan_specs, record_of
from tests.rule_cases import write_project

if TYPE_CHECKING:
    from pathlib import Path

    from sendspec.report.review import Review
    from sendspec.report.review.model import Fact

PRICES = "pricing: {currency: USD, perSegment: {default: 0.01}}\n"
CAMPAIGN = """\
campaign: boots
purpose: transactional
sends:
  - id: b-later
    endpoint: external-consent
    channelQualifier: "148372"
    content: "Acme: it\u2019s %%NAME%% day, with boots for all of your friends in the shop of the old town."
    personalizationDefaults: {NAME: your}
    notBefore: "2030-01-15T20:00:00-05:00"
    contacts:
      - {phoneNumber: "12125550123", personalization: {NAME: Ann}}
      - {phoneNumber: "12125550124"}
  - id: a-last
    endpoint: external-consent
    channelQualifier: "148372"
    content: "Acme: hi %%NAME%%, your order is ready."
    notBefore: "2030-01-16T10:00:00-05:00"
    contacts:
      - {phoneNumber: "13125550123", personalization: {NAME: Ann}}
      - {phoneNumber: "13125550124", personalization: {NAME: Żółć}}
"""


def review_of(
    directory: Path, campaign: str = CAMPAIGN, settings: str = PRICES, target: str = "sandbox"
) -> Review:
    project = load_project(write_project(directory, campaign, settings))
    chosen = project.targets[target]
    return review_plan(plan_project(project, chosen, LedgerState(chosen.name, chosen.account, {}), NOW))


def fact(review: Review, name: FactName) -> Fact:
    return next(found for found in review.verdict.facts if found.name is name)


def test_the_verdict_says_who_when_and_what_it_costs(tmp_path):
    """People, the first instant on their own clock, and the price are the first facts."""
    review = review_of(tmp_path)
    assert review.verdict.readiness is Readiness.READY
    assert fact(review, FactName.WHO).value == "4 people"
    assert fact(review, FactName.WHEN).value == "Tue 15 Jan 2030, 20:00 New York"
    assert fact(review, FactName.WHEN).note == "2 sends wait; until then a change can stop them"
    assert fact(review, FactName.COST)[2:] == ("about 0.06 USD", "6 segments")


def test_sends_are_in_the_order_in_which_people_get_them(tmp_path):
    """The time decides, not the name."""
    assert [send.address for send in review_of(tmp_path).sends] == ["boots/b-later", "boots/a-last"]


def test_an_error_makes_a_plan_not_ready(tmp_path):
    """A blocked send still counts its people and its start, because they are what the reviewer must know."""
    review = review_of(tmp_path, CAMPAIGN.replace("hi %%NAME%%", "hi %%NMAE%%"))
    assert review.verdict.readiness is Readiness.NOT_READY
    assert review.verdict.headline.startswith("Not ready: 1 error")
    assert fact(review, FactName.WHO).value == "4 people"


def test_a_plan_of_finished_sends_has_nothing_to_send():
    """Finished sends are settled: 0 people, and no sends to decide about."""
    plan = plan_specs()
    records = {
        planned.address: record_of(plan, planned.address, *[SENT] * len(planned.batches))
        for planned in plan.actions
        if isinstance(planned, PlannedSend)
    }
    review = review_plan(plan_specs(records))
    assert review.verdict.readiness is Readiness.NOTHING_TO_SEND
    assert [found.value for found in review.verdict.facts] == ["0 people"]
    assert review.sends == ()
    assert len(review.settled) == len(records)


def test_messages_show_what_costs(tmp_path):
    """The character that makes a text UCS-2 has its place, and the segments without it."""
    message = review_of(tmp_path).sends[0].messages[0]
    (costly,) = message.costly
    assert (costly.character, costly.twin, message.text[costly.offset]) == ("\u2019", "'", "\u2019")
    assert message.encoding == "UCS-2"
    assert len(message.parts) == 2
    assert "".join(message.parts) == message.text
    assert message.notes[1:] == ("UCS-2 because of \u2019 (character 9)", "with ' it is 1 segment in GSM-7")


def test_values_of_recipients_are_masked_and_marked(tmp_path):
    """No name is in a review; offsets say which part of the text is the recipient's own."""
    review = review_of(tmp_path)
    flipping = next(
        message for message in review.sends[1].messages if Recipient.FLIPPING in message.recipients
    )
    (start, end) = flipping.values[0]
    assert flipping.text[start:end] == "••••"
    assert flipping.notes[1:] == ("a value of this recipient makes the text UCS-2",)
    assert "Ann" not in str([send.messages for send in review.sends])


@pytest.mark.parametrize(
    ("zones", "shown"),
    [("[Europe/London]", "Fri 1 Mar 2030, 15:00 London"), ("[]", "Fri 1 Mar 2030, 10:00 UTC-05:00")],
)
def test_a_start_has_the_clock_of_the_declared_zone(tmp_path, zones, shown):
    """Only the vendor has the recipients of a contact source, so the declared zone counts."""
    campaign = f"""\
campaign: boots
purpose: transactional
sends:
  - id: teaser
    endpoint: contact-source
    publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
    contactSourceId: 4396816
    messageName: teaser
    scheduledDate: "2030-03-01T10:00:00-05:00"
    audience: {{timezones: {zones}}}
"""
    review = review_of(tmp_path, campaign.replace("    audience: {timezones: []}\n", ""))
    assert fact(review, FactName.WHEN).value == shown
    note = "1 job of the vendor, who alone can stop it after apply"
    assert fact(review, FactName.WHEN).note == note
    assert review.sends[0].text_note.startswith("the vendor keeps the text")


PUBLISHED = """\
campaign: boots
purpose: transactional
sends:
  - id: kept
    endpoint: external-consent
    channelQualifier: "148372"
    contentId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
    contacts:
      - {phoneNumber: "12125550123"}
      - {phoneNumber: "12125550124"}
"""
OWN_TEXT = """\
  - id: own
    endpoint: external-consent
    channelQualifier: "148372"
    content: "Acme: hi, your order is ready."
    contacts:
      - {phoneNumber: "12125550123"}
      - {phoneNumber: "4915123456789"}
"""
GERMAN = "pricing: {currency: USD, perSegment: {US: 0.01}}\n"


def job(name: str, size: int | None = None) -> str:
    """Return a send to a contact source of a declared size."""
    audience = f"    audience: {{size: {size}}}\n" if size else ""
    return f"""\
  - id: {name}
    endpoint: contact-source
    publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
    contactSourceId: 4396816
    messageName: {name}
    scheduledDate: "2030-03-01T10:00:00-05:00"
{audience}"""


@pytest.mark.parametrize(
    ("sends", "settings", "cost"),
    [
        (
            PUBLISHED,
            PRICES,
            ("segments of 2 texts not known, because the vendor keeps the content", ""),
        ),
        (
            PUBLISHED + OWN_TEXT,
            PRICES,
            ("about 0.02 USD", "2 segments, without 2 texts whose content the vendor keeps"),
        ),
        (
            PUBLISHED[: PUBLISHED.index("  - id")] + OWN_TEXT,
            "",
            ("2 segments", "`pricing` in sendspec.yaml would show the price"),
        ),
        (
            PUBLISHED[: PUBLISHED.index("  - id")] + OWN_TEXT,
            GERMAN,
            ("about 0.01 USD", "2 segments, without 1 segment to DE, because `pricing` has no price there"),
        ),
        (
            PUBLISHED[: PUBLISHED.index("  - id")] + OWN_TEXT + job("a", 7000) + job("b", 5001),
            PRICES,
            ("about 0.02 USD", "2 segments, without 2 contact sources (12,001 recipients as declared)"),
        ),
        (
            PUBLISHED[: PUBLISHED.index("  - id")] + job("a") + job("b"),
            PRICES,
            ("not known", "without 2 contact sources"),
        ),
    ],
)
def test_the_cost_says_what_it_leaves_out(tmp_path, sends, settings, cost):
    """A text, a country or a contact source whose cost is not known is never a part of the price."""
    assert fact(review_of(tmp_path, sends, settings), FactName.COST)[2:] == cost


def test_contact_sources_of_declared_and_unknown_size_are_apart(tmp_path):
    """One source without a size does not hide the declared ones."""
    jobs = job("a", 3000) + job("b", 2000) + job("c", 2000) + job("d")
    review = review_of(tmp_path, PUBLISHED[: PUBLISHED.index("  - id")] + jobs)
    sources = "3 contact sources of 7,000 recipients as declared, 1 of unknown size"
    assert fact(review, FactName.WHO).value == sources


@pytest.mark.parametrize(
    ("number", "note"),
    [("4915123456789", "each gets 2"), ("12125550125", "some or all people get more than one")],
)
def test_the_texts_of_a_person_are_exact_or_open(tmp_path, number, note):
    """Only sends that all have the same people prove how many texts each one gets."""
    again = OWN_TEXT.replace("id: own", 'id: again\n    notBefore: "2030-01-16T10:00:00-05:00"')
    head = PUBLISHED[: PUBLISHED.index("  - id")]
    review = review_of(tmp_path, head + OWN_TEXT + again.replace("4915123456789", number))
    assert fact(review, FactName.TWICE).note == note
    people = 2 if number.startswith("49") else 3
    assert fact(review, FactName.WHO) == (FactName.WHO, "Who", f"{people} people", "2 sends; 2 now, 2 later")


VENDOR = f"{PRICES}targets: {{vendor: {{baseUrl: 'http://127.0.0.1:9'}}}}\n"
WORLD = """\
campaign: world
purpose: marketing
sends:
  - id: sale
    endpoint: contacts
    channelQualifier: "148372"
    content: "Acme: 20% off, see our shops. Reply STOP to opt out."
    notAfter: "2030-02-15T12:00:00-05:00"
    contacts:
      - {contactId: "18085550123", timezone: Pacific/Honolulu}
      - {contactId: "12125550123", timezone: America/New_York}
      - {contactId: "12125550124", timezone: Asia/Kolkata}
"""


def test_a_send_without_a_legal_hour_is_pending_and_never_sent(tmp_path):
    """It counts its people and its cost, and every medium says that nobody gets it."""
    review = review_of(tmp_path, WORLD, VENDOR + "rules: {fictional-number: off}\n", target="vendor")
    assert review.verdict.readiness is Readiness.NO_LEGAL_HOUR
    assert review.verdict.headline.startswith("No legal hour: 1 send never sent")
    assert fact(review, FactName.WHO)[2:] == ("3 people", "1 send")
    never = "1 send never, because no hour in the next 8 days is legal for all of its recipients"
    assert fact(review, FactName.WHEN)[2:] == ("never", never)
    assert fact(review, FactName.COST).value == "about 0.03 USD"
    text = plan_text(review.plan)
    assert "3 people, never: no hour in the next 8 days is legal for all of its recipients" in text
    assert (
        "Waiting: 0 sends; 1 send never, because no hour in the next 8 days is legal for all recipients."
        in text
    )
    assert "## ⚠️ SMS plan" in plan_markdown(review.plan, "specs")
    page = plan_page(review.plan)
    assert "Never, without a legal hour for all recipients" in page
    assert '<span class="chip stop">never sent</span>' in page


def test_a_blocked_plan_sends_nothing_immediately(tmp_path):
    """The other sends wait for the fix; the counts keep blocked and waiting sends apart."""
    due = OWN_TEXT.replace("id: own", "id: due").replace("4915123456789", "12125550124")
    broken = CAMPAIGN.replace("hi %%NAME%%", "hi %%NMAE%%") + due
    review = review_of(tmp_path, broken)
    assert review.verdict.readiness is Readiness.NOT_READY
    assert fact(review, FactName.WHEN)[2:] == (
        "immediately once the errors are fixed",
        "1 send then; 1 send waits; until then a change can stop it; 1 send blocked",
    )
    assert fact(review, FactName.WHO).note == "3 sends; 2 once the errors are fixed, 4 later"
    assert "Waiting: 1 send; " in plan_text(review.plan)
    page = plan_page(review.plan)
    assert "blocked with the plan" in page
    assert "sends now" not in page


def test_an_error_of_one_send_says_that_apply_sends_the_others(tmp_path):
    """An edit of a finished send blocks only itself, so a merge sends the rest in spite of the error."""
    first = PUBLISHED[: PUBLISHED.index("  - id")] + OWN_TEXT.replace("4915123456789", "12125550124")
    address = "boots/own"
    done = {address: record_of(review_of(tmp_path, first).plan, address, SENT)}
    project = load_project(
        write_project(
            tmp_path, first.replace("is ready", "waits") + PUBLISHED[PUBLISHED.index("  - id") :], PRICES
        )
    )
    target = project.targets["sandbox"]
    plan = plan_project(project, target, LedgerState("sandbox", "sandbox", done), NOW)
    verdict = review_plan(plan).verdict
    assert verdict.readiness is Readiness.IN_PART
    assert verdict.headline == "Sends in spite of 1 error: apply sends to 2 people now"
    assert plan_text(plan).startswith(verdict.headline)
    assert "## ⚠️ SMS plan" in plan_markdown(plan, "specs")
    assert '<header class="top in-part">' in plan_page(plan)


def test_the_text_of_a_plan_marks_where_segments_start(tmp_path):
    """A mark is before the first character of each later segment, and never splits a cluster."""
    words = "Acme: " + "x" * 150 + "€€ " + "y" * 160
    campaign = CAMPAIGN.replace("Acme: hi %%NAME%%, your order is ready.", words)
    review = review_of(tmp_path, campaign)
    message = review.sends[1].messages[0]
    assert message.notes[0] == "319 characters that count 321, GSM-7, 3 segments"
    lines = [line[6:] for line in plan_text(review.plan).splitlines() if line.startswith("    | ")]
    shown = "".join(lines)
    first, second, third = message.parts
    assert f"{first}<2/3>{second.strip()}".replace(" ", "") in shown.replace(" ", "")
    assert f"<3/3>{third}" in shown
