"""A link uses a public shortener, which carriers block.

What: the links of `content`, of the defaults and of the list's values for its tags do not use a public
shortener, such as bit.ly, or a subdomain of it. A short domain of your own is not public, also if a
shortener hosts it. `add` (option) has further domains, which the rule does not search for in lists.
`allow` (option) has domains that are not reported, such as a subdomain that is yours.

Why: senders of unwanted messages use these domains too, so carriers filter all messages with them. The
messages are paid for, and do not arrive.

Source: as of 2026-11-27, not legal advice. The data file names the source of each domain: lists of
UpCell, Bandwidth and others of domains that US carriers block. Twilio, forbidden message categories:
shared public shorteners are filtered. T-Mobile, Code of Conduct: a branded short domain is acceptable.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Acme: your flight now leaves from gate B12: https://bit.ly/3xYzAbC"
        contacts:
          - {phoneNumber: "447700900123"}

Good:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Acme: your flight now leaves from gate B12: https://acme.com/f/123"
        contacts:
          - {phoneNumber: "447700900123"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from sendspec.model import DefectKind, Level
from sendspec.rules._lib.defect_violations import DefectText, link_violations
from sendspec.rules._lib.option_values import TEXTS
from sendspec.rules._lib.rule import Option, Rule, Violation
from sendspec.rules._lib.rule_group import RuleGroup
from sendspec.rules._lib.text_location import text_location
from sendspec.text_content import links_in, public_shortener

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.rules._lib.rule import CheckedSend, RuleContext

_VALUES: Final = DefectText(
    "has",
    "a link of the public shortener {}, which carriers block",
    "export full links, or those of a short domain of your own",
)


class PublicShortener(Rule):
    """Links with a domain on which anyone can create a link."""

    id = "public-shortener"
    group = RuleGroup.CONTENT
    level = Level.ERROR
    reasons: ClassVar = {"shortener": "a link uses a public shortener"}
    options: ClassVar = {
        "add": Option(None, "further domains of public shorteners", TEXTS, ["example.link"]),
        "allow": Option(None, "domains that are not reported", TEXTS, ["bit.ly"]),
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Check the hosts of all links in the texts of a send."""
        more, allowed = (
            frozenset(str(domain).lower() for domain in context.option(self, name) or ())
            for name in ("add", "allow")
        )
        send = checked_send.send
        for text in checked_send.texts:
            for link in links_in(text.masked):
                domain = public_shortener(link.host, more=more, allowed=allowed)
                if domain is not None:
                    yield Violation(
                        "shortener",
                        f"{text.name} has a link of the public shortener {domain}, which carriers block",
                        text_location(send, context, text.part(link.start, link.end)),
                        "write the full link, or use a short domain of your own",
                    )
        yield from link_violations(checked_send, DefectKind.SHORTENER, _VALUES, allowed)
