"""The header of a contact file: the column of the number, and the tags that other columns fill.

A file without a header has a contact in its first line. Therefore no message contains a name from the
file: columns have numbers, and suggestions are names of the spec or of the API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.audience.timezone_columns import TIMEZONE, has_unread_zones, timezone_header, zone_tags
from sendspec.model import Location
from sendspec.phone import normalise
from sendspec.suggest import closest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sendspec.audience.problem_list import ProblemList
    from sendspec.model import ContactList, Send

_LOOKUP: Final = "contactLookup"
_OTHER_PROPERTY: Final = {"contactId": "phoneNumber", "phoneNumber": "contactId"}
"""The property that the other endpoint with contacts has for the number."""

_TAGS: Final = ("contacts", "columns", "personalization")
_NUMBER_DIGITS_MIN: Final = 7


class LookupColumn(Struct, frozen=True):
    """One key of the API's contactLookup whose values are in a column; `offset` counts from 0."""

    name: str
    channel: str
    offset: int


class Layout(Struct, frozen=True):
    """The columns of a row, as offsets from 0; `tags` has pairs of tag and offset.

    `width` is the number of columns, `width_min` the number up to the last one with a name. `number` is
    -1 if only the columns of `lookup` name a contact. `timezone` is the column of the time zones, if any;
    `unread_zones` means that there is none, although a header looks like that of one.
    """

    width: int
    width_min: int
    number: int
    tags: tuple[tuple[str, int], ...]
    lookup: tuple[LookupColumn, ...] = ()
    timezone: int | None = None
    unread_zones: bool = False

    def fits(self, row: Sequence[str]) -> bool:
        """Return whether a row has every named column, and nothing but blanks after the last column."""
        return len(row) >= self.width_min and not any(cell.strip() for cell in row[self.width :])


def number_column(send: Send, file: ContactList) -> str:
    """Return the header of the column with the numbers, or else of the first column of a lookup."""
    number = number_header(send, file)
    return lookup_keys(file)[0]["value"] if number is None else number


def number_header(send: Send, file: ContactList) -> str | None:
    """Return the header of the column with the numbers, None if only a lookup names the contacts."""
    own = send.endpoint.number_property
    if file.columns is None or own not in file.columns:
        return None if lookup_keys(file) else own
    return str(file.columns[own])


def lookup_keys(file: ContactList) -> Sequence[Mapping[str, str]]:
    """Return the keys of the lookup that `columns` maps, whose `value` is a header."""
    keys: Sequence[Mapping[str, str]] = (file.columns or {}).get(_LOOKUP, ())
    return keys


def read_header(  # noqa: PLR0913 - a header, and how messages name it
    send: Send,
    file: ContactList,
    line: int,
    names: Sequence[str],
    problems: ProblemList,
    *,
    described: str = "the header",
) -> Layout:
    """Return the layout of `file` by its header `names` at `line`, `described` in messages.

    With `columns`, the mapping names the columns to read, and the others are ignored. Without it,
    the number's column has the API's own name, `timezone` has the time zones, and every other column with
    a name is a tag.

    Raises:
        SpecError: the header is not valid; it has every entry of `problems`.
    """
    own, number = send.endpoint.number_property, number_header(send, file)
    columns: dict[str, list[int]] = {}
    for at, name in enumerate(names):
        if name.strip():
            columns.setdefault(name, []).append(at)
    location = Location(file.shown, line)
    if file.columns is None:
        # Time zones are in requests only if the text has them, as those of a campaign file are not.
        others = {own, TIMEZONE} - zone_tags(send)
        tags = {name: name for name in columns if name not in others}
        if own not in columns:
            problems.add(location, f"{described} has no column '{own}'", _number_hint(own, names))
    else:
        tags = file.columns.get("personalization", {})
        _check_mapping(send, file, columns, names, problems)
    problems.check()
    keys, zone = lookup_keys(file), timezone_header(file, columns)
    used = {*tags.values(), *(key["value"] for key in keys), *filter(None, (number, zone))}
    _check_repeated(columns, used, location, problems)
    problems.check()
    return Layout(
        width=len(names),
        width_min=max(at for offsets in columns.values() for at in offsets) + 1,
        number=-1 if number is None else columns[number][0],
        tags=tuple((tag, columns[name][0]) for tag, name in tags.items()),
        lookup=tuple(LookupColumn(key["name"], key["channel"], columns[key["value"]][0]) for key in keys),
        timezone=None if zone is None else columns[zone][0],
        unread_zones=has_unread_zones(send, file, columns),
    )


def _check_repeated(
    columns: Mapping[str, Sequence[int]], used: set[str], location: Location, problems: ProblemList
) -> None:
    """Add each name that the send reads and several columns have."""
    for name, offsets in columns.items():
        if len(offsets) > 1 and name in used:
            numbers = f"columns {offsets[0] + 1} and {offsets[1] + 1}"
            problems.add(location, f"{numbers} have the same name", "give each column its own name")


def _check_mapping(
    send: Send,
    file: ContactList,
    columns: Mapping[str, Sequence[int]],
    names: Sequence[str],
    problems: ProblemList,
) -> None:
    """Add each entry of `columns` that names no column of the file, at its line of the YAML."""
    mapping = file.columns or {}
    own = send.endpoint.number_property
    other = _OTHER_PROPERTY[own]
    if own not in mapping and _LOOKUP not in mapping and other in mapping:
        location = send.locations.of("contacts", "columns", other)
        problems.add(
            location, f"the endpoint {send.endpoint} uses '{own}', not '{other}'", f"map '{own}' instead"
        )
        return
    for header, location in mapped_headers(send, file):
        if header not in columns:
            hint = _no_header_hint(names) or _similar_hint(header, names)
            add_missing_column(file, header, location, problems, hint)


def mapped_headers(send: Send, file: ContactList) -> Iterator[tuple[str, Location]]:
    """Yield each header that `columns` names, with its location in the YAML."""
    own, tags = send.endpoint.number_property, (file.columns or {}).get("personalization", {})
    number = number_header(send, file)
    if number is not None:
        yield number, send.locations.of("contacts", "columns", own)
    for index, key in enumerate(lookup_keys(file)):
        yield key["value"], send.locations.of("contacts", "columns", _LOOKUP, index, "value")
    zone = timezone_header(file)
    if zone is not None:
        yield zone, send.locations.of("contacts", "columns", TIMEZONE)
    for tag, name in tags.items():
        yield name, send.locations.of(*_TAGS, tag)


def add_missing_column(
    file: ContactList, header: str, location: Location, problems: ProblemList, hint: str | None = None
) -> None:
    """Add the problem of a mapped `header` that no column of the file has."""
    hint = hint or "add the column, or map another one"
    problems.add(location, f"{file.shown} has no column '{header}'", hint)


def _number_hint(own: str, names: Sequence[str]) -> str:
    """Return a hint how to name or map the column of the number."""
    other = _OTHER_PROPERTY[own]
    if other in names:
        return f"rename '{other}' to '{own}', or map it with columns: {{{own}: {other}}}"
    return (
        _no_header_hint(names)
        or _similar_hint(own, names)
        or f"name the column with the numbers '{own}', or map it with columns: {{{own}: <its name>}}"
    )


def _similar_hint(wanted: str, names: Sequence[str]) -> str | None:
    """Return a hint with the number of the column whose name is closest to `wanted`, if one is close."""
    match = closest(wanted, names)
    if match is None:
        return None
    number = names.index(match) + 1
    if match.strip().casefold() == wanted.strip().casefold():
        return f"rename column {number}, which differs only in case or spaces, or write its exact name"
    return f"compare it with the name of column {number}, which is similar"


def _no_header_hint(names: Sequence[str]) -> str | None:
    """Return a hint for a file that starts with a comment or a contact instead of a header."""
    if names and names[0].lstrip().startswith("#"):
        return "remove the first line, which starts with `#` as a comment does"
    if any(len(normalise(name)) >= _NUMBER_DIGITS_MIN for name in names):
        return "add a line with the column names above the first line, which looks like a contact"
    return None
