"""Phone numbers: notation, validity and country by libphonenumber's metadata, and causes of errors."""

from __future__ import annotations

from sendspec.phone.code_plan import NON_GEOGRAPHIC, WITHOUT_COUNTRY
from sendspec.phone.country_codes import country_hint, known_countries
from sendspec.phone.diagnosis import Defect, Diagnosis, character_name, diagnose
from sendspec.phone.notation import normalise, normalised_column
from sendspec.phone.number_columns import NumberColumns, number_columns
from sendspec.phone.numbering_plans import RESERVED, NumberingPlans, numbering_plans
from sendspec.phone.plan_cache import load_or_compile
from sendspec.phone.text_numbers import numbers_in_lines, numbers_in_text, real_digits

__all__ = [
    "NON_GEOGRAPHIC",
    "RESERVED",
    "WITHOUT_COUNTRY",
    "Defect",
    "Diagnosis",
    "NumberColumns",
    "NumberingPlans",
    "character_name",
    "country_hint",
    "diagnose",
    "known_countries",
    "load_or_compile",
    "normalise",
    "normalised_column",
    "number_columns",
    "numbering_plans",
    "numbers_in_lines",
    "numbers_in_text",
    "real_digits",
]
