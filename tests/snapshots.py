"""Snapshots of what a person reads whole: one text file a case, below `tests/__snapshots__/`."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

import sendspec

if TYPE_CHECKING:
    from collections.abc import Mapping


class Text(SingleFileSnapshotExtension):
    """A file as it would be printed."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


class Json(Text):
    """A JSON document, with the colours of one in a diff."""

    file_extension = "json"


class Html(Text):
    """A page, which a reader of the diff can open."""

    file_extension = "html"


EXTENSIONS: Final[Mapping[str, type[Text]]] = MappingProxyType(
    {"text": Text, "json": Json, "html": Html, "markdown": Text, "github": Text, "sarif": Json}
)
"""The kind of file of each format of a plan; a new format needs one."""

_PLANNED: Final = re.compile(
    r'(?<="plannedAt": ")[0-9T:-]+Z|(?<=planned )\w{3} \d+ \w{3} \d{4}, \d\d:\d\d UTC'
)


def stable(document: str) -> str:
    """Return a document without the time of its plan, and without the version of the program."""
    shown = _PLANNED.sub("TIME", document)
    return re.sub(rf'(ersion": "){re.escape(sendspec.__version__)}"', r'\1VERSION"', shown)
