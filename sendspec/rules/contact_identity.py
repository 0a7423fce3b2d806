"""A contact has no identity, or more than one.

What: a contact of the endpoint contacts has either `contactId` or `contactLookup`, and a contact of
external-consent has `phoneNumber`. An empty value does not count.

Why: one contact without identity makes the API refuse the whole request of up to 1,000 contacts. If
a contact has two identities, the API ignores one of them, and they may belong to two people.

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

from typing import TYPE_CHECKING, ClassVar

from sendspec.model import Level
from sendspec.rules._lib.rule import ContactCheck, Rule, Violation
from sendspec.rules._lib.violation_count import ViolationCount

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import Contact, Send
    from sendspec.rules._lib.rule import RuleContext


class ContactIdentity(Rule):
    """Contacts without identity, or with several."""

    id = "contact-identity"
    level = Level.ERROR
    reasons: ClassVar = {
        "missing": "a contact has no identity",
        "several": "a contact has several identities",
    }

    def contact_check(self, send: Send, context: RuleContext) -> ContactCheck | None:
        """Check which identity properties each contact has."""
        traits = send.endpoint.traits
        return _IdentityCheck(traits.identity_properties) if traits.has_contacts else None


class _IdentityCheck(ContactCheck):
    def __init__(self, names: tuple[str, ...]) -> None:
        self._valid = frozenset((name,) for name in names)
        self._names = " or ".join(names)
        self._missing, self._several = ViolationCount(), ViolationCount()

    def on_refused(self, contacts: Sequence[Contact]) -> None:
        for contact in contacts:
            if contact.given not in self._valid:
                (self._several if len(contact.given) > 1 else self._missing).add(contact.location)

    def violations(self) -> Iterator[Violation]:
        if self._missing.count:
            yield Violation(
                "missing",
                self._missing.sentence("contact", "has", f"no {self._names}"),
                self._missing.first,
                "give each contact an identity, or remove the contact",
            )
        if self._several.count:
            yield Violation(
                "several",
                self._several.sentence("contact", "has", "several identities"),
                self._several.first,
                "keep one identity of each contact",
            )
