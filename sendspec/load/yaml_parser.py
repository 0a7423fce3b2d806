"""YAML text → located tree, with everything refused that a spec has no need of.

The parser's events are looked at before anything is built from them: an alias, an anchor, a tag or
a merge key is refused where it stands, so nothing ever grows beyond the text that was read. Only
libyaml's parser is used (through ruamel.yaml.clib), never its resolver or its constructors.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from ruamel.yaml import YAML, events
from ruamel.yaml.error import YAMLError

from sendspec.errors import SpecError
from sendspec.load.yaml_errors import complaint
from sendspec.load.yaml_tree import Mapped, Scalar, Sequence
from sendspec.model import Location, Problem

if TYPE_CHECKING:
    from sendspec.load.yaml_tree import Node, Position

LARGEST: Final = 1024 * 1024
"""Bytes of one document."""
DEEPEST: Final = 32
"""Levels of lists and mappings in each other."""
MOST_NODES: Final = 100_000
"""Values and keys of one document: more than ten thousand inline contacts."""
MOST_PROBLEMS: Final = 20

_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
_LINE_BREAK: Final = re.compile("\r\n|\r|\n")
_YAML: Final = YAML(typ="safe")
"""One instance for all documents, because making one costs more than parsing a campaign."""


def parse_document(text: bytes, shown: str) -> Node:
    """Parse one YAML document to its located tree.

    Args:
        text: the bytes of the file, UTF-8 with or without a byte order mark.
        shown: the file as a person would open it; every place names it.

    Raises:
        SpecError: with all problems up to the first that makes the rest unreadable.
    """
    builder = _Builder(_decoded(text, shown), shown)
    try:
        return builder.document()
    except YAMLError as error:
        message, hint, at = complaint(error, builder.text)
        builder.problem(at, message, hint)
    raise SpecError(builder.problems)


def _decoded(text: bytes, shown: str) -> str:
    if len(text) > LARGEST:
        hint = "put long contact lists in a CSV file, and split campaigns"
        message = f"the file has more than {LARGEST:,} bytes, the most that is read"
        raise SpecError([Problem(Location(shown), message, hint)])
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SpecError([Problem(Location(shown), "the file is UTF-16", "save it as UTF-8")])
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = text[: error.start].decode("utf-8-sig", "replace")
        message = f"the byte 0x{text[error.start]:02x} is not UTF-8"
        raise SpecError([Problem(_place(before, shown), message, "save the file as UTF-8")]) from None
    if found := _FORBIDDEN.search(decoded):
        location = _place(decoded[: found.start()], shown)
        message = f"the character U+{ord(found.group()):04X} may not stand in YAML"
        raise SpecError([Problem(location, message, "remove it")])
    return decoded


def _place(before: str, shown: str) -> Location:
    lines = _LINE_BREAK.split(before)
    return Location(shown, len(lines), len(lines[-1]) + 1)


class _Builder:
    """Builds the tree of one document from the parser's events and collects what it refuses."""

    def __init__(self, text: str, shown: str) -> None:
        self.text = text
        self.shown = shown
        self.problems: list[Problem] = []
        self._next = _YAML.parse(text).__next__
        self._nodes = 0

    def document(self) -> Node:
        """Give the root; raises SpecError where anything was refused."""
        self._next()  # the start of the stream
        start = self._next()
        if isinstance(start, events.StreamEndEvent):
            self._stop((1, 1), "the file is empty", None)
        if start.tags or start.version not in {None, (1, 2)}:
            self.problem(_at(start), "YAML directives are not allowed", "remove the lines that start with %")
        root = self._node(self._next(), 1)
        self._next()  # the end of the document
        after = self._next()
        if not isinstance(after, events.StreamEndEvent):
            self.problem(_at(after), "a second document starts here", "write one document a file")
        if isinstance(root, Scalar) and root.plain and not root.text:
            self.problem((1, 1), "the file is empty", None)
        if self.problems:
            raise SpecError(self.problems)
        return root

    def problem(self, at: Position, message: str, hint: str | None) -> None:
        """Note a problem; too many of them end the reading."""
        self.problems.append(Problem(Location(self.shown, *at), message, hint))
        if len(self.problems) >= MOST_PROBLEMS:
            raise SpecError(self.problems)

    def _stop(self, at: Position, message: str, hint: str | None) -> NoReturn:
        self.problem(at, message, hint)
        raise SpecError(self.problems)

    def _node(self, event: Any, depth: int) -> Node:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            message = f"the file has more than {MOST_NODES:,} values, the most that is read"
            self._stop(_at(event), message, "put long contact lists in a CSV file")
        if isinstance(event, events.AliasEvent):
            self.problem(
                _at(event), f"the alias *{event.anchor} is not allowed", "write the value out, or use vars"
            )
            return Scalar(_at(event), "", plain=False)
        if event.anchor is not None:
            self.problem(
                _at(event), f"the anchor &{event.anchor} is not allowed", "use vars for what is repeated"
            )
        if event.tag is not None:
            self.problem(
                _at(event),
                f"the tag {_tag(event.tag)} is not allowed",
                "leave it out; quotes make a value text",
            )
        if isinstance(event, events.ScalarEvent):
            return self._scalar(event)
        if depth > DEEPEST:
            self._stop(_at(event), f"lists and mappings are nested deeper than {DEEPEST} levels", None)
        if isinstance(event, events.SequenceStartEvent):
            return self._sequence(event, depth)
        return self._mapping(event, depth)

    def _scalar(self, event: Any) -> Scalar:
        text = event.value
        if event.style == '"' and (found := _FORBIDDEN.search(text)):
            message = (
                f"an escape makes the character U+{ord(found.group()):04X}, which may not stand in a spec"
            )
            self.problem(_at(event), message, "remove the escape")
        return Scalar(_at(event), text, event.implicit[0])

    def _sequence(self, start: Any, depth: int) -> Sequence:
        items: list[Node] = []
        while not isinstance(event := self._next(), events.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return Sequence(_at(start), items)

    def _mapping(self, start: Any, depth: int) -> Mapped:
        values: dict[str, Node] = {}
        keys: dict[str, Position] = {}
        while not isinstance(event := self._next(), events.MappingEndEvent):
            key = self._key(event, depth)
            value = self._node(self._next(), depth + 1)
            if key is None:
                continue
            if key.text in keys:
                message = f"the key {key.text!r} is already at line {keys[key.text][0]}"
                self.problem(key.at, message, "remove one of them")
                continue
            values[key.text] = value
            keys[key.text] = key.at
        return Mapped(_at(start), values, keys)

    def _key(self, event: Any, depth: int) -> Scalar | None:
        key = self._node(event, depth + 1)
        if not isinstance(key, Scalar):
            hint = 'put a template in quotes: "{{ name }}"' if isinstance(key, Mapped) else None
            self.problem(key.at, "a list or mapping cannot be a key", hint)
            return None
        if key.plain and key.text == "<<":
            self.problem(
                key.at, "the merge key << is not allowed", "write the properties out, or use vars or a matrix"
            )
            return None
        if key.plain and not key.text:
            self.problem(key.at, "a key is missing before the colon", None)
            return None
        return key


def _tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")


def _at(event: Any) -> Position:
    mark = event.start_mark
    return mark.line + 1, mark.column + 1
