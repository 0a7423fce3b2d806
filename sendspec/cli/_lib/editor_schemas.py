"""Schemas in a project, which editors read without a network and without this package."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Final

from sendspec.shipped_schemas import schema_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_NAMES: Final = ("campaign", "project")
_SIZE_MAX: Final = 1_000_000


def schema_files() -> Mapping[str, str]:
    """Return the path in a project and the text of each schema."""
    return {_path(name): schema_text(name) for name in _NAMES}


def stale_schema_notes(directory: Path) -> Iterator[str]:
    """Yield a note for each schema in a project that is of another version of sendspec."""
    for name in _NAMES:
        path = directory / _path(name)
        try:
            stale = path.stat().st_size <= _SIZE_MAX and path.read_text("utf-8") != schema_text(name)
        except (OSError, UnicodeDecodeError):
            continue
        if stale:
            command = f"sendspec schema {name} -o {quote(path.as_posix())}"
            yield f"{path.as_posix()} is from another version of sendspec; update it with `{command}`"


def _path(name: str) -> str:
    return f"schemas/{name}.schema.json"
