"""Small projects on disk, and the installed command to run on them."""

from __future__ import annotations

import json
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.processes.runs import zygote

if TYPE_CHECKING:
    from tests.processes.runs import Done

SENDSPEC = str(Path(sysconfig.get_path("scripts")) / "sendspec")

MESSAGE = "e3c3d1ea-e54b-458d-b32b-18a99f63b58c"
CONTACTS = """\
campaign: sale
purpose: marketing
sends:
  - id: last-call
    endpoint: contacts
    channelQualifier: "148372"
    content: "Acme: hi %%NAME%%, 20% off ends tonight. Reply STOP to opt out."
    contacts: {file: ../contacts/people.csv}
    personalizationDefaults: {NAME: there}
    ttlInMinutes: 240
"""
TEASER = """\
campaign: spring
purpose: marketing
sends:
  - id: teaser
    endpoint: contact-source
    publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
    contactSourceId: 4396816
    messageName: "{{ campaign }}-teaser"
    scheduledDate: "2099-12-01T14:00:00-05:00"
    audience: {timezones: [Europe/London]}
"""
GATE = """\
campaign: gate
purpose: transactional
sends:
  - id: change
    endpoint: external-consent
    channelQualifier: "148372"
    content: "Acme: your flight now leaves from gate %%GATE%%."
    contacts:
      - {phoneNumber: "12125550123", personalization: {GATE: B12}}
      - {phoneNumber: "12125550124", personalization: {GATE: B14}}
"""

_AREAS = [area for area in range(201, 990) if area % 100 != 11][:200]


def number(index: int) -> str:
    """Return one of 20,000 reserved numbers."""
    return f"1{_AREAS[index // 100]}55501{index % 100:02d}"


def as_marketing(campaign: str) -> str:
    """Return a campaign with texts about gates as marketing, which says how to opt out."""
    marketing = campaign.replace("transactional", "marketing")
    return marketing.replace("%%GATE%%.", "%%GATE%%. Reply STOP to opt out.")


def people(count: int, name: str = "Ada") -> str:
    """Return a contact file of `count` different reserved numbers."""
    return "contactId,NAME\n" + "".join(f"{number(i)},{name}\n" for i in range(count))


def project(directory: Path, *campaigns: str, settings: str = "version: 1\n", count: int = 3) -> Path:
    """Write a project with these campaigns, and the contact file of `count` recipients if one names it."""
    (directory / "campaigns").mkdir(parents=True, exist_ok=True)
    (directory / "contacts").mkdir(exist_ok=True)
    (directory / "sendspec.yaml").write_text(settings)
    if not campaigns or any("people.csv" in text for text in campaigns):
        (directory / "contacts" / "people.csv").write_text(people(count))
    for index, text in enumerate(campaigns):
        (directory / "campaigns" / f"c{index}.yaml").write_text(text)
    return directory


def sendspec(*arguments: str | Path, where: Path, stdin: str = "", **environment: str) -> Done:
    """Run a command in a process of its own, in `where`, with only the given credentials."""
    done = zygote().run(*arguments, where=where, stdin=stdin, **environment)
    assert "Traceback" not in done.err, done.err
    return done


def lockfile(directory: Path, target: str = "sandbox") -> dict[str, Any]:
    """Return the lockfile of a project."""
    value: dict[str, Any] = json.loads((directory / f"sendspec.{target}.lock").read_text())
    return value
