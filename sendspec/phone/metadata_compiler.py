"""Compiler of libphonenumber's metadata: regular expressions for each region.

`phonenumbers.is_valid_number` finds the region of a number, then compares it with ten patterns, one for
each type. This takes 16 µs, and 50 µs with parsing. One expression for a region has the same verdict
in 0.4 µs, because it has the same decisions as alternatives: see `region_code_for_number`,
`is_valid_number_for_region` and `number_type` in phonenumbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import phonenumbers

from sendspec.phone.code_plan import NON_GEOGRAPHIC, CodePlan, RegionPlan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phonenumbers import PhoneMetadata, PhoneNumberDesc

_MOBILE: Final = ("mobile", "fixed_line")
_OTHER_TYPES: Final = (
    "toll_free",
    "premium_rate",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
)


def compile_metadata() -> dict[str, CodePlan]:
    """Return the plans of all country codes, by code; takes about 50 ms to load the metadata."""
    return {str(code): _code_plan(code) for code in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)}


def _code_plan(code: int) -> CodePlan:
    regions = phonenumbers.region_codes_for_country_code(code)
    load = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code
    loaded = (load(code, region) for region in regions)
    metadata = [region for region in loaded if region is not None and region.general_desc is not None]
    mobile = (_any_type(region, _mobile_types(region)) for region in metadata)
    return CodePlan(
        regions=tuple(_name(region) for region in regions),
        lengths=_lengths(metadata[0].general_desc) if metadata else (),
        plans=tuple(_region_plan(region, is_only=len(metadata) == 1) for region in metadata),
        mobile="|".join(pattern for pattern in mobile if pattern) or "(?!)",
        national_prefix=(metadata[0].national_prefix or "") if metadata else "",
    )


def _name(region: str) -> str:
    return NON_GEOGRAPHIC if region == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY else region


def _region_plan(metadata: PhoneMetadata, *, is_only: bool) -> RegionPlan:
    """Return the plan of a region; the library ignores leading digits if it `is_only` one of its code."""
    leading = "" if is_only else metadata.leading_digits or ""
    return RegionPlan(_name(metadata.id), leading, _any_type(metadata, (*_MOBILE, *_OTHER_TYPES)) or "(?!)")


def _mobile_types(region: PhoneMetadata) -> tuple[str, ...]:
    """Return the types whose numbers may be mobile: both, if the region does not separate them."""
    mobile, fixed = region.mobile, region.fixed_line
    same = mobile and fixed and mobile.national_number_pattern == fixed.national_number_pattern
    return _MOBILE if same else _MOBILE[:1]


def _any_type(region: PhoneMetadata, types: Iterable[str]) -> str:
    """Return a pattern of the numbers that match the region's general pattern and one of `types`."""
    general = region.general_desc
    if general is None or not general.national_number_pattern:
        return ""
    patterns: dict[tuple[int, ...], dict[str, None]] = {}
    for description in filter(None, (getattr(region, name) for name in types)):
        if description.national_number_pattern:
            # A type without lengths has those of the general pattern.
            lengths = _lengths(description) or _lengths(general)
            patterns.setdefault(lengths, {})[description.national_number_pattern] = None
    if not patterns:
        return ""
    any_pattern = "|".join(
        f"{_of_length(lengths, _lengths(general))}(?:{'|'.join(texts)})"
        for lengths, texts in patterns.items()
    )
    return f"(?=(?:{general.national_number_pattern})\\Z){_of_length(_lengths(general))}(?:{any_pattern})"


def _lengths(description: PhoneNumberDesc | None) -> tuple[int, ...]:
    return () if description is None else tuple(sorted(description.possible_length))


def _of_length(lengths: tuple[int, ...], known: tuple[int, ...] = ()) -> str:
    """Return a look-ahead for texts of these lengths, '' if the lengths are `known` already."""
    if not lengths or lengths == known:
        return ""
    any_length = "|".join(rf"\d{{{length}}}" for length in lengths)
    return f"(?=(?:{any_length})\\Z)"
