r"""Layout of a YAML document: its entries with the comments and blank lines that belong to them.

Every entry has its texts as offsets into the document, so that the formatter can move them unchanged. A
comment belongs to the entry on its line, or to the entry below it. Comments after the last entry of a
block belong to the deepest block that is not indented further than they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import Struct, field
from ruamel.yaml import events
from ruamel.yaml.cyaml import CBaseLoader

if TYPE_CHECKING:
    from collections.abc import Sequence

_FILLER: Final = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_COLON: Final = re.compile(r"[ \t]*:")
_END_OF_DOCUMENT: Final = re.compile(r"^\.\.\.", re.MULTILINE)
_MODELINE: Final = re.compile(r"# *(yaml-language-server:|yamllint |vim?:|-\*-)")


class UnusualLayout(ValueError):
    """A document whose entries cannot be moved: explicit keys (`? key`), or a root in braces."""


class Comment(NamedTuple):
    """A comment with its `#`, and the number of blanks before it on its line, or after a value."""

    blanks: int
    text: str


Lines = list[Comment | None]
"""Lines between two entries: comments, and None for a blank line."""


class Scalar(NamedTuple):
    """A scalar with its quotes; `style` is a quote, `|`, `>`, or empty for a plain one."""

    start: int
    end: int
    value: str
    style: str


class Flow(NamedTuple):
    """A list in brackets, or a mapping in braces; the keys of a list are None."""

    start: int
    end: int
    is_mapping: bool
    entries: Sequence[tuple[Scalar | None, Scalar | Flow]]


class Entry(Struct):
    """A key with its value, or an item of a list.

    `own_comment` is on the line of the key if its value starts on a later line, `comment` after the value.
    """

    key: Scalar | None
    start: int
    column: int
    above: Lines = field(default_factory=list)
    value: Node = Scalar(0, 0, "", "")
    own_comment: Comment | None = None
    above_value: Lines = field(default_factory=list)
    comment: Comment | None = None


class Block(Struct):
    """A list or mapping with an entry a line; `foot` has the comments below its last entry."""

    is_mapping: bool
    entries: list[Entry] = field(default_factory=list)
    foot: Lines = field(default_factory=list)


Node = Scalar | Flow | Block


class Layout(NamedTuple):
    """A document: `prolog` before the root and `epilog` after it as they are, and the `header`."""

    prolog: str
    header: Lines
    root: Block
    epilog: str


def read_layout(text: str) -> Layout:
    r"""Return the layout of a document that the parser accepts; its only line break is `\n`.

    Raises:
        UnusualLayout: the entries of the document cannot be moved.
    """
    return _LayoutReader(text).document()


class _LayoutReader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._next_event = CBaseLoader(text).get_event
        self._at = 0
        """The end of what was read."""
        self._last: Entry | None = None
        self._has_value = True
        """Whether the value of the last entry was read."""
        self._ended: list[Block] = []
        """The blocks that ended after the last entry, the innermost first."""

    def document(self) -> Layout:
        self._next_event()  # StreamStartEvent
        start = self._next_event()
        if start.explicit:
            self._at = self._text.find("\n", start.end_mark.index) + 1
        prolog = self._text[: self._at]
        event = self._next_event()
        if not _is_block(event):
            raise UnusualLayout
        root = self._block(event)
        end = _END_OF_DOCUMENT.search(self._text, self._at)
        until = end.start() if end else len(self._text)
        self._assign(until, -1)
        return Layout(prolog, _take_header(root), root, self._text[until:])

    def _block(self, event: Any) -> Block:
        block = Block(isinstance(event, events.MappingStartEvent))
        end = events.MappingEndEvent if block.is_mapping else events.SequenceEndEvent
        while not isinstance(event := self._next_event(), end):
            entry = self._start_entry(event if block.is_mapping else None)
            block.entries.append(entry)
            self._read_value(entry, self._next_event() if block.is_mapping else event)
        self._ended.append(block)
        return block

    def _start_entry(self, key_event: Any) -> Entry:
        start = self._skip_filler()
        column = start - self._text.rfind("\n", 0, start) - 1
        key, indicator_end = None, start + 1
        if key_event is not None:
            if not isinstance(key_event, events.ScalarEvent) or key_event.start_mark.index != start:
                raise UnusualLayout
            key = _scalar(key_event, self._text)
            colon = _COLON.match(self._text, key.end)
            if colon is None or "\n" in self._text[start : key.end]:
                raise UnusualLayout
            indicator_end = colon.end()
        entry = Entry(key, start, column, self._assign(start, column))
        self._at, self._last, self._has_value = indicator_end, entry, False
        return entry

    def _read_value(self, entry: Entry, event: Any) -> None:
        if _is_block(event):
            entry.value = self._block(event)
            return
        value = _leaf(event, self._next_event, self._text)
        if value.end > value.start:
            if self._skip_filler() != value.start:
                raise UnusualLayout
            entry.own_comment, entry.above_value = self._between(value.start)
            self._at = value.end
        entry.value, self._has_value = value, True

    def _assign(self, until: int, column: int) -> Lines:
        """Give the comments before the offset `until` to their entries; return those of the next entry."""
        comment, lines = self._between(until)
        if self._last is not None and self._has_value:
            self._last.comment = comment
        elif self._last is not None:
            self._last.own_comment = comment
        ended = [block for block in self._ended if block.entries[0].column > column]
        self._ended.clear()
        rest = 0
        for at, line in enumerate(lines):
            if line is None:
                continue
            if not ended or line.blanks <= column:
                break
            while len(ended) > 1 and ended[0].entries[0].column > line.blanks:
                del ended[0]
            ended[0].foot += lines[rest : at + 1]
            rest = at + 1
        return lines[rest:]

    def _skip_filler(self) -> int:
        match = _FILLER.match(self._text, self._at)
        return self._at if match is None else match.end()

    def _between(self, until: int) -> tuple[Comment | None, Lines]:
        """Return the comment on the line of what was read last, and the lines from there to `until`."""
        line, *others = self._text[self._at : until].split("\n")
        if self._last is None:  # Nothing is before the first line.
            line, others = "", [line, *others]
        if others and not others[-1].strip():
            del others[-1]
        return _comment(line), [_comment(other) for other in others]


def _is_block(event: Any) -> bool:
    return isinstance(event, events.CollectionStartEvent) and event.flow_style is False


def _comment(line: str) -> Comment | None:
    before, mark, text = line.partition("#")
    return Comment(len(before), f"#{text.rstrip()}") if mark else None


def _leaf(event: Any, next_event: Any, text: str) -> Scalar | Flow:
    if isinstance(event, events.ScalarEvent):
        return _scalar(event, text)
    start, is_mapping = event.start_mark.index, isinstance(event, events.MappingStartEvent)
    end = events.MappingEndEvent if is_mapping else events.SequenceEndEvent
    entries: list[tuple[Scalar | None, Scalar | Flow]] = []
    while not isinstance(event := next_event(), end):
        key = _scalar(event, text) if is_mapping else None
        entries.append((key, _leaf(next_event() if is_mapping else event, next_event, text)))
    return Flow(start, event.end_mark.index, is_mapping, entries)


def _scalar(event: Any, text: str) -> Scalar:
    start, end, style = event.start_mark.index, event.end_mark.index, event.style or ""
    if style in {"|", ">"}:
        end = start + len(_without_blank_end(text[start:end], event.value))
    return Scalar(start, end, event.value, style)


def _without_blank_end(block: str, value: str) -> str:
    """Return a block scalar without the last line break, and without the blank lines that it ignores."""
    lines = block.split("\n")
    if "+" in lines[0].partition("#")[0] or value.rstrip("\n").endswith(" "):
        return "\n".join(lines[:-1] if not lines[-1].strip(" ") else lines)
    while len(lines) > 1 and not lines[-1].strip(" "):
        del lines[-1]
    return "\n".join(lines)


def _take_header(root: Block) -> Lines:
    """Remove the comments that are about the whole document from the first entry, and return them."""
    lines = root.entries[0].above
    blank = max((at for at, line in enumerate(lines) if line is None), default=-1)
    end = blank + 1
    while end < len(lines) and (line := lines[end]) and _MODELINE.match(line.text):
        end += 1
    header, root.entries[0].above = lines[:end], lines[end:]
    return header
