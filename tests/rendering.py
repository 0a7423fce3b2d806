"""Small projects to render: a whole one, and ones with a single send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.load import load_project
from sendspec.render import render

if TYPE_CHECKING:
    from pathlib import Path

    from sendspec.model import Project, Send

MESSAGE = "e3c3d1ea-e54b-458d-b32b-18a99f63b58c"
SPECS = {
    "sendspec.yaml": """
version: 1
targets:
  production: {pod: us-1, vars: {program: "148372", who: target}}
""",
    "campaigns/spring-sale.yaml": """
campaign: spring-sale
purpose: marketing
vars: {discount: 20, source: 4396816, program: "1", swap: true, cities: {en: Paris, fr: Lyon}}
sends:
  - id: teaser
    endpoint: contact-source
    publishedMessageId: "e3c3d1ea-e54b-458d-b32b-18a99f63b58c"
    contactSourceId: "{{ source }}"
    messageName: "{{ campaign }}-teaser"
    scheduledDate: "2036-12-01T14:00:00-05:00"
    preBlockingHours: 4
  - id: last-call
    endpoint: contacts
    revision: 2
    matrix: {locale: [en, fr], tier: [gold, 2]}
    channelQualifier: "{{ program }}"
    content: "Acme: hi %%FIRST NAME%%, {{ discount }}% off in {{ cities[locale] }} ({{ tier }}). STOP ends."
    contacts:
      file: "../lists/vip-{{ locale }}.csv"
      columns: {contactId: "{{ locale }}_phone", personalization: {FIRST NAME: first_name}}
    personalizationDefaults: {FIRST NAME: "{{ 'there' if locale == 'en' else 'à vous' }}"}
    ttlInMinutes: "{{ 60 * 4 }}"
    characterSwapEnabled: "{{ swap }}"
    databaseFields: ["{{ tier }}"]
    notBefore: "2036-12-01T00:00:00Z"
    notAfter: "2036-12-02T00:00:00-05:00"
    allow:
      - {rule: brand-missing, reason: "{{ locale }} has its own", until: "2036-12-31"}
""",
    "campaigns/gate-change.yaml": """
campaign: gate-change
purpose: transactional
vars: {gate: B12}
sends:
  - id: now
    endpoint: external-consent
    channelQualifier: 148372
    content: "Your flight now leaves from gate %%GATE%%."
    contacts:
      - {phoneNumber: "12125550123", personalization: {GATE: "{{ gate }}", SEAT: 012}}
      - {phoneNumber: "447700900123", personalization: {GATE: C3}}
""",
    "lists/vip-en.csv": "en_phone,first_name\n12125550101,Ann\n",
    "lists/vip-fr.csv": "fr_phone,first_name\n12125550102,Zoé\n",
}


def project(directory: Path, **more: str) -> Project:
    """Write the specs above, with files added or replaced, and load them."""
    for name, text in (SPECS | more).items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8")
    return load_project(directory)


def sends_of(specs: Project, target: str = "production") -> dict[str, Send]:
    return {send.address: send for send in render(specs, specs.targets[target])}


def single_send(directory: Path, properties: str, variables: str = "{}") -> Project:
    """Load a project of one campaign with one send; its properties start in line 7."""
    lines = f"campaign: c\npurpose: marketing\nvars: {variables}\nsends:\n  - id: s\n    # \n{properties}"
    (directory / "campaigns").mkdir()
    (directory / "sendspec.yaml").write_text("version: 1\n")
    (directory / "campaigns" / "c.yaml").write_text(lines, encoding="utf-8")
    return load_project(directory)


def contacts(**properties: str) -> str:
    """Write a valid send to contacts, with properties added or replaced."""
    valid = {
        "endpoint": "contacts",
        "channelQualifier": "'1'",
        "content": "hi",
        "contacts": "[{contactId: '12125550101'}]",
    }
    return "".join(f"    {name}: {value}\n" for name, value in (valid | properties).items())


def source(**properties: str) -> str:
    """Write a valid send to a contact source, with properties added or replaced."""
    valid = {"endpoint": "contact-source", "publishedMessageId": MESSAGE, "messageName": "hi"}
    return "".join(f"    {name}: {value}\n" for name, value in (valid | properties).items())
