r"""Canonical text of a spec: the same values and the same comments, in the order of the schema.

Only what is not canonical is written anew; texts of several lines are moved as they are. The result is
read again and compared, because a formatter must not change what is sent.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import events
from ruamel.yaml.cyaml import CBaseLoader

from sendspec.errors import SendspecError, SpecError
from sendspec.fmt.block_style import document_lines
from sendspec.fmt.layout import UnusualLayout, read_layout
from sendspec.load import parse_document
from sendspec.load.yaml_tree import commented_paths
from sendspec.load.yaml_values import Converter, schema_types

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE_BREAK: Final = re.compile("\r\n?")
_COMMENT: Final = re.compile("#[^\n]*")


def canonical_text(content: bytes, file: str, schema: str) -> bytes:
    r"""Return the canonical text of a spec.

    Args:
        content: the bytes of the file, UTF-8 with or without a byte order mark.
        file: the path of the file for messages.
        schema: `campaign` or `project`.

    Raises:
        SpecError: the file cannot be parsed.
        SendspecError: the canonical text would have other values or comments, a defect of sendspec.
    """
    parse_document(content, file)
    text = _LINE_BREAK.sub("\n", content.decode("utf-8-sig"))
    try:
        lines = document_lines(read_layout(text), text, schema_types(schema))
    except UnusualLayout:
        lines = text.rstrip("\n").split("\n")
    canonical = ("\n".join(lines) + "\n").encode()
    if canonical == content:
        return content
    try:
        is_same = _meaning(canonical, file, schema) == _meaning(content, file, schema)
    except SpecError:
        is_same = False
    if not is_same:
        raise SendspecError(
            f"{file}: cannot format the file without a change of its values; it is unchanged",
            hint="report this as a defect of sendspec",
        )
    return canonical


def _meaning(content: bytes, file: str, schema: str) -> tuple[object, ...]:
    """Return what must not change: the values, the texts before comments, and the comments."""
    root = parse_document(content, file)
    converter = Converter(file)
    value = converter.convert(root, schema_types(schema))
    problems = Counter(problem.message for problem in converter.problems)
    text = content.decode("utf-8-sig")
    comments = Counter(_comments(_LINE_BREAK.sub("\n", text)))
    return _exact(value), set(commented_paths(root, text)), problems, comments


def _exact(value: Any) -> str:
    """Return a value as text that differs for 1, 1.0, true and "1"."""
    return json.dumps(value, sort_keys=True)


def _comments(text: str) -> Iterator[str]:
    """Yield the comments of a document: what starts with # outside of its scalars."""
    next_event, at, others = CBaseLoader(text).get_event, 0, []
    while not isinstance(event := next_event(), events.StreamEndEvent):
        if isinstance(event, events.ScalarEvent):
            start, end = event.start_mark.index, event.end_mark.index
            others.append(text[at:start])
            if event.style in {"|", ">"}:
                others.append(text[start:end].partition("\n")[0])
            others.append("\n" if event.style in {"|", ">"} else "")
            at = end
    others.append(text[at:])
    return (match.group().rstrip() for match in _COMMENT.finditer("".join(others)))
