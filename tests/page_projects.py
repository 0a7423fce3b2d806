"""A project whose page has everything that a page can show, and its plan at a fixed time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sendspec.load import load_project
from sendspec.model import LedgerState
from sendspec.plan import plan_project

if TYPE_CHECKING:
    from pathlib import Path

    from sendspec.model import Plan

NOW = datetime(2036, 3, 27, 13, 14, tzinfo=UTC)

SETTINGS = """\
version: 1
brand: Acme
vars: {program: "148372"}
pricing: {currency: USD, perSegment: {US: 0.0079, default: 0.05}}
"""
BOOTS = """\
campaign: april-boots
purpose: marketing
owner: Ann Lee
sends:
  - id: final
    endpoint: contacts
    matrix: {locale: [ar-us, en-us, es-us]}
    channelQualifier: "{{ program }}"
    content: >-
      {% if locale == "en-us" %}Acme: hi %%FIRST NAME%%, it\u2019s the last day: 20% off boots with code
      BOOTS20 at https://acme.com/b. Reply STOP to opt out.
      {%- elif locale == "ar-us" %}Acme: مرحبا %%FIRST NAME%%، اليوم هو اليوم الأخير: خصم 20% 👢👩‍👩‍👧.
      Reply STOP to opt out.
      {%- else %}Acme: hola %%FIRST NAME%%, último día: 20% de descuento en botas con BOOTS20 en
      https://acme.com/b. Responde STOP para no recibir más.{% endif %}
    contacts:
      file: "../contacts/{{ locale }}.csv"
      columns: {contactId: phone, personalization: {FIRST NAME: first_name}}
    personalizationDefaults: {FIRST NAME: there}
    notBefore: "2036-04-02T02:00:00-04:00"
    notAfter: "2036-04-02T23:00:00-04:00"
"""
EASTER = """\
campaign: easter
purpose: marketing
sends:
  - id: later
    endpoint: contacts
    channelQualifier: "{{ program }}"
    content: "Acme: hi %%FIRST NAME%%, two easter eggs for the price of one this weekend in every store near
      you. Show this text at the till. Bring a friend, and both of you get a bunny. Reply STOP to opt out."
    contacts:
      file: ../contacts/en-us.csv
      columns: {contactId: phone, personalization: {FIRST NAME: first_name}}
    personalizationDefaults: {FIRST NAME: there}
    notBefore: "2036-04-12T14:00:00-04:00"
    notAfter: "2036-04-12T20:00:00-04:00"
  - id: push
    endpoint: contact-source
    publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
    contactSourceId: 4396816
    messageName: easter-push
    scheduledDate: "2036-04-10T14:00:00-04:00"
    audience: {timezones: [America/New_York], size: 12000}
"""
NAMES = ("Josephine", "Ann", "Bartholomew", "", "Zoë", "Łukasz", "Maximiliana-Alexandra")
AREAS = {
    "en-us": (212,) * 30 + (312,) * 20 + (505,) * 20 + (415,) * 20 + (808,) * 10,
    "es-us": (305,) * 40 + (602,) * 20,
    "ar-us": (212,) * 5,
}


def write_project(specs: Path) -> None:
    """Write the project into the directory `specs`."""
    (specs / "campaigns").mkdir(parents=True)
    (specs / "contacts").mkdir()
    (specs / "sendspec.yaml").write_text(SETTINGS, encoding="utf-8")
    (specs / "campaigns" / "april-boots.yaml").write_text(BOOTS, encoding="utf-8")
    (specs / "campaigns" / "easter.yaml").write_text(EASTER, encoding="utf-8")
    for name, areas in AREAS.items():
        rows = [
            f"1{area}55501{areas[:index].count(area):02d},{NAMES[index % len(NAMES)]}\n"
            for index, area in enumerate(areas)
        ]
        (specs / "contacts" / f"{name}.csv").write_text(
            "phone,first_name\n" + "".join(rows), encoding="utf-8"
        )


def plan_at(specs: Path, now: datetime = NOW) -> Plan:
    """Return the plan of a project for the sandbox, with an empty ledger."""
    project = load_project(specs)
    return plan_project(project, project.targets["sandbox"], LedgerState("sandbox", "sandbox", {}), now)
