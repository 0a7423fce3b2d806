"""Messages for syntax errors of libyaml, in terms of the YAML that a person wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sendspec.load.yaml_tree import Mark

_MessageAndHint = tuple[str, str | None]

_QUOTE: Final = "put quotes around the value"
_INDENT: Final = "check the indentation, and whether a value with quotes in it is quoted as a whole"
_NO_DIRECTIVES: Final = "remove the lines that start with %"

_CHECK_SYNTAX: Final = "check quotes, brackets and indentation"

_MESSAGES: Final[tuple[tuple[str, str, str | None], ...]] = (
    (
        "mapping values are not allowed",
        "a colon is not expected here",
        f"{_QUOTE} that contains a colon, or check the indentation",
    ),
    (
        "did not find expected ',' or ']'",
        "the list in brackets is not closed",
        "write ] after its last entry",
    ),
    (
        "did not find expected ',' or '}'",
        "the mapping in braces is not closed",
        'write } after its last entry; a template needs quotes: "{{ name }}"',
    ),
    ("did not find expected '-' indicator", "this line does not continue the list above it", _INDENT),
    ("did not find expected key", "this does not continue the mapping above it", _INDENT),
    (
        "did not find expected node content",
        "a value is expected here",
        f"{_QUOTE} that starts with a special character",
    ),
    ("found unexpected end of stream", "these quotes are never closed", "close them"),
    ("found unexpected document indicator", "these quotes are never closed", "close them"),
    ("found unknown escape character", "this escape is not known", "use single quotes to keep a backslash"),
    ("invalid Unicode character escape", "this escape is not a character", "write the character itself"),
    (
        "could not find expected ':'",
        "a colon is missing after the key",
        "add the colon, or remove the line",
    ),
    ("found unexpected ':'", "a colon is not expected here", f"{_QUOTE} that contains a colon"),
    ("tab character", "a tab cannot indent", "use spaces"),
    ("block sequence entries", "a list entry is not expected here", "start the list on its own line"),
    ("found incompatible YAML document", "this version of YAML is not supported", _NO_DIRECTIVES),
    ("found unknown directive", "YAML directives are not allowed", _NO_DIRECTIVES),
    ("alphabetic or numeric character", "a value cannot start with * or &", _QUOTE),
    (
        "expected comment or line break",
        "text cannot start on the line of | or >",
        "start it on the next line",
    ),
)
_SPECIAL: Final = "found character that cannot start any token"
_STARTS_AT_CONTEXT: Final = frozenset(
    {"found unexpected end of stream", "found unexpected document indicator", "could not find expected ':'"}
)
"""Errors that are reported where the construct starts instead of where the parser stopped."""


def describe_error(error: Any, text: str) -> tuple[str, str | None, Mark | None]:
    """Return message, hint and place of an error of libyaml in `text`; None is an unknown place."""
    problem = getattr(error, "problem", None) or ""
    mark = getattr(error, "context_mark" if problem in _STARTS_AT_CONTEXT else "problem_mark", None)
    if mark is None:
        return "this is not YAML", _CHECK_SYNTAX, None
    if problem == _SPECIAL:
        return *_special(text[mark.index : mark.index + 1]), mark
    for pattern, message, hint in _MESSAGES:
        if pattern in problem:
            return message, hint, mark
    return f"this is not YAML: {problem}", _CHECK_SYNTAX, mark


def _special(character: str) -> _MessageAndHint:
    if character == "\t":
        return "a tab cannot indent", "use spaces"
    return f"a value cannot start with {character!r}", _QUOTE
