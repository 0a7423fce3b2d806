"""The comparison of a send with its record in the ledger."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sendspec.audience import stretched_digest
from sendspec.compare import SendState, compare, recipients_of, sent_before
from sendspec.model import (
    AudienceFacts,
    Endpoint,
    InlineContacts,
    Location,
    Locations,
    Purpose,
    Recipients,
    RequestRecord,
    RequestState,
    Send,
    SendRecord,
)
from sendspec.structs import replace

AT = datetime(2026, 12, 1, tzinfo=UTC)
SENT, UNSENT = RequestState.SENT, RequestState.NOT_SENT
INTENT, UNKNOWN = RequestState.INTENT, RequestState.UNKNOWN
FACTS = AudienceFacts(count=2500, batch_digests=(b"1", b"2", b"3"), batch_segments=None)


def send(endpoint: Endpoint = Endpoint.CONTACTS, revision: int = 1, content: str = "hi") -> Send:
    return Send(
        address="sale/last-call",
        campaign="sale",
        purpose=Purpose.MARKETING,
        endpoint=endpoint,
        revision=revision,
        payload={"content": content},
        payload_digest=f"sha256:{content}",
        contacts=None if endpoint is Endpoint.CONTACT_SOURCE else InlineContacts((), ()),
        database_fields=frozenset(),
        not_before=None,
        not_after=None,
        allow=(),
        locations=Locations(Location("c.yaml")),
    )


def record(*states: RequestState, of: Send | None = None, facts: AudienceFacts | None = FACTS) -> SendRecord:
    of = of or send()
    recipients = (
        None if facts is None else Recipients(facts.count, stretched_digest(of.address, facts.digest))
    )
    requests = tuple(RequestRecord(batch, state, AT) for batch, state in enumerate(states, start=1))
    return SendRecord(of.endpoint, of.revision, of.payload, of.payload_digest, recipients, requests)


@pytest.mark.parametrize(
    ("states", "send_state", "pending"),
    [
        ((), SendState.NEW, (1, 2, 3)),
        ((UNSENT,), SendState.NEW, (1, 2, 3)),
        ((SENT,), SendState.PARTIAL, (2, 3)),
        ((SENT, UNSENT), SendState.PARTIAL, (2, 3)),
        ((UNSENT, SENT, UNSENT), SendState.PARTIAL, (1, 3)),
        ((SENT, SENT, SENT), SendState.DONE, ()),
        ((SENT, INTENT), SendState.UNKNOWN, ()),
        ((UNKNOWN,), SendState.UNKNOWN, ()),
    ],
)
def test_the_states_of_requests_decide_the_pending_batches(
    states: tuple[RequestState, ...], send_state: SendState, pending: tuple[int, ...]
) -> None:
    """The states of the requests in the ledger decide the state of a send and its pending batches."""
    comparison = compare(send(), FACTS, record(*states))
    assert (comparison.state, comparison.pending) == (send_state, pending)


def test_a_send_without_a_record_is_new() -> None:
    """A send without a record is sent whole."""
    assert compare(send(), FACTS, None).pending == (1, 2, 3)


def test_a_refused_send_may_be_edited() -> None:
    """A send whose requests were all refused may be fixed and sent without a new revision."""
    comparison = compare(send(content="fixed"), FACTS, record(UNSENT, UNSENT))
    assert (comparison.state, comparison.pending) == (SendState.NEW, (1, 2, 3))
    assert [(c.field, c.sent, c.now) for c in comparison.changes] == [("content", "hi", "fixed")]


@pytest.mark.parametrize("states", [(SENT,), (SENT, SENT, SENT)])
def test_other_content_after_an_acceptance_is_an_edit(states: tuple[RequestState, ...]) -> None:
    """Once a request was accepted, other content is an edit and nothing is sent."""
    comparison = compare(send(content="new"), FACTS, record(*states))
    assert (comparison.state, comparison.pending) == (SendState.EDITED, ())


@pytest.mark.parametrize(
    ("states", "send_state"),
    [((SENT,), SendState.AUDIENCE_CHANGED), ((SENT, SENT, SENT), SendState.DONE)],
)
def test_other_recipients_after_an_acceptance_block(
    states: tuple[RequestState, ...], send_state: SendState
) -> None:
    """Other recipients, even as many, block a partial send, and a complete one does not depend on them."""
    others = replace(FACTS, batch_digests=(b"1", b"2", b"other"))
    assert compare(send(), others, record(*states)).state is send_state
    fewer = replace(FACTS, count=2400)
    assert compare(send(), fewer, record(*states)).state is send_state


def test_a_raised_revision_is_new_and_a_lowered_one_an_edit() -> None:
    """A revision above that of the ledger sends everything again; a lower one sends nothing."""
    done = record(SENT, SENT, SENT, of=send(revision=2))
    assert compare(send(revision=3), FACTS, done).pending == (1, 2, 3)
    assert compare(send(revision=1), FACTS, done).state is SendState.EDITED


def test_a_raised_revision_is_compared_with_the_newest_accepted_one() -> None:
    """The changes ignore refused revisions; other recipients are a change, the same ones are not."""
    first = record(SENT, SENT, SENT)
    refused = replace(record(UNSENT, of=send(revision=2, content="typo")), earlier=(first,))
    same = compare(send(revision=3), FACTS, refused)
    assert (same.pending, same.changes, same.base_revision) == ((1, 2, 3), (), 1)
    other = compare(send(revision=3, content="typo"), replace(FACTS, count=2400), refused)
    assert [change.field for change in other.changes] == ["content", "recipients"]


def test_only_accepted_revisions_count_as_sent_before() -> None:
    """Refused revisions, the revision itself and a send without a record were not sent before."""
    first, second = record(SENT), record(UNSENT, of=send(revision=2))
    both = replace(second, earlier=(first,))
    assert sent_before(send(revision=3), both) == (first,)
    assert sent_before(send(revision=1), both) == ()
    assert sent_before(send(), None) == ()


@pytest.mark.parametrize(
    ("batches", "recipients"), [((), 0), ((1,), 1000), ((3,), 500), ((1, 3), 1500), ((1, 2, 3), 2500)]
)
def test_the_last_request_has_fewer_recipients(batches: tuple[int, ...], recipients: int) -> None:
    """2,500 recipients are two requests of 1,000 and one of 500."""
    assert recipients_of(2500, batches) == recipients


def test_a_raised_revision_does_not_hide_an_unknown_outcome() -> None:
    """While a request of any revision is unknown, a higher revision sends nothing."""
    assert compare(send(revision=2), FACTS, record(SENT, UNKNOWN)).state is SendState.UNKNOWN


@pytest.mark.parametrize("state", [INTENT, UNKNOWN])
def test_the_same_contact_source_request_may_be_repeated(state: RequestState) -> None:
    """An unknown contact-source request may be repeated, because the vendor checks its name."""
    source = send(Endpoint.CONTACT_SOURCE)
    comparison = compare(source, None, record(state, of=source, facts=None))
    assert (comparison.state, comparison.pending) == (SendState.PARTIAL, (1,))


def test_an_edited_contact_source_request_may_not_be_repeated() -> None:
    """An unknown request is not repeated with another name, which would be another job."""
    source = send(Endpoint.CONTACT_SOURCE)
    edited = send(Endpoint.CONTACT_SOURCE, content="another name")
    assert compare(edited, None, record(UNKNOWN, of=source, facts=None)).state is SendState.UNKNOWN
    raised = send(Endpoint.CONTACT_SOURCE, revision=2)
    assert compare(raised, None, record(UNKNOWN, of=source, facts=None)).state is SendState.UNKNOWN


def test_another_endpoint_is_an_edit() -> None:
    """A sent address with another endpoint is an edit and sends nothing."""
    comparison = compare(send(Endpoint.EXTERNAL_CONSENT), FACTS, record(SENT, SENT, SENT))
    assert comparison.state is SendState.EDITED
