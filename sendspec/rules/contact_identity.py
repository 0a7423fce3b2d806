"""A contact does not say who it is, or says it in several ways.

What: a contact of the endpoint contacts has either `contactId` or `contactLookup`, one of external
consent has `phoneNumber`; an empty one counts as none.

Why: the API refuses the whole request of up to 1,000 contacts for one without an identity. Of two
identities one is ignored, and the two may be two people.

Source: Acoustic Campaign, sending an SMS to contacts: 400 `Contact information is empty. Please
provide contact identifier or lookup keys.`

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: contacts
        channelQualifier: "148372"
        content: "Your flight now leaves from gate %%GATE%%."
        contacts:
          - {personalization: {GATE: B12}}

Good:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: contacts
        channelQualifier: "148372"
        content: "Your flight now leaves from gate %%GATE%%."
        contacts:
          - {contactId: "447700900123", personalization: {GATE: B12}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.model import Endpoint, Level
from sendspec.rules._lib.base import Rule, Violation, Watch
from sendspec.rules._lib.examples import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import Contact, Send
    from sendspec.rules._lib.base import Context

_SOUND: Final = {
    Endpoint.CONTACTS: frozenset({("contactId",), ("contactLookup",)}),
    Endpoint.EXTERNAL_CONSENT: frozenset({("phoneNumber",)}),
}


class ContactIdentity(Rule):
    """Contacts with no identity, or with several."""

    id = "contact-identity"
    level = Level.ERROR

    def watch(self, send: Send, context: Context) -> Watch | None:
        """Look at which identity properties each contact brings."""
        return _Identities(_SOUND[send.endpoint]) if send.endpoint in _SOUND else None


class _Identities(Watch):
    def __init__(self, sound: frozenset[tuple[str, ...]]) -> None:
        self._sound = sound
        self._names = " or ".join(sorted(name for given in sound for name in given))
        self._without, self._several = Rows(), Rows()

    def see(self, contacts: Sequence[Contact]) -> None:
        for contact in contacts:
            if contact.given not in self._sound:
                (self._several if len(contact.given) > 1 else self._without).add(contact.location)

    def reports(self) -> Iterator[Violation]:
        if self._without.count:
            yield Violation(
                f"{pluralize(self._without.count, 'contact')} without {self._names}{self._without.also()}",
                self._without.first,
                "give each contact its identity, or remove it",
            )
        if self._several.count:
            yield Violation(
                f"{pluralize(self._several.count, 'contact')} with several identities{self._several.also()}",
                self._several.first,
                "keep the one that is meant",
            )
