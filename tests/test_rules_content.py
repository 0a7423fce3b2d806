"""content-length measures only the messages that can be too long; none that is gets past it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from sendspec import sms
from sendspec.model import Contact, Level, Location
from sendspec.rules import RULES
from tests.rule_cases import CASES, context_of

RULE = next(rule for rule in RULES if rule.id == "content-length")
CONTEXT = context_of(CASES / "content-length" / "good")
PLACE = Location("people.csv", 2)
CHARACTERS = st.sampled_from(["a", "€", "я", "😀"])


def runs(longest: int) -> st.SearchStrategy[str]:
    """Give texts of one character, of every length up to `longest`."""
    return st.builds(lambda character, count: character * count, CHARACTERS, st.integers(0, longest))


@settings(max_examples=400, deadline=None)
@given(
    fixed=runs(420),
    uses=st.integers(1, 3),
    value=st.none() | runs(450),
    default=st.none() | runs(450),
    other=st.none() | runs(200),
)
def test_every_message_that_is_too_long_is_found(fixed, uses, value, default, other):
    """Against filling and measuring every message, for texts, values and defaults of every alphabet."""
    content = f"{fixed}{'%%NAME%%' * uses} %%OTHER%%"
    defaults = {} if default is None else {"NAME": default}
    given_values = {"NAME": value, "OTHER": other, "UNUSED": "x" * 30}
    values = {tag: text for tag, text in given_values.items() if text is not None}
    payload = {"content": content, "personalizationDefaults": defaults}
    watch = RULE.watch(replace(CONTEXT.sends[0], payload=payload), CONTEXT)

    written, filled = sms.length(content), sms.substitute(content, values, defaults)
    if written > 800:
        assert watch is None
        return
    watch.see([Contact(PLACE, "12125550123", ("phoneNumber",), "12125550123", None, values)])
    levels = [report.level or RULE.level for report in watch.reports()]
    said = written > 400 and not sms.is_gsm7(content)
    if sms.length(filled) > 800:
        assert levels == [Level.ERROR]
    elif sms.length(filled) > 400 and not sms.is_gsm7(filled) and not said:
        assert levels == [Level.WARNING]
    else:
        assert levels == []
