"""Number of recipients that a person expects of a send, and how far it may differ."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sendspec.lazy_pattern import lazy_pattern
from sendspec.model import ExpectedRecipients

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.render.string_renderer import StringRenderer

_NUMBER: Final = lazy_pattern(r"[0-9]{1,9}", re.ASCII)
_PERCENTAGE: Final = lazy_pattern(r"([0-9]{1,3}(?:\.[0-9]{1,3})?)%", re.ASCII)


def render_expected(
    renderer: StringRenderer, rendered: Mapping[str, Any] | None
) -> ExpectedRecipients | None:
    """Return the expected number of recipients, None if omitted or if it has a problem, which is added."""
    if rendered is None:
        return None
    recipients = str(rendered["recipients"]).strip()
    within = str(rendered.get("within", 0)).strip()
    percentage = _PERCENTAGE.fullmatch(within)
    if _NUMBER.fullmatch(recipients) is None:
        _add_problem(renderer, "recipients", "an integer", recipients)
    elif percentage is not None:
        # A decimal is exact: with floating-point numbers, 7% of 100 is more than 7.
        difference = int(int(recipients) * Decimal(percentage[1]) / 100)
        return ExpectedRecipients(int(recipients), difference)
    elif _NUMBER.fullmatch(within) is None:
        _add_problem(renderer, "within", "a percentage such as 5%, or an integer", within)
    else:
        return ExpectedRecipients(int(recipients), int(within))
    return None


def _add_problem(renderer: StringRenderer, name: str, description: str, text: str) -> None:
    if not renderer.has_problem("expected", name):
        message = f"'{name}' must be {description}, but the template renders {text[:40]!r}"
        renderer.add_problem(("expected", name), message)
