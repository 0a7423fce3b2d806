"""A link does not work as written, or looks dangerous.

What: a link in `content`, a default or a value of a list starts with https:// if it has a scheme. Its host is
a name that people can read, not an IP address, Punycode (`xn--`), or a name with letters that only look
Latin. It has no user name before an `@`. The text decides the host, not a tag. A tag in the path is fine,
but not if its default has a space, or its name is that of a value with spaces, such as a name. No word
follows the link directly (`acme.com/saleReply`), and no punctuation that phones take into it. Two sentences
without a space are not a link by accident (`today.Shop`). A host that no earlier text in the ledger has is
a note.

Why: recipients open another page than the one that you tested, or none. Carriers and people take odd
links for fraud.

Source: Android Open Source Project, `android.util.Patterns`, as of 2026-11-27: what a phone makes a link
of. Punctuation after a path is part of the link at the end of a text, and typographic quotes and dashes
everywhere. Top-level domains: IANA root zone. Letters that look like others: Unicode Technical Standard 39.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Acme: your flight leaves from gate B12 today.Info: http://acme.com/f/123"
        contacts:
          - {phoneNumber: "447700900123"}

Good:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Acme: your flight leaves from gate B12 today. Info: https://acme.com/f/123"
        contacts:
          - {phoneNumber: "447700900123"}
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, ClassVar, Final

from sendspec import sms
from sendspec.compare import is_finished
from sendspec.lazy_pattern import lazy_pattern
from sendspec.model import DefectKind, Level
from sendspec.rules._lib.defect_violations import DefectText, link_violations
from sendspec.rules._lib.readable_text import defaults_of
from sendspec.rules._lib.rule import Rule, Violation
from sendspec.rules._lib.rule_group import RuleGroup
from sendspec.rules._lib.text_location import text_location
from sendspec.text_content import LinkDefectKind, link_defects, links_in, mask_tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendspec.model import Send
    from sendspec.rules._lib.readable_text import SendText
    from sendspec.rules._lib.rule import CheckedSend, RuleContext
    from sendspec.text_content import Link

_MESSAGES: Final[Mapping[LinkDefectKind, tuple[str, str]]] = {
    LinkDefectKind.HTTP: ("the link {link} is not encrypted", "write https instead of http"),
    LinkDefectKind.USER: (
        "the link {link} has a user name before the host",
        "remove the part before the @",
    ),
    LinkDefectKind.ADDRESS: (
        "the link {link} has an IP address instead of a name",
        "write the name of the host",
    ),
    LinkDefectKind.PUNYCODE: (
        "the link {link} has a name in Punycode, which is '{label}' in letters",
        "use a host whose name people can read",
    ),
    LinkDefectKind.LOOKALIKE: (
        "the link {link} has {label}, which looks like a Latin letter",
        "write the host with the letters of one script",
    ),
    LinkDefectKind.TAG_IN_HOST: (
        "a tag decides the host of the link {link}",
        "write the host in the text, and tags only after it",
    ),
    LinkDefectKind.GLUED: (
        "the link {link} has no space to the word beside it",
        "write a space before and after the link",
    ),
    LinkDefectKind.SCHEME: ("phones do not open the link {link}", "write https:// before the host"),
    LinkDefectKind.ACCIDENTAL: ("phones make a link of {link}", "write a space after the period"),
    LinkDefectKind.PUNCTUATION: (
        "phones take '{label}' into the link {link}",
        "remove the character, or write a space before it",
    ),
}
_VALUES: Final = DefectText("has", "a link that is not encrypted", "export links with https instead of http")
_VALUE_WITH_SPACES: Final = lazy_pattern(
    r"name|address|\bnom\b|pr[eé]nom|nombre|apellido|\bnome\b|cognome|naam", re.IGNORECASE
)
"""Tags whose values have spaces; the value of a tag such as PRODUCT or CITY can be written for a link."""
_CODE: Final = lazy_pattern(r"user|host|domain|file|code|id\b|slug|url|link|token|hash", re.IGNORECASE)


class LinkRule(Rule):
    """Links that do not work as written, or look dangerous."""

    id = "link"
    group = RuleGroup.CONTENT
    level = Level.WARNING
    reasons: ClassVar = {
        "http": "a link is not encrypted",
        "user-info": "a link has a user name before its host",
        "ip-address": "a link has an IP address instead of a name",
        "punycode": "the host of a link is in Punycode",
        "lookalike": "the host of a link has letters that look like others",
        "tag-in-host": "a tag decides the host of a link",
        "cut": "a value with a space would cut a link",
        "glued": "no space separates a link from a word",
        "scheme": "the start of a link is misspelled",
        "accidental": "two sentences without a space become a link",
        "punctuation": "phones take punctuation into a link",
        "new-host": "no earlier text has a link to this host",
    }

    def check_project(self, context: RuleContext) -> Iterator[Violation]:
        """Compare the hosts of pending sends with those of all texts in the ledger."""
        pending = [
            (checked_send.send, text, link)
            for checked_send in context.checked_sends
            if not is_finished(checked_send.send, checked_send.record)
            for text in checked_send.texts
            for link in links_in(text.masked)
        ]
        earlier = _earlier_hosts(context) if pending else frozenset()
        for send, text, link in pending if earlier else ():
            host = _compared(link.host)
            if "%%" not in host and host not in earlier:
                location = text_location(send, context, text.part(link.start, link.end))
                message = f"no earlier text of this target has a link to {host}"
                hint = "check the spelling of the host, and open the link"
                yield Violation("new-host", message, location, hint, Level.INFO, send)

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Check the links in all texts of a send."""
        send = checked_send.send
        for text in checked_send.texts:
            for defect in link_defects(text.masked):
                message, hint = _MESSAGES[defect.kind]
                label = _named(defect.label) if defect.kind is LinkDefectKind.LOOKALIKE else defect.label
                shown = f"'{text.written[defect.start : defect.end]}'"
                location = text_location(send, context, text.part(defect.start, defect.end))
                described = message.format(link=shown, label=label)
                yield Violation(defect.kind.value, described, location, hint)
            for link in links_in(text.masked):
                yield from _cut_link(send, context, text, link)
        yield from link_violations(checked_send, DefectKind.HTTP, _VALUES)


def _cut_link(send: Send, context: RuleContext, text: SendText, link: Link) -> Iterator[Violation]:
    """Yield a violation if a tag of a link may have a value with a space, which ends the link."""
    defaults = defaults_of(send)
    for match in sms.TAG.finditer(text.written, link.start, link.end):
        tag = match[1]
        has_space = any(map(str.isspace, defaults.get(tag, "")))
        if has_space or (link.rest and _VALUE_WITH_SPACES.search(tag) and not _CODE.search(tag)):
            location = text_location(send, context, text.part(match.start(), match.end()))
            value = "its default" if has_space else "a value"
            message = f"%%{tag}%% would cut the link at the first space of {value}"
            yield Violation("cut", message, location, "use a tag whose values have no spaces")


def _earlier_hosts(context: RuleContext) -> frozenset[str]:
    """Return the hosts of all texts in the ledger."""
    contents = (
        revision.payload.get("content")
        for record in context.ledger.sends.values()
        for revision in record.revisions
    )
    texts = {content for content in contents if isinstance(content, str)}
    return frozenset(_compared(link.host) for text in texts for link in links_in(mask_tags(text)))


def _compared(host: str) -> str:
    return host.removeprefix("www.")


def _named(letter: str) -> str:
    return f"U+{ord(letter):04X} {unicodedata.name(letter, '')}"
