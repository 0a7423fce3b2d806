"""The same people get several texts within a day.

What: people of a marketing send are also recipients of another marketing send less than `within` before it
(default 24h). The warning is at the later of the two sends; of two sends at one time, at the one that is
later in the specs. The same text twice is an error, for transactional sends too. The values of a
transactional text with tags may differ, and the text of a `contentId` is not known, so these are warnings.
`purpose: any` (default marketing) also compares the other texts of transactional sends. The same text means
the same `content` or `contentId`; the names of tags, case, spaces and punctuation at the ends do not count.

The time of a send is its `notBefore`, or now. The time of a finished send is that of its first request in
the ledger. The ledger has no numbers, so another text counts only while the list is unchanged. For the same
text, the rule takes the list as it is now. This is an error if the list is a file of half to double the
size, which was probably edited, and else a warning. Texts that are a whole `within` apart, or a 48th less,
do not count: a daily text may be half an hour early.

With `--send`, the rule compares only the selected sends. It does not see the recipients of a contact source,
and `validate` does not know which sends are finished, so it compares none.

Why: a person who gets two texts on one day is more likely to opt out, and the same text twice is a mistake
of the sender. Lists of different queries share people, also the lists of two languages. Exclude the people of
one send with `exclude`, or change its `notBefore`. For a reminder on purpose, add an `allow` entry with a
reason, or make `within` smaller.

`renamed-send` is about a send that left the specs, `duplicate-content` about the same text to the same people
at any other time, and `frequency-cap` about a maximum number of texts.

Source: this project's caution.

Bad:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: teaser
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: our sale starts tomorrow. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900123"}
          - {contactId: "447700900124"}
      - id: vip
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off for you tonight. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900124"}

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: teaser
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: our sale starts tomorrow. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900123"}
      - id: vip
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off for you tonight. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900124"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from sendspec.model import ContactQuery, Level, Purpose
from sendspec.rules._lib.also_get import others_of
from sendspec.rules._lib.people_rule import (
    PURPOSE,
    WITHIN,
    Compared,
    PeopleRule,
    of_purpose,
    time_within,
    with_shared_text,
)
from sendspec.rules._lib.recipient_phrases import get_phrase, share_phrase, timed_phrase
from sendspec.rules._lib.rule import RuleGroup, Violation
from sendspec.rules._lib.shared_recipients import Texts, shared_recipients
from sendspec.sms import TAG

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import DatedSend
    from sendspec.rules._lib.rule import RuleContext
    from sendspec.rules._lib.shared_recipients import SharedRecipients

_HINT: Final = "exclude the people of one send, change `notBefore`, or add an `allow` entry with a reason"
_NEW_ROWS_HINT: Final = "send to the new rows only, or add an `allow` entry with a reason"
_SIZE_RATIO_MAX: Final = 2
_SAME_HINT: Final = "remove one of the sends, exclude its people, or add an `allow` entry with a reason"


class Overlap(PeopleRule):
    """Recipients of a send who get texts of other sends near it in time."""

    id = "overlap"
    group = RuleGroup.PEOPLE
    level = Level.WARNING
    reasons: ClassVar = {
        "several-texts": "recipients also get the text of another send",
        "same-text": "recipients get the same text from another send",
        "same-text-changed-list": "recipients may have got the same text before the other list changed",
    }
    options: ClassVar = {"within": WITHIN, "purpose": PURPOSE}

    def compared(self, sends: Sequence[DatedSend], context: RuleContext) -> Iterator[Compared]:
        """Yield the marketing sends, and the sends with the same text."""
        within = time_within(self, context)
        yield Compared(of_purpose(self, sends, context), within)
        yield Compared(with_shared_text(sends), within)

    def check_project(self, context: RuleContext) -> Iterator[Violation]:
        """Report each planned send with recipients who get other texts before it."""
        different = of_purpose(self, context.calendar.known, context)
        within = time_within(self, context)
        for shared in shared_recipients(context.calendar, different, within, Texts.DIFFERENT):
            yield _several_texts(shared)
        for shared in self.same_texts(context):
            yield _same_text(shared)

    def same_texts(self, context: RuleContext) -> Iterator[SharedRecipients]:
        """Yield each planned send with recipients who get its text from another send before it.

        Sends whose list has changed since count only for a send whose text no known list has.
        """
        calendar, within, found = context.calendar, time_within(self, context), set[str]()
        for sends in (calendar.known, calendar.sends):
            for shared in shared_recipients(calendar, with_shared_text(sends), within, Texts.SAME):
                if shared.dated.address not in found:
                    found.add(shared.dated.address)
                    yield shared


def _several_texts(shared: SharedRecipients) -> Violation:
    return Violation(
        "several-texts",
        f"{share_phrase(shared)} also {get_phrase(shared)} {timed_phrase(shared)}",
        shared.dated.send.locations.key("contacts"),
        _HINT,
        send=shared.dated.send,
        also_get=others_of(shared),
    )


def _same_text(shared: SharedRecipients) -> Violation:
    send = shared.dated.send
    named = "content" if send.inline_text is not None else "contentId"
    # Values can make another message of the same template: two flights of one person change their gates.
    has_tags = send.inline_text is None or TAG.search(send.inline_text) is not None
    may_differ = has_tags and send.purpose is Purpose.TRANSACTIONAL
    is_estimate = all(other.dated.has_changed_list for other in shared.others)
    if is_estimate:
        may_differ |= not any(_has_most_people(other.dated) for other in shared.others)
        share = share_phrase(_at_most_then(shared))
        message = f"{share} may have got this text from {timed_phrase(shared, 1)}; its list changed since"
    else:
        message = f"{share_phrase(shared)} {get_phrase(shared)} the same text from {timed_phrase(shared, 1)}"
    return Violation(
        "same-text-changed-list" if is_estimate else "same-text",
        message,
        send.locations.of(named),
        _NEW_ROWS_HINT if is_estimate else _SAME_HINT,
        Level.WARNING if may_differ else Level.ERROR,
        send,
        also_get=others_of(shared),
    )


def _at_most_then(shared: SharedRecipients) -> SharedRecipients:
    """Return the shared recipients, at most as many as the others had before their lists changed."""
    then = sum(other.dated.recipients_then or 0 for other in shared.others)
    return shared if shared.has_more else shared._replace(recipients=min(shared.recipients, then))


def _has_most_people(dated: DatedSend) -> bool:
    """Return whether an edited file still has most people of the send, as its length suggests.

    The rows of a query are often other people each time, and a file of another size may be a new one.
    """
    then = dated.recipients_then or 0
    if isinstance(dated.send.contacts, ContactQuery):
        return False
    return then <= _SIZE_RATIO_MAX * dated.recipients and dated.recipients <= _SIZE_RATIO_MAX * then
