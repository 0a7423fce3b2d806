"""Earlier outputs of sendspec, which a later run may replace inside a project directory.

A list of contacts may have any name, so the content decides, not the end of the name.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from sendspec.cli._lib.project_directory import PROJECT_FILE

if TYPE_CHECKING:
    from pathlib import Path

_HEAD_BYTES: Final = 4096
_OUTPUT: Final = re.compile(
    rb"""
      \s*\Z                                                       # An empty file has nothing to lose.
    | \{\n\ \ "version":\ \d+,\n                                  # Plan, findings, status, receipt
    | \{\n\ \ "\$schema":\ "https://                              # SARIF, schemas
    | \{"address":"[^"\n]*","method":"[A-Z]+","path":"            # Requests of `render`
    | <!--\ sendspec[-:]                                          # Comments in Markdown
    | <!doctype\ html>\n<html[^>]*>\n<head>\n<meta\ charset="utf-8">\n<meta\ http-equiv="Content-Sec  # Page
    | ::(?:error|warning|notice)[ ]                               # Annotations
    | address,batch,transactionId,contact,reason(?:,[^\r\n]*)?\r\n  # Contacts that received nothing
    | (?:Ready|Not\ ready|Nothing\ to\ send|No\ legal\ hour|Sends\ in\ spite\ of\ [^\n:]+)  # Plan as text
      (?::[^\n]*)?\n\ {4}
    | [^\s\#][^\n]*:\d+:\d+:\ (?:error|warning|info)\b            # Findings as text
    | [\d,]+\ sends?\ of\ [\d,]+\ campaigns?:\                    # Their count
    | [^\s\#][^\n]*\#\d+\ \ (?:settled|processing|not\ known):\  # Status as text
    | \s*[\d,]+\ handed\ to\ the\ carrier,                       # Its count
    | (?:[\d,]+\ things?\ needs?|Nothing\ needs)\ attention\      # What needs attention
    | Machine\n\ \ (?:pass|FAIL|-)\ +                              # Checks of `doctor`
    | \w[\w ]*:\ [^\n]+\n\ \ [a-z0-9-]+\ +(?:off|info|warning|error)\ # Rules as text
    """,
    re.VERBOSE,
)


def is_file_of_project(path: Path) -> bool:
    """Return whether an existing file is in a project directory and not an earlier output of sendspec.

    Campaigns, lists and prices are among these files: a project reads no file outside its directory.

    Raises:
        OSError: the file cannot be read, so that it is not known what would be replaced.
    """
    real = path.resolve()
    # `os.path.isfile` is false for a folder that cannot be searched, and `Path.is_file` raises.
    if not any(os.path.isfile(folder / PROJECT_FILE) for folder in real.parents):  # noqa: PTH113
        return False
    with real.open("rb") as file:
        return _OUTPUT.match(file.read(_HEAD_BYTES)) is None
