"""Recipients get more texts in a day than the project wants.

What: people get more than `limit` texts (option; without it the rule is off) in the time `within` (default
24h). The warning is at each send that exceeds the limit for some of its recipients. It counts these people,
and names the three sends that most of them also get. `purpose: any` (default marketing) counts transactional
sends too. The rule compares the sends of the plan, and finished ones whose list is unchanged; `overlap`
describes their times.

Why: each further text on one day makes more people opt out, and several teams of one company do not see
each other's plans. A statute of Florida allows at most three sales calls about one subject to a person in 24
hours. Set another `notBefore`, or exclude the people of the earlier sends with `exclude`.

Source: Florida Statutes 501.616(6)(b), as of 2026-11; whether it covers texts is a question for a lawyer.
This is not legal advice. Otherwise this project's caution.

Bad (with `limit: 2`):

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: offers
        endpoint: contacts
        matrix: {hour: [1, 2, 3]}
        notBefore: "2026-06-02T1{{ hour }}:00:00Z"
        channelQualifier: "148372"
        content: "Acme: offer {{ hour }} of the day. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900123"}

Good (with `limit: 2`):

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: offers
        endpoint: contacts
        matrix: {day: [1, 2, 3]}
        notBefore: "2026-06-0{{ day }}T12:00:00Z"
        channelQualifier: "148372"
        content: "Acme: offer {{ day }} of the week. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900123"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.rules._lib.option_values import POSITIVE_INTEGER
from sendspec.rules._lib.people_rule import PURPOSE, WITHIN, Compared, PeopleRule, of_purpose, time_within
from sendspec.rules._lib.recipient_phrases import counted_phrase, share_phrase
from sendspec.rules._lib.rule import Option, RuleGroup, Violation
from sendspec.rules._lib.shared_recipients import Texts, shared_recipients

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import DatedSend
    from sendspec.rules._lib.rule import RuleContext


class FrequencyCap(PeopleRule):
    """Recipients with too many texts in one day for the project."""

    id = "frequency-cap"
    group = RuleGroup.PEOPLE
    level = Level.WARNING
    reasons: ClassVar = {"over-limit": "recipients get more texts than the limit"}
    options: ClassVar = {
        "limit": Option(None, "the maximum number of texts for a person", POSITIVE_INTEGER, 2),
        "within": WITHIN,
        "purpose": PURPOSE,
    }

    def compared(self, sends: Sequence[DatedSend], context: RuleContext) -> Iterator[Compared]:
        """Yield the sends that count, if the project has a limit."""
        if context.option(self, "limit") is not None:
            yield Compared(of_purpose(self, sends, context), time_within(self, context))

    def check_project(self, context: RuleContext) -> Iterator[Violation]:
        """Report each planned send that exceeds the limit for some of its recipients."""
        limit = context.option(self, "limit")
        if limit is None:
            return
        sends = of_purpose(self, context.calendar.known, context)
        within = time_within(self, context)
        for shared in shared_recipients(context.calendar, sends, within, Texts.ANY, texts_min=limit):
            verb = "gets" if shared.recipients == 1 else "get"
            yield Violation(
                "over-limit",
                f"{share_phrase(shared)} {verb} more than {pluralize(limit, 'text')} within "
                f"{context.option(self, 'within')}, also from {counted_phrase(shared)}",
                shared.dated.send.locations.key("contacts"),
                "change `notBefore`, exclude these people, or add an `allow` entry with a reason",
                send=shared.dated.send,
            )
