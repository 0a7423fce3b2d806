"""Finished lists that are compared in groups: never a wrong answer, and few digests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sendspec.audience import stretched_digest
from sendspec.finished_list_digests import (
    GROUP_LISTS_MAX,
    FinishedList,
    compare_groups,
    finished_list,
    update_groups,
)
from sendspec.ledger.codec import FileNames, lockfile_bytes, lockfile_state
from sendspec.ledger.merge import Version, merge_versions
from sendspec.model import GroupDigests, LedgerState, Recipients, RequestState
from sendspec.structs import replace
from tests.projects import lockfile, number, project
from tests.sandboxed import sandboxed
from tests.test_compare import FACTS, record, send

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

EMPTY = LedgerState("production", "api.example")
NAMES = FileNames("lock", "journal")
SENT, UNKNOWN = RequestState.SENT, RequestState.UNKNOWN
FIRST = "scrypt:" + "a" * 64


def finished(campaign: int, name: str = "a", recipients: str = "list") -> FinishedList:
    """Return a list of a finished send; only the text `recipients` identifies its content."""
    facts = replace(FACTS, batch_digests=(recipients.encode(),))
    return FinishedList.of(f"c{campaign}/{name}", Recipients(facts.count, FIRST), facts)


def stored(lists: Iterable[FinishedList]) -> GroupDigests:
    return update_groups(dict.fromkeys(lists, True), (), GroupDigests(), ())


def digests_taken(before: int) -> int:
    return stretched_digest.cache_info().misses - before


@pytest.fixture
def before() -> int:
    """Return how many stretched digests were computed before the test."""
    stretched_digest.cache_clear()
    return 0


LISTS = [finished(campaign) for campaign in range(GROUP_LISTS_MAX + 20)]


@pytest.fixture(scope="module")
def groups() -> GroupDigests:
    return stored(LISTS)


def test_unchanged_lists_cost_one_digest(groups: GroupDigests, before: int) -> None:
    """If no list changed, the digest of all lists answers for each of them."""
    assert compare_groups(LISTS, groups).same == {member.address: True for member in LISTS}
    assert digests_taken(before) == 1


def test_one_changed_list_costs_the_digests_of_its_groups(groups: GroupDigests, before: int) -> None:
    """Every other group still answers, and the lists beside the changed one are left to single digests."""
    changed = [finished(0, recipients="other"), *LISTS[1:]]
    found = compare_groups(changed, groups)
    assert "c0/a" not in found.same
    assert set(found.same.values()) == {True}
    assert len(changed) - len(found.same) < 16
    assert digests_taken(before) <= 1 + 16


@pytest.mark.parametrize(
    "lists",
    [
        [finished(0, recipients="other"), *LISTS[1:9]],
        [LISTS[0]._replace(recorded="scrypt:" + "b" * 64), *LISTS[1:9]],
        [LISTS[0]._replace(size=1), *LISTS[1:9]],
        [finished(0, "b"), *LISTS[1:9]],
        [finished(0, "added"), *LISTS[:9]],
        LISTS[1:9],
        [],
    ],
    ids=["list", "record", "size", "address", "added", "removed", "all removed"],
)
def test_no_difference_is_taken_for_an_unchanged_list(lists: list[FinishedList]) -> None:
    """Lists that were changed, recorded again, added or removed are never found unchanged by their group."""
    digests = stored(LISTS[:9])
    assert compare_groups(LISTS[:9], digests).matching == {"/"}
    assert compare_groups(lists, digests) == compare_groups([], digests)
    assert compare_groups(lists, digests).same == {}


def test_exchanged_lists_are_not_unchanged() -> None:
    """Two sends that exchange their lists have the same lists together, and neither has its own."""
    exchanged = [finished(0, recipients="B"), finished(1, recipients="A")]
    own = [finished(0, recipients="A"), finished(1, recipients="B")]
    assert compare_groups([*exchanged, *LISTS[2:9]], stored([*own, *LISTS[2:9]])).same == {}


def test_a_changed_list_is_known_as_changed_without_a_digest_of_its_own(before: int) -> None:
    """After it is stored as changed, the digest of all lists answers for it too; a restored list is none."""
    changed = finished(0, recipients="other")
    lists = {changed: False} | dict.fromkeys(LISTS[1:20], True)
    digests = update_groups(lists, (), GroupDigests(), ())
    stretched_digest.cache_clear()
    found = compare_groups(list(lists), digests)
    assert digests_taken(before) == 1
    assert found.same == {member.address: same for member, same in lists.items()}
    assert compare_groups(LISTS[:20], digests).same == {}


def test_an_update_computes_only_the_groups_of_new_lists(groups: GroupDigests, before: int) -> None:
    """A new finished list changes the digests of the groups around it; the others are kept."""
    new = finished(0, "new")
    matching = compare_groups(LISTS, groups).matching
    stretched_digest.cache_clear()
    updated = update_groups(dict.fromkeys([*LISTS, new], True), [new], groups, matching)
    assert digests_taken(before) == 2
    assert compare_groups([*LISTS, new], updated).same == {m.address: True for m in (*LISTS, new)}
    others = {name: digest for name, digest in groups.digests.items() if not new.path.startswith(name)}
    assert others.items() <= updated.digests.items()


def test_large_campaigns_are_divided_by_address(before: int) -> None:
    """A campaign of more lists than a group may have is divided further, and no group is stored twice."""
    lists = [finished(0, f"s{index}") for index in range(GROUP_LISTS_MAX + 1)]
    digests = stored(lists)
    assert len(digests.digests) > 8
    assert "/" in digests.digests
    assert not {lists[0].path[:2], lists[0].path[:3]} & set(digests.digests)
    assert len(compare_groups([finished(0, "s0", "other"), *lists[1:]], digests).same) > len(lists) - 16


@pytest.mark.parametrize(
    ("record_of", "revision", "facts"),
    [
        (record(SENT, SENT), 1, FACTS),
        (record(SENT, SENT, UNKNOWN), 1, FACTS),
        (record(SENT, SENT, SENT), 2, FACTS),
        (record(SENT, SENT, SENT, of=send(revision=2)), 1, FACTS),
        (record(SENT, SENT, SENT), 1, replace(FACTS, count=2499)),
        (record(SENT, SENT, SENT), 1, None),
        (None, 1, FACTS),
    ],
    ids=["partial", "unknown", "raised", "lowered", "another size", "unreadable", "new"],
)
def test_only_comparable_lists_of_finished_sends_are_in_groups(record_of, revision, facts) -> None:
    """A list is in a group only if a digest decides whether it is that of its finished record."""
    assert finished_list(send(revision=revision), facts, record_of) is None
    assert finished_list(send(), FACTS, record(SENT, SENT, SENT)) is not None


def test_a_rename_keeps_the_groups(groups: GroupDigests) -> None:
    """The salt of a record stays its first address, so a renamed send stays in its groups."""
    facts = replace(FACTS, batch_digests=(b"list",))
    renamed = FinishedList.of("c99/b", Recipients(facts.count, FIRST, salt="c0/a"), facts)
    assert compare_groups([renamed, *LISTS[1:]], groups).same["c99/b"] is True


def test_lockfiles_have_the_groups_and_the_lowest_version_for_them(groups: GroupDigests) -> None:
    """A lockfile without groups has version 1, for earlier versions; with groups both ways are lossless."""
    plain = lockfile_bytes(EMPTY)
    assert b'"version": 1' in plain
    content = lockfile_bytes(replace(EMPTY, groups=replace(groups, changed=frozenset({"c1/a"}))))
    assert b'"version": 2' in content
    assert lockfile_state(content, NAMES, EMPTY).groups == replace(groups, changed=frozenset({"c1/a"}))
    assert lockfile_state(plain, NAMES, EMPTY).groups == GroupDigests()


def test_a_merge_drops_the_groups(groups: GroupDigests) -> None:
    """Neither side of a merge compared the lists of both."""
    versions = [Version(name, replace(EMPTY, groups=groups)) for name in ("ours", "theirs")]
    assert merge_versions(versions).groups == GroupDigests()
    assert merge_versions(versions[:1]).groups == groups


CAMPAIGN = """\
campaign: c{index}
purpose: transactional
sends:
  - {{id: a, endpoint: external-consent, channelQualifier: "148372", content: "Acme: gate %%GATE%%.",
     contacts: {{file: ../contacts/c{index}.csv}}}}
"""


def write_lists(specs: Path, indexes: Iterable[int]) -> list[Path]:
    (specs / "contacts").mkdir(parents=True, exist_ok=True)
    files = [specs / "contacts" / f"c{index}.csv" for index in indexes]
    for at, file in enumerate(files):
        file.write_text(f"phoneNumber,GATE\n{number(2 * at)},B{at}\n{number(2 * at + 1)},C{at}\n")
    return files


def test_lists_of_sent_campaigns_are_edited_sorted_removed_and_restored(cli, tmp_path: Path) -> None:
    """A plan names exactly the lists that changed; runs store digests, and one run of a part does not."""
    specs = tmp_path / "specs"
    files = write_lists(specs, range(10))
    campaigns = [CAMPAIGN.format(index=index) for index in range(10)]
    with sandboxed(specs, *campaigns[:9]):
        assert cli("apply", "--auto-approve").code == 0
        assert len(lockfile(specs)["listGroups"]["digests"]) == 1
        stretched_digest.cache_clear()
        assert "9 already sent" in cli("plan").out
        assert digests_taken(0) == 2, "one for all lists, one for the plan"

        texts = [file.read_text() for file in files]
        head, *rows = texts[3].splitlines(keepends=True)
        files[3].write_text(head + "".join(reversed(rows)))
        files[4].unlink()
        plan = cli("plan")
        assert "9 already sent" in plan.out
        notes = [line for line in plan.out.splitlines() if "changed-after-send" in line]
        assert [("campaigns/c3.yaml" in line, "campaigns/c4.yaml" in line) for line in notes] == [
            (True, False),
            (False, True),
        ]

        project(specs, *campaigns, settings=(specs / "sendspec.yaml").read_text())
        first = lockfile(specs)["listGroups"]
        assert cli("apply", "--auto-approve", "--send", "c9/*").code == 0
        assert lockfile(specs)["listGroups"] == first, "the run did not read the other lists"
        (specs / "campaigns" / "c10.yaml").write_text(CAMPAIGN.format(index=0).replace("c0\n", "c10\n"))
        assert cli("apply", "--auto-approve").code == 0
        assert lockfile(specs)["listGroups"]["changed"] == ["c3/a"]
        stretched_digest.cache_clear()
        again = cli("plan").out
        assert digests_taken(0) == 2
        assert [line for line in again.splitlines() if "changed-after-send" in line] == notes

        files[3].write_text(texts[3])
        files[4].write_text(texts[4])
        restored = cli("plan").out
        assert "11 already sent" in restored
        assert "changed-after-send" not in restored
