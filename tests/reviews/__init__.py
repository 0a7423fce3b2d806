# ruff: noqa: E501 - a scenario is one line of a table
"""Plans that a reviewer may meet, and what the first lines of a comment must hold for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.plans import SENT, UNKNOWN, UNSENT, plan_specs, record_of
from tests.projects import CONTACTS, GATE, MESSAGE, TEASER, as_marketing, project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sendspec.model import Plan, RequestState

PRICES = "version: 1\npricing: {currency: USD, perSegment: {US: 0.01, CA: 0.02}}\n"
LATER = '    notBefore: "2030-02-01T12:00:00-05:00"\n'
OVER = '    notAfter: "2030-01-01T00:00:00Z"\n'
PUBLISHED = CONTACTS.replace("content: ", f"contentId: {MESSAGE}\n    # ")
PUBLISHED = PUBLISHED.replace("    personalizationDefaults: {NAME: there}\n", "")
ALLOWED = "    allow: [{rule: marketing-consent, reason: signed forms on file}]\n"
FRENCH = '      - {phoneNumber: "33639980123", personalization: {GATE: B1}}\n'
LOOKUPS = """\
campaign: look
purpose: transactional
sends:
  - id: up
    endpoint: contacts
    channelQualifier: "148372"
    content: "Acme: your order is ready."
    contacts: [{contactLookup: [{name: ID, value: "7", channel: SMS}]}]
"""


def text(words: str) -> str:
    """Return the campaign `gate` with another text."""
    return GATE.replace("Acme: your flight now leaves from gate %%GATE%%.", words)


def many(count: int) -> tuple[str, ...]:
    """Return different campaigns of one send each."""
    return tuple(
        text(f"Acme: gate %%GATE%%, note {i}.").replace(": gate\n", f": gate-{i}\n") for i in range(count)
    )


class Scenario(NamedTuple):
    """A project, the states of the requests of its sends, and an edit after that.

    The other fields are what the first ten rendered lines hold: verdict, people, first instant, cost and the rules that
    block. An empty one is not there.
    """

    campaigns: tuple[str, ...]
    verdict: str
    who: str
    when: str = ""
    cost: str = ""
    blocked: str = ""
    settings: str = PRICES
    count: int = 3
    states: tuple[RequestState, ...] = ()
    edit: Callable[[str], str] | None = None


SCENARIOS = {
    "nothing to do": Scenario((GATE,), "Nothing to send", "0 people", states=(SENT,)),
    "only waiting": Scenario((GATE + LATER,), "Ready", "2 people", "Fri 1 Feb 2030, 12:00 New York", "0.02 USD"),
    "only warnings": Scenario((as_marketing(GATE) + ALLOWED,), "Ready: 2 things to look at", "2 people", "immediately", "0.02 USD"),
    "a contact source only": Scenario((TEASER,), "Ready", "a contact source of unknown size", "Tue 1 Dec 2099, 19:00 London"),
    "a declared contact source": Scenario((TEASER.replace("audience: {", "audience: {size: 12000, "),), "Ready", "12,000 recipients as declared", "2099"),
    "a text of the vendor": Scenario((PUBLISHED,), "Ready", "3 people", "immediately", "segments of 3 texts not known"),
    "two countries": Scenario((CONTACTS,), "Ready", "2,500 people", "immediately", "27.00 USD", count=2500),
    "a country without a price": Scenario((GATE + FRENCH,), "Ready", "3 people", "immediately", "3 segments"),
    "without prices": Scenario((GATE,), "Ready", "2 people", "immediately", "2 segments", settings="version: 1\n"),
    "500 campaigns": Scenario(many(500), "Ready", "2 people", "immediately", "10.00 USD"),
    "the rest of a send": Scenario((CONTACTS,), "Ready", "500 people", "immediately", "USD", count=2500, states=(SENT, SENT, UNSENT)),
    "an unknown outcome": Scenario((GATE,), "Not ready: 1 error", "0 people", blocked="gate/change (unknown-outcome)", states=(UNKNOWN,)),
    "an unknown job is repeated": Scenario((TEASER,), "Ready", "a contact source", "2099", states=(UNKNOWN,)),
    "expired": Scenario((GATE + OVER,), "Nothing to send: 1 thing to look at", "0 people"),
    "edited after it was sent": Scenario((GATE,), "Not ready: 1 error", "0 people", blocked="changed-after-send", states=(SENT,), edit=lambda spec: spec.replace("flight", "plane")),
    "a raised revision": Scenario((GATE,), "Ready", "2 people", "immediately", "0.02 USD", states=(SENT,), edit=lambda spec: f"{spec}    revision: 2\n"),
    "marketing without consent": Scenario((as_marketing(GATE),), "Not ready: 1 error", "2 people", "immediately", "0.02 USD", "gate/change (marketing-consent)"),
    "a hostile text": Scenario((text("Acme: %%GATE%% @team <img src=x> [a](http://x.example) ```\\n# x | y"),), "", "2 people", "immediately", "0.02 USD", "gate/change (leftover)"),
    "right to left": Scenario((text("Acme: رحلتك الآن من البوابة %%GATE%%."),), "", "2 people", "immediately", "0.02 USD"),
    "an emoji of several": Scenario((text("Acme: \\U0001F468\\u200D\\U0001F469\\u200D\\U0001F467 gate %%GATE%%."),), "", "2 people", "immediately", "0.02 USD"),
    "lookups without numbers": Scenario((LOOKUPS,), "", "1 person", "immediately", "1 segment"),
    "now and later": Scenario((CONTACTS, GATE + LATER), "", "5 people", "immediately", "0.05 USD"),
}  # fmt: skip
"""Scenarios by name; each is one line."""


def plan_of(scenario: Scenario, directory: Path) -> Plan:
    """Write the project below `directory`, and plan it."""
    project(directory, *scenario.campaigns, settings=scenario.settings, count=scenario.count)
    if not scenario.states:
        return plan_specs(directory=str(directory))
    first = plan_specs(directory=str(directory))
    address = first.actions[0].address
    if scenario.edit is not None:
        project(directory, scenario.edit(scenario.campaigns[0]), settings=scenario.settings)
    return plan_specs({address: record_of(first, address, *scenario.states)}, str(directory))
