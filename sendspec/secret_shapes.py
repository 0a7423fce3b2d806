"""Credentials in texts: tokens with the shape of an issuer, keys with a secret value, URIs with a password.

Sources of the shapes, as of 2026-11: GitHub, "About authentication to GitHub" (prefixes of tokens); GitLab,
"Token overview"; AWS, "IAM identifiers" (unique ID prefixes); Slack, "Tokens"; Stripe, "API keys"; Google,
API keys and OAuth client secrets; RFC 7519 (JWT); RFC 7468 (PEM); RFC 3986, 3.2.1 (user information).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LENGTH_MIN: Final = 8
"""A shorter value of the environment may be part of any text."""

_ISSUERS: Final[Mapping[str, str]] = {
    "github": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})\b",
    "gitlab": r"\bglpat-[\w-]{20,}",
    "aws": r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
    "slack": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|hooks\.slack\.com/services/T\w+/B\w+/\w+",
    "stripe": r"\b(?:[sr]k_(?:live|test)|whsec)_[A-Za-z0-9]{16,}",
    "google": r"\bAIza[\w-]{35}(?![\w-])|\bya29\.[\w-]{20,}|\bGOCSPX-[\w-]{20,}",
    "sendgrid": r"\bSG\.[\w-]{16,32}\.[\w-]{16,64}",
    "npm": r"\bnpm_[A-Za-z0-9]{36}\b",
    "pypi": r"\bpypi-AgE[\w-]{40,}",
    "jwt": r"\beyJ[\w-]{8,300}\.eyJ[\w-]{8,}\.[\w-]{8,}",
    "pem": r"-{5}B\w{4} (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----",
}
_ISSUED: Final = lazy_pattern("|".join(f"(?P<{name}>{pattern})" for name, pattern in _ISSUERS.items()))
_KEYS: Final = (
    r"(?:client|app|consumer|shared|webhook|signing)[_-]?secret|secret[_-]?(?:access[_-]?)?key|secret"
    r"|(?:refresh|access|auth|bearer|api|id|session|private)[_-]?token|token|bearer"
    r"|(?:api|private|access|encryption|signing|auth)[_-]?key|password|passwd|passphrase|pwd|credentials?"
)
_OF_KEY: Final = lazy_pattern(
    rf"""(?:^[ \t]*(?:-[ ]+)?|[{{,][ \t]*|[#][ \t]*)(?:export[ ]+)?["']?
    (?P<key>(?:\w+[_-])?(?:{_KEYS}))["']?[ \t]*[:=][ \t]*
    (?:"(?P<double>[^"\n]*)"|'(?P<single>[^'\n]*)'|(?P<plain>[^\s,}}\]"'#][^\s,}}\]]*))
    [ \t]*(?=$|[,}}\]]|[ \t][#])""",
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_CLEAR_KEY: Final = lazy_pattern(
    r"(?i)(?:client|app|consumer|shared|webhook|signing)[_-]?secret|(?:refresh|access|auth|bearer|session)[_-]?token"
    r"|(?:api|private|access|encryption|signing)[_-]?key"
)
"""A key whose value is a credential, also if it is short or looks like a word."""

_WORD_KEY: Final = lazy_pattern(r"(?i)passw|passphrase|pwd|secret")
_MIXED: Final = lazy_pattern(r"(?=.*[0-9])(?=.*[A-Za-z])[^/].*")
_RANDOM: Final = lazy_pattern(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9+/_=-]{20,}")
_URI: Final = lazy_pattern(
    r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/?#@:\"'<>{}]*:(?P<password>[^\s/?#@\"'<>{}]{4,})@"
    r"(?!(?:[\w-]+\.)*example\.(?:com|net|org)\b)",
    re.IGNORECASE,
)
_PLACEHOLDER: Final = lazy_pattern(
    r"(?i)[x*.•_-]+|\$\w+|\$[({].*|<.*|%.*|\{.*|your[_-].*|my[_-].*|(?:the[_-])?(?:pass(?:word|wd|phrase)?|secret|token|pwd|key)"
    r"|user(?:name)?|changeme|change[_-]me|example\w*|placeholder|redacted|todo|none|null|true|false|yes|no|off|on|~"
)
_EXAMPLE: Final = "EXAMPLE"
"""A part of the credentials in the documentation of AWS, which are not valid."""

_ID: Final = lazy_pattern(
    r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?:sha(?:1|256|512)|scrypt|md5)[:-].*|[0-9]+"
)
_CLEAR_LENGTH_MIN: Final = 6
_BITS_MIN: Final = 3.5


class ShapedSecret(NamedTuple):
    """A credential in a text: its offset, a reason of the rule `secret-in-spec`, and a name without value."""

    offset: int
    reason: str
    name: str


def secrets_in_text(text: str) -> Iterator[ShapedSecret]:
    """Yield what is shaped like a credential in a text, at most one of each place, in any order."""
    spans: list[tuple[int, int]] = []
    for match in _ISSUED.finditer(text):
        spans.append(match.span())
        if _EXAMPLE in match.group():
            continue
        yield ShapedSecret(match.start(), "known-shape", str(match.lastgroup))
    for match in _URI.finditer(text) if "://" in text else ():
        if not _is_placeholder(match["password"]) and not _touches(match, spans):
            spans.append(match.span())
            yield ShapedSecret(match.start(), "password-in-uri", "")
    for match in _OF_KEY.finditer(text):
        group = next(name for name in ("double", "single", "plain") if match[name] is not None)
        if _is_secret(match["key"], match[group]) and not _touches(match, spans):
            yield ShapedSecret(match.start(group), "secret-key", match["key"])


def _touches(match: re.Match[str], spans: list[tuple[int, int]]) -> bool:
    return any(start < match.end() and match.start() < end for start, end in spans)


def _is_placeholder(value: str) -> bool:
    return _EXAMPLE in value or _PLACEHOLDER.fullmatch(value) is not None


def _is_secret(key: str, value: str) -> bool:
    """Return whether the value of a key is a credential, not a placeholder, an id or a sentence."""
    if (
        not value
        or " " in value
        or "{{" in value
        or "%%" in value
        or _is_placeholder(value)
        or _ID.fullmatch(value)
    ):
        return False
    if _CLEAR_KEY.search(key) or (_WORD_KEY.search(key) and _MIXED.fullmatch(value)):
        return len(value) >= _CLEAR_LENGTH_MIN
    return _RANDOM.fullmatch(value) is not None and _bits_per_character(value) >= _BITS_MIN


def _bits_per_character(text: str) -> float:
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)
