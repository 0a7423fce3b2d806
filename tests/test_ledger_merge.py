"""`sendspec ledger merge`: both sides of a conflict, copies, edits; no request is lost."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import timedelta
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from sendspec.errors import LedgerError
from sendspec.ledger import Settled
from sendspec.ledger.file_ledger import FileLedger
from sendspec.ledger.git_ledger import GitLedger
from sendspec.ledger.git_plumbing import BRANCH
from sendspec.ledger.journal_entries import fold
from sendspec.ledger.merge import Version, merge_versions, requests_of
from sendspec.model import LedgerState, OutcomeReason, RequestKey, RequestState, SettledBy
from sendspec.structs import replace
from tests.branches import Shared
from tests.ledgers import AT, accepted, git, record, started
from tests.projects import GATE, project

if TYPE_CHECKING:
    from pathlib import Path

    from sendspec.ledger import Entry

SEND = "sale/last-call"
KEY = RequestKey(SEND, 1, 1)
LOCK = "sendspec.sandbox.lock"
LATER = AT + timedelta(hours=1)
EMPTY = LedgerState("sandbox", "sandbox")

UNKNOWN = Settled(KEY, RequestState.UNKNOWN, AT, 1, reason=OutcomeReason.NO_ANSWER, run="1a")
REFUSED = Settled(KEY, RequestState.NOT_SENT, LATER, 1, reason=OutcomeReason.REFUSED)
STATED = replace(REFUSED, reason=OutcomeReason.STATED, settled_by=SettledBy.PERSON)
ACCEPTED = accepted(SEND)
ACCEPTED_AGAIN = replace(accepted(SEND, transaction_id="9f-9f"), at=LATER)


def state_with(*entries: Entry) -> LedgerState:
    return fold(EMPTY, [*started(SEND), *entries])


def merged(*states: LedgerState, base: LedgerState | None = None) -> LedgerState:
    return merge_versions([Version(str(place), state) for place, state in enumerate(states)], base)


@pytest.mark.parametrize(
    ("first", "second", "base", "expected"),
    [
        (ACCEPTED, UNKNOWN, None, RequestState.SENT),
        (ACCEPTED, REFUSED, None, RequestState.SENT),
        (ACCEPTED, STATED, UNKNOWN, RequestState.SENT),
        (UNKNOWN, REFUSED, None, RequestState.UNKNOWN),
        (UNKNOWN, STATED, None, RequestState.UNKNOWN),
        (UNKNOWN, STATED, UNKNOWN, RequestState.NOT_SENT),
        (replace(UNKNOWN, run="2b"), STATED, UNKNOWN, RequestState.UNKNOWN),
        (REFUSED, replace(REFUSED, at=AT, attempts=3), None, RequestState.NOT_SENT),
    ],
)
def test_a_request_is_not_sent_again_because_of_a_merge(first, second, base, expected) -> None:
    """An acceptance counts, then an open request, unless only the other version has changed it."""
    for one, other in permutations((first, second)):
        state = merged(state_with(one), state_with(other), base=state_with(base) if base else None)
        request = state.request(KEY)
        assert request is not None
        assert request.state is expected
        assert request.attempts == 1


def test_the_first_attempt_of_two_open_versions_counts() -> None:
    """If a job is open in both versions, the day in which it is repeated counts from its first attempt."""
    first = replace(UNKNOWN, since=AT - timedelta(hours=2))
    for versions in permutations((first, replace(UNKNOWN, at=LATER), replace(REFUSED, at=LATER))):
        request = merged(*map(state_with, versions)).request(KEY)
        assert request is not None
        assert (request.at, request.since) == (LATER, first.since)


def test_two_acceptances_are_both_kept() -> None:
    """Two ids of one request remain, whatever the order of the versions is, and a third one is added."""
    third = replace(accepted(SEND, transaction_id="aa"), at=LATER)
    states = [state_with(outcome) for outcome in (ACCEPTED, ACCEPTED_AGAIN, third)]
    results = {merged(*order).sends[SEND].requests for order in permutations(states)}
    assert len({(r.transaction_id, frozenset(r.also_accepted)) for (r,) in results}) == 1
    ((request,), *_) = results
    assert {request.transaction_id, *request.also_accepted} == {"1a2b-3c-4d", "9f-9f", "aa"}


def test_every_request_of_every_version_remains() -> None:
    """Sends, revisions and batches that only one version has are all in the result."""
    one = fold(EMPTY, [*started(SEND), ACCEPTED, *started("a/b"), accepted("a/b")])
    other = fold(EMPTY, [*started(SEND, 2), *started(SEND, revision=2), *started("c/d")])
    keys = {key for state in (one, other) for key, _ in requests_of(state.sends)}
    assert {key for key, _ in requests_of(merged(one, other).sends)} == keys
    assert merged(one, other).sends == merged(other, one).sends == merged(one, other, one).sends
    assert merged(one, one) == one


def test_a_send_with_two_contents_is_not_merged() -> None:
    """If both versions may have sent different content, the merge fails; else the sent content counts."""
    changed = replace(record(content="Acme: bye"), payload_digest="sha256:" + "c" * 64)
    key_entries = started(SEND)[1:]
    other = fold(EMPTY, [replace(started(SEND)[0], record=changed), *key_entries, UNKNOWN])
    with pytest.raises(LedgerError, match="was sent with different content in 0 and 1"):
        merged(state_with(ACCEPTED), other)
    unsent = fold(other, [REFUSED])
    for order in permutations((state_with(ACCEPTED), unsent)):
        assert merged(*order).sends == state_with(ACCEPTED).sends


# ── files in a repository


def save(directory: Path, *entries: Entry) -> None:
    with FileLedger(directory, "sandbox", "sandbox").open() as session:
        session.append(entries)


@pytest.fixture
def branches(tmp_path: Path) -> Path:
    """A repository in the middle of a merge of two branches that both sent something."""
    specs = project(tmp_path / "specs", GATE)
    git("init", "--quiet", "--initial-branch=main", ".", where=tmp_path)
    save(specs, *started("gate/change"), UNKNOWN_GATE)
    commit(tmp_path, "base")
    git("checkout", "--quiet", "-b", "other", where=tmp_path)
    save(specs, NOT_SENT_GATE, *started("sale/theirs"), accepted("sale/theirs"), *started(SEND), ACCEPTED)
    commit(tmp_path, "theirs")
    git("checkout", "--quiet", "main", where=tmp_path)
    save(specs, *started("sale/ours"), accepted("sale/ours"), *started(SEND), ACCEPTED_AGAIN)
    commit(tmp_path, "ours")
    done = subprocess.run(
        ["git", "merge", "other"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "CONFLICT" in done.stdout
    return specs


GATE_KEY = RequestKey("gate/change", 1, 1)
UNKNOWN_GATE = replace(UNKNOWN, key=GATE_KEY)
NOT_SENT_GATE = replace(STATED, key=GATE_KEY)


def commit(directory: Path, message: str) -> None:
    git("add", "--all", where=directory)
    git("commit", "--quiet", "--message", message, where=directory)


def test_both_sides_of_a_conflict(branches: Path, cli) -> None:
    """The merge has the requests of both branches, both acceptances, and what only one branch resolved."""
    done = cli("ledger", "merge")
    assert (done.code, done.out) == (0, "")
    assert "wrote the ledger in specs from 2 versions (ours, theirs); 4 requests differed" in done.err
    assert "  sale/ours#1: sent in ours, missing in theirs; kept sent" in done.err
    assert "  gate/change#1: unknown in ours, not-sent in theirs; kept not-sent" in done.err
    assert "  warning: sale/last-call#1 was accepted 2 times: 1a2b-3c-4d, 9f-9f" in done.err
    lockfile = json.loads((branches / LOCK).read_text())
    assert (sorted(lockfile["sends"]), lockfile["serial"]) == (
        ["gate/change", SEND, "sale/ours", "sale/theirs"],
        3,
    )
    assert lockfile["sends"][SEND]["requests"][0]["alsoAccepted"] == ["9f-9f"]
    before = (branches / LOCK).read_bytes()
    assert "nothing to merge" in cli("ledger", "merge").err
    assert (branches / LOCK).read_bytes() == before
    assert cli("plan").code == 0


def test_both_directions_of_a_merge_write_the_same(branches: Path, cli) -> None:
    """A merge of main into the other branch has the same bytes as that of the other branch into main."""
    cli("ledger", "merge")
    first = (branches / LOCK).read_bytes()
    git("merge", "--abort", where=branches.parent)
    git("checkout", "--quiet", "other", where=branches.parent)
    subprocess.run(["git", "merge", "main"], cwd=branches.parent, capture_output=True, check=False)
    assert cli("ledger", "merge").code == 0
    assert (branches / LOCK).read_bytes() == first


def test_committed_markers_are_merged_from_the_parents(branches: Path, cli) -> None:
    """After the conflict was committed as it is, both sides are those of the parents of that commit."""
    commit(branches.parent, "with markers")
    done = cli("ledger", "merge")
    assert (done.code, "warning: the digest" in done.err) == (0, False)
    sends = json.loads((branches / LOCK).read_text())["sends"]
    assert sorted(sends) == ["gate/change", SEND, "sale/ours", "sale/theirs"]
    assert sends["gate/change"]["requests"][0]["state"] == "not-sent"


def test_markers_without_a_repository(cli, tmp_path) -> None:
    """Outside a repository the sides of the markers are used; without a common version nothing is dropped."""
    specs, sides = project(tmp_path / "specs", GATE), []
    for outcome in (UNKNOWN_GATE, NOT_SENT_GATE):
        save(specs, *started("gate/change"), outcome)
        sides.append((specs / LOCK).read_bytes())
        (specs / LOCK).unlink()
    (specs / LOCK).write_bytes(
        b"<<<<<<< ours\n%b||||||| base\n{}\n=======\n%b>>>>>>> theirs\n" % tuple(sides)
    )
    done = cli("ledger", "merge")
    assert (done.code, "warning: the digest of an edited or conflicting lockfile" in done.err) == (0, True)
    sends = json.loads((specs / LOCK).read_text())["sends"]
    assert sends["gate/change"]["requests"][0]["state"] == "unknown"


def test_incomplete_markers_are_not_merged(branches: Path, cli) -> None:
    """If a marker was removed, no side is guessed; copies of both versions can be merged instead."""
    path, top = branches / LOCK, branches.parent
    for side in ("main", "other"):
        (top / f"{side}.json").write_text(git("show", f"{side}:specs/{LOCK}", where=top))
    shutil.rmtree(top / ".git")
    path.write_text(path.read_text().replace("=======\n", "", 1))
    before = path.read_bytes()
    done = cli("ledger", "merge")
    assert (done.code, path.read_bytes()) == (1, before)
    assert "the conflict markers of this file are incomplete" in done.err
    assert cli("ledger", "merge", "--with", "main.json", "--with", "other.json").code == 0
    sends = json.loads((branches / LOCK).read_text())["sends"]
    assert sorted(sends) == ["gate/change", SEND, "sale/ours", "sale/theirs"]


def test_a_journal_of_one_side_is_merged(branches: Path, cli) -> None:
    """The journal of a lost run beside a conflict is part of the side that it continues."""
    ledger = FileLedger(branches, "sandbox", "sandbox")
    markers = ledger.lockfile.read_bytes()
    ledger.lockfile.write_bytes(git("show", "main:specs/" + LOCK, where=branches.parent).encode() + b"\n")
    session = ledger.open()
    session.append([*started("late/send"), accepted("late/send")])
    journal = ledger.journal.read_bytes()
    with session:
        pass
    ledger.journal.write_bytes(journal)
    ledger.lockfile.write_bytes(markers)
    assert cli("ledger", "merge").code == 0
    assert "late/send" in json.loads(ledger.lockfile.read_text())["sends"]
    assert not ledger.journal.exists()


def test_a_run_that_holds_the_ledger_excludes_a_merge(branches: Path, cli) -> None:
    """A merge needs the lock of the ledger."""
    markers = (branches / LOCK).read_bytes()
    (branches / LOCK).unlink()
    with FileLedger(branches, "sandbox", "sandbox").open():
        assert cli("ledger", "merge").code == 5
    (branches / LOCK).write_bytes(markers)


# ── copies and edits


def test_a_copy_is_added(cli, tmp_path) -> None:
    """`--with` adds the requests of a copy and of the journal beside it; twice is as once."""
    specs = project(tmp_path / "specs", GATE)
    save(specs, *started(SEND), UNKNOWN)
    copy = project(tmp_path / "copy", GATE)
    save(copy, *started(SEND), ACCEPTED, *started("a/b"), accepted("a/b"))
    session = FileLedger(copy, "sandbox", "sandbox").open()
    session.append([*started("c/d")])
    done = cli("ledger", "merge", "--with", copy / LOCK)
    assert done.code == 0
    assert f"  sale/last-call#1: unknown in this ledger, sent in {copy / LOCK}; kept sent" in done.err
    before = (specs / LOCK).read_bytes()
    assert sorted(json.loads(before)["sends"]) == ["a/b", "c/d", SEND]
    assert "nothing to merge" in cli("ledger", "merge", "--with", copy / LOCK).err
    assert (specs / LOCK).read_bytes() == before
    with session:
        pass


def test_a_journal_that_continues_a_newer_copy(cli, tmp_path) -> None:
    """If an older lockfile is beside a journal, the newest copy can be added, and the journal is kept."""
    specs = project(tmp_path / "specs", GATE)
    save(specs, *started("a/b"), accepted("a/b"))
    ledger = FileLedger(specs, "sandbox", "sandbox")
    older = ledger.lockfile.read_bytes()
    save(specs, *started(SEND), UNKNOWN)
    newest = ledger.lockfile.read_bytes()
    session = ledger.open()
    session.append([ACCEPTED])
    journal = ledger.journal.read_bytes()
    with session:
        pass
    ledger.lockfile.write_bytes(older)
    ledger.journal.write_bytes(journal)
    (tmp_path / "newest.json").write_bytes(newest)
    refused = cli("plan")
    assert (
        refused.code,
        "the lockfile has serial 1, but this journal continues serial 2" in refused.err,
    ) == (
        1,
        True,
    )
    assert "`sendspec ledger merge specs --target sandbox --with FILE`" in refused.err
    assert cli("ledger", "merge", "--with", "newest.json").code == 0
    assert json.loads(ledger.lockfile.read_text())["sends"][SEND]["requests"][0]["state"] == "sent"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file or directory"),
        (b"", "this lockfile is empty"),
        (b"{}", "not a valid lockfile"),
        (
            json.dumps({"version": 1, "target": "x", "account": "other.example", "sends": {}}).encode(),
            "belongs to",
        ),
    ],
    ids=["missing", "empty", "another file", "another account"],
)
def test_a_file_that_is_not_a_copy(content, message, cli, tmp_path) -> None:
    """Such a file is refused, and the ledger does not change."""
    specs = project(tmp_path / "specs", GATE)
    save(specs, *started(SEND), ACCEPTED)
    before = (specs / LOCK).read_bytes()
    if content is not None:
        (tmp_path / "copy").write_bytes(content)
    done = cli("ledger", "merge", "--with", "copy")
    assert (done.code, message in done.err, "copy:1" in done.err) == (1, True, True)
    assert (specs / LOCK).read_bytes() == before


@pytest.mark.red_team(20)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"state": "sent"', '"state": "not-sent"'),
        ('"1a2b-3c-4d"', '"1a2b-3c-4e"'),
        ('"gate/change"', '"gate/other"'),
    ],
)
def test_an_edited_lockfile_is_noticed(old, new, cli, tmp_path) -> None:
    """A request that was changed by hand stops every verb, until a person accepts the edit."""
    specs = project(tmp_path / "specs", GATE)
    save(specs, *started("gate/change"), accepted("gate/change"))
    path = specs / LOCK
    path.write_text(path.read_text().replace(old, new))
    edited = path.read_bytes()
    for verb in ("plan", "apply", "status"):
        done = cli(verb)
        assert done.code == 1
        assert (
            f"error: specs/{LOCK}:3:13: the sends of this lockfile were edited, or merged by hand" in done.err
        )
        assert "`sendspec ledger merge specs --target sandbox --with FILE`" in done.err
    assert (cli("ledger", "merge").code, path.read_bytes()) == (1, edited)
    assert cli("ledger", "merge", "--accept-edits").code == 0
    assert new in path.read_text()
    assert cli("plan").code in (0, 3)
    assert "nothing to merge" in cli("ledger", "merge", "--accept-edits").err


@pytest.mark.red_team(20)
def test_a_lockfile_without_digest_and_another_layout_are_read(cli, tmp_path) -> None:
    """Lockfiles of the first versions have no digest; line ends and spaces do not change a digest."""
    specs = project(tmp_path / "specs", GATE)
    save(specs, *started(SEND), ACCEPTED)
    path = specs / LOCK
    written = path.read_bytes()
    value = json.loads(written)
    for layout in (
        written.replace(b"\n", b"\r\n"),
        json.dumps(value).encode(),
        json.dumps({name: part for name, part in value.items() if name != "digest"}).encode(),
    ):
        path.write_bytes(layout)
        assert cli("plan").code == 0
    assert "digest" not in json.loads(path.read_bytes())


# ── the branch


def test_a_conflict_on_the_branch_is_merged(tmp_path) -> None:
    """Markers that a person pushed to the branch are merged with a commit on top."""
    shared = Shared(tmp_path)
    lockfile = "sendspec.production.lock"
    sides = []
    for number, address in enumerate(("sale/first", "sale/second")):
        other = FileLedger(tmp_path / f"clone{number}", "production", "api.example")
        with other.open() as session:
            session.append([*started(address), accepted(address)])
        sides.append(other.lockfile.read_text())
        other.lockfile.unlink()
    clone = shared.clones[1]
    git("fetch", "--quiet", "origin", "sendspec-state", where=clone)
    git("checkout", "--quiet", "FETCH_HEAD", where=clone)
    (clone / "production" / lockfile).write_text(
        f"<<<<<<< HEAD\n{sides[0]}=======\n{sides[1]}>>>>>>> other\n"
    )
    commit(clone, "merge")
    git("push", "--quiet", "origin", f"HEAD:{BRANCH}", where=clone)
    with pytest.raises(
        LedgerError, match=r"sendspec-state:production/.*:1: this file has the conflict markers"
    ):
        shared.ledger(0).read()
    before = shared.tip()
    result = shared.ledger(0).merge([], accept_edits=False)
    assert (result.written, len(result.versions)) == (True, 2)
    assert set(shared.ledger(1).read().sends) == {"sale/first", "sale/second"}
    assert git("rev-parse", f"{BRANCH}^", where=shared.remote) == before
    assert shared.ledger(1).read().serial == 0


def test_a_copy_is_added_to_the_branch(tmp_path) -> None:
    """`--with` adds a lockfile to the branch, where other runs read it."""
    shared = Shared(tmp_path)
    save_to = FileLedger(tmp_path / "clone0", "production", "api.example")
    with save_to.open() as session:
        session.append([*started(SEND), ACCEPTED])
    ledger = GitLedger(shared.clones[1], "production", "api.example")
    assert ledger.merge([save_to.lockfile], accept_edits=False).written
    assert not ledger.merge([save_to.lockfile], accept_edits=False).written
    assert set(shared.ledger(0).read().sends) == {SEND}
