"""Defects of texts and values: their kinds, and their occurrences in one audience."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from sendspec.model.locations import Location


class DefectKind(StrEnum):
    """The kinds of defects; the values are reason codes of the rules."""

    TEMPLATE = "template"
    """A template expression that was not filled: `{{ name }}`, `{name}`, `${X}`."""
    PLACEHOLDER = "placeholder"
    """A placeholder that was not replaced: `[NAME]`, `<DATE>`, or an HTML tag."""
    MISSING_VALUE = "missing-value"
    """A program's name of a missing value: `None`, `nan`, `NULL`, `#N/A`, `undefined`."""
    WRONG_ENCODING = "wrong-encoding"
    """Text that was decoded with the wrong encoding: `FranÃ§ois`."""
    HTML_ENTITY = "html-entity"
    """An HTML entity: `O&#39;Neil`."""
    UNFINISHED = "unfinished"
    """A note that the text is not finished: `TODO:`, `TBD`, `Lorem ipsum`."""
    ESCAPE = "escape"
    """An escape that no program replaced: a backslash and n."""
    TEST_TEXT = "test-text"
    """A text that says that it is a test or a template."""
    TEST_VALUE = "test-value"
    """A value that people write for a test: `test`, `asdf`."""
    EXAMPLE_HOST = "example-host"
    """A host that no recipient can reach: `localhost`, `example.com`."""
    EMPTY_GREETING = "empty-greeting"
    """A greeting without a name: `Hi ,`."""
    QUOTED = "quoted"
    """A value that is whole in quotes: `'Ann'`, `“Ann”`."""
    INVISIBLE = "invisible"
    """A character that a reader cannot see."""
    PHONE_NUMBER = "phone-number"
    """A value that is a phone number, in a tag for something else."""
    EMAIL_ADDRESS = "email-address"
    """A value that is an e-mail address, in a tag for something else."""
    LINE_BREAK = "line-break"
    """A value with a line break."""
    SHORTENER = "shortener"
    """A link of a public shortener, which is the label."""
    HTTP = "http"
    """A link that is not encrypted."""
    HIDDEN_ROWS = "hidden-rows"
    """A cell whose later lines look like contacts."""


class ValueDefect(Struct, frozen=True):
    """One kind of defect in the values of one tag: a count, and the locations of the first three.

    `label` is from a closed set, such as `U+200B` or `NULL`, so it contains no personal data. `tag` is
    '' if the defect is in a column that fills no tag.
    """

    kind: DefectKind
    label: str
    tag: str
    count: int
    locations: tuple[Location, ...]
