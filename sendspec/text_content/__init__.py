"""What a text says to its readers: opt-out instructions, brands, links, restricted words and dates."""

from __future__ import annotations

from sendspec.text_content.opt_out import has_opt_out

__all__ = ["has_opt_out"]
