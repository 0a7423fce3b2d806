"""Selection: the sends that a person chose with `--send`; without patterns, all sends."""

from __future__ import annotations

import re
import unicodedata
from fnmatch import translate
from functools import cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.errors import Usage
from sendspec.lazy_pattern import lazy_pattern
from sendspec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

_WILDCARDS: Final = lazy_pattern(r"[*?]")


class Selection(Struct, frozen=True):
    """Patterns of addresses; each is an address, `campaign`, `campaign/send` or a glob of one of these.

    `*` matches any text and `?` one character. Brackets are literal, because addresses have them.
    """

    patterns: tuple[str, ...] = ()

    @property
    def is_partial(self) -> bool:
        """Whether sends may be left out."""
        return bool(self.patterns)

    def includes(self, address: str) -> bool:
        """Return whether the send of this address is selected."""
        return not self.patterns or any(_matches(pattern, address) for pattern in self.patterns)

    def may_include(self, campaign: str | None) -> bool:
        """Return whether a send of a campaign may be selected; None is a campaign of unknown name."""
        return not self.patterns or any(_may_match(pattern, campaign) for pattern in self.patterns)

    def check(self, addresses: Iterable[str], place: str) -> None:
        """Check that each pattern matches one of the addresses in `place`, such as "the specs".

        Raises:
            Usage: a pattern matches none of them, for example because it is misspelt.
        """
        known = list(addresses)
        for pattern in self.patterns:
            if not any(_matches(pattern, address) for address in known):
                names = dict.fromkeys([*(address.partition("/")[0] for address in known), *known])
                raise Usage(
                    f"--send '{pattern}' does not match any send in {place}",
                    hint=did_you_mean(pattern, names) or "run `sendspec plan` to list the addresses",
                )


ALL: Final = Selection()


def _matches(pattern: str, address: str) -> bool:
    campaign, _, _ = address.partition("/")
    send, _, _ = address.partition("[")
    expression = _expression(pattern)
    return any(expression.match(unicodedata.normalize("NFC", name)) for name in (address, send, campaign))


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(unicodedata.normalize("NFC", pattern).replace("[", "[[]")))


def _may_match(pattern: str, campaign: str | None) -> bool:
    wildcard = _WILDCARDS.search(pattern)
    if campaign is None:
        return wildcard is not None
    if wildcard is None:
        return pattern.partition("/")[0] == campaign
    fixed = pattern[: wildcard.start()]
    return f"{campaign}/".startswith(fixed) or fixed.startswith(f"{campaign}/")
