"""content-length measures only the texts that can be too long, and misses none of them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sendspec import sms
from sendspec.audience import scan
from sendspec.compare import compare
from sendspec.model import InlineContacts, Level, Location
from sendspec.rules import RULES
from sendspec.rules._lib.rule import CheckedSend
from sendspec.structs import replace
from tests.rule_cases import CASES, context_of

RULE = next(rule for rule in RULES if rule.id == "content-length")
CONTEXT = context_of(CASES / "content-length" / "good")
LOCATION = Location("people.csv", 2)
CHARACTERS = st.sampled_from(["a", "€", "я", "😀"])


def repeated_characters(length_max: int) -> st.SearchStrategy[str]:
    """Return texts of one repeated character, of every length up to `length_max`."""
    return st.builds(lambda character, count: character * count, CHARACTERS, st.integers(0, length_max))


@settings(max_examples=400)
@given(
    fixed=repeated_characters(420),
    uses=st.integers(1, 3),
    value=st.none() | repeated_characters(450),
    default=st.none() | repeated_characters(450),
    other=st.none() | repeated_characters(200),
)
def test_every_text_that_is_too_long_is_found(fixed, uses, value, default, other):
    """The check agrees with measuring every filled text, for values and defaults of every alphabet."""
    content = f"{fixed}{'%%NAME%%' * uses} %%OTHER%%"
    defaults = {} if default is None else {"NAME": default}
    given_values = {"NAME": value, "OTHER": other, "UNUSED": "x" * 30}
    values = {tag: text for tag, text in given_values.items() if text}
    payload = {"content": content, "personalizationDefaults": defaults}
    contacts = InlineContacts(({"phoneNumber": "12125550123", "personalization": values},), (LOCATION,))
    send = replace(CONTEXT.sends[0], payload=payload, contacts=contacts)
    facts = scan(send)
    checked_send = CheckedSend(send, facts, None, compare(send, facts, None))
    violations = [each for each in RULE.check_send(checked_send, CONTEXT) if "filled" in each.reason]

    length, filled = sms.length(content), sms.substitute(content, values, defaults)
    if length > 800:
        assert violations == []
        return
    levels = [violation.level or RULE.level for violation in violations]
    reported_as_written = length > 400 and not sms.is_gsm7(content)
    if sms.length(filled) > 800:
        assert levels == [Level.ERROR]
    elif sms.length(filled) > 400 and not sms.is_gsm7(filled) and not reported_as_written:
        assert levels == [Level.WARNING]
    else:
        assert levels == []
