"""The contract of every ledger, with real files and real git."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from sendspec import schema
from sendspec.errors import LedgerConflict, LedgerError, LedgerMissing, Locked
from sendspec.ledger import Delivered, Intent, Moved, RevisionStarted, Settled
from sendspec.ledger.codec import lockfile_bytes
from sendspec.ledger.journal_entries import fold
from sendspec.ledger.merge import Version
from sendspec.ledger.registry import LEDGERS, make_ledger
from sendspec.model import (
    Delivery,
    Endpoint,
    GroupDigests,
    LedgerState,
    Location,
    Locations,
    Move,
    OutcomeReason,
    RequestKey,
    RequestState,
    SettledBy,
    Target,
)
from sendspec.structs import replace
from tests.ledgers import AT, accepted, record, remote_with_clones, started

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sendspec.ledger import Entry, Ledger, LedgerSession

ROOT = Path(__file__).parents[1]
SEND = "spring-sale/last-call[en]"
KEY = RequestKey(SEND, 1, 1)
HOST = "https://api.example"


class Project(NamedTuple):
    """A project directory whose targets keep one kind of ledger."""

    directory: Path
    kind: str

    def target(self, name: str = "production", base_url: str | None = HOST) -> Target:
        return Target(name, base_url, ledger=self.kind)

    def ledger(self, name: str = "production", base_url: str | None = HOST) -> Ledger:
        """Return a new object each time, as a new run would."""
        return make_ledger(self.directory, self.target(name, base_url))


def plain_directory(tmp_path: Path) -> Path:
    return tmp_path


def clone(tmp_path: Path) -> Path:
    _, (directory,) = remote_with_clones(tmp_path, 1)
    return directory


DIRECTORIES: Mapping[str, Callable[[Path], Path]] = {
    "file": plain_directory,
    "git": clone,
}
"""The project directory that each ledger needs: a new ledger adds one line here."""


@pytest.fixture(params=LEDGERS)
def project(request, tmp_path: Path) -> Project:
    return Project(DIRECTORIES[request.param](tmp_path), request.param)


@pytest.fixture
def ledger(project: Project) -> Ledger:
    ledger = project.ledger()
    ledger.create()
    return ledger


def test_the_schema_allows_exactly_these_ledgers() -> None:
    """A project may name each ledger of the registry and no other."""
    definitions = json.loads((ROOT / "schemas" / "project.schema.json").read_text())["$defs"]
    properties = [definition.get("properties", {}) for definition in definitions.values()]
    places = [names["ledger"] for names in properties if "ledger" in names]
    assert [place["$ref"] for place in places] == ["#/$defs/ledger"] * 2
    assert definitions["ledger"]["then"]["enum"] == list(LEDGERS)


def test_a_missing_ledger_is_an_error(project: Project) -> None:
    """Before `create`, read and open fail with the command that creates the ledger."""
    ledger = project.ledger()
    for access in (ledger.read, ledger.open):
        with pytest.raises(LedgerMissing, match="target 'production' does not exist") as caught:
            access()
        assert "`sendspec init --ledger --target production`" in str(caught.value.hint)


def test_create_creates_once(project: Project) -> None:
    """`create` makes an empty ledger, reports the second call, and keeps what was recorded since."""
    assert project.ledger().create() is True
    assert project.ledger().read() == LedgerState("production", "api.example")
    assert project.ledger().create() is False
    with project.ledger().open() as session:
        session.append(started(SEND))
    assert project.ledger().create() is False
    assert set(project.ledger().read().sends) == {SEND}


def test_a_location_completes_a_sentence(ledger: Ledger) -> None:
    """Each ledger has a place for people, such as "in specs"."""
    assert ledger.location.startswith(("in ", "on "))


def test_appended_entries_are_readable_at_once_and_after_the_session(ledger: Ledger, project) -> None:
    """Another object reads each append during the session, and the fold at its end changes nothing."""
    with ledger.open() as session:
        session.append(started(SEND))
        assert project.ledger().read().sends[SEND].requests[0].state is RequestState.INTENT
        session.append([accepted(SEND)])
        during = project.ledger().read()
    assert during.sends[SEND].requests[0].transaction_id == "1a2b-3c-4d"
    assert project.ledger().read().sends == during.sends


def test_a_session_starts_with_what_the_ledger_has(ledger: Ledger, project) -> None:
    """The state of a session is the state that the session before it left."""
    with ledger.open() as session:
        assert session.state.sends == {}
        session.append([*started(SEND), accepted(SEND)])
    with project.ledger().open() as session:
        assert session.state == project.ledger().read()
        assert session.state.sends[SEND].requests[0].state is RequestState.SENT


def test_a_session_without_entries_changes_nothing(ledger: Ledger) -> None:
    """Opening and closing a ledger leaves its state as it was."""
    with ledger.open() as session:
        session.append([*started(SEND), accepted(SEND)])
    before = ledger.read()
    with ledger.open():
        pass
    assert ledger.read() == before


def test_joint_digests_are_stored_at_the_end_of_a_session(ledger: Ledger, project) -> None:
    """A session stores joint digests with its entries or alone, and a later session keeps them."""
    for number in (1, 2):
        groups = GroupDigests({"/": f"scrypt:{number:064}"}, frozenset({SEND}))
        with ledger.open() as session:
            if number == 1:
                session.append([*started(SEND), accepted(SEND)])
            session.keep_groups(groups)
        state = project.ledger().read()
        assert (state.groups, set(state.sends)) == (groups, {SEND})
    with ledger.open() as session:
        session.append(started("sale/other"))
    assert project.ledger().read().groups == groups


ENTRIES: list[Entry] = [
    RevisionStarted(SEND, record()),
    RevisionStarted("source/job", replace(record(), endpoint=Endpoint.CONTACT_SOURCE, recipients=None)),
    Intent(KEY, AT, attempts=2),
    Settled(
        KEY,
        RequestState.UNKNOWN,
        AT,
        3,
        reason=OutcomeReason.NO_ANSWER,
        evidence="no answer within 30 s",
        run="3f2a9c01",
    ),
    Settled(
        RequestKey(SEND, 1, 2),
        RequestState.SENT,
        AT,
        1,
        transaction_id="9f-9f",
        reason=OutcomeReason.ACCEPTED_OTHER_STATUS,
        evidence="answered 200",
    ),
    Settled(
        RequestKey("source/job", 1, 1),
        RequestState.SENT,
        AT,
        2,
        job_id=201512345678,
        reason=OutcomeReason.STATED,
        evidence="seen in the reports",
        settled_by=SettledBy.PERSON,
    ),
    Delivered(RequestKey(SEND, 1, 2), Delivery(3, 3, 2, 1, {"no-consent": 1}, AT)),
    Settled(
        RequestKey(SEND, 1, 3),
        RequestState.NOT_SENT,
        AT,
        0,
        reason=OutcomeReason.RUN_STOPPED,
        settled_by=SettledBy.LOG,
    ),
]


def test_every_field_of_every_entry_is_stored(ledger: Ledger) -> None:
    """The journal and the folded ledger both equal the same entries folded in memory."""
    expected = fold(LedgerState("production", "api.example"), ENTRIES).sends
    with ledger.open() as session:
        # The session writes its own name into the intent, which the outcome after it replaces.
        session.append(ENTRIES)
        assert ledger.read().sends == expected
    folded = ledger.read()
    assert folded.sends == expected
    value = json.loads(lockfile_bytes(folded))
    assert schema.check("lockfile", value, Locations(Location("lockfile"))) == []


def test_an_intent_has_the_name_of_its_run(ledger: Ledger) -> None:
    """Each session has a name of its own, which its intents carry until their outcome is recorded."""
    names = []
    for batch in (1, 2):
        with ledger.open() as session:
            session.append(started(SEND, batch))
            names.append(session.run)
            request = ledger.read().request(RequestKey(SEND, 1, batch))
            assert request is not None
            assert request.run == session.run
            session.append([accepted(SEND, batch)])
            settled = ledger.read().request(RequestKey(SEND, 1, batch))
            assert settled is not None
            assert settled.run is None
    assert len(set(names)) == 2


def test_a_lost_intent_stays_open(ledger: Ledger, project) -> None:
    """An intent without an outcome is unknown to the next run, or still open if the ledger has no lock."""
    with ledger.open() as session:
        session.append(started(SEND))
        run = session.run
    expected = RequestState.INTENT if ledger.is_shared else RequestState.UNKNOWN
    with project.ledger().open() as session:
        for request in (session.state.sends[SEND].requests[0], ledger.read().sends[SEND].requests[0]):
            assert (request.state, request.at, request.run) == (expected, AT, run)
            assert request.state.is_open


def start_in_both(first: LedgerSession, ledger: Ledger) -> None:
    with ledger.open() as second:
        first.append(started(SEND))
        second.append(started(SEND))


def test_two_sessions_never_record_the_same_intent(ledger: Ledger, project) -> None:
    """The second session is refused when it opens or when it appends, and the first one goes on."""
    with ledger.open() as first:
        with pytest.raises((Locked, LedgerConflict)):
            start_in_both(first, project.ledger())
        first.append([*started(SEND), accepted(SEND)])
    (request,) = ledger.read().sends[SEND].requests
    assert request.state is RequestState.SENT


@pytest.mark.parametrize(("name", "base_url"), [("staging", HOST), ("production", "https://other.example")])
def test_a_ledger_of_another_target_or_account_is_not_read(project, ledger, name, base_url) -> None:
    """A target of another name has no ledger yet, and a target of another account is refused."""
    with ledger.open() as session:
        session.append([*started(SEND), accepted(SEND)])
    for access in (project.ledger(name, base_url).read, project.ledger(name, base_url).open):
        with pytest.raises(LedgerError, match=r"does not exist|belongs to target 'production'"):
            access()


def test_targets_do_not_share_requests(project: Project) -> None:
    """Two targets of one project record the same address without seeing each other's requests."""
    for name, transaction_id in (("production", "first"), ("staging", "second")):
        ledger = project.ledger(name)
        ledger.create()
        with ledger.open() as session:
            session.append([*started(SEND), accepted(SEND, transaction_id=transaction_id)])
    found = {name: project.ledger(name).read().sends[SEND].requests for name in ("production", "staging")}
    assert [request.transaction_id for (request,) in found.values()] == ["first", "second"]


_APPEND = """
import os, signal, sys
from pathlib import Path
from sendspec.ledger.registry import make_ledger
from sendspec.model import Target
from tests.ledgers import accepted, started
ledger = make_ledger(Path(sys.argv[1]), Target("production", "https://api.example", ledger=sys.argv[2]))
session = ledger.open()
session.append([*started("sale/first"), accepted("sale/first")])
session.append(started("sale/second"))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_entries_survive_the_process_that_appended_them(ledger: Ledger, project: Project) -> None:
    """A process that is killed after its appends loses no entry and blocks no later run."""
    command = [sys.executable, "-c", _APPEND, str(project.directory), project.kind]
    killed = subprocess.run(command, cwd=ROOT, check=False)
    assert killed.returncode < 0
    for state in (ledger.read(), ledger.open().state):
        assert state.sends["sale/first"].requests[0].state is RequestState.SENT
        assert state.sends["sale/second"].requests[0].state.is_open


def test_a_new_revision_keeps_the_earlier_one(ledger: Ledger) -> None:
    """The ids of an earlier revision stay in the ledger beside those of the newest."""
    with ledger.open() as session:
        session.append([*started(SEND), accepted(SEND, transaction_id="first")])
        session.append([*started(SEND, revision=2), accepted(SEND, revision=2, transaction_id="second")])
    latest = ledger.read().sends[SEND]
    assert (latest.revision, latest.requests[0].transaction_id) == (2, "second")
    assert [(e.revision, e.requests[0].transaction_id) for e in latest.earlier] == [(1, "first")]


def test_a_delivery_stays_with_its_request(ledger: Ledger) -> None:
    """A status answer is stored with the request, and a later one replaces it."""
    with ledger.open() as session:
        session.append([*started(SEND), accepted(SEND)])
        session.append([Delivered(KEY, Delivery(3, 1, 1, 0, {}, AT))])
    final = Delivery(3, 3, 2, 1, {"no-consent": 1}, AT)
    with ledger.open() as session:
        session.append([Delivered(KEY, final)])
    (request,) = ledger.read().sends[SEND].requests
    assert (request.state, request.delivery) == (RequestState.SENT, final)


def test_an_acceptance_is_never_forgotten(ledger: Ledger) -> None:
    """A request that was sent stays sent, with its id, if a run without that information writes later."""
    with ledger.open() as session:
        session.append([*started(SEND), accepted(SEND, transaction_id="kept")])
        session.append([Intent(KEY, AT), Settled(KEY, RequestState.UNKNOWN, AT, 2)])
        session.append([Settled(KEY, RequestState.NOT_SENT, AT, 3)])
    (request,) = ledger.read().sends[SEND].requests
    assert (request.state, request.transaction_id) == (RequestState.SENT, "kept")


def test_two_acceptances_of_one_request_are_both_kept(ledger: Ledger) -> None:
    """The first id stays, another id is kept beside it, and a repeated id is kept once."""
    with ledger.open() as session:
        session.append([*started(SEND), accepted(SEND)])
        for another in ("1a2b-3c-4d", "9f-9f", "9f-9f"):
            session.append([accepted(SEND, transaction_id=another)])
    (request,) = ledger.read().sends[SEND].requests
    assert (request.transaction_id, request.also_accepted) == ("1a2b-3c-4d", ("9f-9f",))


def test_an_id_that_arrives_later_is_kept(ledger: Ledger) -> None:
    """If a repeated job shows only that the first was accepted, a later id is added."""
    accepted_earlier = Settled(KEY, RequestState.SENT, AT, 2, reason=OutcomeReason.ACCEPTED_EARLIER)
    with ledger.open() as session:
        session.append([*started(SEND), accepted_earlier, accepted(SEND), accepted_earlier])
    (request,) = ledger.read().sends[SEND].requests
    assert (request.transaction_id, request.also_accepted) == ("1a2b-3c-4d", ())


def test_a_moved_record_is_found_under_both_addresses(ledger: Ledger, project) -> None:
    """A move is durable immediately and after the fold; a run of the former address uses the record."""
    former = KEY._replace(address="spring-sale/former[en]")
    with ledger.open() as session:
        session.append(started(former.address))
        session.append([accepted(former.address)])
        session.append([Moved((Move(former.address, SEND, ("locale",)),))])
        during = project.ledger().read()
    after = project.ledger().read()
    for state in (during, after):
        assert list(state.sends) == [SEND]
        assert state.request(former) == state.request(KEY)
    with project.ledger().open() as session:
        session.append([Intent(former._replace(batch=2), AT), accepted(former.address, 2)])
    moved = ledger.read().sends[SEND]
    assert [request.batch for request in moved.requests] == [1, 2]
    assert moved.axes == ("locale",)


@pytest.mark.parametrize("entry", [Intent(KEY, AT), accepted(SEND)], ids=["intent", "outcome"])
def test_an_entry_of_a_send_that_was_never_started_is_refused(ledger: Ledger, entry: Entry) -> None:
    """An entry about a send without its revision is an error, at the append or at the end of the session."""
    with pytest.raises(LedgerError, match="never started"), ledger.open() as session:
        session.append([entry])


def test_evidence_that_is_not_utf8_is_stored(ledger: Ledger) -> None:
    """A stray byte of a command line is stored as JSON writes it, and read back the same."""
    reason = b"seen in the vendor\xffs report".decode(errors="surrogateescape")
    with ledger.open() as session:
        session.append([*started(SEND), Settled(KEY, RequestState.NOT_SENT, AT, 1, evidence=reason)])
    assert ledger.read().sends[SEND].requests[0].evidence == reason
    with ledger.open():
        pass
    assert ledger.read().sends[SEND].requests[0].evidence == reason


def test_a_ledger_can_be_created_with_records(project: Project) -> None:
    """`create` with records of another ledger has them from the start, and never adds to an existing one."""
    records = fold(LedgerState("production", "api.example"), [*started(SEND), accepted(SEND)])
    others = fold(records, [*started("other/send"), accepted("other/send")])
    assert project.ledger().create(records) is True
    assert project.ledger().read().sends == records.sends
    assert project.ledger().create(others) is False
    assert project.ledger().read().sends == records.sends


def test_a_merge_adds_what_the_ledger_lacks(ledger: Ledger, project: Project) -> None:
    """Versions and copies are merged into the ledger, and a second merge writes nothing."""
    with ledger.open() as session:
        session.append(started(SEND))
    other = fold(LedgerState("production", "api.example"), [*started(SEND), accepted(SEND)])
    copy = project.directory / "copy.json"
    copy.write_bytes(lockfile_bytes(fold(other, [*started("other/send"), accepted("other/send")])))
    for expected in (True, False):
        versions = [Version("another", other)]
        assert ledger.merge([copy], accept_edits=False, versions=versions).written is expected
    with project.ledger().open() as session:
        assert session.state.sends[SEND].requests[0].state is RequestState.SENT
        assert set(session.state.sends) == {SEND, "other/send"}


def test_a_merge_excludes_what_contradicts_the_ledger(ledger: Ledger) -> None:
    """A version that sent other content under the same revision is refused, and nothing changes."""
    with ledger.open() as session:
        session.append([*started(SEND), accepted(SEND)])
    before = ledger.read()
    changed = replace(record(content="Acme: bye"), payload_digest="sha256:" + "c" * 64)
    entries = [RevisionStarted(SEND, changed), *started(SEND)[1:]]
    other = Version("another", fold(LedgerState("production", "api.example"), entries))
    with pytest.raises(LedgerError, match="was sent with different content in this ledger and another"):
        ledger.merge((), accept_edits=False, versions=[other])
    assert ledger.read() == before
