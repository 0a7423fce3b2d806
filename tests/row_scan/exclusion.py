"""Exclude lists: contact files of numbers that get no message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sendspec.model import Endpoint, ExcludeFacts, Locations, Occurrences
from sendspec.phone import numbering_plans
from sendspec.structs import replace
from tests.row_scan.dedupe import IdentitySet
from tests.row_scan.list_contacts import column_names, read_list
from tests.row_scan.number_survey import NumberSurvey
from tests.row_scan.value_scan import ValueScan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sendspec.model import Contact, ContactFile, Location, Send

_LOCATIONS_MAX: Final = 3
_HIDDEN_DIGITS_MIN: Final = 7
_ENDPOINTS: Final = {"contactId": Endpoint.CONTACTS, "phoneNumber": Endpoint.EXTERNAL_CONSENT}
"""The endpoint whose contact files have that name for the column of the number."""


class _HidingRows(ValueScan):
    """The rows with a cell of several lines, of which a later one has the digits of a number."""

    def __init__(self) -> None:
        super().__init__(are_inline=False)
        self.at: list[Location] = []

    def on_line_break(self, cells: Sequence[tuple[str, str]], location: Location) -> None:
        """Check a row that spans several lines."""
        later = [line for _, cell in cells for line in cell.splitlines()[1:]]
        if any(len(re.sub(r"\D", "", line)) >= _HIDDEN_DIGITS_MIN for line in later):
            self.at.append(location)


class _NumberList:
    """The numbers of one list, as written and corrected, and the rows without one."""

    def __init__(self, countries: Sequence[str]) -> None:
        self.numbers, self.corrected, self.stripped = IdentitySet(), set[str](), set[str]()
        self.survey = NumberSurvey(countries, self.corrected.add)
        self.without_number: list[Location] = []
        self.hiding = _HidingRows()

    def add(self, contacts: Sequence[Contact]) -> None:
        self.survey.on_contacts(contacts)
        for contact in contacts:
            if contact.identity:
                self.numbers.add(contact.identity)
                self.stripped.add(contact.identity.lstrip("0"))
            elif not contact.written.strip():
                self.without_number.append(contact.location)


class ExcludeLists:
    """The exclude lists of one run; each file is read once, and takes about ten bytes a number."""

    def __init__(self) -> None:
        self._read: dict[tuple[Path, str], _NumberList] = {}

    def exclusion_of(self, send: Send) -> Exclusion:
        """Return the exclusion of the contacts of `send`.

        Raises:
            SpecError: a list is not readable; it has every problem.
        """
        return Exclusion(send.exclude, [self._numbers(send, file) for file in send.exclude])

    def _numbers(self, send: Send, file: ContactFile) -> _NumberList:
        key = (file.path, repr(file.columns))
        if key not in self._read:
            self._read[key] = _NumberList(send.audience.countries)
            self._read[key].add(tuple(_contacts(send, file, self._read[key].hiding)))
        return self._read[key]


class Exclusion:
    """Removes the contacts of one send that are on its lists, and counts them by list."""

    def __init__(self, files: Sequence[ContactFile], lists: Sequence[_NumberList]) -> None:
        self._files = files
        self._lists = lists
        self._removed = [0] * len(lists)
        self._removed_nationally = [0] * len(lists)

    def removes(self, identity: str) -> bool:
        """Return whether a list has the identity, and count the contact for the first such list."""
        for at, numbers in enumerate(self._lists):
            if identity in numbers.numbers or identity in numbers.corrected:
                self._removed[at] += 1
                return True
        code = numbering_plans().code_of(identity)
        national = identity.removeprefix(code) if code else "no number"
        forms = (
            {national.lstrip("0"), (numbering_plans().national_prefix(code) + national).lstrip("0")}
            if code
            else ()
        )
        for at, numbers in enumerate(self._lists):
            if any(form in numbers.stripped for form in forms):
                self._removed[at] += 1
                self._removed_nationally[at] += 1
                return True
        return False

    @property
    def facts(self) -> tuple[ExcludeFacts, ...]:
        """The counts of each list, in the order of the specs."""
        return tuple(
            ExcludeFacts(
                file=file,
                removed=self._removed[at],
                numbers=len(numbers.numbers),
                survey=numbers.survey.facts(),
                without_number=_occurrences(numbers.without_number),
                hiding=_occurrences(numbers.hiding.at),
                removed_nationally=self._removed_nationally[at],
            )
            for at, (file, numbers) in enumerate(zip(self._files, self._lists, strict=True))
        )


def _occurrences(at: Sequence[Location]) -> Occurrences | None:
    return Occurrences(len(at), tuple(at[:_LOCATIONS_MAX])) if at else None


def _contacts(send: Send, file: ContactFile, hiding: _HidingRows) -> Iterator[Contact]:
    """Yield the rows of a list, read as the contact file of a send whose endpoint has that header."""
    columns = file.columns or _default_columns(file)
    [(number_property, header)] = columns.items()
    # Problems of the header are reported where the specs name the list.
    reader = replace(send, endpoint=_ENDPOINTS[number_property], locations=Locations(file.location))
    return read_list(reader, replace(file, columns={number_property: header}, may_be_empty=True), hiding)


def _default_columns(file: ContactFile) -> dict[str, str]:
    """Return the column that has one of the API's names of a number; the reader refuses a file without."""
    names = column_names(file)
    name = "contactId" if "contactId" in names and "phoneNumber" not in names else "phoneNumber"
    return {name: name}
