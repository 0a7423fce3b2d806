"""Exclude lists: contact files of numbers that get no message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pyroaring import BitMap64

from sendspec.audience.dedupe import IdentitySet
from sendspec.audience.list_contacts import column_names, read_list
from sendspec.audience.located_count import LocatedCount
from sendspec.audience.number_survey import NumberSurvey
from sendspec.errors import SpecError
from sendspec.model import Endpoint, ExcludeFacts, Locations, Problem
from sendspec.phone import numbering_plans
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sendspec.audience.columnar_contacts import ContactColumns
    from sendspec.model import ContactFile, Send

_ENDPOINTS: Final = {"contactId": Endpoint.CONTACTS, "phoneNumber": Endpoint.EXTERNAL_CONSENT}
"""The endpoint whose contact files have that name for the column of the number."""

_HIDDEN_DIGITS_MIN: Final = 7
_DIGITS_MAX: Final = 15
"""Digits of the longest number with its country code. Source: ITU-T E.164."""


class _NumberList:
    """The numbers of one list: as written, and corrected where their diagnosis has a correction.

    A number that is not valid is kept, because the contacts may have the same one. `stripped` has the
    numbers with zeros before them, without these.
    """

    def __init__(self, countries: Iterable[str]) -> None:
        self.numbers, self.corrected = IdentitySet(), IdentitySet()
        self.stripped = BitMap64()
        self.survey = NumberSurvey(countries, self.corrected.add)
        self.without_number, self.hiding = LocatedCount(), LocatedCount()

    def add(self, contacts: ContactColumns) -> None:
        identities = [identity for identity in contacts.identities if identity]
        self.numbers.add_all(identities)
        self.survey.on_contacts(contacts)
        zeros = (identity for identity in identities if identity.startswith("0"))
        self.stripped.update(int(number) for number in zeros if len(number) <= _DIGITS_MAX)
        for at, cells in contacts.broken.items():
            if any(map(_may_hide_rows, (cell for _, cell in cells))):
                self.hiding.add(contacts.location(at))
        if len(identities) < len(contacts):
            for at, written in enumerate(contacts.written):
                if not written.strip():
                    self.without_number.add(contacts.location(at))

    def has(self, identity: str) -> bool:
        """Return whether the list has the number, as written or corrected."""
        return identity in self.numbers or identity in self.corrected

    def has_national(self, forms: Iterable[int]) -> bool:
        return any(form in self.numbers.numbers or form in self.stripped for form in forms)


class ExcludeLists:
    """The exclude lists of one run; each file is read once, and takes about ten bytes a number."""

    def __init__(self) -> None:
        self._read: dict[tuple[object, str, tuple[str, ...]], _NumberList] = {}

    def exclusion_of(self, send: Send) -> Exclusion:
        """Return the exclusion of the contacts of `send`.

        Raises:
            SpecError: a list is not readable; it has every problem.
        """
        return Exclusion(send.exclude, [self._numbers(send, file) for file in send.exclude])

    def _numbers(self, send: Send, file: ContactFile) -> _NumberList:
        key = (file.key, repr(file.columns), tuple(send.audience.countries))
        if key not in self._read:
            numbers = _NumberList(send.audience.countries)
            for contacts in _contacts(send, file):
                numbers.add(contacts)
            self._read[key] = numbers
        return self._read[key]


class Exclusion:
    """Removes the contacts of one send that are on its lists, and counts them by list.

    A list may have a number as people dial it at home, so a contact is also removed if a list has its
    number without the country code. This is generous: excluding too many people is the safe error.
    """

    def __init__(self, files: Sequence[ContactFile], lists: Sequence[_NumberList]) -> None:
        self._files = files
        self._lists = lists
        self._removed = [0] * len(lists)
        self._removed_nationally = [0] * len(lists)
        self._plans = numbering_plans()
        self._union = IdentitySet()
        self._national = BitMap64()
        for numbers in lists:
            self._union.update(numbers.numbers)
            self._national |= numbers.numbers.numbers | numbers.stripped
        for numbers in lists:
            self._union.update(numbers.corrected)

    def listed(self, numbers: Sequence[int]) -> Collection[int]:
        """Return those of some numbers that a list has, as written, corrected or without country code."""
        if not numbers or not (self._union.numbers or self._national):
            return ()
        listed = {*BitMap64(numbers) & self._union.numbers}
        smallest, largest = str(min(numbers)), str(max(numbers))
        code = self._plans.code_of(smallest)
        if code and largest.startswith(code) and len(smallest) == len(largest) <= _DIGITS_MAX:
            # All numbers between these two have the same country code and length.
            for offset in self._offsets(code, len(smallest) - len(code)):
                listed.update(number for number in numbers if number - offset in self._national)
        else:
            listed.update(number for number in numbers if self._is_national(self._forms(str(number))))
        return listed

    def removes(self, identity: str) -> bool:
        """Return whether a list has the identity, and count the contact for the first such list."""
        if identity in self._union:
            index = next(at for at, numbers in enumerate(self._lists) if numbers.has(identity))
        elif self._is_national(forms := self._forms(identity)):
            index = next(at for at, numbers in enumerate(self._lists) if numbers.has_national(forms))
            self._removed_nationally[index] += 1
        else:
            return False
        self._removed[index] += 1
        return True

    def _is_national(self, forms: Iterable[int]) -> bool:
        return any(form in self._national for form in forms)

    def _forms(self, identity: str) -> Sequence[int]:
        """Return a number as it is dialled inside its country, without zeros before it."""
        code = self._plans.code_of(identity)
        if not code or not identity.isdecimal() or len(identity) > _DIGITS_MAX:
            return ()
        number = int(identity)
        return [number - offset for offset in self._offsets(code, len(identity) - len(code))]

    def _offsets(self, code: str, digits: int) -> Sequence[int]:
        """Return the differences between a number and its forms inside the country.

        `digits` is the number of digits after the country code.
        """
        factor = 10**digits
        prefix = self._plans.national_prefix(code)
        prefixes = {0, int(prefix)} if prefix and prefix != code else {0}
        return [(int(code) - before) * factor for before in prefixes]

    @property
    def facts(self) -> tuple[ExcludeFacts, ...]:
        """The counts of each list, in the order of the specs."""
        return tuple(
            ExcludeFacts(
                file=file,
                removed=self._removed[at],
                numbers=len(numbers.numbers),
                survey=numbers.survey.facts(),
                without_number=numbers.without_number.found,
                hiding=numbers.hiding.found,
                removed_nationally=self._removed_nationally[at],
            )
            for at, (file, numbers) in enumerate(zip(self._files, self._lists, strict=True))
        )


def _may_hide_rows(cell: str) -> bool:
    """Return whether a later line of a cell has as many digits as a number, with its country code or not."""
    return any(sum(map(str.isdecimal, line)) >= _HIDDEN_DIGITS_MIN for line in cell.splitlines()[1:])


def _contacts(send: Send, file: ContactFile) -> Iterator[ContactColumns]:
    """Yield the rows of a list, read as the contact file of a send whose endpoint has that header."""
    columns = file.columns or _default_columns(file)
    [(number_property, header)] = columns.items()
    # Problems of the header are reported where the specs name the list.
    reader = replace(send, endpoint=_ENDPOINTS[number_property], locations=Locations(file.location))
    return read_list(reader, replace(file, columns={number_property: header}, may_be_empty=True))


def _default_columns(file: ContactFile) -> dict[str, str]:
    """Return the column that has one of the API's names of a number; the reader refuses a file without.

    Raises:
        SpecError: the list has both columns, and each may have the numbers of other people.
    """
    names = column_names(file)
    if isinstance(names, str):
        start = "\n".join(names.lstrip().splitlines()[:2])  # A line with `sep=` may be before the header.
        names = re.split(r"[^\w ]+", start)
    both = [name for name in _ENDPOINTS if name in names]
    if len(both) > 1:
        problem = Problem(
            file.location,
            f"{file.shown} has the columns contactId and phoneNumber, and only one can be read",
            "name one in `columns`, and list the file twice to use both",
        )
        raise SpecError([problem])
    name = both[0] if both else "phoneNumber"
    return {name: name}
