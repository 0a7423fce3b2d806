"""The same number stands twice in a list.

What: a contact whose number (after normalising: `+1 212 555 0123` is `12125550123`) or lookup came
before in the same send. It is sent once, as it stands first. Where the repetition has other
personalization values it is an error, for nobody can know which of them are right.

Why: a second copy of a message annoys its reader and costs as much as the first; the vendor does not
say that it takes duplicates out. Two rows with different values are mostly a list joined wrongly.

Source: this project's caution.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate %%GATE%%."
        contacts:
          - {phoneNumber: "447700900123", personalization: {GATE: B12}}
          - {phoneNumber: "+44 7700 900123", personalization: {GATE: C4}}

Good:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate %%GATE%%."
        contacts:
          - {phoneNumber: "447700900123", personalization: {GATE: B12}}
          - {phoneNumber: "447700900124", personalization: {GATE: C4}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.rules._lib.base import Rule, Violation, Watch
from sendspec.rules._lib.examples import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import Duplicate, Location, Send
    from sendspec.rules._lib.base import Context


class DuplicateContact(Rule):
    """Contacts that came before."""

    id = "duplicate-contact"
    level = Level.WARNING

    def watch(self, send: Send, context: Context) -> Watch | None:
        """Look at what the pass over the contacts took out."""
        return _Repeated()


class _Repeated(Watch):
    def __init__(self) -> None:
        self._same, self._conflicting = Rows(), Rows()
        self._first: dict[bool, Location] = {}

    def see_duplicates(self, duplicates: Sequence[Duplicate]) -> None:
        for contact, first, conflicting in duplicates:
            (self._conflicting if conflicting else self._same).add(contact.location)
            self._first.setdefault(conflicting, first)

    def reports(self) -> Iterator[Violation]:
        if self._same.count:
            repeats = (
                "repeats an earlier one and is" if self._same.count == 1 else "repeat earlier ones and are"
            )
            yield Violation(
                f"{pluralize(self._same.count, 'contact')} {repeats} left out; "
                f"this one repeats {self._said(conflicting=False)}{self._same.also()}",
                self._same.first,
                "everybody gets one message; to be rid of this warning, remove the repetitions",
            )
        if self._conflicting.count:
            repeats = "repeats an earlier one" if self._conflicting.count == 1 else "repeat earlier ones"
            yield Violation(
                f"{pluralize(self._conflicting.count, 'contact')} {repeats} with other values; "
                f"this one repeats {self._said(conflicting=True)}{self._conflicting.also()}",
                self._conflicting.first,
                "find out which values are right and keep only those rows",
                Level.ERROR,
            )

    def _said(self, *, conflicting: bool) -> str:
        first = self._first[conflicting]
        return f"{first.file}:{first.line}"
