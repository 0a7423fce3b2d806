"""Formatter of specs: canonical order, quotes and layout, without a change of values or comments."""

from __future__ import annotations

from sendspec.fmt.formatter import canonical_text

__all__ = ["canonical_text"]
