"""Messages about documents that do not satisfy a schema."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from sendspec.model import Location, Locations
from sendspec.schema import check

NOWHERE = Locations(Location("specs/sendspec.sandbox.lock"))
CONTACT = {"contactId": "12125550123", "personalization": {"NAME": "Ann"}}
SHA = "sha256:" + "0" * 64
SCRYPT = "scrypt:" + "0" * 64
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
                    "at": "2026-12-01T19:00:03Z",
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
        "jobs": 0,
        "again": 1,
        "blocked": 0,
        "sent": 0,
        "unknown": 0,
        "inProgress": 0,
        "waiting": 0,
        "expired": 0,
    },
    "actions": [
        {
            "sign": "~",
            "address": "sale/call",
            "endpoint": "contacts",
            "revision": 1,
            "recipients": 2,
            "contacts": {"file": "specs/contacts/vip.csv", "rows": 3, "duplicates": 1},
            "requests": 1,
            "batches": [1],
            "pending": [1],
            "segments": None,
            "scheduledDate": None,
            "payload": {"content": "hi"},
            "payloadDigest": SHA,
            "sentBefore": [
                {
                    "revision": 1,
                    "requests": 1,
                    "ofRequests": 1,
                    "recipients": None,
                    "ofRecipients": None,
                    "first": "2026-12-01T19:00:03Z",
                    "last": "2026-12-01T19:00:03Z",
                }
            ],
            "blockingRules": [],
            "obstacle": None,
            "baseRevision": 1,
            "changes": [{"field": "content", "sent": None, "now": "hi"}],
            "tried": [
                {
                    "batch": 1,
                    "at": "2026-12-01T19:00:03Z",
                    "attempts": 2,
                    "reason": "refused",
                    "evidence": None,
                }
            ],
            "open": [
                {
                    "revision": 1,
                    "batch": 1,
                    "at": "2026-12-01T19:00:03Z",
                    "attempts": 1,
                    "reason": None,
                    "evidence": None,
                    "run": None,
                    "inProgress": True,
                }
            ],
            "reason": "edited",
            "text": "edited after it was sent",
        }
    ],
    "findings": [
        {
            "rule": "brand-missing",
            "reason": "missing",
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
VALID: dict[str, tuple[str, Any]] = {
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


@pytest.mark.parametrize(("name", "document"), VALID.values(), ids=VALID)
def test_valid_documents(name: str, document: Any) -> None:
    """Valid documents pass; limits that rules check are not in the schemas."""
    assert check(name, document, NOWHERE) == []


def changed(document: Any, path: str, value: Any) -> Any:
    """Return a copy of a document with one value set, or removed if the value is `...`."""
    document = copy.deepcopy(document)
    *parents, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    node = document
    for step in parents:
        node = node[step]
    if value is ...:
        del node[last]
    else:
        node[last] = value
    return document


BODY = {"channelQualifier": "1", "content": "hi", "contacts": [CONTACT]}
INVALID: list[tuple[str, Any, str]] = [
    ("lockfile", [], "the document must be a mapping, got a list"),
    ("lockfile", None, "the document must be a mapping, got nothing"),
    ("lockfile", changed(LOCKFILE, "version", 3), "'version' must be one of 1, 2, got the number 3"),
    ("lockfile", {**LOCKFILE, "version": True}, "'version' must be one of 1, 2, got true"),
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
        f"'sends.sale/teaser.payloadDigest' must be a SHA-256 digest, got '{SHA[:39]}…",
    ),
    (
        "lockfile",
        changed(LOCKFILE, "sends.sale/teaser.requests.0.at", "2026-12-01T19:00:03"),
        (
            "'sends.sale/teaser.requests[0].at' must be a UTC time such as 2026-12-01T19:00:03Z, "
            "got '2026-12-01T19:00:03'"
        ),
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
        {"messageName": "a", "contactSourceId": "12125550123"},
        "'contactSourceId' must be an integer, got '1212•••••23'",
    ),
    (
        "payload-contact-source",
        {"messageName": "a", "contactSourceId": "a" * 30 + " 12125550123"},
        f"'contactSourceId' must be an integer, got '{'a' * 30} 1212••••…",
    ),
    (
        "payload-contacts",
        changed(BODY, "contacts.0.personalization", "Ada Lovelace"),
        "'contacts[0].personalization' must be a mapping, got text",
    ),
    (
        "payload-contacts",
        changed(BODY, "contacts.0", "12125550123 Ada"),
        "'contacts[0]' must be a mapping with contactId or contactLookup, and personalization, got text",
    ),
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
    (
        "payload-contacts",
        changed(BODY, "channelQualifier", ""),
        "'channelQualifier' must be text that is not blank, got empty text",
    ),
    ("payload-contacts", changed(BODY, "content", ...), "one of 'content' and 'contentId' is required here"),
    ("payload-contacts", changed(BODY, "contacts", []), "'contacts' must have at least 1 entry"),
    (
        "payload-contacts",
        changed(BODY, "contacts", [CONTACT] * 1001),
        "'contacts' has 1,001 entries, but the limit is 1,000",
    ),
    (
        "payload-contacts",
        changed(BODY, "contacts.0.contactId", ...),
        "exactly one of 'contactId' and 'contactLookup' is required here",
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


@pytest.mark.parametrize(("name", "document", "message"), INVALID, ids=[message for _, _, message in INVALID])
def test_invalid_documents(name: str, document: Any, message: str) -> None:
    """Each kind of error has its message, with the whole path if the document has no positions."""
    problems = check(name, document, NOWHERE)
    assert message in [problem.message for problem in problems]
    assert {problem.location for problem in problems} == {NOWHERE.root}


def test_did_you_mean() -> None:
    """The hint about a misspelt name has the closest name; about another one, all known names."""
    misspelt = check("payload-contacts", {**BODY, "Contentid": "x", "qqq": 1}, NOWHERE)
    hints = {problem.message: problem.hint for problem in misspelt}
    assert hints["unknown property 'Contentid' in the document"] == "did you mean 'contentId'?"
    assert hints["unknown property 'qqq' in the document"] == (
        "known here: channelQualifier, content, contentId, contacts, personalizationDefaults, source, "
        "ttlInMinutes, campaignName, characterSwapEnabled"
    )
