"""The header of a contact file: the column of the number, and the tags that other columns fill."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sendspec.model import Location
from sendspec.phone import normalise
from sendspec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.audience.problem_list import ProblemList
    from sendspec.model import ContactFile, Send

_OTHER_PROPERTY: Final = {"contactId": "phoneNumber", "phoneNumber": "contactId"}
"""The property that the other endpoint with contacts has for the number."""

_OTHER_DELIMITERS: Final = {";": "semicolons", "\t": "tabs"}
_TAGS: Final = ("contacts", "columns", "personalization")
_NUMBER_DIGITS_MIN: Final = 7


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a row, as offsets from 0; `tags` has pairs of tag and offset."""

    width: int
    number: int
    tags: tuple[tuple[str, int], ...]


def read_header(
    send: Send, file: ContactFile, line: int, names: Sequence[str], problems: ProblemList
) -> Layout:
    """Return the layout of `file` by its header `names` at `line`.

    With `columns`, the mapping names the columns to read, and the others are ignored. Without it,
    the number's column has the API's own name, and every other column is a tag.

    Raises:
        SpecError: the header is not valid; it has every entry of `problems`.
    """
    location = Location(file.shown, line)
    number_property = send.endpoint.number_property
    _check_names(names, location, problems)
    if file.columns is None:
        number, tags = number_property, {name: name for name in names if name != number_property}
        if number not in names:
            problems.add(location, f"the header has no column '{number}'", _number_hint(number, names))
    else:
        number = file.columns.get(number_property, number_property)
        tags = file.columns.get("personalization", {})
        _check_mapping(send, file, names, problems)
    problems.check()
    return Layout(len(names), names.index(number), tuple((tag, names.index(tags[tag])) for tag in tags))


def _check_names(names: Sequence[str], location: Location, problems: ProblemList) -> None:
    """Add columns without a name, and names that several columns have."""
    for number, name in enumerate(names, start=1):
        if not name.strip():
            problems.add(
                location,
                f"column {number} of {len(names)} has no name",
                "give it a name, or remove the column",
            )
    for name, count in Counter(names).items():
        if count > 1 and name.strip():
            problems.add(location, f"{count} columns have the name '{name}'", "give each column its own name")


def _check_mapping(send: Send, file: ContactFile, names: Sequence[str], problems: ProblemList) -> None:
    """Add each entry of `columns` that names no column of the file, at its line of the YAML."""
    columns = file.columns or {}
    own = send.endpoint.number_property
    other = _OTHER_PROPERTY[own]
    if own not in columns and other in columns:
        location = send.locations.of("contacts", "columns", other)
        problems.add(
            location, f"the endpoint {send.endpoint} uses '{own}', not '{other}'", f"map '{own}' instead"
        )
        return
    mapped: list[tuple[str, tuple[str, ...]]] = [(columns.get(own, own), ("contacts", "columns", own))]
    mapped += [(columns["personalization"][tag], (*_TAGS, tag)) for tag in columns.get("personalization", {})]
    for header, path in mapped:
        if header not in names:
            hint = did_you_mean(header, names) or _delimiter_hint(names) or _no_header_hint(names)
            hint = hint or "add the column, or map another one"
            problems.add(send.locations.of(*path), f"{file.shown} has no column '{header}'", hint)


def _number_hint(own: str, names: Sequence[str]) -> str:
    """Return a hint how to name or map the column of the number."""
    other = _OTHER_PROPERTY[own]
    if other in names:
        return f"rename '{other}' to '{own}', or map it with columns: {{{own}: {other}}}"
    return (
        _delimiter_hint(names)
        or _no_header_hint(names)
        or did_you_mean(own, names)
        or f"name the column with the numbers '{own}', or map it with columns: {{{own}: <its name>}}"
    )


def _delimiter_hint(names: Sequence[str]) -> str | None:
    """Return a hint for a file with another delimiter, whose header is one long name."""
    for delimiter, plural in _OTHER_DELIMITERS.items():
        if len(names) == 1 and delimiter in names[0]:
            return f"save the file with commas; its columns are separated by {plural}"
    return None


def _no_header_hint(names: Sequence[str]) -> str | None:
    """Return a hint for a file that starts with a contact instead of a header."""
    if any(len(normalise(name)) >= _NUMBER_DIGITS_MIN for name in names):
        return "add a line with the column names above the first line, which looks like a contact"
    return None
