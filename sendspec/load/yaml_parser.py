"""YAML parser: text → located tree, without the YAML features that specs do not need.

The parser checks each event of libyaml before it builds a node: aliases, anchors, tags and merge
keys are refused, so the tree is never larger than the text. ruamel's resolver and constructors,
which differ from the core schema of YAML 1.2, are not used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

from ruamel.yaml import events
from ruamel.yaml.cyaml import CBaseLoader
from ruamel.yaml.error import YAMLError

from sendspec.errors import SpecError
from sendspec.lazy_pattern import lazy_pattern
from sendspec.load.yaml_errors import describe_error
from sendspec.load.yaml_tree import MappingNode, ScalarNode, SequenceNode, location_of
from sendspec.model import Location, Problem

if TYPE_CHECKING:
    from sendspec.load.yaml_tree import Mark, Node

BYTES_MAX: Final = 1024 * 1024
"""Size of one document."""
DEPTH_MAX: Final = 32
"""Levels of nested lists and mappings."""
NODES_MAX: Final = 100_000
"""Values and keys of one document: enough for more than ten thousand inline contacts."""
PROBLEMS_MAX: Final = 20
"""Problems reported of one document before the parser stops."""

_FORBIDDEN: Final = lazy_pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
_LINE_BREAK: Final = lazy_pattern("\r\n|\r|\n")


def parse_document(text: bytes, file: str) -> Node:
    """Parse one YAML document to its located tree.

    Args:
        text: the bytes of the file, UTF-8 with or without a byte order mark.
        file: the path of the file for messages.

    Raises:
        SpecError: with all problems up to the first syntax error.
    """
    builder = _TreeBuilder(_decode(text, file), file)
    try:
        return builder.document()
    except YAMLError as error:
        message, hint, mark = describe_error(error, builder.text)
        builder.add_problem(mark, message, hint)
    raise SpecError(builder.problems)


def _decode(text: bytes, file: str) -> str:
    if len(text) > BYTES_MAX:
        hint = "move long contact lists to a CSV file, and split campaigns"
        message = f"the file is larger than the limit of {BYTES_MAX:,} bytes"
        raise SpecError([Problem(Location(file), message, hint)])
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SpecError([Problem(Location(file), "the file is UTF-16", "save it as UTF-8")])
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = text[: error.start].decode("utf-8-sig", "replace")
        message = f"the byte 0x{text[error.start]:02x} is not UTF-8"
        raise SpecError([Problem(_location_after(before, file), message, "save the file as UTF-8")]) from None
    if match := _FORBIDDEN.search(decoded):
        location = _location_after(decoded[: match.start()], file)
        message = f"the character U+{ord(match.group()):04X} is not allowed in YAML"
        raise SpecError([Problem(location, message, "remove it")])
    return decoded


def _location_after(before: str, file: str) -> Location:
    lines = _LINE_BREAK.split(before)
    return Location(file, len(lines), len(lines[-1]) + 1)


class _TreeBuilder:
    """Builds the tree of one document from parser events and collects the problems in it."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.problems: list[Problem] = []
        # Of the loader only the parser is used, whose events come from libyaml.
        self._next_event = CBaseLoader(text).get_event
        self._nodes = 0
        self._has_escapes = "\\" in text

    def document(self) -> Node:
        """Return the root, or raise SpecError if there are problems."""
        self._next_event()  # StreamStartEvent
        start = self._next_event()
        if isinstance(start, events.StreamEndEvent):
            self._stop(None, "the file is empty", "write the file, or remove it")
        if start.tags or start.version not in {None, (1, 2)}:
            self.add_problem(
                start.start_mark, "YAML directives are not allowed", "remove the lines that start with %"
            )
        root = self._node(self._next_event(), 1)
        self._next_event()  # DocumentEndEvent
        after = self._next_event()
        if not isinstance(after, events.StreamEndEvent):
            self.add_problem(after.start_mark, "a second document starts here", "write one document per file")
        if isinstance(root, ScalarNode) and root.plain and not root.text:
            self.add_problem(None, "the file is empty", "write the file, or remove it")
        if self.problems:
            raise SpecError(self.problems)
        return root

    def add_problem(self, mark: Mark | None, message: str, hint: str | None) -> None:
        """Add a problem at a place, None for the first one, and raise SpecError if there are too many."""
        location = Location(self.file) if mark is None else location_of(mark, self.file)
        self.problems.append(Problem(location, message, hint))
        if len(self.problems) >= PROBLEMS_MAX:
            raise SpecError(self.problems)

    def _stop(self, mark: Mark | None, message: str, hint: str | None) -> NoReturn:
        self.add_problem(mark, message, hint)
        raise SpecError(self.problems)

    def _node(self, event: Any, depth: int) -> Node:
        kind = type(event)
        self._nodes += 1
        if self._nodes > NODES_MAX:
            message = f"the file has more values than the limit of {NODES_MAX:,}"
            self._stop(event.start_mark, message, "move long contact lists to a CSV file")
        if kind is events.AliasEvent:
            message = f"the alias *{event.anchor} is not allowed"
            self.add_problem(event.start_mark, message, "write the value here, or use vars")
            return ScalarNode(event.start_mark, "", plain=False)
        if event.anchor is not None or event.ctag is not None:
            self._refuse_anchor_and_tag(event)
        if kind is events.ScalarEvent:
            if self._has_escapes and event.style == '"':
                self._check_escapes(event)
            return ScalarNode(event.start_mark, event.value, event.implicit[0], event.end_mark.index)
        if depth > DEPTH_MAX:
            message = f"lists and mappings are nested deeper than {DEPTH_MAX} levels"
            self._stop(event.start_mark, message, None)
        if kind is events.SequenceStartEvent:
            return self._sequence(event.start_mark, depth)
        return self._mapping(event.start_mark, depth)

    def _refuse_anchor_and_tag(self, event: Any) -> None:
        if event.anchor is not None:
            message = f"the anchor &{event.anchor} is not allowed"
            self.add_problem(event.start_mark, message, "use vars for repeated values")
        if event.tag is not None:
            message = f"the tag {_tag(event.tag)} is not allowed"
            self.add_problem(event.start_mark, message, "remove it; use quotes to make a value text")

    def _check_escapes(self, event: Any) -> None:
        if match := _FORBIDDEN.search(event.value):
            message = (
                f"this escape is the character U+{ord(match.group()):04X}, which is not allowed in a spec"
            )
            self.add_problem(event.start_mark, message, "remove the escape")

    def _sequence(self, start: Mark, depth: int) -> SequenceNode:
        items: list[Node] = []
        while type(event := self._next_event()) is not events.SequenceEndEvent:
            items.append(self._node(event, depth + 1))
        return SequenceNode(start, items)

    def _mapping(self, start: Mark, depth: int) -> MappingNode:
        values: dict[str, Node] = {}
        keys: dict[str, Mark] = {}
        while type(event := self._next_event()) is not events.MappingEndEvent:
            key = self._node(event, depth + 1)
            text = self._key_text(key)
            value = self._node(self._next_event(), depth + 1)
            if text is None:
                continue
            if text in keys:
                message = f"duplicate key {text!r}; the first is at line {keys[text].line + 1}"
                self.add_problem(key.start, message, "remove one of them")
                continue
            values[text] = value
            keys[text] = key.start
        return MappingNode(start, values, keys)

    def _key_text(self, key: Node) -> str | None:
        """Return the text of a key, or add a problem."""
        if not isinstance(key, ScalarNode):
            is_template = isinstance(key, MappingNode)
            hint = 'put a template in quotes: "{{ name }}"' if is_template else "write the key as text"
            self.add_problem(key.start, "a list or mapping cannot be a key", hint)
            return None
        if key.plain and key.text == "<<":
            self.add_problem(
                key.start,
                "the merge key << is not allowed",
                "write the properties here, or use vars or a matrix",
            )
            return None
        if key.plain and not key.text:
            self.add_problem(
                key.start, "a key is missing before the colon", "write the key, or put the value in quotes"
            )
            return None
        return key.text


def _tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")
