"""Cells of a CSV file that a spreadsheet displays and does not compute."""

from __future__ import annotations

from typing import Final

_FORMULA_STARTS: Final = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""First characters of a formula; the last four are = + - @ in full width, which some programs convert."""


def escape_cell(cell: str) -> str:
    """Return a cell with an apostrophe before it if a spreadsheet may take it for a formula.

    Source: OWASP, https://owasp.org/www-community/attacks/CSV_Injection, as of 2026-11. The writer of the
    file quotes the cell.
    """
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
