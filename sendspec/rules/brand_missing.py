"""A text does not name its brand.

What: `content` has one of the names in `brand` of sendspec.yaml, or in `brand` of the campaign, which
replaces those of the project. Case, accents, spaces and hyphens do not count: `L'OREAL` is `L'Oréal`. A
name in a host counts, such as `acme.com`. Without `brand`, the rule reports nothing. The text is checked
as rendered, with defaults. A tag with a name such as `BRAND` whose values are in the list is enough.

Why: recipients do not know who sends a number's messages, take them for fraud, and report them. Carriers
ask for the name of the sender in each message.

Source: as of 2026-11-27, not legal advice. CTIA, Short Code Monitoring Handbook: messages identify the
program. T-Mobile, Code of Conduct: the sender must be clear. CNIL: each message names its sender.

Bad:

    campaign: gate-change
    purpose: transactional
    brand: Acme Air
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "447700900123"}

Good:

    campaign: gate-change
    purpose: transactional
    brand: Acme Air
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "ACME AIR: your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "447700900123"}
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final

from sendspec import sms
from sendspec.lazy_pattern import lazy_pattern
from sendspec.model import Level
from sendspec.rules._lib.readable_text import text_for_all, text_with_defaults
from sendspec.rules._lib.rule import Rule, Violation
from sendspec.rules._lib.rule_group import RuleGroup
from sendspec.text_content import names_brand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import Send
    from sendspec.rules._lib.rule import CheckedSend, RuleContext

_BRAND_TAG: Final = lazy_pattern(r"brand|marke|marque|marca|merk|company|sender", re.IGNORECASE)
_SHOWN_MAX: Final = 3


class BrandMissing(Rule):
    """Texts without the name of the brand."""

    id = "brand-missing"
    group = RuleGroup.CONTENT
    level = Level.WARNING
    reasons: ClassVar = {
        "missing": "the text does not name the brand",
        "overridden": "only a default names it, and recipients have other values",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Check that the text of a send has one of the names of its brand."""
        send = checked_send.send
        brands = _brands(send, context)
        text = text_for_all(checked_send) if brands else None
        if text is None or not text.strip() or any(names_brand(text, name) for name in brands):
            return
        if any(_BRAND_TAG.search(tag) for tag in sms.tags_in(send.inline_text or "")):
            return
        names = " or ".join(f"'{name}'" for name in brands[:_SHOWN_MAX])
        if any(names_brand(text_with_defaults(send), name) for name in brands):
            message = f"only a default names {names}, which recipients with a value do not get"
            location = send.locations.of("personalizationDefaults")
            yield Violation("overridden", message, location, "name the brand in content")
        else:
            message = f"the text does not name {names}"
            hint = "name the brand in the text, or set `brand` of the campaign"
            yield Violation("missing", message, send.locations.of("content"), hint)


def _brands(send: Send, context: RuleContext) -> tuple[str, ...]:
    """Return the names of the campaign's own brand, else those of the project."""
    campaign = context.campaigns.get(send.campaign)
    return (campaign.brand if campaign else ()) or context.project.brand
