"""Small projects on disk, and the problems of loading them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sendspec.errors import SpecError
from sendspec.load import load_project

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CAMPAIGN = """\
campaign: sale
purpose: marketing
sends:
  - id: call
    endpoint: contacts
    channelQualifier: 148372
    content: Acme says hi
    contacts: [{contactId: 12125550123}]
"""
PROJECT = "version: 1\n"


def write_project(directory: Path, campaign: str | bytes = CAMPAIGN, project: str | bytes = PROJECT) -> Path:
    """Write `sendspec.yaml` and `campaigns/a.yaml`, and return the directory."""
    (directory / "campaigns").mkdir(parents=True, exist_ok=True)
    for path, text in (
        (directory / "sendspec.yaml", project),
        (directory / "campaigns" / "a.yaml", campaign),
    ):
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return directory


def load_problems(directory: Path, environ: Mapping[str, str] | None = None) -> list[str]:
    """Load an invalid project and return each problem as `file:line:column message`, file relative to it."""
    with pytest.raises(SpecError) as caught:
        load_project(directory, environ or {})
    lines = [f"{problem.location} {problem.message}" for problem in caught.value.problems]
    return [line.removeprefix(f"{directory.as_posix()}/") for line in lines]
