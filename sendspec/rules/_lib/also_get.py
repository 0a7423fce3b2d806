"""Other texts that the recipients of a send get shortly before it, as data for a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.model import AlsoGet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sendspec.rules._lib.rule import Violation
    from sendspec.rules._lib.shared_recipients import SharedRecipients

_SHOWN_MAX: Final = 3


class OtherTexts:
    """The other sends that rules find for the recipients of each planned send."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, AlsoGet]] = {}

    def add(self, violation: Violation) -> None:
        """Add the other sends of a violation, also if a setting or an `allow` entry excepts it."""
        if violation.send is not None and violation.also_get:
            others = self._found.setdefault(violation.send.address, {})
            others |= {other.address: other for other in violation.also_get}

    def by_address(self) -> Mapping[str, tuple[AlsoGet, ...]]:
        """Return at most three other sends of each send, those that most people get first."""
        return {address: _most(others.values()) for address, others in self._found.items()}


def others_of(shared: SharedRecipients) -> tuple[AlsoGet, ...]:
    """Return the other sends of shared recipients whose people of the time are known."""
    return tuple(_known(shared))


def _known(shared: SharedRecipients) -> Iterator[AlsoGet]:
    for dated, people in shared.others:
        if not dated.has_changed_list:
            yield AlsoGet(dated.address, people, dated.at, dated.is_planned)


def _most(others: Iterable[AlsoGet]) -> tuple[AlsoGet, ...]:
    """Return the sends that most people get; of those with as many people, the nearest in time first."""
    ordered = sorted(others, key=lambda other: (-other.people, -other.at.timestamp(), other.address))
    return tuple(ordered[:_SHOWN_MAX])
