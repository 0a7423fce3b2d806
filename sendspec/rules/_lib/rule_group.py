"""Groups of rules, which settings, `--rule` and `sendspec explain` accept like the id of a rule."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class RuleGroup(StrEnum):
    """The subject of a rule; the order is that of lists of rules."""

    API = "api"
    COST = "cost"
    TIME = "time"
    CONTENT = "content"
    PEOPLE = "people"
    PRIVACY = "privacy"
    LEDGER = "ledger"

    @property
    def summary(self) -> str:
        """What the findings of the group have in common, as a sentence."""
        return _SUMMARIES[self]


_SUMMARIES: Final = MappingProxyType(
    {
        RuleGroup.API: "The API would refuse the request, or ignore a part of it.",
        RuleGroup.COST: "The message would cost more than its author believes.",
        RuleGroup.TIME: "The message would arrive at the wrong time.",
        RuleGroup.CONTENT: "The recipients would read something that they should not.",
        RuleGroup.PEOPLE: "The message would reach the wrong recipients.",
        RuleGroup.PRIVACY: "The repository contains data that must not be in git.",
        RuleGroup.LEDGER: "The send differs from its record in the ledger.",
    }
)
