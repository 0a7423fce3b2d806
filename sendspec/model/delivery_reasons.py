"""Reasons why a contact got no message: a closed set of codes for the vendor's words.

The vendor documents no texts, and a text may repeat a name or a number. So the ledger and every report
have only these codes; `status --failed-csv` has the masked text.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from sendspec.lazy_pattern import lazy_pattern


class DeliveryReason(StrEnum):
    """Why the vendor handed no message to the carrier."""

    NO_CONSENT = "no-consent"
    """The contact did not consent, or withdrew the consent."""
    INVALID_NUMBER = "invalid-number"
    """The phone number is not valid."""
    NOT_FOUND = "contact-not-found"
    """The vendor's database does not have the contact."""
    BLOCKED = "blocked"
    """The number is blocked or suppressed."""
    NOT_GIVEN = "not-given"
    """The vendor gave no reason."""
    OTHER = "other"
    """The vendor gave a reason that is not in this list."""

    @classmethod
    def of(cls, text: str) -> DeliveryReason:
        """Return the code of a text of the vendor, or the code itself."""
        folded = text.strip().lower()
        codes = (code for code in cls if code.value == folded)
        worded = (code for code, words in _WORDS.items() if words.search(folded))
        return next(codes, None) or next(worded, cls.OTHER)


_WORDS: Final = {
    DeliveryReason.NOT_GIVEN: lazy_pattern(r"^(no reason given)?$"),
    DeliveryReason.NO_CONSENT: lazy_pattern(r"\bconsent|\bopt(ed)?[ -]?(in|out)\b|\bunsubscribed\b"),
    DeliveryReason.BLOCKED: lazy_pattern(r"\bblock(ed|list)|\bblacklist|\bsuppress"),
    DeliveryReason.INVALID_NUMBER: lazy_pattern(
        r"\b(invalid|not valid|not a valid)\b.*\bnumber|\bnumber\b.*\b(invalid|not valid)\b"
    ),
    DeliveryReason.NOT_FOUND: lazy_pattern(
        r"\b(contact|recipient)\b.*\b(not found|does not exist|unknown)\b"
    ),
}
