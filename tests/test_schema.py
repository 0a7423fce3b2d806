"""The schemas themselves, that the code agrees with them, and what is said of a document that does not."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sendspec.load.targets import PODS
from sendspec.model import Endpoint, Level, Place, Places, Purpose, RequestState, Sign
from sendspec.schema import NAMES, check, expanded, schema_text

if TYPE_CHECKING:
    from collections.abc import Iterator

NOWHERE = Places(Place("specs/sendspec.sandbox.lock"))
CONTACT = {"contactId": "12125550123", "personalization": {"NAME": "Ann"}}
SHA = "sha256:" + "0" * 64
SCRYPT = "scrypt:" + "0" * 64


def parts(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Walk a schema: every schema in it with its path."""
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from parts(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from parts(value, f"{path}/{index}")


@pytest.mark.parametrize("name", NAMES)
def test_schema_is_sound(name: str) -> None:
    """Each schema is valid draft 2020-12, says what it is, and has nothing that nobody refers to."""
    schema = json.loads(schema_text(name))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:sendspec:schema:{name}"
    assert schema["title"]
    assert schema["description"].endswith(".")
    refs = {part["$ref"] for _, part in parts(schema) if isinstance(part.get("$ref"), str)}
    assert refs == {f"#/$defs/{defined}" for defined in schema.get("$defs", {})}


@pytest.mark.parametrize("name", NAMES)
def test_every_property_is_described(name: str) -> None:
    """Editors show a sentence for every property."""
    schema = json.loads(schema_text(name))
    for path, part in parts(schema):
        if path.endswith("/properties") and not path.endswith("/if/properties"):
            for property_name, described in part.items():
                assert described.get("description", "").endswith("."), f"{path}/{property_name}"


@pytest.mark.parametrize("name", NAMES)
def test_references_can_be_expanded(name: str) -> None:
    """Only annotations stand beside a reference, so that replacing it changes no meaning."""
    for path, part in parts(json.loads(schema_text(name))):
        if isinstance(part.get("$ref"), str):
            assert part.keys() <= {"$ref", "title", "description"}, path
    assert not any("$ref" in part for _, part in parts(expanded(name)))


@pytest.mark.parametrize("name", NAMES)
def test_messages_find_their_words(name: str) -> None:
    """What messages are made of is there: a title for every pattern, names for every refused word."""
    for path, part in parts(expanded(name)):
        if isinstance(part.get("pattern"), str) or isinstance(part.get("type"), list):
            assert part.get("title") or part.get("type") in (
                ["string", "null"],
                ["integer", "null"],
                ["object", "null"],
            ), path
        if isinstance(part.get("not"), dict):
            assert {"required", "title"} & part["not"].keys(), path


def test_property_means_one_type_at_every_endpoint() -> None:
    """A property has the same types at every endpoint, so it need not be known which one a send names."""
    types: dict[str, set[str]] = {}
    sends = [
        case["then"]["properties"] for case in expanded("campaign")["properties"]["sends"]["items"]["allOf"]
    ]
    for send in sends:
        for name, schema in send.items():
            types.setdefault(name, set()).add(json.dumps(schema.get("type")))
    assert {name: found for name, found in types.items() if len(found) > 1} == {}
    assert len(sends) == len(Endpoint)


def test_schemas_and_code_agree() -> None:
    """Every list of words stands once in the code and once in a schema, and they are the same."""
    campaign, project = expanded("campaign"), expanded("project")
    lockfile, plan = expanded("lockfile"), expanded("plan")
    request = lockfile["properties"]["sends"]["additionalProperties"]["properties"]["requests"]["items"]
    action = plan["properties"]["actions"]["items"]["properties"]
    finding = plan["properties"]["findings"]["items"]["properties"]
    assert campaign["properties"]["purpose"]["enum"] == [purpose.value for purpose in Purpose]
    send = campaign["properties"]["sends"]["items"]
    assert send["properties"]["endpoint"]["enum"] == [endpoint.value for endpoint in Endpoint]
    assert project["properties"]["targets"]["additionalProperties"]["properties"]["pod"]["enum"] == list(PODS)
    levels = project["properties"]["rules"]["additionalProperties"]["then"]["enum"]
    assert set(levels) == {"off", *(level.value for level in Level)}
    assert set(request["properties"]["state"]["enum"]) == {state.value for state in RequestState}
    assert set(action["sign"]["enum"]) == {sign.value for sign in Sign}
    assert set(finding["level"]["enum"]) == {level.value for level in Level}


@pytest.mark.parametrize("endpoint", Endpoint)
def test_payload_has_what_a_campaign_may_say(endpoint: Endpoint) -> None:
    """The payload schema has the API's properties of the endpoint in the campaign schema, and no others."""
    ours = {"id", "endpoint", "matrix", "revision", "notBefore", "notAfter", "allow", "databaseFields"}
    for case in expanded("campaign")["properties"]["sends"]["items"]["allOf"]:
        if case["if"]["properties"]["endpoint"]["const"] == endpoint:
            in_campaign = case["then"]["properties"].keys() - ours - {"publishedMessageId"}
    assert expanded(f"payload-{endpoint}")["properties"].keys() == in_campaign


def test_unknown_schema() -> None:
    """A name that is no schema is refused, whatever path it spells."""
    with pytest.raises(KeyError):
        schema_text("../pyproject")


LOCKFILE: dict[str, Any] = {
    "version": 1,
    "target": "production",
    "account": "api-campaign-us-1.goacoustic.com",
    "sends": {
        "sale/call[en]": {
            "endpoint": "contacts",
            "revision": 2,
            "payload": {"content": "hi", "channelQualifier": "148372"},
            "payloadDigest": SHA,
            "recipients": {"count": 2412, "digest": SCRYPT},
            "requests": [
                {
                    "batch": 1,
                    "state": "sent",
                    "transactionId": "a-b",
                    "at": "2026-12-01T19:00:03Z",
                    "attempts": 1,
                },
                {
                    "batch": 2,
                    "state": "unknown",
                    "at": "2026-12-01T19:00:03.5Z",
                    "attempts": 1,
                    "evidence": "timeout",
                },
            ],
            "earlier": [
                {
                    "endpoint": "contacts",
                    "revision": 1,
                    "payload": {},
                    "payloadDigest": SHA,
                    "recipients": None,
                    "requests": [],
                }
            ],
        },
        "sale/teaser": {
            "endpoint": "contact-source",
            "revision": 1,
            "payload": {"messageName": "x"},
            "payloadDigest": SHA,
            "requests": [
                {"batch": 1, "state": "sent", "jobId": 7, "at": "2026-12-01T19:00:03Z", "attempts": 2}
            ],
        },
    },
}
PLAN: dict[str, Any] = {
    "version": 1,
    "target": "sandbox",
    "account": "sandbox",
    "directory": "specs",
    "digest": SCRYPT,
    "summary": {
        "send": 1,
        "recipients": 2,
        "requests": 1,
        "segments": None,
        "blocked": 0,
        "sent": 0,
        "unknown": 0,
    },
    "actions": [
        {
            "sign": "~",
            "address": "sale/call",
            "endpoint": "contacts",
            "revision": 1,
            "recipients": 2,
            "requests": 1,
            "batches": [1],
            "segments": None,
            "when": None,
            "payload": {"content": "hi"},
            "payloadDigest": SHA,
            "changes": [{"field": "content", "sent": None, "now": "hi"}],
            "why": "edited after it was sent",
        }
    ],
    "findings": [
        {
            "rule": "brand-missing",
            "level": "warning",
            "message": "no brand",
            "file": "specs/campaigns/a.yaml",
            "line": 1,
            "column": 1,
            "address": None,
            "hint": None,
            "allowed": None,
        }
    ],
}
SOUND: dict[str, tuple[str, Any]] = {
    "a lockfile": ("lockfile", LOCKFILE),
    "a plan": ("plan", PLAN),
    "a contact-source body": (
        "payload-contact-source",
        {"messageName": " ", "contactSourceId": 1, "preBlockingHours": 0},
    ),
    "a contacts body": (
        "payload-contacts",
        {"channelQualifier": "1", "content": "", "contacts": [CONTACT] * 1000},
    ),
    "a lookup": (
        "payload-contacts",
        {
            "channelQualifier": "1",
            "contentId": "a",
            "contacts": [{"contactLookup": [{"name": "email", "value": "a", "channel": "SMS"}]}],
        },
    ),
    "an external-consent body": (
        "payload-external-consent",
        {
            "channelQualifier": "1",
            "content": "x" * 801,
            "contacts": [{"phoneNumber": "1"}],
            "characterSwapEnabled": False,
        },
    ),
}


@pytest.mark.parametrize(("name", "document"), SOUND.values(), ids=SOUND)
def test_sound_documents(name: str, document: Any) -> None:
    """Sound documents pass, and limits that are rules are no matter of the schema."""
    assert check(name, document, NOWHERE) == []


def changed(document: Any, path: str, value: Any) -> Any:
    """Give a copy of a document with one value set, or with one taken out where it is `...`."""
    document = copy.deepcopy(document)
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    node = document
    for step in way:
        node = node[step]
    if value is ...:
        del node[last]
    else:
        node[last] = value
    return document


BODY = {"channelQualifier": "1", "content": "hi", "contacts": [CONTACT]}
UNSOUND: list[tuple[str, Any, str]] = [
    ("lockfile", [], "the document must be a mapping, got a list"),
    ("lockfile", None, "the document must be a mapping, got nothing"),
    ("lockfile", changed(LOCKFILE, "version", 2), "'version' must be 1, got the number 2"),
    ("lockfile", {**LOCKFILE, "version": True}, "'version' must be 1, got true"),
    ("lockfile", changed(LOCKFILE, "account", ...), "the property 'account' is missing"),
    ("lockfile", changed(LOCKFILE, "acount", "x"), "unknown property 'acount' in the document"),
    (
        "lockfile",
        changed(LOCKFILE, "sends.sale/teaser.requests.0.state", "lost"),
        "'sends.sale/teaser.requests[0].state' must be one of intent, sent, not-sent, unknown, got 'lost'",
    ),
    (
        "lockfile",
        changed(LOCKFILE, "sends.sale/teaser.requests.0.batch", 0),
        "'sends.sale/teaser.requests[0].batch' must be at least 1, got the number 0",
    ),
    (
        "lockfile",
        changed(LOCKFILE, "sends.sale/teaser.revision", 1.0),
        "'sends.sale/teaser.revision' must be an integer, got the number 1.0",
    ),
    (
        "lockfile",
        changed(LOCKFILE, "sends.sale/teaser.payloadDigest", SHA + "\n"),
        f"'sends.sale/teaser.payloadDigest' must be a SHA-256 digest, got '{SHA[:38]}…",
    ),
    (
        "lockfile",
        changed(LOCKFILE, "sends.sale/teaser.requests.0.at", "2026-12-01T19:00:03"),
        "'sends.sale/teaser.requests[0].at' must be an RFC 3339 instant in UTC, got '2026-12-01T19:00:03'",
    ),
    (
        "lockfile",
        changed(LOCKFILE, "sends.sale/teaser.requests.0.transactionID", "x"),
        "unknown property 'transactionID' in 'sends.sale/teaser.requests[0]'",
    ),
    (
        "lockfile",
        changed(LOCKFILE, "sends.Sale", LOCKFILE["sends"]["sale/teaser"]),
        "the name must be an address such as spring-sale/last-call[en], got 'Sale'",
    ),
    ("plan", changed(PLAN, "digest", "sha256:"), "'digest' must be a stretched digest, got 'sha256:'"),
    (
        "plan",
        changed(PLAN, "actions.0.changes.0.now", ...),
        "the property 'now' is missing in 'actions[0].changes[0]'",
    ),
    ("payload-contact-source", {"messageName": None}, "'messageName' must be text, got nothing"),
    (
        "payload-contact-source",
        {"messageName": "a", "contactSourceId": "4396816"},
        "'contactSourceId' must be an integer, got '4396816'",
    ),
    (
        "payload-contact-source",
        {"messageName": "a", "publishedMessageId": "a"},
        "unknown property 'publishedMessageId' in the document",
    ),
    ("payload-contacts", changed(BODY, "channelQualifier", ""), "'channelQualifier' must not be empty"),
    ("payload-contacts", changed(BODY, "content", ...), "one of 'content' and 'contentId' is needed here"),
    ("payload-contacts", changed(BODY, "contacts", []), "'contacts' must have at least 1 entry"),
    (
        "payload-contacts",
        changed(BODY, "contacts", [CONTACT] * 1001),
        "'contacts' has 1,001 entries, at most 1,000 are allowed",
    ),
    (
        "payload-contacts",
        changed(BODY, "contacts.0.contactId", ...),
        "exactly one of 'contactId' and 'contactLookup' is needed here",
    ),
    (
        "payload-contacts",
        changed(BODY, "characterSwapEnabled", 1),
        "'characterSwapEnabled' must be true or false, got the number 1",
    ),
    (
        "payload-contacts",
        changed(BODY, "ttlInMinutes", 2**63),
        "'ttlInMinutes' must be at most 9223372036854775807, got the number 9223372036854775808",
    ),
    (
        "payload-external-consent",
        BODY,
        "unknown property 'contactId' in 'contacts[0]'",
    ),
]


@pytest.mark.parametrize(("name", "document", "message"), UNSOUND, ids=[message for _, _, message in UNSOUND])
def test_unsound_documents(name: str, document: Any, message: str) -> None:
    """Each way to be wrong has its sentence, with the whole path where there are no positions."""
    problems = check(name, document, NOWHERE)
    assert message in [problem.message for problem in problems]
    assert {problem.place for problem in problems} == {NOWHERE.root}


def test_did_you_mean() -> None:
    """A misspelt name brings the name that was meant; a strange one brings those there are."""
    misspelt = check("payload-contacts", {**BODY, "Contentid": "x", "qqq": 1}, NOWHERE)
    hints = {problem.message: problem.hint for problem in misspelt}
    assert hints["unknown property 'Contentid' in the document"] == "did you mean 'contentId'?"
    assert hints["unknown property 'qqq' in the document"] == (
        "known here: channelQualifier, content, contentId, contacts, personalizationDefaults, source, "
        "ttlInMinutes, campaignName, characterSwapEnabled"
    )


CAMPAIGN: dict[str, Any] = {
    "campaign": "sale",
    "purpose": "marketing",
    "vars": {"a": 1, "b": ["x", None], "c": {"d": True}},
    "sends": [
        {
            "id": "a",
            "endpoint": "contact-source",
            "publishedMessageId": "x",
            "messageName": "y",
            "contactSourceId": "{{ a }}",
        },
        {
            "id": "b",
            "endpoint": "contacts",
            "matrix": {"locale": ["en", 1]},
            "channelQualifier": "1",
            "content": "hi",
            "contacts": {"file": "a.csv", "columns": {"contactId": "phone", "personalization": {"A": "b"}}},
        },
        {
            "id": "c",
            "endpoint": "external-consent",
            "channelQualifier": "1",
            "contentId": "x",
            "contacts": [{"phoneNumber": "1"}],
        },
    ],
}


def paths(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Give the path of every value of a document but the root."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from paths(value, (*path, key))


VALUES = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        11,
        1.5,
        "",
        "x",
        "contacts",
        "contact-source",
        "{{ x }}",
        "a b",
        "x" * 9000,
        [],
        ["x"],
        [[]],
        {},
        {"a": 1},
        {"file": "x"},
    ]
)
EDITS = st.lists(
    st.tuples(st.sampled_from(list(paths(CAMPAIGN))), st.sampled_from(["set", "drop", "rename"]), VALUES),
    min_size=1,
    max_size=3,
)


PLAIN = Draft202012Validator(json.loads(schema_text("campaign")))


def edited(document: Any, path: tuple[str | int, ...], action: str, value: Any) -> Any:
    """Give a copy with one value set, dropped or renamed; the same where an edit before took it away."""
    document = copy.deepcopy(document)
    node: Any = document
    try:
        for step in path[:-1]:
            node = node[step]
        kept = node[path[-1]]
        if action == "set":
            node[path[-1]] = value
        else:
            del node[path[-1]]
        if action == "rename" and isinstance(node, dict):
            node[f"{path[-1]}x"] = kept
    except (KeyError, IndexError, TypeError):
        pass
    return document


@settings(deadline=None, database=None, max_examples=500)
@given(EDITS)
def test_shortcuts_decide_as_jsonschema_does(edits: list[tuple[tuple[str | int, ...], str, Any]]) -> None:
    """The quicker validator finds a document unsound exactly where jsonschema's own does."""
    document = CAMPAIGN
    for path, action, value in edits:
        document = edited(document, path, action, value)
    assert bool(check("campaign", document, NOWHERE)) is not PLAIN.is_valid(document)
