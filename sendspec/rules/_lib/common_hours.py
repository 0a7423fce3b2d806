"""Legal hours of a send by all rules together, so that the hints of two rules name the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.rules._lib.rule import Rule, with_own
from sendspec.rules._lib.settings import active_exception
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sendspec.legal_hours import ZoneHours
    from sendspec.rules._lib.rule import CheckedSend, RuleContext


def common_limits(
    own: Iterable[ZoneHours], checked_send: CheckedSend, context: RuleContext, at: datetime
) -> tuple[ZoneHours, ...]:
    """Return the limits of one rule around an instant with those of every other rule that checks the send."""
    # Holidays are those of the years around the clock.
    then = replace(context, now=at)
    others = (
        limit
        for rule in with_own(Rule.legal_hours, context.rules)
        if active_exception(checked_send.send, rule, context.now)[0] is None
        for limit, _ in rule.legal_hours(checked_send, then)
    )
    return tuple(dict.fromkeys((*own, *others)))
