"""What a text says to its readers: opt-out instructions, brands, links, restricted words and dates."""

from __future__ import annotations

from sendspec.text_content.brands import names_brand
from sendspec.text_content.foreign_opt_out import foreign_opt_out
from sendspec.text_content.link_defects import LinkDefect, LinkDefectKind, link_defects
from sendspec.text_content.links import HIDDEN, Link, links_in, mask_tags
from sendspec.text_content.opt_out import has_opt_out
from sendspec.text_content.restricted_words import restricted_categories, restricted_words
from sendspec.text_content.shorteners import public_shortener, public_shorteners
from sendspec.text_content.stale_dates import StaleDate, StaleDateKind, stale_dates

__all__ = [
    "HIDDEN",
    "Link",
    "LinkDefect",
    "LinkDefectKind",
    "StaleDate",
    "StaleDateKind",
    "foreign_opt_out",
    "has_opt_out",
    "link_defects",
    "links_in",
    "mask_tags",
    "names_brand",
    "public_shortener",
    "public_shorteners",
    "restricted_categories",
    "restricted_words",
    "stale_dates",
]
