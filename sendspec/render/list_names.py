"""Names of lists: paths that mean the same on every machine."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath


def check_name(name: str, hint: str) -> tuple[str, str] | None:
    """Return the message and the hint for a path that is empty, absolute or not portable, else None."""
    if not name.strip():
        return "'file' is empty", hint
    if "\\" in name:
        return f"a path must contain / instead of \\: '{name}'", hint
    if PurePosixPath(name).is_absolute() or PureWindowsPath(name).anchor:
        return f"a path must not be absolute: '{name}'", hint
    return None
