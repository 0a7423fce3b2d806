"""Joint digests of the lists of finished sends, so that a plan compares many lists with one digest.

The ledger has a stretched digest of each list, which costs 35 ms to compare. It also has one of all lists
of finished sends together, and of smaller groups. A joint digest covers, for each list, the address and the
digest in the record, the recipients then, and whether they were still those of the record. So if it
matches, each list has the same recipients as when the joint digest was written, and the same answer. A group
that does not match is divided, down to single lists.

To guess a list from a joint digest takes one scrypt per guess, as from the digest of the list itself.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct, field

from sendspec.audience import stretched_digest
from sendspec.compare import is_finished
from sendspec.model import GroupDigests
from sendspec.parallel import parallel_map
from sendspec.render import encode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from sendspec.model import AudienceFacts, PlannedSend, Recipients, Send, SendRecord

ROOT: Final = "/"
"""The group of all lists; each further digit in a name divides a group into at most 16."""
LISTS_MIN: Final = 8
"""With fewer lists a joint digest saves less than it adds to the lockfile."""
GROUP_LISTS_MAX: Final = 64
"""A larger group is divided, because one changed list in a group costs one digest for each of its lists."""
_CAMPAIGN_DIGITS: Final = 2
_ADDRESS_DIGITS: Final = 6
_PATH_LENGTH: Final = len(ROOT) + _CAMPAIGN_DIGITS + _ADDRESS_DIGITS


class FinishedList(NamedTuple):
    """The list of a finished send with as many recipients as its record.

    `salt` is the address in the digest of the record, which a rename does not change.
    """

    address: str
    salt: str
    recorded: str
    size: int
    recipients: str

    @classmethod
    def of(cls, address: str, recorded: Recipients, facts: AudienceFacts) -> FinishedList:
        """Return the list of the send at `address`."""
        return cls(address, recorded.salt or address, recorded.digest, facts.count, facts.digest)

    @property
    def path(self) -> str:
        """The path to the smallest group that may have the list.

        The lists of one campaign share the first digits of it, because people remove and select whole
        campaigns.
        """
        campaign = self.salt.partition("/")[0]
        return ROOT + _digits(campaign, _CAMPAIGN_DIGITS) + _digits(self.salt, _ADDRESS_DIGITS)


class GroupComparison(Struct, frozen=True):
    """The lists of the groups whose joint digests match, and the names of these groups.

    `same` says for each address of them whether the list is that of the record.
    """

    same: Mapping[str, bool] = field(default_factory=dict)
    matching: frozenset[str] = frozenset()


def finished_list(send: Send, facts: AudienceFacts | None, record: SendRecord | None) -> FinishedList | None:
    """Return the list of a send if it needs a digest to compare it with the record of the finished send."""
    if facts is None or record is None or record.recipients is None:
        return None
    is_comparable = facts.count == record.recipients.count > 0 and send.revision == record.revision
    if not is_comparable or not is_finished(send, record):
        return None
    return FinishedList.of(send.address, record.recipients, facts)


def finished_lists(sends: Iterable[PlannedSend]) -> dict[FinishedList, bool]:
    """Return the lists of finished sends, and whether each of them is that of its record."""
    found = ((finished_list(planned.send, planned.facts, planned.record), planned) for planned in sends)
    return {
        finished: all(change.field != "recipients" for change in planned.changes)
        for finished, planned in found
        if finished is not None
    }


def count_ungrouped(lists: Iterable[FinishedList], matching: AbstractSet[str]) -> int:
    """Return how many of the lists are in none of the groups that matched."""
    return sum(matching.isdisjoint(_names(member.path)) for member in lists)


def compare_groups(lists: Sequence[FinishedList], stored: GroupDigests) -> GroupComparison:
    """Compare finished lists with the joint digests of the ledger, from the largest group to the smallest."""
    divided = {outer for name in stored.digests for outer in _names(name)[:-1]}
    same: dict[str, bool] = {}
    matching: set[str] = set()
    groups: Mapping[str, Sequence[FinishedList]] = {ROOT: lists}
    while groups:
        known = [name for name in groups if name in stored.digests and len(groups[name]) > 1]
        found = _digests({name: groups[name] for name in known}, stored.changed)
        smaller: dict[str, Sequence[FinishedList]] = {}
        for name, members in groups.items():
            if name in found and found[name] == stored.digests[name]:
                same |= {member.address: member.salt not in stored.changed for member in members}
                matching |= {inner for inner in stored.digests if inner.startswith(name)}
            elif name in divided:
                smaller |= _parts(name, members)
        groups = smaller
    return GroupComparison(same, frozenset(matching))


def update_groups(
    lists: Mapping[FinishedList, bool],
    added: Collection[FinishedList],
    stored: GroupDigests,
    matching: Collection[str],
) -> GroupDigests:
    """Return the joint digests of all finished lists, with as few new digests as possible.

    Args:
        lists: whether each list is that of its record.
        added: those of the lists that were not finished when `matching` was found.
        stored: the digests in the ledger.
        matching: the names of the groups whose digests matched.
    """
    if len(lists) < LISTS_MIN:
        return GroupDigests()
    changed = frozenset(member.salt for member, same in lists.items() if not same)
    groups = _divide(ROOT, list(lists), len(lists))
    with_added = {name for member in added for name in _names(member.path)}
    kept = {name: stored.digests[name] for name in groups if name in matching and name not in with_added}
    new = _digests({name: members for name, members in groups.items() if name not in kept}, changed)
    return GroupDigests(dict(sorted({**kept, **new}.items())), changed)


def _divide(name: str, lists: Sequence[FinishedList], size_max: int) -> dict[str, Sequence[FinishedList]]:
    """Return the groups by name: those of two to `size_max` lists, so that none is that around it again."""
    groups: dict[str, Sequence[FinishedList]] = {name: lists} if 1 < len(lists) <= size_max else {}
    if len(lists) > GROUP_LISTS_MAX and len(name) < _PATH_LENGTH:
        for inner, members in _parts(name, lists).items():
            groups |= _divide(inner, members, len(lists) - 1)
    return groups


def _parts(name: str, lists: Iterable[FinishedList]) -> Mapping[str, Sequence[FinishedList]]:
    parts: dict[str, list[FinishedList]] = {}
    for member in lists:
        parts.setdefault(member.path[: len(name) + 1], []).append(member)
    return parts


def _digests(groups: Mapping[str, Iterable[FinishedList]], changed: Collection[str]) -> dict[str, str]:
    digests = parallel_map(
        lambda name: _joint_digest(name, groups[name], changed), tuple(groups), items_min=2
    )
    return dict(zip(groups, digests, strict=True))


def _joint_digest(name: str, lists: Iterable[FinishedList], changed: Collection[str]) -> str:
    content = encode(
        sorted(
            [member.salt, member.recorded, member.size, member.recipients, member.salt not in changed]
            for member in lists
        )
    )
    return stretched_digest(f"lists {name}", hashlib.sha256(content).hexdigest())


def _names(path: str) -> list[str]:
    """Return the names of the groups on a path, the largest first."""
    return [path[:length] for length in range(1, min(len(path), _PATH_LENGTH) + 1)]


def _digits(text: str, count: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:count]
