"""A text or a value has a leftover of a template or a test.

What: `content`, the defaults, and the values of lists must not contain parts that a person or a
program forgot to replace:

- templates and placeholders: `{{ name }}`, `{name}`, `${X}`, `[NAME]`, `<DATE>`, `Hi (name)`, and in values
  tags and names of fields, such as `FIRST_NAME`
- missing values of programs: `None`, `nan`, `NULL`, `#N/A`, `undefined`
- traces of a wrong export: `FranÃ§ois`, `O&#39;Neil`
- escapes that no program replaced, such as a backslash and `n` in single quotes of YAML
- unfinished and test texts: `TODO:`, lorem ipsum, "integration test", `localhost`, `example.com`
- a greeting without a name: `Hi ,`

A value such as `test`, or a whole value in quotes such as `'Ann'`, is a warning. Names such as Nan are not
reported. If a name is Null or None, except the send with `allow`.

Why: the message greets a customer as None, or a test reaches the real list.

Source: in 2021, a streaming service sent an "Integration Test Email" to its customers. The names of
missing values are those of Python, pandas, JavaScript, SQL and Excel.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Hi [NAME], your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "447700900123"}

Good:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Hi, your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "447700900123"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from sendspec import sms
from sendspec.model import DefectKind, Level
from sendspec.redact import excerpt
from sendspec.rules._lib.defect_violations import DefectText, text_defects, value_violations
from sendspec.rules._lib.readable_text import defaults_of
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation
from sendspec.text_defects import has_empty_greeting, leftovers_in_text, may_have_leftovers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendspec.rules._lib.rule import CheckedSend, RuleContext
    from sendspec.text_defects import Defect

_SHOWN_MAX: Final = 30
_REPLACE: Final = "replace it with the final text"
_VALUES: Final[Mapping[DefectKind, DefectText]] = {
    DefectKind.TEMPLATE: DefectText(
        "has", "a template that was not filled", "replace it in the program that exports the list"
    ),
    DefectKind.PLACEHOLDER: DefectText(
        "has", "a placeholder that was not replaced", "write the value in place of the placeholder"
    ),
    DefectKind.MISSING_VALUE: DefectText(
        "is",
        "{}, the name of a missing value",
        "write an empty cell, so that the default applies; if it is a name, add an `allow` entry",
    ),
    DefectKind.WRONG_ENCODING: DefectText(
        "has", "letters of a wrong encoding, such as Ã©", "export the list again as UTF-8"
    ),
    DefectKind.HTML_ENTITY: DefectText(
        "has", "an HTML entity, such as &amp;", "write the character itself instead of its entity"
    ),
    DefectKind.UNFINISHED: DefectText("has", "a note that it is unfinished", _REPLACE),
    DefectKind.ESCAPE: DefectText(
        "has", "an escape such as \\n, which recipients would read", "write the character itself in the list"
    ),
    DefectKind.TEST_VALUE: DefectText(
        "is", "a test value", "remove test contacts from the list", Level.WARNING
    ),
    DefectKind.QUOTED: DefectText(
        "is", "in quotes, which recipients would read", "remove the quotes in the list", Level.WARNING
    ),
    DefectKind.EXAMPLE_HOST: DefectText(
        "has", "a host that recipients cannot reach", "write the host of the real link"
    ),
}
_TEXTS: Final[Mapping[DefectKind, tuple[str, str]]] = {
    DefectKind.TEMPLATE: (
        "a template that was not filled",
        "write the name of a variable, or remove it",
    ),
    DefectKind.PLACEHOLDER: (
        "a placeholder that was not replaced",
        "write a tag such as %%NAME%%",
    ),
    DefectKind.MISSING_VALUE: ("the name of a missing value", "check the variables of the text"),
    DefectKind.WRONG_ENCODING: ("letters of a wrong encoding", "write the letters again, in UTF-8"),
    DefectKind.HTML_ENTITY: ("an HTML entity", "write the character itself"),
    DefectKind.UNFINISHED: ("a note that it is unfinished", _REPLACE),
    DefectKind.ESCAPE: (
        "an escape, which recipients would read",
        "use double quotes in YAML, or write the character itself",
    ),
    DefectKind.TEST_TEXT: ("the words of a test or a template", _REPLACE),
    DefectKind.EXAMPLE_HOST: ("a host that recipients cannot reach", "write the host of the real link"),
    DefectKind.EMPTY_GREETING: ("a greeting without a name", "remove the space, or add a tag with a default"),
}


def _leftovers(text: str) -> Iterator[Defect]:
    return leftovers_in_text(text) if may_have_leftovers(text) else iter(())


class Leftover(Rule):
    """Parts of texts and values that were not replaced."""

    id = "leftover"
    group = RuleGroup.CONTENT
    level = Level.ERROR
    reasons: ClassVar = {
        "template": "a template expression was not filled",
        "placeholder": "a placeholder in brackets was not replaced",
        "missing-value": "a program wrote its name of a missing value",
        "wrong-encoding": "a program decoded the text with the wrong encoding",
        "html-entity": "a character is written as an HTML entity",
        "unfinished": "a note says that the text is not finished",
        "escape": "a backslash and a letter are in place of a character, such as a line break",
        "test-text": "the text says that it is a test or a template",
        "test-value": "a value is one that people write for a test",
        "quoted": "a whole value is in quotes",
        "example-host": "no recipient can reach a host",
        "empty-greeting": "a greeting has no name",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Check the texts, and the facts about the values."""
        send = checked_send.send
        reported = set()
        for name, defect, location in text_defects(send, context, _leftovers):
            reported.add(defect.kind)
            description, hint = _TEXTS[defect.kind]
            message = f"{name} has {description}: '{excerpt(defect.text, _SHOWN_MAX)}'"
            yield Violation(defect.kind.value, message, location, hint)
        yield from value_violations(checked_send, _VALUES)
        if DefectKind.EMPTY_GREETING not in reported:
            yield from self._empty_greeting(checked_send)

    @staticmethod
    def _empty_greeting(checked_send: CheckedSend) -> Iterator[Violation]:
        """Check the text as a recipient reads it who has no values of their own."""
        send = checked_send.send
        filled = sms.substitute(send.inline_text or "", {}, defaults_of(send))
        if has_empty_greeting(filled):
            location = send.locations.of("personalizationDefaults")
            message = "the defaults leave a greeting without a name"
            yield Violation("empty-greeting", message, location, "write a default such as 'there'")
