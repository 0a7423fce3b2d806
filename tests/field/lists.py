"""Projects whose contact file or text is the case, and the findings of `validate` about them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.projects import project

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.projects import Done

LIST = "specs/contacts/people.csv"
MAPPED = "{contactId: phone, personalization: {NAME: name}}"


class Finding(NamedTuple):
    """One finding of `validate`; `count` is the number at the start of its message, if it has one."""

    level: str
    rule: str
    reason: str
    line: int
    count: int = 1


def with_list(text: str | bytes, *, columns: str | None = None, extra: str = "") -> Path:
    """Write a project with one send to the list `text`."""
    mapping = f", columns: {columns}" if columns else ""
    return with_send(f"{{file: ../contacts/people.csv{mapping}}}", extra, text)


def with_send(contacts: str, extra: str = "", text: str | bytes = "", endpoint: str = "contacts") -> Path:
    """Write a project with one send to these contacts."""
    campaign = (
        "campaign: order\npurpose: transactional\nsends:\n  - id: ready\n"
        f'    endpoint: {endpoint}\n    channelQualifier: "148372"\n'
        f'    content: "Acme: hi %%NAME%%, your order is ready."\n    contacts: {contacts}\n'
        f"    personalizationDefaults: {{NAME: there}}\n{extra}"
    )
    directory = project(Path("specs"), campaign)
    (directory / "contacts" / "people.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return directory


def with_text(lines: str, variables: str = "") -> Path:
    """Write a project with one send of these YAML lines instead of its content."""
    campaign = (
        f"campaign: order\npurpose: transactional\n{variables}sends:\n  - id: ready\n"
        f'    endpoint: external-consent\n    channelQualifier: "148372"\n{lines}'
        '    contacts: [{phoneNumber: "12125550101"}, {phoneNumber: "12125550102"}]\n'
    )
    return project(Path("specs"), campaign)


def with_texts(texts: Sequence[str]) -> Path:
    """Write a project with one send of each text, five lines each, the first text in line 7."""
    sends = "".join(
        f"  - id: s{at}\n    endpoint: external-consent\n    channelQualifier: '1'\n"
        f"    content: {json.dumps(text)}\n"
        '    contacts: [{phoneNumber: "12125550101", personalization: {NAME: Ann}}]\n'
        for at, text in enumerate(texts)
    )
    return project(Path("specs"), f"campaign: c\npurpose: transactional\nsends:\n{sends}")


def findings(cli: Callable[..., Done]) -> list[Finding]:
    """Return the findings of `validate`, without the infos."""
    done = cli("validate", "--format", "json")
    return [
        Finding(each["level"], each["rule"], each["reason"], each["line"], count_in(each["message"]))
        for each in json.loads(done.out)["findings"]
        if each["level"] != "info"
    ]


def count_in(message: str) -> int:
    """Return the number at the start of a message, 1 if it starts with a word."""
    match = re.match(r"[\d,]+(?= )", message)
    return int(match[0].replace(",", "")) if match else 1


def bodies(cli: Callable[..., Done]) -> list[dict]:
    """Return the contacts that `render` prints."""
    done = cli("render")
    return [contact for line in done.out.splitlines() for contact in json.loads(line)["body"]["contacts"]]
