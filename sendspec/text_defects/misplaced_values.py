"""Values that belong elsewhere: phone numbers, e-mail addresses, line breaks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sendspec.lazy_pattern import lazy_pattern
from sendspec.model import DefectKind
from sendspec.text_defects.defect import Defect

if TYPE_CHECKING:
    from collections.abc import Iterator

DIGITS_MIN, DIGITS_MAX = 10, 15
"""A number with country code has at most 15 digits (ITU-T E.164); shorter ones are often other numbers."""

_NUMBER: Final = lazy_pattern(r"\s*\+?[0-9 ().\-/\u00a0]+\s*")
_NOTATION: Final = lazy_pattern(r"\+|\(\d{2,4}\)|\d[ .]\d{3}[ .-]\d|\d-\d{3}-\d")
_EMAIL: Final = lazy_pattern(r"\s*(?:mailto:)?[^@\s<>,;/?:]+@[^@\s<>,;/?:]+\.[^\W\d_]{2,}\s*")
_NUMBER_TAG: Final = lazy_pattern(
    r"phone|\btel|mobile|\bcell|fax|sms|msisdn|whatsapp|contact|call|support|hotline|help|number|numero|num\b|"
    r"nummer|handy|movil",
    re.IGNORECASE,
)
_CODE_TAG: Final = lazy_pattern(
    r"\bid\b|id$|code|order|ref|ticket|track|account|invoice|booking|reserv|case|policy|card|iban|ean|"
    r"barcode|sku|serial|voucher|coupon|token|pin|otp|amount|balance|timestamp|time|date|\bno\b|\bnr\b",
    re.IGNORECASE,
)
_EMAIL_TAG: Final = lazy_pattern(r"mail|login|user|account|contact|address|\bid\b", re.IGNORECASE)


def line_breaks(value: str) -> Iterator[Defect]:
    """Yield a defect if the value contains a line break."""
    if (at := min((at for at in (value.find("\n"), value.find("\r")) if at >= 0), default=-1)) >= 0:
        yield Defect(DefectKind.LINE_BREAK, "", value[at], at)


def wrong_shape(tag: str, value: str) -> Iterator[Defect]:
    """Yield a defect if the value is a phone number or an e-mail address, unless the tag's name fits."""
    if _is_number(value) and not _NUMBER_TAG.search(tag):
        digits = sum(map(str.isdigit, value))
        # Only notation distinguishes a phone number from another number of that length.
        if _NOTATION.search(value) or (digits > DIGITS_MIN and not _CODE_TAG.search(tag)):
            yield Defect(DefectKind.PHONE_NUMBER, "", value, 0)
    elif "@" in value and _EMAIL.fullmatch(value) and not _EMAIL_TAG.search(tag):
        yield Defect(DefectKind.EMAIL_ADDRESS, "", value, 0)


def _is_number(value: str) -> bool:
    if _NUMBER.fullmatch(value) is None:
        return False
    return DIGITS_MIN <= sum(map(str.isdigit, value)) <= DIGITS_MAX


def looks_like_rows(cell: str) -> bool:
    """Return whether a later line of a cell has a field that is a phone number, as a row would have."""
    fields = (field for line in cell.splitlines()[1:] for field in re.split(r'[,;\t"]', line))
    return any(_is_number(field.strip()) for field in fields)
