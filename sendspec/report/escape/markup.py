"""Markup: text of a medium that has syntax, made only from literals of the code and from escaped text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from decimal import Decimal
from string import Formatter
from typing import TYPE_CHECKING, Any, Final, LiteralString, Self

from sendspec.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

_CODE: Final = lazy_pattern(r"(?<![^\s(])`([^`\s](?:[^`\n]*[^`\s])?)`(?![0-9A-Za-z_`])")


@dataclass(frozen=True, slots=True)
class Markup(ABC):
    """Text in the syntax of a medium; `source` is for the writer of the file, at its end.

    It is not a `str`, so that no f-string and no `join` can mix it with untrusted text.
    """

    source: str

    @classmethod
    @abstractmethod
    def text(cls, text: str) -> Self:
        """Return untrusted text that the medium shows as it is."""

    @classmethod
    @abstractmethod
    def code(cls, text: str) -> Self:
        """Return untrusted text as code within a line."""

    @classmethod
    def prose(cls, sentence: str) -> Self:
        """Return a sentence of sendspec, in which text between two backticks is code: run `sendspec plan`.

        The sentence may contain untrusted values. They are only shown, at worst as code.
        """
        parts = enumerate(_CODE.split(sentence))
        return cls("".join((cls.code(part) if at % 2 else cls.text(part)).source for at, part in parts))

    @classmethod
    def of(cls, template: LiteralString, /, *values: Any, **named: Any) -> Self:
        """Return a literal of the code, with `{}` and `{name}` as in `str.format`.

        Each value is escaped as `text`, unless it is markup of this medium, or a number.

        Raises:
            TypeError: a value is markup of another medium.
        """
        return cls(_Template(cls).vformat(template, values, named))

    @classmethod
    def join(cls, separator: LiteralString, parts: Iterable[Self]) -> Self:
        """Return the parts with a literal of the code between them."""
        return cls(separator.join(part.source for part in parts))

    def between(self, parts: Iterable[Self]) -> Self:
        """Return the parts with this markup between them."""
        return type(self)(self.source.join(part.source for part in parts))

    @property
    def size(self) -> int:
        """The number of bytes in UTF-8."""
        return len(self.source.encode())

    def __add__(self, other: Self) -> Self:
        if type(other) is not type(self):
            return NotImplemented
        return type(self)(self.source + other.source)

    def __bool__(self) -> bool:
        return bool(self.source)

    def __str__(self) -> str:
        raise TypeError("markup is not a string; use `of`, `join` or `source`")


class _Template(Formatter):
    def __init__(self, markup: type[Markup]) -> None:
        self._markup = markup

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, self._markup):
            return value.source
        if isinstance(value, Markup):
            raise TypeError(f"{type(value).__name__} cannot be a part of {self._markup.__name__}")
        shown = format(value, format_spec)
        is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        return shown if is_number else self._markup.text(shown).source
