"""Leftovers: parts of texts and values that a person or a program forgot to replace.

Each pattern is narrow, because an error blocks a send: people are called Nan and Null, brands write
`[Acme]` before their texts, and "todo" is a Spanish word.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.lazy_pattern import lazy_pattern
from sendspec.model import DefectKind
from sendspec.text_content import HIDDEN
from sendspec.text_defects.defect import Defect
from sendspec.text_defects.mojibake import mojibake
from sendspec.text_defects.placeholders import placeholders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TEMPLATE: Final = lazy_pattern(
    r"\{\{.*?\}\}|\{%.*?%\}|[$#]\{[^{}]*\}|<%.*?%>|\*\|[^|]*\|\*|\[\[.*?\]\]|%\(\w+\)s"
    r"|\{[A-Za-z_][\w .|:-]{0,40}\}|\{\d{0,2}\}|\{\{|\}\}|(?<![%\d])%[A-Z][A-Z_]{1,30}%(?!%)",
    re.DOTALL,
)
MISSING_VALUES: Final = frozenset(
    {
        *("None", "none", "NONE", "null", "Null", "NULL", "nan", "NaN", "NAN", "-nan", "nil", "NaT", "<NA>"),
        *("undefined", "Undefined", "UNDEFINED", "N/A", "n/a", "N/a", "#N/A", "#N/A N/A", "#NA", "\\N"),
        *("(null)", "(none)", "(blank)", "(empty)", "[null]", "<null>", "<none>", "[object Object]"),
        *("#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#FIELD!"),
        # The same in German, French, Spanish, Italian, Portuguese and Dutch.
        *("#NV", "#WERT!", "#BEZUG!", "#ZAHL!", "#VALEUR!", "#NOM?", "#NOMBRE!", "#NUL!", "#N/D", "#N/B"),
        *("#¡VALOR!", "#¡REF!", "#¿NOMBRE?", "#¡NUM!", "#¡NULO!", "#¡DIV/0!", "#VALORE!", "#RIF!", "#NOME?"),
        *("#NULLO!", "#VALOR!", "#NÚM!", "#NULO!", "#WAARDE!", "#VERW!", "#NAAM?", "#GETAL!", "#LEEG!"),
        *("#DEEL/0!", "#ÜBERLAUF!", "#PROPAGATION!", "#ESPANSIONE!", "#OVERLOOP!"),
        *("#GETTING_DATA", "Invalid Date", "Infinity", "-Infinity"),
    }
)
"""Whole values; `Nan` and `Na` are names, and no program writes them for a missing value."""
MISSING_WORDS: Final = frozenset({"None", "nan", "NaN", "NULL", "null", "undefined", "#N/A"})
"""Words of a value such as `Ann None`."""
_WORDS_MAX: Final = 4

FIELD_NAMES: Final = (
    "(?:first|last|full|middle|given|family|customer|contact|client|company|store|member)_?name"
    "|[fl]name|(?:vor|nach)name|(?:voor|achter)naam|prenom|pr[éÉ]nom"
    "|(?:short|tracking|order|promo|coupon|discount)_(?:url|link|code|number|id)"
)
"""Names of fields that a program did not replace by their values, also in the syntax of the quick check."""

_SPREADSHEET_ERRORS: Final = "|".join(
    re.escape(value) for value in sorted(MISSING_VALUES) if value.startswith("#") and value[-1] in "!?/ADB"
)
_GREETINGS: Final = (
    "hi|hello|hey|dear|bonjour|salut|cher|chère|hola|buenos días|estimado|estimada|querido|querida|hallo|"
    "liebe|lieber|guten tag|sehr geehrte|sehr geehrter|ciao|buongiorno|gentile|caro|cara|olá|prezado|prezada|"
    "beste|geachte|hoi"
)
"""Words before the name of a recipient, in seven languages."""
_MISSING_IN_TEXT: Final = lazy_pattern(
    rf"\b(?:undefined|NaN|Invalid Date)\b|\[object Object\]|(?:{_SPREADSHEET_ERRORS})"
    rf"|\b(?i:{_GREETINGS})\s+(?:None|none|null|NULL|nan|n/a)\b"
)
_ENTITY: Final = lazy_pattern(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|([A-Za-z][A-Za-z0-9]{1,30}));")
_ESCAPE: Final = lazy_pattern(
    r"\\r\\n|\\n(?!o\b)|\\[rt](?![a-z])|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}(?![A-Za-z])|:\\/\\/|\\\""
    r"|(?<=\w)\\'(?=\w)"
)
"""Escapes of YAML and JSON; people write a backslash in `and\\or` and in faces."""
_UNFINISHED: Final = lazy_pattern(
    r"\b(?:FIXME|TBD|TBC)\b|(?i:\blorem ipsum\b|\bdolor sit amet\b)|\bX{4,}\b|\bX{2,3} ?%"
    r"|\bTODO(?=\s*[:\]])|^\W*TODO\W*$"
    r"|\bINSERT(?: [A-Z]+){1,3} HERE\b|(?<![A-Z] )\bYOUR (?:LINK|URL|TEXT|MESSAGE|NAME) HERE\b"
    r"|(?i:\binsert (?:your |the |a |an )?"
    r"(?:link|url|name|brand|company|date|time|text|code|price|city)s? here\b)"
    r"|\bTODO (?:add|fix|replace|insert|write|check|change|update|remove|ask|translate|confirm|link)\b"
)
_TEST_TEXT: Final = lazy_pattern(
    r"\b(?:integration|regression|staging|qa|uat)[ -]tests?\b"
    r"|\btest (?:message|sms|text|e-?mail|campaign|template|user|please ignore)\b"
    r"|\bthis is (?:only )?(?:a|just a|another) test\b(?! (?:drive|kit|result))"
    r"|[\[(]\s*test(?:ing)?\s*[\])]|^\W*test(?:ing)?[\W\d]*$|\btesting,? (?:1|one)\b"
    r"|\bthis template\b|\btemplate (?:name|text|title|is used|goes here)\b"
    r"|\b(?:sms|e-?mail|message) template\b|\b(?:ignore|disregard) this test\b"
    r"|\b(?:dies ist (?:nur )?ein|ceci est un|questo è un|isto é um|dit is een) teste?\b(?! de)"
    r"|\b(?:mensaje de prueba|message de test|messaggio di prova|mensagem de teste|testnachricht)\b",
    re.IGNORECASE,
)
_DRILL: Final = lazy_pattern(
    r"\btest of (?:the|our|your|an?)\b|\bdrill\b"
    r"|\b(?:emergency|alert|alarm|warning|siren|notification) (?:\w+ )?(?:test|system)",
    re.IGNORECASE,
)
_THIS_IS_A_TEST: Final = lazy_pattern(r"\bthis is (?=(?:only )?(?:a|just a|another) test\b)", re.IGNORECASE)
_VARIABLE: Final = lazy_pattern(rf"(?<![\w$])\$(?i:{FIELD_NAMES}|name|link|url)\b")
_GREETED: Final = lazy_pattern(
    rf"\b(?i:{_GREETINGS})\s+(?:X{{3,}}\b|_{{2,}}|\((?i:(?:your |first |last |full )?name|customer|"
    r"client|nom|pr[eé]nom|cliente?|vorname|nachname|kunde|nombre|nome|cognome|naam|voornaam|klant)\))"
)
_TAG: Final = lazy_pattern(r"%%\w[\w -]{0,40}%%")
_FIELD_NAME: Final = lazy_pattern(rf"\$?(?:{FIELD_NAMES})", re.IGNORECASE | re.ASCII)
_TEST_VALUE: Final = lazy_pattern(
    r"test(?:ing)?[\s_-]*(?:\d{1,4}|user|name|test|contact|customer|person|account)?|asdf\w*|qwert\w*|dummy",
    re.IGNORECASE,
)
QUOTES: Final = (
    *("''", '""', "``", "\u201c\u201d", "\u201e\u201c", "\u201e\u201d", "\u201d\u201d"),
    *("\u2018\u2019", "\u201a\u2018", "\u201a\u2019", "\u00ab\u00bb", "\u00bb\u00ab"),
    *("\u2039\u203a", "\u203a\u2039", "\u300c\u300d", "\u300e\u300f"),
)
"""Pairs of quotes; a list that has them around a value was quoted twice, or by hand."""
_QUOTED: Final = lazy_pattern("|".join(f"{start}[^{start}{end}]+{end}" for start, end in QUOTES))
_EXAMPLE_HOST: Final = lazy_pattern(
    r"\b(?:localhost|127\.0\.0\.1|0\.0\.0\.0)\b|\b(?:[\w-]+\.)*example\.(?:com|org|net|edu)\b"
    r"|\b[\w-]+\.(?:example|invalid|localhost)\b|\b[\w-]+\.test(?=[/:])"
    r"|\b(?:your-?(?:domain|site|company|website|brand|link)|my-?(?:domain|site)|domain|website)\."
    r"(?:com|org|net|link)\b|\bstaging[.-][\w-]+\.[a-z]{2,}",
    re.IGNORECASE,
)
_EMPTY_GREETING: Final = lazy_pattern(rf"\b(?:{_GREETINGS})\s+,", re.IGNORECASE)
_SPACE_BEFORE_COMMA: Final = lazy_pattern(r"\s,")


class Search(NamedTuple):
    """A pattern of one kind; every ASCII text that it matches has one of the `needles` in lower case.

    A pattern takes 10 to 60 µs for a text, and its needles take 1.
    """

    kind: DefectKind
    pattern: re.Pattern[str]
    needles: tuple[str, ...]


SEARCHES_OF_BOTH: Final = (
    Search(DefectKind.TEMPLATE, _TEMPLATE, ("{", "}", "<%", "*|", "[[", "%")),
    Search(DefectKind.ESCAPE, _ESCAPE, ("\\",)),
    Search(
        DefectKind.UNFINISHED,
        _UNFINISHED,
        ("fixme", "tbd", "tbc", "todo", "xx", "lorem ipsum", "dolor sit amet", " here"),
    ),
    Search(
        DefectKind.EXAMPLE_HOST,
        _EXAMPLE_HOST,
        (
            *("localhost", "127.0.0.1", "0.0.", "example", "invalid", ".test"),
            *("your-", "yourdomain", "yoursite", "yourcompany", "yourwebsite", "yourbrand", "yourlink"),
            *("my-", "mydomain", "mysite", "domain.", "website.", "staging"),
        ),
    ),
)
"""The searches in texts and values."""
SEARCHES_OF_TEXTS: Final = (
    Search(
        DefectKind.MISSING_VALUE,
        _MISSING_IN_TEXT,
        ("undefined", "nan", "invalid date", "[object", "#", "none", "null", "n/a"),
    ),
    Search(DefectKind.TEMPLATE, _VARIABLE, ("$",)),
    Search(DefectKind.PLACEHOLDER, _GREETED, ("xxx", "__", "(")),
    Search(DefectKind.TEST_TEXT, _TEST_TEXT, ("test", "template", "prueba", "prova")),
)


def leftovers_in_text(text: str) -> Iterator[Defect]:
    """Yield the first leftover of each kind in a text that people read, and each part once."""
    found: list[Defect] = []
    for defect in _leftovers_in_text(text):
        end = defect.offset + len(defect.text)
        overlaps = any(one.offset < end and defect.offset < one.offset + len(one.text) for one in found)
        if not overlaps and all(one.kind is not defect.kind for one in found):
            found.append(defect)
            yield defect


def _leftovers_in_text(text: str) -> Iterator[Defect]:
    yield from _found(SEARCHES_OF_TEXTS, _without_drill(text))
    if (match := _empty_greeting(text)) is not None:
        yield Defect(DefectKind.EMPTY_GREETING, "", match.group(), match.start())
    yield from _leftovers_of_both(text)


def _without_drill(text: str) -> str:
    """Return a text in the same length, without the words of a test if it is about a drill."""
    if _THIS_IS_A_TEST.search(text) is None or _DRILL.search(text) is None:
        return text
    return _THIS_IS_A_TEST.sub(lambda match: "_" * len(match.group()), text)


def has_empty_greeting(text: str) -> bool:
    """Return whether a text has a greeting without a name, such as `Hi ,`."""
    return _empty_greeting(text) is not None


def leftovers_in_value(value: str) -> Iterator[Defect]:
    """Yield the first leftover of each kind in the value of a tag."""
    if (missing := _missing_value(value)) is not None:
        yield Defect(DefectKind.MISSING_VALUE, missing, missing, 0)
        return
    if _FIELD_NAME.fullmatch(value.strip()):
        yield Defect(DefectKind.PLACEHOLDER, "", value, 0)
        return
    if (tag := _TAG.search(value)) is not None:
        yield Defect(DefectKind.TEMPLATE, "", tag.group(), tag.start())
        return
    if _TEST_VALUE.fullmatch(value.strip()):
        yield Defect(DefectKind.TEST_VALUE, "", value, 0)
    if _QUOTED.fullmatch(value.strip()):
        yield Defect(DefectKind.QUOTED, "", value, 0)
    yield from _leftovers_of_both(value)


def _empty_greeting(text: str) -> re.Match[str] | None:
    return _EMPTY_GREETING.search(text) if _SPACE_BEFORE_COMMA.search(text) else None


def _found(searches: Iterable[Search], text: str) -> Iterator[Defect]:
    # Outside ASCII, a pattern that ignores case also matches letters such as the long s.
    # The character that hides names of tags is not a letter.
    lowered = text.lower() if text.replace(HIDDEN, "").isascii() else None
    for kind, pattern, needles in searches:
        if lowered is not None and not any(map(lowered.__contains__, needles)):
            continue
        if match := pattern.search(text):
            yield Defect(kind, "", match.group(), match.start())


def _leftovers_of_both(text: str) -> Iterator[Defect]:
    yield from _found(SEARCHES_OF_BOTH, text)
    if (placeholder := next(placeholders(text), None)) is not None:
        yield Defect(DefectKind.PLACEHOLDER, "", placeholder.group(), placeholder.start())
    for match in _ENTITY.finditer(text):
        if match[1] is None or _is_entity(match[1]):
            yield Defect(DefectKind.HTML_ENTITY, "", match.group(), match.start())
            break
    if not text.isascii() and (pair := next(mojibake(text), None)):
        yield Defect(DefectKind.WRONG_ENCODING, "", pair.group(), pair.start())


def _is_entity(name: str) -> bool:
    from html.entities import html5  # noqa: PLC0415 - its import takes 2 ms, and most texts have no ampersand

    return f"{name};" in html5


def _missing_value(value: str) -> str | None:
    """Return a program's name of a missing value, if `value` is it or a full name that contains it."""
    value = value.strip()
    if value in MISSING_VALUES:
        return value
    words = value.split()
    if not 1 < len(words) <= _WORDS_MAX:
        return None
    missing = [word for word in words if word in MISSING_WORDS]
    names = [word for word in words if word not in MISSING_WORDS]
    if not missing or not all(name[:1].isupper() or name[:1].isdigit() for name in names):
        return None
    # In a list of capitals, NULL may be a surname.
    return None if names and missing == ["NULL"] and value.isupper() else missing[0]
