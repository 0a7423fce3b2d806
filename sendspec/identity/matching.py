"""The assignment of records to sends, one kind of evidence after the other."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from sendspec.errors import SpecError
from sendspec.load.address_values import address_key
from sendspec.model import LedgerState, Move, Problem, with_moves
from sendspec.render.former_addresses import with_values
from sendspec.selection import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sendspec.model import Send, SendRecord
    from sendspec.selection import Selection

_Key = tuple[str, tuple[str, ...] | frozenset[tuple[str, int]]]


class Identities(Struct, frozen=True):
    """The ledger with each record at the address of its send.

    `moves` are the moves that apply records, by the address of the send. `unknown` are the addresses in
    `formerly` that the ledger does not have, by the address of the send. `left` has the records that
    belong to none of the sends, by address. `sent_under` has the address in the ledger of each record
    that moves and may have been sent, by the address of the send.
    """

    ledger: LedgerState
    moves: Mapping[str, tuple[Move, ...]] = field(default_factory=dict)
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    left: tuple[tuple[str, SendRecord], ...] = ()
    sent_under: Mapping[str, str] = field(default_factory=dict)

    def moves_to_record(self, send: Send, *, due: bool) -> tuple[Move, ...]:
        """Return the moves of a send; a former address without a record counts only if the send is due."""
        moves = self.moves.get(send.address, ())
        unknown = self.unknown.get(send.address, ()) if due else ()
        return (*moves, *(Move(former, send.address, send.axes) for former in unknown))


NO_IDENTITIES: Final = Identities(LedgerState("none", "none"))
"""The identities of a project without a ledger."""


def identify(sends: Sequence[Send], ledger: LedgerState, selection: Selection = ALL) -> Identities:
    """Assign the records of a ledger to sends; pure.

    Raises:
        SpecError: two sends claim one record, or one send claims two, and one of them is selected.
    """
    matching = _Matching(sends, ledger, selection)
    matching.assign_current_addresses()
    matching.assign_former_addresses()
    matching.assign_other_spellings()
    if matching.problems:
        raise SpecError(matching.problems)
    return matching.result()


class _Matching:
    """The assignment of records, one kind of evidence after the other."""

    def __init__(self, sends: Sequence[Send], ledger: LedgerState, selection: Selection) -> None:
        self._selection = selection
        self.problems: list[Problem] = []
        self._sends = sends
        self._ledger = ledger
        self._owners: dict[str, Send] = {}
        """The sends by the address in the ledger that each of them has now."""
        self._claims: dict[str, Send] = {}
        self._views: list[Move] = []
        self._moves: dict[str, tuple[Move, ...]] = {}
        self._unknown: dict[str, tuple[str, ...]] = {}
        self._spellings = _Spellings(ledger)
        self._same_values = Counter(_unordered(send.address) for send in sends if send.axes)

    def assign_current_addresses(self) -> None:
        """Assign the records at the current addresses, and those that were moved away from them.

        A tree from before the rename has only the former address.
        """
        for send in self._sends:
            current = self._ledger.address_of(send.address)
            other = self._owners.setdefault(current, send)
            if other is not send:
                self._report_reuse(*sorted((other, send), key=lambda send: send.address == current))
            elif current != send.address and current in self._ledger.sends:
                self._views.append(Move(current, send.address, send.axes))

    def assign_former_addresses(self) -> None:
        """Assign the records that `formerly` names to sends without a request that may have been sent."""
        for send in self._sends:
            if not send.formerly:
                continue
            own = self._ledger.address_of(send.address)
            found = [address for address in self._find_former(send) if address != own]
            records = [address for address in found if address in self._ledger.sends]
            self._unknown[send.address] = tuple(address for address in found if address not in records)
            if not self._was_sent(own):
                self._move_here(send, records)

    def _move_here(self, send: Send, records: Sequence[str]) -> None:
        sent = [address for address in records if self._was_sent(address)]
        if len(sent) > 1:
            self._report_two_records(send, sent)
        for address in records:
            owner = self._owners.get(address) or self._claims.setdefault(address, send)
            if owner is not send:
                self._report_rival(address, send, owner)
        self._moves[send.address] = tuple(Move(address, send.address, send.axes) for address in records)

    def assign_other_spellings(self) -> None:
        """Assign records whose address has the same values in another spelling or another order."""
        for send in self._sends:
            own = self._ledger.address_of(send.address)
            if not send.axes or self._was_sent(own) or self._moves.get(send.address):
                continue
            found = [address for address in self._spellings.of(send.address) if self._is_free(address)]
            if self._same_values[_unordered(send.address)] == 1:
                found += [
                    address
                    for address in self._spellings.in_any_order(send.address)
                    if self._is_free(address) and self._may_have_other_order(address, send)
                ]
            # Of several spellings that were sent, one is enough to know that the send is not new.
            found.sort(key=lambda address: not self._was_sent(address))
            if found:
                self._claims[found[0]] = send
                self._moves[send.address] = (Move(found[0], send.address, send.axes),)

    def result(self) -> Identities:
        moves = [move for moves in self._moves.values() for move in moves]
        ledger = with_moves(self._ledger, [*self._views, *moves])
        present = {send.address: send for send in self._sends}
        left = [(address, record) for address, record in ledger.sends.items() if address not in present]
        left += _of_unclear_order(self._sends, ledger)
        return Identities(
            ledger=ledger,
            moves={address: moves for address, moves in self._moves.items() if moves},
            unknown=self._unclaimed(),
            left=tuple(left),
            sent_under={move.address: move.former for move in moves if self._was_sent(move.former)},
        )

    def _unclaimed(self) -> dict[str, tuple[str, ...]]:
        """Return the former addresses without a record, unless several sends of one matrix name them."""
        named = Counter(address for unknown in self._unknown.values() for address in unknown)
        return {
            address: tuple(former for former in unknown if named[former] == 1 and former not in self._owners)
            for address, unknown in self._unknown.items()
        }

    def _find_former(self, send: Send) -> list[str]:
        """Return the current addresses in the ledger of the former addresses of a send.

        A former address that the ledger does not have stays as it is.
        """
        return list(dict.fromkeys(self._find(former, send) for former in send.formerly))

    def _find(self, former: str, send: Send) -> str:
        names = tuple(dict.fromkeys((with_values(former, send.address), former)))
        for name in names:
            if (current := self._ledger.address_of(name)) != name or current in self._ledger.sends:
                return current
        for name in names:
            found = self._spellings.of(name) or self._spellings.in_any_order(name)
            if len(found) == 1:
                return found[0]
        return names[0]

    def _was_sent(self, address: str) -> bool:
        record = self._ledger.sends.get(address)
        return record is not None and record.may_have_been_sent

    def _is_free(self, address: str) -> bool:
        return address not in self._owners and address not in self._claims

    def _may_have_other_order(self, address: str, send: Send) -> bool:
        axes = self._ledger.sends[address].axes
        return not axes or set(axes) != set(send.axes)

    def _report_rival(self, address: str, send: Send, owner: Send) -> None:
        message = f"{address} belongs to {owner.address} ({owner.locations.root}), so it cannot move here"
        hint = "keep it in the `formerly` of the send that was renamed"
        self._report(Problem(send.locations.of("formerly"), message, hint), send, owner)

    def _report_two_records(self, send: Send, sent: Sequence[str]) -> None:
        message = f"{' and '.join(sent)} were both sent, so {send.address} cannot continue both"
        hint = "keep the one that was renamed in `formerly`"
        self._report(Problem(send.locations.of("formerly"), message, hint), send)

    def _report_reuse(self, former: Send, current: Send) -> None:
        message = f"{former.address} is a former address of {current.address} ({current.locations.root})"
        hint = "give the new send another id, because its address belongs to the record of the renamed one"
        self._report(Problem(former.locations.root, message, hint), former, current)

    def _report(self, problem: Problem, *sends: Send) -> None:
        if any(self._selection.includes(send.address) for send in sends):
            self.problems.append(problem)


class _Spellings:
    """The addresses of a ledger by the keys of their values."""

    def __init__(self, ledger: LedgerState) -> None:
        self._addresses: dict[_Key, list[str]] = defaultdict(list)
        for address in ledger.sends:
            if "[" in address:
                self._addresses[address_key(address)].append(address)
                self._addresses[_unordered(address)].append(address)

    def of(self, address: str) -> list[str]:
        """Return the addresses with the same values in the same order."""
        return self._addresses.get(address_key(address), [])

    def in_any_order(self, address: str) -> list[str]:
        """Return the addresses with the same values in any order."""
        return self._addresses.get(_unordered(address), [])


def _unordered(address: str) -> _Key:
    name, values = address_key(address)
    return name, frozenset(Counter(values).items())


def _of_unclear_order(sends: Sequence[Send], ledger: LedgerState) -> Iterator[tuple[str, SendRecord]]:
    """Yield the records whose values may belong to other axes than those of the send at their address.

    Before addresses were canonical, `[1,2]` could mean the same send as `[2,1]` does now.
    """
    same_values = Counter(_unordered(send.address) for send in sends if len(send.axes) > 1)
    for send in sends:
        record = ledger.sends.get(send.address)
        if record is not None and not record.axes and same_values[_unordered(send.address)] > 1:
            yield send.address, record
