"""Canonical lines of blocks: indentation, order, blank lines, and comments beside what they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.fmt.flow_style import canonical_flow
from sendspec.fmt.key_order import in_order
from sendspec.fmt.layout import Block, Flow
from sendspec.fmt.scalar_style import canonical_key, canonical_scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sendspec.fmt.layout import Comment, Entry, Layout, Lines, Node, Scalar
    from sendspec.load.yaml_values import SchemaTypes

_INDENT: Final = 2
_COMMENT_BLANKS: Final = 2
"""Blanks before a comment; an author may have aligned it with more."""


class _Written(NamedTuple):
    """A block or an entry: the comments above it, and its own lines with their indentation.

    `is_open` means that it ends with a block scalar of which blank lines below it would be a part.
    """

    above: Lines
    lines: list[str]
    is_open: bool = False


def document_lines(layout: Layout, text: str, types: SchemaTypes) -> list[str]:
    """Return the canonical lines of the document `text`."""
    root = _BlockWriter(text).block(layout.root, types, 0)
    return [
        *layout.prolog.splitlines(),
        *_comment_lines(_without_blank_start([*layout.header, *root.above]), 0),
        *root.lines,
        *layout.epilog.splitlines(),
    ]


class _BlockWriter:
    def __init__(self, text: str) -> None:
        self._text = text

    def block(self, block: Block, types: SchemaTypes, indent: int) -> _Written:
        entries = block.entries
        if block.is_mapping:
            entries = in_order(entries, types, lambda entry: "" if entry.key is None else entry.key.value)
        first, *others = (self._entry(entry, types, indent) for entry in entries)
        lines, is_open = first.lines, first.is_open
        for above, own, is_open_too in [*others, _Written(block.foot, [], is_open=False)]:
            lines += _comment_lines(_without_blank_start(above) if is_open else above, indent)
            lines += own
            is_open = is_open_too if own else is_open and not block.foot
        return _Written(_without_blank_start(first.above), lines, is_open)

    def _entry(self, entry: Entry, types: SchemaTypes, indent: int) -> _Written:
        if entry.key is None:
            return self._item(entry, types.of_items(), indent)
        of_value = types.of_key(entry.key.value)
        key = canonical_key(entry.key, self._text[entry.key.start : entry.key.end], types)
        start = f"{' ' * indent}{key}:"
        inner = indent + _INDENT
        if isinstance(entry.value, Block):
            block = self.block(entry.value, of_value, inner)
            lines = [
                _with_comment(start, entry.own_comment),
                *_comment_lines(block.above, inner),
                *block.lines,
            ]
            return _Written(entry.above, lines, block.is_open)
        if entry.value.start == entry.value.end:
            return _Written(entry.above, [_with_comment(start, entry.comment)])
        if "\n" not in self._text[entry.start : entry.value.start]:
            first, *others = self._value_lines(entry, entry.value, of_value, indent)
            return _Written(entry.above, [f"{start} {first}", *others], _is_open(entry.value, first))
        value = self._value_lines(entry, entry.value, of_value, indent)
        first = f"{' ' * inner}{value[0]}"
        above = _comment_lines(_without_blank_start(entry.above_value), inner)
        lines = [_with_comment(start, entry.own_comment), *above, first, *value[1:]]
        return _Written(entry.above, lines, _is_open(entry.value, first))

    def _item(self, entry: Entry, types: SchemaTypes, indent: int) -> _Written:
        """Write an item of a list; comments between its dash and its value go above it."""
        above = [*entry.above, *([entry.own_comment] if entry.own_comment else [])]
        dash = f"{' ' * indent}-"
        if isinstance(entry.value, Block):
            block = self.block(entry.value, types, indent + _INDENT)
            first, *others = block.lines
            lines = [f"{dash} {first[indent + _INDENT :]}", *others]
            return _Written([*above, *block.above], lines, block.is_open)
        above += _without_blank_start(entry.above_value)
        if entry.value.start == entry.value.end:
            return _Written(above, [_with_comment(dash, entry.comment)])
        first, *others = self._value_lines(entry, entry.value, types, indent)
        return _Written(above, [f"{dash} {first}", *others], _is_open(entry.value, first))

    def _value_lines(self, entry: Entry, value: Scalar | Flow, types: SchemaTypes, indent: int) -> list[str]:
        """Return the lines of the value of an entry, and the comment after it.

        The entry moves to the column `indent`. The first line is not indented.
        """
        written = self._text[value.start : value.end]
        lines = written.split("\n")
        if len(lines) > 1:
            lines = self._moved(entry, value, lines, indent)
        elif isinstance(value, Flow):
            lines = [canonical_flow(value, self._text, types)]
        else:
            lines = [canonical_scalar(value, written, types, has_comment=entry.comment is not None)]
        grown = len(lines[0]) - len(written) if len(lines) == 1 else 0
        lines[-1] = _with_comment(lines[-1], entry.comment, grown)
        return lines

    def _moved(self, entry: Entry, value: Scalar | Flow, lines: list[str], indent: int) -> list[str]:
        """Return the lines of a value of several lines, moved as far as it moves itself."""
        first, *others = lines
        distance = indent - entry.column
        if not isinstance(value, Flow) and value.style in {"|", ">"}:
            if value.value and not value.value.endswith("\n"):
                first = _without_final_break(first)
            return [first, *(_moved_content(line, distance) for line in others)]
        if "\n" in self._text[entry.start : value.start]:
            distance = indent + _INDENT - (value.start - self._text.rfind("\n", 0, value.start) - 1)
        column_min = 0 if isinstance(value, Flow) else indent + _INDENT
        return [first, *(_shifted(line, distance, column_min) for line in others)]


def _is_open(value: Node, first_line: str) -> bool:
    is_block_scalar = not isinstance(value, Block | Flow) and value.style in {"|", ">"}
    return is_block_scalar and "+" in first_line.partition("#")[0]


def _without_final_break(header: str) -> str:
    """Return the header of a block scalar, so that a line break at the end of the file changes nothing."""
    indicators, mark, comment = header.partition("#")
    if "-" in indicators:
        return header
    stripped = indicators.rstrip()
    return f"{stripped.replace('+', '')}-{indicators[len(stripped) :]}{mark}{comment}"


def _moved_content(line: str, distance: int) -> str:
    """Return a line of a block scalar with as many more or fewer spaces."""
    if distance >= 0:
        return f"{' ' * distance}{line}" if line else line
    return line[-distance:] if line.startswith(" " * -distance) else line.lstrip(" ")


def _shifted(line: str, distance: int, column_min: int) -> str:
    """Return a line whose blanks at its start have no meaning."""
    text = line.lstrip(" \t")
    return f"{' ' * max(len(line) - len(text) + distance, column_min)}{text}" if text else ""


def _with_comment(line: str, comment: Comment | None, grown: int = 0) -> str:
    """Return a line with the comment after it, whose column stays if the author aligned it."""
    if comment is None:
        return line
    blanks = comment.blanks or _COMMENT_BLANKS
    if blanks > _COMMENT_BLANKS:
        blanks = max(blanks - grown, _COMMENT_BLANKS)
    return f"{line}{' ' * blanks}{comment.text}"


def _without_blank_start(lines: Lines) -> Lines:
    start = next((at for at, line in enumerate(lines) if line), len(lines))
    return lines[start:]


def _comment_lines(lines: Iterable[Comment | None], indent: int) -> Iterator[str]:
    """Yield comments and blank lines, never two blank lines in a row."""
    was_blank = False
    for line in lines:
        if line is not None:
            yield f"{' ' * indent}{line.text}"
        elif not was_blank:
            yield ""
        was_blank = line is None
