"""Names of brands in a text, however it writes them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from sendspec.lazy_pattern import lazy_pattern
from sendspec.text_content.letters import without_accents

_TOKEN: Final = lazy_pattern(r"[^\W_]+|[&+]")
_BETWEEN: Final = r"[\W_]{0,3}"
_AND: Final = r"[\W_]{0,3}(?:[&+]|(?<![^\W_])(?:and|und|et|y|e|en|n)(?![^\W_]))[\W_]{0,3}"


def names_brand(text: str, brand: str) -> bool:
    """Return whether a text has the name of a brand as a word, without its case, accents and spaces.

    `L'Oréal` is also `LOREAL` and `L Oreal`, and `Johnson & Johnson` is `Johnson and Johnson`. A host
    counts: `acme.com` names Acme.
    """
    return _pattern(brand).search(without_accents(text).casefold()) is not None


@lru_cache(maxsize=256)
def _pattern(brand: str) -> re.Pattern[str]:
    plain = without_accents(brand).casefold()
    tokens = _TOKEN.findall(plain)
    if not any(token.isalnum() for token in tokens):
        return re.compile(re.escape(plain))
    pattern = ""
    for before, token in zip(["", *tokens], tokens, strict=False):
        if token.isalnum():
            pattern += (_BETWEEN if before.isalnum() else "") + re.escape(token)
        elif before.isalnum():
            pattern += _AND
    return re.compile(rf"(?<![^\W_]){pattern}(?![^\W_])")
