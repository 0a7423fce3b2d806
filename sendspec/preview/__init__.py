"""A server on loopback for one page, which it makes again when a file of a directory changes."""

from __future__ import annotations

from sendspec.preview.server import PreviewServer

__all__ = ["PreviewServer"]
