"""Redaction of phone numbers and secrets before text is printed or stored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MASK: Final = "•"
SECRET: Final = "[secret]"  # noqa: S105 - the replacement, not a secret

_NUMBER: Final = re.compile(
    r"""(?<![\w.-])              # not part of an id, a decimal or an ISO date
        \+?\d(?:[ ().-]{0,2}\d){9,14}
        (?![\w-])""",
    re.VERBOSE,
)
_BEARER: Final = re.compile(r"(?i)(bearer\s+|token provided was:\s*)\S+")
_USERINFO: Final = re.compile(r"(?<=://)[^/@\s]+(?=@)")
_VISIBLE_START: Final = 4
_VISIBLE_END: Final = 2


def mask_number(number: str) -> str:
    """Return a masked phone number such as `1949•••••04`.

    The first four digits (country and area) and the last two stay readable, so that a person can find
    the row. A number of less than eight digits is masked completely.
    """
    digits = "".join(digit for digit in number if digit.isdigit())
    if len(digits) < _VISIBLE_START + _VISIBLE_END + 2:
        return MASK * max(len(number.strip()), 1)
    hidden = len(digits) - _VISIBLE_START - _VISIBLE_END
    return digits[:_VISIBLE_START] + MASK * hidden + digits[-_VISIBLE_END:]


@dataclass(frozen=True, slots=True)
class Redactor:
    """Masks known secrets, bearer tokens, users of URLs and possible phone numbers in text.

    `secrets` are the credentials and tokens of this run. A secret of less than four characters is
    ignored, because it would mask parts of ordinary words.
    """

    secrets: tuple[str, ...] = ()

    def __call__(self, text: str) -> str:
        """Return `text` without secrets and with masked phone numbers."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            if len(secret) >= 4:  # noqa: PLR2004 - see the class docstring
                text = text.replace(secret, SECRET)
        text = _BEARER.sub(rf"\1{SECRET}", text)
        text = _USERINFO.sub(SECRET, text)
        return _NUMBER.sub(lambda match: mask_number(match.group()), text)

    def with_secret(self, secret: str) -> Redactor:
        """Return a redactor that also masks `secret`."""
        return self if secret in self.secrets else Redactor((*self.secrets, secret))
