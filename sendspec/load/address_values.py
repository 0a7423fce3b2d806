"""Values of a matrix: their text in addresses, the key by which they are compared, and refused characters.

An address is the identity of a send, so two values that people cannot distinguish must not differ in it.
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Final

from sendspec.load.yaml_scalars import UnsupportedNumber, resolve_scalar

_LOOKALIKE_SCRIPTS: Final = frozenset(
    {"LATIN", "CYRILLIC", "GREEK", "COPTIC", "ARMENIAN", "CHEROKEE", "LISU"}
)
"""Scripts with letters that look like Latin ones. Source: Unicode Technical Standard 39, confusables."""
_LATIN_TWINS: Final = frozenset("АВЕЅІЈКМНОРСТУХҮԌԚԜаеѕіјорсухһԁԛԝӏүѵΑΒΕΖΗΙΚΜΝΟΡΤΥΧοορνικυχαɑɡɩʟ")
"""Letters of other scripts that look like Latin ones. Source: Unicode Technical Standard 39, confusables."""
_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Me", "Zl", "Zp", "Pd", "Pi", "Pf"})
"""Characters that are invisible, unassigned, or variants of the hyphen and the quote of ASCII."""
_IGNORABLE: Final = frozenset(
    map(chr, (0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x2044, 0x2212, 0x2215, 0x3164))
) | frozenset(map(chr, range(0xFE00, 0xFE10)))
"""Characters of other categories that are invisible, or look like - and /.

Source: Default_Ignorable_Code_Point in Unicode's DerivedCoreProperties.
"""


def value_text(text: str) -> str:
    """Return the text of a value in an address: Unicode normalisation form C."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def value_key(text: str) -> str:
    """Return the same key for all spellings of one value: `1`, `1.0` and `"1"`, in either Unicode form."""
    try:
        value = resolve_scalar(text) if text else text
    except UnsupportedNumber:
        value = text
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{Decimal(text).normalize():f}" if value else "0"
    return value_text(text)


def address_key(address: str) -> tuple[str, tuple[str, ...]]:
    """Return `campaign/send` and the keys of the values of an address."""
    name, _, values = address.partition("[")
    if not name or not values.endswith("]"):
        return address, ()
    return name, tuple(value_key(value) for value in values[:-1].split(","))


def refused_character(text: str) -> str | None:
    """Return the first character that people cannot distinguish from another one, or from nothing."""
    if text.isascii():
        return None
    text = value_text(text)
    return next((character for character in text if _is_refused(character)), None) or _twin(text)


def character_name(character: str) -> str:
    """Return the code point of a character and its name in Unicode."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'without a name')}"


def _is_refused(character: str) -> bool:
    if character.isascii():
        return False
    return (
        unicodedata.category(character) in _REFUSED_CATEGORIES
        or character in _IGNORABLE
        or _name(character).startswith(("COMBINING ", "MODIFIER LETTER "))
        or unicodedata.normalize("NFKC", character) != unicodedata.normalize("NFC", character)
    )


def _twin(text: str) -> str | None:
    """Return a letter that looks like a Latin one, unless the value is a word of one other script.

    A word of another script is a value of its own if it has a letter that Latin does not have.
    """
    letters = [character for character in text if character.isalpha()]
    twins = [letter for letter in letters if letter in _LATIN_TWINS]
    scripts = {_script(letter) for letter in letters} & _LOOKALIKE_SCRIPTS
    if len(scripts) > 1:
        return next(iter(twins), None) or next(letter for letter in letters if _script(letter) != "LATIN")
    if twins and (len(twins) == len(letters) or scripts == {"LATIN"}):
        return twins[0]
    return None


def _script(letter: str) -> str:
    return _name(letter).partition(" ")[0]


def _name(character: str) -> str:
    return unicodedata.name(character, "")
