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
from sendspec.rules._lib.occurrence_phrases import sentence
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class ContactIdentity(Rule):
    """Contacts without identity, or with several."""

    id = "contact-identity"
    group = RuleGroup.API
    level = Level.ERROR
    reasons: ClassVar = {
        "missing": "a contact has no identity",
        "several": "a contact has several identities",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Check which identity properties the contacts have."""
        facts = checked_send.facts
        if facts is None:
            return
        if facts.without_identity is not None:
            missing = facts.without_identity
            names = " or ".join(checked_send.send.endpoint.traits.identity_properties)
            yield Violation(
                "missing",
                sentence(missing, "contact", "has", f"no {names}"),
                missing.first,
                "give each contact an identity, or remove the contact",
            )
        if facts.several_identities is not None:
            several = facts.several_identities
            yield Violation(
                "several",
                sentence(several, "contact", "has", "several identities"),
                several.first,
                "keep one identity of each contact",
            )
