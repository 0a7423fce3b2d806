"""The screen that a text is read on."""

from __future__ import annotations

from msgspec import Struct


class Screen(Struct, frozen=True):
    """Where the text is read: by default a log of 80 columns, without colours."""

    width: int = 80
    is_terminal: bool = False
    has_color: bool = False
    is_unicode: bool = True
