"""The header of a contact file: which column is the number, and which tags the others fill."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sendspec.audience.phone_numbers import normalise
from sendspec.model import Endpoint, Location
from sendspec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.audience.problem_list import Problems
    from sendspec.model import ContactFile, Send

NUMBER_PROPERTY: Final = {Endpoint.CONTACTS: "contactId", Endpoint.EXTERNAL_CONSENT: "phoneNumber"}
"""The property in which each endpoint takes a contact's number."""

_OTHER_PROPERTY: Final = {"contactId": "phoneNumber", "phoneNumber": "contactId"}
_OTHER_DELIMITERS: Final = {";": "semicolons", "\t": "tabs"}
_TAGS: Final = ("contacts", "columns", "personalization")
_SHORTEST_NUMBER: Final = 7


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a row keeps what, as offsets from 0; `tags` has tag and offset."""

    width: int
    number: int
    tags: tuple[tuple[str, int], ...]


def read_header(send: Send, file: ContactFile, line: int, names: Sequence[str], problems: Problems) -> Layout:
    """Understand the header `names`, which stands in `line` of `file`.

    With `columns`, the mapping says which header is what and all others are left alone; without it
    the header of the number is the API's own name for it, and every other header is a tag.
    Adds what is wrong to `problems` and raises all of it as SpecError.
    """
    location = Location(file.shown, line)
    own = NUMBER_PROPERTY[send.endpoint]
    _check_names(names, location, problems)
    if file.columns is None:
        number, tags = own, {name: name for name in names if name != own}
        if own not in names:
            problems.add(location, f"no column '{own}' in the header", _number_hint(own, names))
    else:
        number, tags = file.columns.get(own, own), file.columns.get("personalization", {})
        _check_mapping(send, file, names, problems)
    problems.check()
    return Layout(len(names), names.index(number), tuple((tag, names.index(tags[tag])) for tag in tags))


def _check_names(names: Sequence[str], location: Location, problems: Problems) -> None:
    """Note columns without a name, and names that are there twice: both leave open what is meant."""
    for at, name in enumerate(names, start=1):
        if not name.strip():
            problems.add(
                location, f"column {at} of {len(names)} has no name", "name it, or remove the column"
            )
    for name, count in Counter(names).items():
        if count > 1 and name.strip():
            problems.add(location, f"{count} columns are called '{name}'", "give each its own name")


def _check_mapping(send: Send, file: ContactFile, names: Sequence[str], problems: Problems) -> None:
    """Note what `columns` maps to no header of the file, at the line of the YAML that maps it."""
    columns = file.columns or {}
    own = NUMBER_PROPERTY[send.endpoint]
    other = _OTHER_PROPERTY[own]
    if own not in columns and other in columns:
        location = send.locations.of("contacts", "columns", other)
        problems.add(
            location, f"the endpoint {send.endpoint} takes '{own}', not '{other}'", f"map '{own}' instead"
        )
        return
    wanted: list[tuple[str, tuple[str, ...]]] = [(columns.get(own, own), ("contacts", "columns", own))]
    wanted += [(columns["personalization"][tag], (*_TAGS, tag)) for tag in columns.get("personalization", {})]
    for header, path in wanted:
        if header not in names:
            hint = did_you_mean(header, names) or _delimiter_hint(names) or _no_header_hint(names)
            problems.add(send.locations.of(*path), f"{file.shown} has no column '{header}'", hint)


def _number_hint(own: str, names: Sequence[str]) -> str:
    """Say how a file whose columns are not mapped gets its number column."""
    other = _OTHER_PROPERTY[own]
    if other in names:
        return f"this endpoint takes '{own}': rename '{other}', or map it with columns: {{{own}: {other}}}"
    return (
        _delimiter_hint(names)
        or _no_header_hint(names)
        or did_you_mean(own, names)
        or f"name the column of the number '{own}', or map it with columns: {{{own}: <its header>}}"
    )


def _delimiter_hint(names: Sequence[str]) -> str | None:
    """Recognise a file that is separated by something else: its header is one long name."""
    for delimiter, called in _OTHER_DELIMITERS.items():
        if len(names) == 1 and delimiter in names[0]:
            return f"the file is separated by {called}; save it with commas"
    return None


def _no_header_hint(names: Sequence[str]) -> str | None:
    """Recognise a contact where the header should be."""
    if any(len(normalise(name)) >= _SHORTEST_NUMBER for name in names):
        return "the first line looks like a contact; put a header with the names of the columns above it"
    return None
