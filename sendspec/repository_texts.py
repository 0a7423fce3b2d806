"""Survey of the texts of a repository: phone numbers and credentials, each with its location."""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from sendspec.joint_search import joint_search
from sendspec.lazy_pattern import lazy_pattern
from sendspec.model import FoundNumber, FoundSecret, Location
from sendspec.phone import numbers_in_lines, real_digits
from sendspec.secret_shapes import LENGTH_MIN, secrets_in_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

NUMBERS_MAX: Final = 1_000
"""Numbers that are counted in one file."""

_LIST: Final = lazy_pattern(r".*\.(csv|tsv)", re.IGNORECASE | re.DOTALL)
_NUMBER: Final = (
    r"[+][(]?[0-9]|[0-9]{3}[ .-][0-9]{4}|phone|contactid|mobile|msisdn|"
    r"(?:call|ring|dial|t[eé]l|mobil|mob|cell|handy|portable|m[oó]vil|cellulare|whatsapp)[^0-9]{0,22}[(]?0[1-9]"
)
"""What a line in lower case has if it has a number; other lines may have it, too."""

_CREDENTIAL: Final = (
    r"secret|token|passw|passphrase|pwd|(?:[_-]|api|private|access|encryption|signing|auth)key|credential|"
    r"bearer|://[^/@ ]*@|gh[pousr]_|github_pat_|glpat-|akia|asia|xox|hooks[.]slack|[sr]k_|whsec_|aiza|"
    r"ya29[.]|gocspx-|eyj|sg[.]|npm_|pypi-|private key"
)
"""The same of a credential."""

_PHONE_COLUMN: Final = lazy_pattern(
    r"(?i)contact_?id|phone|mobile|cell|msisdn|handy|telefon|t[ée]l[ée]phone|celular|m[óo]vil"
)
_CELL: Final = lazy_pattern(r"[ \"']*(?P<number>\+?[0-9][0-9 ().-]{7,20})[ \"'\r]*")


class TextKind(Enum):
    """The kinds of texts, which are searched for different things."""

    SPEC = auto()
    """sendspec.yaml or a campaign."""
    USED_LIST = auto()
    """The header of a list that a send uses; the scan of the contacts has its numbers."""
    OTHER = auto()
    """Any other file, also a list that no send uses."""


class RepositoryText(NamedTuple):
    """The text of a file: `file` is its name in messages; git may not track a spec yet."""

    file: str
    text: str
    kind: TextKind = TextKind.OTHER
    is_tracked: bool = True


class TextSurvey(Struct, frozen=True):
    """The numbers and the own credentials in tracked texts, and all credentials in specs, by location."""

    numbers: tuple[FoundNumber, ...]
    secrets: tuple[FoundSecret, ...]


def survey_texts(texts: Iterable[RepositoryText], own_secrets: Mapping[str, str]) -> TextSurvey:
    """Return the numbers and credentials of texts; `own_secrets` has those of the environment by variable."""
    numbers: list[FoundNumber] = []
    secrets: list[FoundSecret] = []
    own = {name: value for name, value in own_secrets.items() if len(value) >= LENGTH_MIN}
    for text in texts:
        for name, value in own.items():
            if text.is_tracked and (offset := text.text.find(value)) >= 0:
                secrets.append(FoundSecret(_location(text, offset), "own-credential", name))
        if text.is_tracked and text.kind is not TextKind.USED_LIST:
            numbers += islice(_numbers(text), NUMBERS_MAX)
        secrets += _secrets(text)
    return TextSurvey(tuple(sorted(numbers)), tuple(sorted(secrets)))


def may_have_number(text: str) -> bool:
    """Return whether a text may have a number."""
    return _number()(text.lower())


def may_have_secret(text: str) -> bool:
    """Return whether a text may have a credential."""
    return _credential()(text.lower())


@cache
def _number() -> Callable[[str], bool]:
    return joint_search(_NUMBER)


@cache
def _credential() -> Callable[[str], bool]:
    return joint_search(_CREDENTIAL)


def _location(text: RepositoryText, offset: int) -> Location:
    before = text.text[:offset]
    return Location(text.file, before.count("\n") + 1, offset - before.rfind("\n"))


def _lines(text: RepositoryText, is_suspicious: Callable[[str], bool]) -> Iterator[tuple[int, str]]:
    """Yield the suspicious lines with their numbers from 1; most texts have none."""
    lines = enumerate(text.text.split("\n") if is_suspicious(text.text) else (), 1)
    return ((number, line.rstrip("\r")) for number, line in lines if is_suspicious(line))


def _numbers(text: RepositoryText) -> Iterator[FoundNumber]:
    if _LIST.fullmatch(text.file):
        yield from _numbers_of_list(text)
        return
    for number, offset, digits in numbers_in_lines(_lines(text, may_have_number)):
        yield FoundNumber(Location(text.file, number, offset + 1), digits)


def _numbers_of_list(text: RepositoryText) -> Iterator[FoundNumber]:
    """Yield the numbers in the columns of a list whose header says that they are phone numbers."""
    header, _, body = text.text.partition("\n")
    delimiter = max(",;\t|", key=header.count)
    columns = [index for index, name in enumerate(header.split(delimiter)) if _PHONE_COLUMN.search(name)]
    for line, row in enumerate(body.split("\n") if columns else (), 2):
        cells = row.split(delimiter)
        for index in (index for index in columns if index < len(cells)):
            found = _CELL.fullmatch(cells[index])
            digits = real_digits(found["number"]) if found else ""
            if found and digits:
                column = sum(len(cell) + 1 for cell in cells[:index]) + found.start("number") + 1
                yield FoundNumber(Location(text.file, line, column), digits)


def _secrets(text: RepositoryText) -> Iterator[FoundSecret]:
    """Yield the credentials of a spec, and of the header of a list.

    The cells of a list are values of recipients, and other files may have tokens for the tests of a program.
    """
    if text.kind is TextKind.SPEC:
        searched = text
    elif text.kind is TextKind.USED_LIST or _LIST.fullmatch(text.file):
        searched = text._replace(text=text.text.partition("\n")[0])
    else:
        return
    for number, line in _lines(searched, may_have_secret):
        for offset, reason, name in secrets_in_text(line):
            yield FoundSecret(Location(text.file, number, offset + 1), reason, name)
