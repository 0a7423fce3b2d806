"""Canonical lines of recipients, one line of sorted JSON each, built from whole columns if possible."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sendspec.audience.fingerprint import contact_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.audience.columnar_contacts import ContactColumns
    from sendspec.audience.recipient_batch import RecipientBatch

_ESCAPED: Final = bytes(range(1, 0x20)) + b'"\\'
"""The characters that JSON escapes (RFC 8259, section 7), except the NUL between joined values."""

_BLANK_TAGS_MAX: Final = 50
"""Each tag with blanks costs a search in all lines, which must not grow with the square of the columns."""


def recipient_lines(batch: RecipientBatch) -> bytes:
    """Return the lines of recipients as `contact_lines`."""
    contacts = batch.contacts
    if contacts.inline:
        return contact_lines(_in_api_form(contacts))
    blank = [] if batch.is_plain else [tag for tag in contacts.tags if batch.has_blanks(tag)]
    is_plain = batch.is_plain or _is_plain(batch.joined)
    if len(blank) > _BLANK_TAGS_MAX or not is_plain or not all(map(_is_plain, contacts.tags)):
        return contact_lines(_in_api_form(contacts))
    frame = _frame(contacts.number_property, contacts.tags, has_blanks=bool(blank))
    columns = [*(contacts.values[at] for at in frame.order)]
    columns.insert(len(columns) if frame.is_number_last else 0, contacts.identities)
    # Constants and columns alternate, so one operation joins all of them.
    width, count = 2 * len(columns) + 1, len(contacts)
    cells = [""] * (width * count)
    for at, constant in enumerate(frame.constants):
        cells[2 * at :: width] = [constant] * count
    for at, column in enumerate(columns):
        cells[2 * at + 1 :: width] = column
    text = "".join(cells)
    # No value contains a quote, so a key with its quotes is nothing but a key.
    for tag in blank:
        text = text.replace(f'"{tag}":"",', "")
    for old, new in frame.endings:
        text = text.replace(old, new)
    return text.encode()


class _Frame(NamedTuple):
    """The parts of a line around its values.

    `order` has the offsets of the columns in the order of their keys. If some values are blank, a comma
    follows each value. Then `endings` has the ends of an object with such a comma, and of an object
    without values, and what they become.
    """

    order: tuple[int, ...]
    is_number_last: bool
    constants: tuple[str, ...]
    endings: tuple[tuple[str, str], ...]


@lru_cache(maxsize=64)
def _frame(number_property: str, tags: tuple[str, ...], *, has_blanks: bool) -> _Frame:
    order = tuple(sorted(range(len(tags)), key=tags.__getitem__))
    keys = [f'"{tags[at]}":"' for at in order]
    is_number_last = number_property > "personalization"
    number = f'"{number_property}":"'
    if not keys:
        return _Frame(order, is_number_last, (f"{{{number}", '"}\n'), ())
    end = '",' if has_blanks else '"'
    values = [keys[0], *(f'",{key}' for key in keys[1:])]
    if is_number_last:
        constants = [f'{{"personalization":{{{values[0]}', *values[1:], f"{end}}},{number}", '"}\n']
        endings = (f",}},{number}", f"}},{number}"), (f'{{"personalization":{{}},{number}', f"{{{number}")
    else:
        constants = [f"{{{number}", f'","personalization":{{{values[0]}', *values[1:], f"{end}}}}}\n"]
        endings = (",}}\n", "}}\n"), (',"personalization":{}}\n', "}\n")
    return _Frame(order, is_number_last, tuple(constants), endings if has_blanks else ())


def _is_plain(text: str) -> bool:
    """Return whether JSON has no escape in a text."""
    encoded = text.encode()
    return len(encoded.translate(None, _ESCAPED)) == len(encoded)


def _in_api_form(contacts: ContactColumns) -> Iterator[dict[str, Any]]:
    """Yield recipients as the request carries them."""
    for at, identity in enumerate(contacts.identities):
        lookup = contacts.lookup(at)
        body: dict[str, Any] = (
            {contacts.number_property: identity} if lookup is None else {"contactLookup": list(lookup)}
        )
        if values := contacts.personalization(at):
            body["personalization"] = values
        yield body
