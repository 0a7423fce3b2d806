"""Rendering: exact bytes from specs, the same every time."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sendspec.audience import batches
from sendspec.model import (
    Campaign,
    ContactFile,
    Endpoint,
    InlineContacts,
    Location,
    Locations,
    Project,
    Purpose,
    SendSpec,
    Target,
)
from sendspec.render import BodyTemplate, encode, render, request_path
from sendspec.template import is_template
from tests.rendering import MESSAGE, SPECS, contacts, project, sends_of, single_send, source

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from sendspec.model import Send


def test_requests(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    """Paths and bodies of all three endpoints match the snapshot byte for byte, in this order."""
    requests = []
    for send in sends_of(project(tmp_path)).values():
        contact_lists = [b""] if send.contacts is None else [batch.lines for batch in batches(send)]
        requests += [
            f"{send.address} POST {request_path(send)}\n{BodyTemplate.of(send).body(lines).decode()}"
            for lines in contact_lists
        ]
    assert "\n".join(requests) == snapshot


def test_payload_and_digest(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    """The payload contains the API's properties with the path's id, without contacts, and has a digest."""
    sends = sends_of(project(tmp_path)).values()
    assert [(send.address, send.payload, send.payload_digest) for send in sends] == snapshot


def test_what_is_not_sent(tmp_path: Path) -> None:
    """Sendspec's own properties are rendered too, and are not part of the payload."""
    send = sends_of(project(tmp_path))["spring-sale/last-call[fr,2]"]
    assert (send.campaign, send.purpose, send.endpoint) == (
        "spring-sale",
        Purpose.MARKETING,
        Endpoint.CONTACTS,
    )
    assert send.revision == 2
    assert send.database_fields == {"2"}
    assert send.not_before == datetime(2036, 12, 1, tzinfo=UTC)
    assert send.not_after is not None
    assert send.not_after.isoformat() == "2036-12-02T00:00:00-05:00"
    [allowance] = send.allow
    assert (allowance.rule, allowance.reason) == ("brand-missing", "fr has its own")
    assert allowance.until == datetime(2036, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    assert allowance.location.line == 29


def test_contact_file(tmp_path: Path) -> None:
    """A contact file is relative to the campaign file; its display path is relative to here."""
    send = sends_of(project(tmp_path))["spring-sale/last-call[fr,2]"]
    assert send.contacts == ContactFile(
        path=tmp_path.resolve() / "lists/vip-fr.csv",
        shown=(tmp_path / "lists/vip-fr.csv").as_posix(),
        columns={"contactId": "fr_phone", "personalization": {"FIRST NAME": "first_name"}},
        location=Location((tmp_path / "campaigns/spring-sale.yaml").as_posix(), 20, 13),
    )


def test_inline_contacts(tmp_path: Path) -> None:
    """Inline contacts are rendered in order with their locations; numbers keep leading zeros."""
    result = sends_of(project(tmp_path))["gate-change/now"].contacts
    assert isinstance(result, InlineContacts)
    assert result.contacts == (
        {"phoneNumber": "12125550123", "personalization": {"GATE": "B12", "SEAT": "012"}},
        {"phoneNumber": "447700900123", "personalization": {"GATE": "C3"}},
    )
    assert [location.line for location in result.locations] == [11, 12]


def test_rules_check_contacts(tmp_path: Path) -> None:
    """A contact with no identity or two is rendered, because a rule reports it."""
    specs = single_send(
        tmp_path,
        contacts(contacts="[{}, {contactId: '1', contactLookup: [{name: a, value: b, channel: c}]}]"),
    )
    result = sends_of(specs, "sandbox")["c/s"].contacts
    assert isinstance(result, InlineContacts)
    assert [sorted(contact) for contact in result.contacts] == [[], ["contactId", "contactLookup"]]


def test_the_later_variable_wins(tmp_path: Path) -> None:
    """Variables of the target override those of the campaign; those of the matrix override both."""
    campaign = SPECS["campaigns/gate-change.yaml"].replace("{gate: B12}", "{who: campaign, gate: B12}")
    campaign = campaign.replace("gate %%GATE%%.", "{{ who }} {{ target }} {{ send.id }} {{ send.address }}")
    for more, target, expected in [
        ("", "sandbox", "campaign sandbox now gate-change/now"),
        ("", "production", "target production now gate-change/now"),
        ("    matrix: {who: [matrix]}\n", "production", "matrix production now gate-change/now[matrix]"),
    ]:
        specs = project(tmp_path, **{"campaigns/gate-change.yaml": campaign + more})
        [send] = [send for send in sends_of(specs, target).values() if send.campaign == "gate-change"]
        assert send.payload["content"] == f"Your flight now leaves from {expected}"


TYPED = [
    ("contactSourceId", "{{ 4396816 }}", 4396816),
    ("contactSourceId", "{{ '9223372036854775807' }}", 2**63 - 1),
    ("contactSourceId", " {{ '007' }} ", 7),
    ("preBlockingHours", "{% if true %}4{% endif %}", 4),
    ("messageName", "{{ 4396816 }}", "4396816"),
    ("messageName", "{{ true }}", "true"),
    ("ttlInMinutes", "{{ 30 }}", 30),
    ("characterSwapEnabled", "{{ true }}", True),
    ("characterSwapEnabled", "{{ 1 > 2 }}", False),
    ("source", "{{ 12 }}", "12"),
]


@pytest.mark.parametrize(("name", "written", "expected"), TYPED)
def test_types(tmp_path: Path, name: str, written: str, expected: object) -> None:
    """A rendered value has the type that the API requires of the property."""
    write = contacts if name in {"ttlInMinutes", "characterSwapEnabled", "source"} else source
    result = sends_of(single_send(tmp_path, write(**{name: f'"{written}"'})), "sandbox")["c/s"].payload[name]
    assert (result, type(result)) == (expected, type(expected))


@pytest.mark.parametrize("message", [MESSAGE, MESSAGE.upper()])
def test_path(tmp_path: Path, message: str) -> None:
    """The id of a published message is a segment of the path, and is not in the body."""
    send = sends_of(single_send(tmp_path, source(publishedMessageId=json.dumps(message))), "sandbox")["c/s"]
    assert request_path(send) == f"/channels/sms/publishedmessages/{message}/sendjobs"
    assert json.loads(BodyTemplate.of(send).body(b"")) == {"messageName": "hi"}
    assert send.payload["publishedMessageId"] == message


def test_symlinks_within(tmp_path: Path) -> None:
    """A symlink within the project directory may name a contact file; messages show its target."""
    specs = project(tmp_path)
    (tmp_path / "lists/vip-en.csv").rename(tmp_path / "lists/2036.csv")
    (tmp_path / "lists/vip-en.csv").symlink_to("2036.csv")
    result = sends_of(specs)["spring-sale/last-call[en,gold]"].contacts
    assert isinstance(result, ContactFile)
    assert result.shown == (tmp_path / "lists/2036.csv").as_posix()


def shuffled(value: Any, chance: random.Random) -> Any:
    if isinstance(value, list):
        return [shuffled(item, chance) for item in value]
    if not isinstance(value, dict):
        return value
    keys = chance.sample(list(value), len(value))
    return {key: value[key] if key == "matrix" else shuffled(value[key], chance) for key in keys}


PRINT = """
import sys, pathlib
from sendspec.load import load_project
from sendspec.audience import batches
from sendspec.render import BodyTemplate, render, request_path
specs = load_project(pathlib.Path(sys.argv[1]))
for send in render(specs, specs.targets["production"]):
    lines = b"".join(batch.lines for batch in batches(send))
    print(send.address, request_path(send), BodyTemplate.of(send).body(lines))
    print(send.payload_digest, list(send.payload))
"""


def test_same_bytes_every_time(tmp_path: Path) -> None:
    """The hash seed and the order of keys in the YAML do not change a byte of the requests."""
    printed = set()
    for seed in range(4):
        directory = tmp_path / str(seed)
        directory.mkdir()
        project(directory)
        for name in ("spring-sale", "gate-change"):
            path = directory / f"campaigns/{name}.yaml"
            document = YAML(typ="safe", pure=True).load(path.read_text().replace("012}", "'012'}"))
            chance = random.Random(seed)  # noqa: S311 - no secret
            path.write_text(json.dumps(shuffled(document, chance)))  # JSON is YAML
        run = subprocess.run(
            [sys.executable, "-c", PRINT, str(directory)],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        )
        printed.add(run.stdout)
    [only] = printed
    assert only.count("\n") == 12


UNSENDABLE = "\u2028\u2029\ufffe\uffff"
PRINTABLE = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=UNSENDABLE))


def send_of(**properties: Any) -> Send:
    valid = {"channelQualifier": "1", "contacts": [{"contactId": "12125550101"}]}
    spec = SendSpec("s", Endpoint.CONTACTS, 1, {}, valid | properties, Locations(Location("c.yaml")))
    campaign = Campaign("c", Purpose.MARKETING, {}, (spec,), Path("campaigns/c.yaml"), Location("c.yaml"))
    target = Target("sandbox", None)
    [send] = render(Project(Path(), {"sandbox": target}, {}, (campaign,)), target)
    return send


@given(PRINTABLE.filter(lambda text: not is_template(text)), PRINTABLE)
def test_text_arrives_as_it_was_written(text: str, tag: str) -> None:
    """Printable text without braces, and any key, is the same in the body as in the spec."""
    send = send_of(content=text, personalizationDefaults={tag: text})
    body = json.loads(BodyTemplate.of(send).body(b""))
    assert body["content"] == text
    assert body["personalizationDefaults"] == {tag: text}


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | PRINTABLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PRINTABLE, inner, max_size=4),
)


@given(JSON, st.randoms())
def test_one_spelling(value: Any, chance: random.Random) -> None:
    """Equal values are encoded equally in any order of keys, and decode to the value."""
    assert encode(shuffled(value, chance)) == encode(value)
    assert json.loads(encode(value)) == value


def test_the_digest_is_over_endpoint_and_payload() -> None:
    """The digest changes with the properties of the payload, and only with them."""
    plain = send_of(content="hi").payload_digest
    assert (
        send_of(
            content="hi", contacts=[], databaseFields=["A"], notAfter="2036-01-01T00:00:00Z"
        ).payload_digest
        == plain
    )
    assert send_of(content="ho").payload_digest != plain
    assert send_of(content="hi", source="x").payload_digest != plain
