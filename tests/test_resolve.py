"""The decisions of `sendspec resolve`: names of requests, and which of them may be settled."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sendspec.errors import SendspecError, Usage
from sendspec.ledger import Intent, RevisionStarted, Settled
from sendspec.ledger.journal_entries import fold
from sendspec.model import (
    Endpoint,
    LedgerState,
    OutcomeReason,
    RequestKey,
    RequestState,
    SettledBy,
)
from sendspec.resolve import (
    RequestName,
    check_run_ended,
    find_request,
    parse_request,
    settlement,
)
from sendspec.structs import replace
from tests.ledgers import AT, accepted, record, started

if TYPE_CHECKING:
    from sendspec.resolve import (
        FoundRequest,
    )

SEND = "spring-sale/last-call[en@2]"
FIRST, SECOND = RequestKey(SEND, 1, 1), RequestKey(SEND, 2, 1)
STATE = fold(LedgerState("production", "api.example"), started(SEND))
"""A ledger with one open request."""

BOTH = fold(STATE, started(SEND, revision=2))
"""The same with an open request of revision 2."""


def found_in(state: LedgerState) -> FoundRequest:
    """Return the only open request of the send."""
    return find_request(state, RequestName(SEND, None, 1), accepted=False)


@pytest.mark.parametrize("key", [FIRST, SECOND, RequestKey("sale/a", 12, 345)], ids=str)
def test_the_name_of_a_key_is_parsed(key: RequestKey) -> None:
    """The name that plans print gives the key back; revision 1 has no number in its name."""
    revision = None if key.revision == 1 else key.revision
    assert parse_request(str(key)) == RequestName(key.address, revision, key.batch)


@pytest.mark.parametrize("text", ["", "#1", "sale/a", "sale/a#", "sale/a#one", "sale/a@2", f"a#{'1' * 19}"])
def test_other_text_is_not_a_name(text: str) -> None:
    """A name needs an address and a batch in decimal digits that fit into 64 bits."""
    with pytest.raises(Usage, match="is not ADDRESS#BATCH or ADDRESS@REVISION#BATCH"):
        parse_request(text)


def test_a_name_without_a_revision_means_the_only_open_request() -> None:
    """If one revision has an open request of that batch, its name needs no revision."""
    later = fold(STATE, [accepted(SEND), *started(SEND, revision=2)])
    assert find_request(STATE, parse_request(f"{SEND}#1"), accepted=False).key == FIRST
    assert find_request(later, parse_request(f"{SEND}#1"), accepted=False).key == SECOND


@pytest.mark.parametrize("accepted", [True, False])
def test_an_ambiguous_name_lists_the_exact_names(accepted: bool) -> None:  # noqa: FBT001 - both cases
    """If two revisions have an open request of that batch, the error lists both, and each name works."""
    with pytest.raises(SendspecError, match="several revisions; nothing was changed") as caught:
        find_request(BOTH, parse_request(f"{SEND}#1"), accepted=accepted)
    assert caught.value.hint == f"name '{SEND}@2#1' or '{SEND}@1#1'"
    for key in (FIRST, SECOND):
        name = parse_request(f"{SEND}@{key.revision}#1")
        assert find_request(BOTH, name, accepted=accepted).key == key


def test_only_an_acceptance_corrects_a_request_that_was_not_sent() -> None:
    """A not-sent request can be settled as accepted, and a sent request cannot be settled again."""
    name = parse_request(f"{SEND}#1")
    not_sent = fold(STATE, [Settled(FIRST, RequestState.NOT_SENT, AT, 1)])
    assert find_request(not_sent, name, accepted=True).key == FIRST
    sent = fold(STATE, [accepted(SEND)])
    for state, is_accepted in ((not_sent, False), (sent, True), (sent, False)):
        with pytest.raises(SendspecError, match="has no unknown outcome"):
            find_request(state, name, accepted=is_accepted)


def test_a_settlement_says_who_settled_it_and_why() -> None:
    """The entry has the id, the masked reason, the time to the second, and the attempts so far."""
    state = fold(STATE, [Intent(FIRST, AT, attempts=3)])
    now = AT + timedelta(minutes=30, microseconds=5)
    assert settlement(state, found_in(state), "1a2b-9f", "12125550123 got it", now) == Settled(
        key=FIRST,
        state=RequestState.SENT,
        at=AT + timedelta(minutes=30),
        attempts=3,
        transaction_id="1a2b-9f",
        reason=OutcomeReason.STATED,
        evidence="1212•••••23 got it",
        settled_by=SettledBy.PERSON,
    )


def test_the_id_of_a_job_is_a_number() -> None:
    """A contact-source request takes a job id, and other text is a usage error."""
    header = replace(record(), endpoint=Endpoint.CONTACT_SOURCE, recipients=None)
    state = fold(LedgerState("production", "api.example"), [RevisionStarted(SEND, header), Intent(FIRST, AT)])
    settled = settlement(state, found_in(state), "10000001", "seen", AT)
    assert (settled.job_id, settled.transaction_id) == (10000001, None)
    with pytest.raises(Usage, match="'1a2b' is not a job id"):
        settlement(state, found_in(state), "1a2b", "seen", AT)


def test_a_recent_intent_may_be_in_progress() -> None:
    """A request is refused until its run has certainly ended, and an unknown one never."""
    with pytest.raises(SendspecError, match="its run may still be sending it; nothing was changed") as caught:
        check_run_ended(found_in(STATE), AT + timedelta(minutes=14))
    assert "--run-is-gone" in str(caught.value.hint)
    check_run_ended(found_in(STATE), AT + timedelta(minutes=15))
    unknown = fold(STATE, [Settled(FIRST, RequestState.UNKNOWN, AT, 1)])
    check_run_ended(found_in(unknown), AT)
