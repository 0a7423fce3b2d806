"""Snapshots of what a person reads whole: one text file a case, below `tests/__snapshots__/`."""

from __future__ import annotations

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode


class Text(SingleFileSnapshotExtension):
    """A file as it would be printed."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


class Json(Text):
    """A JSON document, with the colours of one in a diff."""

    file_extension = "json"
