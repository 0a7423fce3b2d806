"""Base class of the rules that compare the recipients of several sends."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.model import Purpose
from sendspec.rules._lib.durations import DURATION, parse_duration
from sendspec.rules._lib.option_values import OptionValues, one_of
from sendspec.rules._lib.rule import Option, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta

    from sendspec.model import DatedSend
    from sendspec.rules._lib.rule import RuleContext


class Compared(Struct, frozen=True):
    """Sends whose recipients a rule compares if people get them less than `within` apart."""

    sends: Sequence[DatedSend]
    within: timedelta


class PeopleRule(Rule):
    """A rule whose findings need the lists of several sends together."""

    @abstractmethod
    def compared(self, sends: Sequence[DatedSend], context: RuleContext) -> Iterator[Compared]:
        """Yield the groups of sends whose recipients the rule compares, before their lists are read."""


ANY_PURPOSE: Final = "any"


PURPOSE: Final = Option(
    Purpose.MARKETING.value,
    "marketing, or any to count transactional sends too",
    OptionValues(
        "must be marketing or any",
        one_of(
            {
                Purpose.MARKETING.value: "Only texts of marketing campaigns count.",
                ANY_PURPOSE: "Transactional texts count too.",
            }
        ),
    ),
)
WITHIN: Final = Option("24h", "the time in which texts count together, such as 90m, 24h or 7d", DURATION)
_TOLERANCE: Final = 48


def time_within(rule: Rule, context: RuleContext) -> timedelta:
    """Return the option `within` of a rule, less a 48th part of it.

    A text that is sent every day at the same hour may be some minutes early or late.
    """
    within = parse_duration(context.option(rule, "within"))
    return within - within / _TOLERANCE


def of_purpose(rule: Rule, sends: Sequence[DatedSend], context: RuleContext) -> Sequence[DatedSend]:
    """Return the sends of the purpose in the option `purpose` of a rule."""
    if context.option(rule, "purpose") == ANY_PURPOSE:
        return sends
    return [dated for dated in sends if dated.send.purpose is Purpose.MARKETING]


def with_shared_text(sends: Sequence[DatedSend]) -> Sequence[DatedSend]:
    """Return the sends whose text another one of them has too."""
    counts = Counter(dated.text for dated in sends if dated.text is not None)
    return [dated for dated in sends if counts[dated.text] > 1]
