"""Sections of a report that fit into a budget of bytes; what does not fit is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from sendspec.report.escape.markdown import Markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

_BREAK: Final = Markdown("\n\n")


class Section(Struct, frozen=True):
    """A section: what comes before its items and after them, and how an omission is counted.

    `share` is the part of the budget that it may take before the other sections have theirs. `noun` and
    `plural` name its items, such as `send`. `separator` is between items.
    """

    title: Markdown
    items: tuple[Markdown, ...]
    noun: str
    share: float
    plural: str = ""
    end: Markdown = field(default=Markdown(""))
    separator: Markdown = field(default=Markdown("\n"))

    def render(self, shown: int) -> Markdown:
        """Return the section with its first items, and a sentence that counts the others."""
        parts = [self.title, _join(self.separator, self.items[:shown])] if shown else [self.title]
        if shown < len(self.items):
            parts.append(_BREAK + self._rest(len(self.items) - shown))
        return _join(Markdown(""), [*parts, self.end])

    def _rest(self, count: int) -> Markdown:
        noun = self.noun if count == 1 else self.plural or f"{self.noun}s"
        return Markdown.of("**{:,} more {}**: see the page, or `sendspec plan --full`.", count, noun)


def fit(head: Markdown, sections: Sequence[Section], foot: Markdown, budget: int) -> Markdown:
    """Return a document of at most `budget` bytes in UTF-8, unless head and counts alone are longer.

    Sections grow in their order, each to its share; a second pass gives them what is left.
    """
    shown = [0] * len(sections)
    sizes = [section.render(0).size for section in sections]
    left = budget - head.size - foot.size - sum(sizes) - _BREAK.size * (len(sections) + 1)
    for caps in ([int(budget * section.share) for section in sections], [budget] * len(sections)):
        for index, section in enumerate(sections):
            count, size = _grow(section, shown[index], sizes[index], min(caps[index], sizes[index] + left))
            left -= size - sizes[index]
            shown[index], sizes[index] = count, size
    rendered = [section.render(count) for section, count in zip(sections, shown, strict=True)]
    return _join(_BREAK, [head, *rendered, foot])


def _grow(section: Section, shown: int, size: int, limit: int) -> tuple[int, int]:
    """Return how many items fit into `limit` bytes, at least `shown`, and the size of the section then."""
    low, high = shown, len(section.items)
    best = (shown, size)
    while low < high:
        middle = (low + high + 1) // 2
        found = section.render(middle).size
        if found <= limit:
            low, best = middle, (middle, found)
        else:
            high = middle - 1
    return best


def _join(separator: Markdown, parts: Sequence[Markdown]) -> Markdown:
    return separator.between(parts)
