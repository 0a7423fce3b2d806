"""Records of stopped jobs: their dates, their form in both files, merges and repeated folds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sendspec.compare import is_stopped, jobs_at_vendor, sent_before
from sendspec.errors import LedgerCorrupt, SendspecError
from sendspec.ledger import Intent, RevisionStarted, Settled, Stopped
from sendspec.ledger.codec import FileNames, lockfile_bytes, lockfile_state
from sendspec.ledger.journal_entries import fold
from sendspec.ledger.merge import Version, merge_versions
from sendspec.ledger.record_json import entry_from_json, entry_to_json
from sendspec.model import (
    Endpoint,
    JobStop,
    LedgerState,
    OutcomeReason,
    RequestKey,
    RequestState,
    SendRecord,
)
from sendspec.resolve import RequestName, stop_of
from sendspec.structs import replace
from tests.test_compare import send

AT = datetime(2026, 12, 1, 19, 0, 3, tzinfo=UTC)
DUE = datetime(2027, 4, 10, 8, tzinfo=UTC)
KEY = RequestKey("spring/teaser", 1, 1)
FILES = FileNames("lock", "journal")
EMPTY = LedgerState("sandbox", "sandbox")
STOP = JobStop(AT, "moved", ("7001",))
HEADER = SendRecord(
    Endpoint.CONTACT_SOURCE,
    1,
    {"messageName": "spring", "scheduledDate": "2027-04-10T10:00:00+02:00"},
    "sha256:" + "a" * 64,
    None,
)
SENT = Settled(KEY, RequestState.SENT, AT, 1, job_id=7001, reason=OutcomeReason.ACCEPTED)
ENTRIES = [RevisionStarted(KEY.address, HEADER), Intent(KEY, AT), SENT, Stopped(KEY, STOP)]


def record(*entries, state=EMPTY):
    """Return the record of the job after these entries."""
    return fold(state, entries).sends[KEY.address]


def test_a_stop_keeps_the_acceptance_in_every_form():
    """The journal and the lockfile read back what was written, and the request stays sent."""
    state = fold(EMPTY, ENTRIES)
    assert [entry_from_json(entry_to_json(entry)) for entry in ENTRIES] == ENTRIES
    assert lockfile_state(lockfile_bytes(state), FILES, EMPTY).sends == state.sends
    [request] = state.sends[KEY.address].requests
    assert (request.state, request.is_stopped) == (RequestState.SENT, True)


def test_a_journal_that_is_folded_twice_has_the_same_stop():
    """A crash between the lockfile and the removal of the journal changes nothing."""
    once = fold(EMPTY, ENTRIES)
    assert fold(once, ENTRIES).sends == once.sends
    second = replace(SENT, job_id=7002)
    later = fold(EMPTY, [*ENTRIES, second])
    assert fold(later, [*ENTRIES, second]).sends == later.sends


def test_a_second_job_is_not_stopped():
    """A log that shows another job of the request makes it a job at the vendor again."""
    found = record(*ENTRIES, replace(SENT, job_id=7002))
    assert not is_stopped(found)
    assert [job.request.vendor_ids for job in jobs_at_vendor(found, AT)] == [(7001, 7002)]


@pytest.mark.parametrize(
    ("now", "waits"), [(AT, True), (DUE, False), (DUE.replace(hour=9), False), (DUE.replace(hour=7), True)]
)
def test_a_job_is_with_the_vendor_until_its_date(now, waits):
    """At the second of its date the vendor starts it, and it cannot be stopped any more."""
    state = fold(EMPTY, ENTRIES[:3])
    assert bool(jobs_at_vendor(state.sends[KEY.address], now)) == waits
    name = RequestName(KEY.address, None, 1)
    if waits:
        assert stop_of(state, name, "moved", now) == Stopped(KEY, replace(STOP, at=now))
    else:
        with pytest.raises(SendspecError, match="may have reached recipients"):
            stop_of(state, name, "moved", now)


@pytest.mark.parametrize("date", ["soon", "2027-04-10T10:00:00", None, 7])
def test_a_job_whose_date_is_not_known_cannot_be_stopped(date):
    """Without a valid date the vendor may have started it immediately."""
    odd = replace(HEADER, payload={"messageName": "spring", "scheduledDate": date})
    state = fold(EMPTY, [RevisionStarted(KEY.address, odd), *ENTRIES[1:3]])
    assert jobs_at_vendor(state.sends[KEY.address], AT) == ()
    with pytest.raises(SendspecError, match="to start immediately"):
        stop_of(state, RequestName(KEY.address, None, 1), "moved", AT)


def test_a_reason_is_masked():
    """A phone number in a reason is masked before it is stored."""
    state = fold(EMPTY, ENTRIES[:3])
    stopped = stop_of(state, RequestName(KEY.address, None, 1), "12125550123 asked", AT)
    assert stopped.stop.evidence == "1212•••••23 asked"


def test_the_jobs_of_two_revisions_must_be_named():
    """If both are with the vendor, the revision selects one."""
    second = replace(HEADER, revision=2)
    key = KEY._replace(revision=2)
    entries = [RevisionStarted(KEY.address, second), Intent(key, AT), replace(SENT, key=key, job_id=7002)]
    state = fold(EMPTY, [*ENTRIES[:3], *entries])
    with pytest.raises(SendspecError, match="a job of several revisions"):
        stop_of(state, RequestName(KEY.address, None, 1), "moved", AT)
    assert stop_of(state, RequestName(KEY.address, 2, 1), "moved", AT).stop.jobs == ("7002",)


def test_only_revisions_that_were_not_stopped_were_sent_before():
    """A stopped revision reached no recipient, so a higher one is not a second message."""
    source = replace(send(Endpoint.CONTACT_SOURCE, revision=2), address=KEY.address)
    assert sent_before(source, record(*ENTRIES)) == ()
    assert [before.revision for before in sent_before(source, record(*ENTRIES[:3]))] == [1]


@pytest.mark.parametrize("turned", [False, True])
def test_a_merge_keeps_the_stop(turned):
    """Two copies of a lockfile, one of them with the stop, merge to one with the stop."""
    versions = [Version("ours", fold(EMPTY, ENTRIES)), Version("theirs", fold(EMPTY, ENTRIES[:3]))]
    merged = merge_versions(versions[::-1] if turned else versions)
    assert is_stopped(merged.sends[KEY.address])


def test_a_stop_of_an_unsent_request_is_refused():
    """A lockfile in which a request is stopped but not sent was edited."""
    state = fold(EMPTY, ENTRIES)
    [request] = state.sends[KEY.address].requests
    unsent = replace(request, state=RequestState.NOT_SENT, job_id=None)
    odd = replace(state, sends={KEY.address: replace(state.sends[KEY.address], requests=(unsent,))})
    with pytest.raises(LedgerCorrupt, match="request 1 was stopped, but not sent"):
        lockfile_state(lockfile_bytes(odd), FILES, EMPTY)
