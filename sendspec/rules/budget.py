"""A send or a plan costs more than its budget.

What: `pricing` in `sendspec.yaml` has the price of a segment by country. With `perSend` (option, not set
by default) no send may cost more, and with `total` (option, not set by default) all requests together
that are still to be sent. Amounts are in the currency of `pricing`. The rule also reports recipients in
countries without a price, unless `pricing` has a `default`. Sends without known recipients or text cost
something too, but are not counted.

Why: the price of a segment differs tenfold between countries, and a list or a text that is twice as long
costs twice as much. A reviewer sees that before it is sent.

Source: this project's own prices; the vendor bills each segment.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "447700900123"}
          - {phoneNumber: "447700900124"}
          - {phoneNumber: "447700900125"}

Good:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "447700900123"}
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from sendspec.formatting import format_money, pluralize
from sendspec.model import Level, Location
from sendspec.rules._lib.option_values import POSITIVE_NUMBER
from sendspec.rules._lib.rule import Option, Rule, Violation
from sendspec.rules._lib.rule_group import RuleGroup

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import Pricing
    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class Budget(Rule):
    """Sends and plans that cost too much."""

    id = "budget"
    group = RuleGroup.COST
    level = Level.WARNING
    reasons: ClassVar = {
        "send": "the send costs more than `perSend`",
        "total": "the plan costs more than `total`",
        "no-price": "recipients are in countries without a price",
        "no-pricing": "the project has a budget, but no prices",
    }
    options: ClassVar = {
        "perSend": Option(None, "the maximum price of one send", POSITIVE_NUMBER, 500),
        "total": Option(None, "the maximum price of all requests of a plan", POSITIVE_NUMBER, 2000),
    }

    def check_project(self, context: RuleContext) -> Iterator[Violation]:
        """Compare the price of everything that is still to be sent with `total`."""
        pricing, total = context.project.pricing, context.option(self, "total")
        if pricing is None:
            if total is not None or context.option(self, "perSend") is not None:
                message = "budget has an amount, but sendspec.yaml has no prices"
                yield Violation(
                    "no-pricing", message, self._location(context), "add `pricing` to sendspec.yaml"
                )
            return
        # Without a ledger, all finished sends of a project would count.
        if total is None or context.offline:
            return
        price = sum((_price(each, pricing, each.comparison.pending) for each in _open(context)), Decimal())
        budget = Decimal(str(total))
        if price > budget:
            message = f"the plan costs {_money(price, pricing)}, but its budget is {_money(budget, pricing)}"
            hint = f"send less, or raise `total` of {self.id} in sendspec.yaml"
            yield Violation("total", message, self._location(context), hint)

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Compare the price of a send with `perSend`, and check that its countries have prices."""
        pricing, facts = context.project.pricing, checked_send.facts
        if pricing is None or facts is None or facts.text is None:
            return
        locations = checked_send.send.locations
        unpriced = pricing.unpriced(country for country, count in facts.text.countries() if count)
        if unpriced:
            named = [country for country in unpriced if country]
            places = facts.numbers.countries
            count = sum(places[country].count for country in named if country in places)
            where = f"{pluralize(count, 'recipient')} in {', '.join(named)}"
            verb = "has" if count == 1 else "have"
            message = f"{where} {verb} no price" if named else "recipients of unknown country have no price"
            location = places[named[0]].first if named and named[0] in places else locations.key("contacts")
            hint = f"add {named[0] if named else 'default'} to `pricing.perSegment` in sendspec.yaml"
            yield Violation("no-price", message, location, hint)
        limit = context.option(self, "perSend")
        price = _price(checked_send, pricing)
        if limit is not None and price > (budget := Decimal(str(limit))):
            segments = pluralize(facts.segments or 0, "segment")
            message = (
                f"the send costs {_money(price, pricing)} ({segments}), "
                f"but its budget is {_money(budget, pricing)}"
            )
            hint = f"shorten the text or the list, or raise `perSend` of {self.id} in sendspec.yaml"
            yield Violation("send", message, locations.key("contacts"), hint)

    def _location(self, context: RuleContext) -> Location:
        """Return the place of the rule's setting, which has the budget."""
        setting = context.project.rules.get(self.id)
        found = None if setting is None else setting.location
        return found or Location(str(context.project.directory / "sendspec.yaml"))


def _open(context: RuleContext) -> Iterator[CheckedSend]:
    """Yield the sends of which apply may still post a request."""
    for checked_send in context.checked_sends:
        not_after = checked_send.send.not_after
        if checked_send.pending and (not_after is None or context.now < not_after):
            yield checked_send


def _price(checked_send: CheckedSend, pricing: Pricing, batches: Sequence[int] | None = None) -> Decimal:
    """Return the price of some requests of a send, of all if None; what is not known costs nothing."""
    facts = checked_send.facts
    if facts is None or facts.text is None:
        return Decimal()
    return pricing.known_price(facts.text.countries(batches))


def _money(amount: Decimal, pricing: Pricing) -> str:
    return format_money(amount, pricing.currency)
