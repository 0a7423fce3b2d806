"""Campaigns of the three endpoints; each project replaces ACME by its own name."""

from __future__ import annotations

BATCHES = """\
campaign: sale
purpose: marketing
sends:
  - id: last-call
    endpoint: contacts
    channelQualifier: "148372"
    content: "ACME: 20% off ends tonight. Reply STOP to opt out."
    contacts: {file: ../contacts/people.csv}
"""
"""One send with one request per 1,000 rows of its contact file."""

_JOBS = """\
campaign: spring
purpose: marketing
sends:
  - id: teaser
    matrix: {locale: [LOCALES]}
    endpoint: contact-source
    publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
    contactSourceId: 4396816
    messageName: "ACME {{ locale }}"
    scheduledDate: "2099-12-01T14:00:00-05:00"
    audience: {timezones: [America/New_York]}
"""
_NOTICES = """\
campaign: gate
purpose: transactional
sends:
  - id: change
    matrix: {gate: [GATES]}
    endpoint: external-consent
    channelQualifier: "148372"
    content: "ACME: your flight now leaves from gate {{ gate }}."
    contacts:
      - {phoneNumber: "12125550123"}
"""


def jobs(count: int) -> str:
    """Return a campaign of `count` sends to contact sources."""
    return _JOBS.replace("LOCALES", ", ".join(f"l{number}" for number in range(count)))


def notices(count: int) -> str:
    """Return a campaign of `count` sends with external consent, of one request each."""
    return _NOTICES.replace("GATES", ", ".join(f"B{number}" for number in range(count)))


def named(campaign: str, name: str) -> str:
    """Return a campaign with ACME replaced by `name`."""
    return campaign.replace("ACME", name)
