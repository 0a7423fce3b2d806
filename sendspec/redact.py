"""The one place that masks phone numbers and secrets before anything is printed or stored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MASK: Final = "•"
SECRET: Final = "[secret]"  # noqa: S105 - the replacement, not a secret

_NUMBER: Final = re.compile(
    r"""(?<![\w.-])              # not the inside of an id, a decimal or an ISO date
        \+?\d(?:[ ().-]{0,2}\d){9,14}
        (?![\w-])""",
    re.VERBOSE,
)
_BEARER: Final = re.compile(r"(?i)(bearer\s+|token provided was:\s*)\S+")
_KEEP_HEAD: Final = 4
_KEEP_TAIL: Final = 2


def mask_number(number: str) -> str:
    """Show a phone number to a person without telling whose it is: `1949•••••04`.

    The country and area stay readable (the first four digits) and so do the last two, which is
    what a person needs to find the row. Anything shorter than eight digits is masked whole.
    """
    digits = "".join(ch for ch in number if ch.isdigit())
    if len(digits) < _KEEP_HEAD + _KEEP_TAIL + 2:
        return MASK * max(len(number.strip()), 1)
    hidden = len(digits) - _KEEP_HEAD - _KEEP_TAIL
    return digits[:_KEEP_HEAD] + MASK * hidden + digits[-_KEEP_TAIL:]


@dataclass(frozen=True, slots=True)
class Redactor:
    """Masks known secrets, bearer tokens and whatever looks like a phone number in a text.

    `secrets` are the credentials and tokens of this run; a value shorter than four characters
    would mask half of every sentence and is ignored.
    """

    secrets: tuple[str, ...] = ()

    def __call__(self, text: str) -> str:
        """Give `text` without secrets and with masked phone numbers."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            if len(secret) >= 4:  # noqa: PLR2004 - see the class docstring
                text = text.replace(secret, SECRET)
        text = _BEARER.sub(rf"\1{SECRET}", text)
        return _NUMBER.sub(lambda found: mask_number(found.group()), text)

    def with_secret(self, secret: str) -> Redactor:
        """Give a redactor that also knows `secret`."""
        return self if secret in self.secrets else Redactor((*self.secrets, secret))
