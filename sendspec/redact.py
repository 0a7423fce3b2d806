"""Redaction of secrets, phone numbers and e-mail addresses before text is printed or stored.

sendspec's own messages contain ids, digests and paths, so a number in them is masked only if it is a
word. Text of others (answers of the vendor) has no such ids, so every run of digits in it is masked.
"""

from __future__ import annotations

import base64
import json
import re
import string
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

from sendspec.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MASK: Final = "•"
SECRET: Final = "[secret]"  # noqa: S105 - the replacement, not a secret
EMAIL: Final = "[email]"
VALUE: Final = MASK * 3
"""The replacement of a value of the request that an answer is about."""

_RUN_LENGTH: Final = 12
"""Characters of a secret that are masked wherever they occur together: an answer may cut it anywhere."""
_SECRET_LENGTH_MIN: Final = 4
_WORD_LENGTH_MAX: Final = 5
"""A shorter value of a request is masked only as a word, because it may be a part of other words."""

_CLOCK: Final = r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:\s?[AaPp][Mm])?(?:Z|\s?[+-]\d\d:\d\d)?(?![\d:])"
_MONTH_DAY: Final = r"(?:0?[1-9]|1[0-2])(?P<{0}>[-/.])(?:0?[1-9]|[12]\d|3[01])"
_DAY_MONTH: Final = r"(?:0?[1-9]|[12]\d|3[01])(?P<{0}>[-/.])(?:0?[1-9]|1[0-2])"
_YEAR: Final = r"(?:19|20)\d\d"
_UUID: Final = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])"
_KEPT: Final = lazy_pattern(
    rf"""(?<!\w)(?<!\d[.,/-])(?:
        {_UUID}
        |(?:{_YEAR}(?P<first>[-/.])(?:0[1-9]|1[0-2])(?P=first)(?:0[1-9]|[12]\d|3[01])
           |{_MONTH_DAY.format("second")}(?P=second){_YEAR}
           |{_DAY_MONTH.format("third")}(?P=third){_YEAR}
         )(?!\d)(?![-/.]\d)(?:(?:T|\s){_CLOCK})?
        |{_CLOCK}
    )""",
    re.VERBOSE,
)
"""UUIDs, dates and times of day: groups of digits that are not phone numbers."""

_NUMBER: Final = lazy_pattern(
    r"""(?<![\w.-])              # not part of an id or a decimal
        \+?\d(?:[ ().-]{0,2}\d){9,14}
        (?![\w-])""",
    re.VERBOSE,
)
_NOTED_NUMBER: Final = lazy_pattern(
    rf"""(?<![\w.=/\#-])                         # not part of an id or of a link
        (?:\+\(?\d(?:[\s().\u2010-\u2015/-]{{0,3}}\d){{6,14}}
        |\(?[2-9]\d\d(?:\)\s?|[\s.-])\d{{3}}[\s.-]\d{{4}}
        |(?!{_YEAR}\D(?:0[1-9]|1[0-2])\D|{_YEAR}(?:\D{{1,3}}{_YEAR})+(?!\d))
            \d(?:[ ().-]{{0,2}}\d){{9,14}})
        (?![\w-])""",
    re.VERBOSE,
)
"""Numbers in notes of people: with `+`, in American notation, or ten digits or more, but not dates."""
_DIGITS: Final = lazy_pattern(r"\d(?:(?:[\s()./_\u2010-\u2015+-]|%[0-9A-Fa-f]{2}){0,3}\d){7,}")
"""Eight or more digits with what separates the groups of a number, percent-encoded or not."""

_EMAIL: Final = lazy_pattern(r"[\w.!#$&'*+/=?^`{|}~-]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63})+")
_BEARER: Final = lazy_pattern(r"(?i)(bearer\s+|token provided was:\s*)\S+")
_USERINFO: Final = lazy_pattern(r"(?<=://)[^/@\s]+(?=@)")
_SHAPE: Final = frozenset("PSZ")
"""Categories of Unicode of which no name consists: punctuation, symbols and spaces."""
_INVISIBLE: Final = frozenset({"Cc", "Cf"})
_VARIATION_SELECTORS: Final = "\ufe0e\ufe0f"
_WIDTHS: Final = frozenset({"FULLWIDTH", "HALFWIDTH"})
_VISIBLE_START: Final = 4
_VISIBLE_END: Final = 2
_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
"""Lower case of ASCII letters, which keeps every position of a text."""


def mask_number(number: str) -> str:
    """Return a masked phone number such as `1949•••••04`.

    The first four digits (country and area) and the last two stay readable, so that a person can find
    the row. A number of less than eight digits is masked completely.
    """
    digits = "".join(digit for digit in number if digit.isdigit())
    if len(digits) < _VISIBLE_START + _VISIBLE_END + 2:
        return MASK * max(len(number.strip()), 1)
    hidden = len(digits) - _VISIBLE_START - _VISIBLE_END
    return digits[:_VISIBLE_START] + MASK * hidden + digits[-_VISIBLE_END:]


def is_typography(character: str) -> bool:
    """Return whether a character is punctuation, a symbol, a space or invisible, so not part of a name.

    Variation selectors are too, because emoji have them.
    """
    category = unicodedata.category(character)
    return category[0] in _SHAPE or category in _INVISIBLE or character in _VARIATION_SELECTORS


def script_of(character: str) -> str:
    """Return the script of a letter by its name in Unicode, such as `Han` or `Latin`; '' if it has none."""
    words = [word for word in unicodedata.name(character, "").split() if word not in _WIDTHS]
    if unicodedata.category(character)[0] != "L" or not words or words[0] == "MODIFIER":
        return ""
    return "Han" if words[0] == "CJK" else words[0].capitalize()


def mask_note(note: str) -> str:
    """Return a note of a person with masked phone numbers; dates, years and ids of tickets stay."""
    return _outside_dates(note, _NOTED_NUMBER)


def excerpt(text: str, length_max: int) -> str:
    """Return the first characters of a text for a message, with masked phone numbers.

    A number is masked before the cut, because a part of a number does not look like one any more.
    """
    masked = Redactor()(text)
    return masked if len(masked) <= length_max else f"{masked[:length_max]}…"


def mask_value(value: str) -> str:
    """Return the value of a tag with each letter and digit masked: `•••••-•••, ••`.

    Its length, spaces, punctuation and symbols stay, so that a person sees what the text looks like.
    """
    if value.isalpha():
        return MASK * len(value)
    return "".join([char if unicodedata.category(char)[0] in _SHAPE else MASK for char in value])


@dataclass(frozen=True, slots=True)
class Redactor:
    """Masks known secrets, bearer tokens, users of URLs and possible phone numbers in text.

    `secrets` are the credentials and tokens of this run. They are masked in every usual encoding, and
    so is every run of 12 characters of one. A secret of less than four characters is ignored, because
    it would mask parts of ordinary words.
    """

    secrets: tuple[str, ...] = field(default=(), repr=False)
    _spellings: tuple[str, ...] = field(default=(), init=False, repr=False, compare=False)
    _runs: frozenset[str] = field(default=frozenset(), init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compute the spellings of the secrets once, because many texts are masked."""
        spellings = {spelling for secret in self.secrets for spelling in _encodings(secret)}
        longest_first = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))
        object.__setattr__(self, "_spellings", tuple(longest_first))
        object.__setattr__(self, "_runs", frozenset(run for text in spellings for run in _runs_of(text)))

    def __call__(self, text: str) -> str:
        """Return a message of sendspec without secrets and with masked phone numbers."""
        return _outside_dates(self._without_secrets(text), _NUMBER)

    def foreign(self, text: str, personal: Iterable[str] = (), public: Iterable[str] = ()) -> str:
        """Return text of another system without secrets, numbers, e-mail addresses and `personal` values.

        Values match in any case, and in the encodings of JSON, URLs and HTML. `public` are ids, which
        stay readable although they may look like a number.
        """
        text = _without_values(self._without_secrets(text), personal)
        text = _EMAIL.sub(EMAIL, text)
        parts = _split(text, [identifier for identifier in public if identifier])
        return "".join(part if is_public else _outside_dates(part, _DIGITS) for part, is_public in parts)

    def with_secret(self, secret: str) -> Redactor:
        """Return a redactor that also masks `secret`."""
        return self if secret in self.secrets else Redactor((*self.secrets, secret))

    def _without_secrets(self, text: str) -> str:
        if self._spellings:
            text = _cover(text, _secret_spans(text.translate(_LOWER), self._spellings, self._runs), SECRET)
        text = _BEARER.sub(rf"\1{SECRET}", text)
        return _USERINFO.sub(SECRET, text)


def _encodings(secret: str) -> Iterator[str]:
    """Yield the spellings of a secret in lower case, as far as they are long enough to be masked."""
    raw = secret.encode(errors="surrogatepass")
    spellings = {secret, raw.hex(), "".join(f"%{byte:02x}" for byte in raw), *_spellings(secret)}
    for offset in range(3):
        # In base64 the characters of a text depend on its position in a group of three bytes.
        encoded = base64.b64encode(bytes(offset) + raw)
        inner = encoded[-(-offset * 8 // 6) : (offset + len(raw)) * 8 // 6].decode()
        spellings |= {inner, inner.translate(str.maketrans("+/", "-_"))}
    return (spelling.translate(_LOWER) for spelling in spellings if len(spelling) >= _SECRET_LENGTH_MIN)


def _spellings(value: str) -> set[str]:
    """Return a value as JSON, URLs and HTML may write it."""
    import html  # noqa: PLC0415 - its import takes 2 ms, and most commands print no answer of the vendor

    in_json = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    in_urls = {
        quote(value, errors="replace"),
        quote(value, "", errors="replace"),
        quote_plus(value, errors="replace"),
    }
    return {
        value,
        *in_json,
        *(spelling.replace("/", "\\/") for spelling in in_json),
        *in_urls,
        html.escape(value),
    }


def _runs_of(text: str) -> Iterator[str]:
    return (text[start : start + _RUN_LENGTH] for start in range(len(text) - _RUN_LENGTH + 1))


def _secret_spans(text: str, spellings: Iterable[str], runs: frozenset[str]) -> Iterator[tuple[int, int]]:
    for spelling in spellings:
        start = text.find(spelling)
        while start >= 0:
            yield start, start + len(spelling)
            start = text.find(spelling, start + 1)
    if runs:
        for start, run in enumerate(_runs_of(text)):
            if run in runs:
                yield start, start + _RUN_LENGTH


def _cover(text: str, spans: Iterable[tuple[int, int]], replacement: str) -> str:
    """Return `text` with each union of overlapping spans replaced."""
    parts: list[str] = []
    end = 0
    for start, stop in _union(spans):
        parts += (text[end:start], replacement)
        end = stop
    return "".join((*parts, text[end:]))


def _union(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    current: tuple[int, int] | None = None
    for start, stop in sorted(spans):
        if current is None or start >= current[1]:
            if current is not None:
                yield current
            current = start, stop
        else:
            current = current[0], max(current[1], stop)
    if current is not None:
        yield current


def _without_values(text: str, values: Iterable[str]) -> str:
    folded = text.casefold()
    present = {
        spelling
        for value in values
        if len(value) > 1 or not value.isascii()
        for spelling in _spellings(value.strip())
        if spelling and spelling.casefold() in folded
    }
    if not present:
        return text
    longest_first = sorted(present, key=lambda spelling: (-len(spelling), spelling))
    pattern = "|".join(map(_value_pattern, longest_first))
    return re.sub(pattern, lambda match: _masked_value(match.group()), text, flags=re.IGNORECASE)


def _value_pattern(value: str) -> str:
    word = len(value) <= _WORD_LENGTH_MAX
    return rf"(?<![^\W_]){re.escape(value)}(?![^\W_])" if word else re.escape(value)


def _masked_value(value: str) -> str:
    return mask_number(value) if value.isdecimal() else VALUE


def _split(text: str, exact: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield the parts of `text`, each with whether it is one of `exact`, not within a longer number."""
    pattern = "|".join(map(re.escape, sorted(exact, key=len, reverse=True)))
    end = 0
    for match in re.finditer(rf"(?<!\d)(?:{pattern})(?!\d)", text) if pattern else ():
        yield text[end : match.start()], False
        yield match.group(), True
        end = match.end()
    yield text[end:], False


def _outside_dates(text: str, number: re.Pattern[str]) -> str:
    """Return `text` with each number masked that does not touch a date, a time or a UUID."""
    parts: list[str] = []
    end = 0
    for match in _KEPT.finditer(text):
        parts += (_mask(text[end : match.start()], number), match.group())
        end = match.end()
    return "".join((*parts, _mask(text[end:], number)))


def _mask(text: str, number: re.Pattern[str]) -> str:
    return number.sub(lambda match: mask_number(match.group()), text)
