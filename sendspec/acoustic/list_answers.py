"""Parser of the vendor's two lists: SMS programs and published messages, in pages.

Source: Acoustic Campaign, "Get SMS programs" and "Get published messages" (read on 2026-11-27). The vendor
documents pages of published messages only, but the answer of both calls has a `nextPageUrl`. In the
vendor's sample, the host of `nextPageUrl` is another one than that of the call, and the URL differs from
the call only in its parameter `page`. So only this number is read, and no URL of an answer is requested.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar
from urllib.parse import parse_qs, urlsplit

from sendspec.acoustic.envelope import TRY_AGAIN, read_envelope, short
from sendspec.acoustic.outcome import (
    Failure,
    answer_evidence,
    is_concurrency_refusal,
    is_success,
    is_vendor_refusal,
)
from sendspec.errors import VendorBusy, VendorError, VendorUnavailable
from sendspec.model import PublishedMessage, SmsProgram

if TYPE_CHECKING:
    from sendspec.acoustic.envelope import Envelope
    from sendspec.acoustic.outcome import Answer
    from sendspec.redact import Redactor

NAME_CHARACTERS_MAX: Final = 80

_Entry = TypeVar("_Entry", SmsProgram, PublishedMessage)
_PROGRAMS: Final = "SMS programs"
_MESSAGES: Final = "published messages"
_ID_CHARACTERS_MAX: Final = 256
_SOURCE: Final = re.compile(r"[1-9][0-9]{0,18}")
_PAGE: Final = re.compile(r"[0-9]{1,6}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_COUNTRY_ALIASES: Final = {"UK": "GB"}
"""Codes in the vendor's sample that are not those of ISO 3166."""

_URL_CHARACTERS_MAX: Final = 2000
_OFFLINE: Final = "run the plan without --online, and look up the ids at the vendor"
_ENABLED: Final = "check that the user of the credentials is enabled for SMS"


class ListPage(NamedTuple, Generic[_Entry]):
    """One page of a list, and the number of the next one, None after the last."""

    entries: tuple[_Entry, ...]
    next_page: int | None


def read_programs(answer: Answer | Failure, redactor: Redactor) -> ListPage[SmsProgram]:
    """Return the SMS programs in the answer, and the number of the next page.

    Raises:
        VendorBusy: too many requests are in progress; a later call may succeed.
        VendorUnavailable: the vendor gave no usable answer; a later call may succeed.
        VendorError: the vendor refused the call, or its answer has an unknown form.
    """
    envelope = _envelope(answer, _PROGRAMS, redactor)
    entries = _entries(envelope, _PROGRAMS)
    programs = tuple(_program(identifier, entry, redactor) for identifier, entry in entries)
    return ListPage(programs, _next_page(envelope.next_page))


def read_published_messages(answer: Answer | Failure, redactor: Redactor) -> ListPage[PublishedMessage]:
    """Return the published messages in the answer, and the number of the next page.

    Raises:
        VendorBusy, VendorUnavailable, VendorError: as for `read_programs`.
    """
    envelope = _envelope(answer, _MESSAGES, redactor)
    entries = _entries(envelope, _MESSAGES)
    messages = tuple(_message(identifier, entry, redactor) for identifier, entry in entries)
    return ListPage(messages, _next_page(envelope.next_page))


def _envelope(answer: Answer | Failure, name: str, redactor: Redactor) -> Envelope:
    """Return the envelope of a successful answer with a list."""
    start = f"cannot read the vendor's list of {name}"
    if isinstance(answer, Failure):
        raise VendorUnavailable(f"{start}: {short(answer.detail, redactor.foreign)}", hint=TRY_AGAIN)
    envelope = read_envelope(answer.body)
    readable = is_success(answer.status) and envelope.vendors
    if readable and isinstance(envelope.data, list) and not envelope.errors:
        return envelope
    message = f"{start}: {answer_evidence(answer, envelope, redactor.foreign)}"
    if is_concurrency_refusal(answer, envelope):
        raise VendorBusy(message, hint=TRY_AGAIN)
    if is_vendor_refusal(answer, envelope):
        raise VendorError(message, hint=_ENABLED)
    if readable:
        raise VendorError(f"{message}{'' if envelope.errors else ' without a list'}", hint=_OFFLINE)
    raise VendorUnavailable(message, hint=TRY_AGAIN)


def _entries(envelope: Envelope, name: str) -> list[tuple[str, dict[str, Any]]]:
    """Return each entry with its id; an entry that is left out could be the one that a send names."""
    entries = []
    for entry in envelope.data:
        identifier = _identifier(entry.get("id")) if isinstance(entry, dict) else None
        if identifier is None:
            raise VendorError(f"an entry of the vendor's list of {name} has no usable id", hint=_OFFLINE)
        entries.append((identifier, entry))
    return entries


def _program(identifier: str, entry: dict[str, Any], redactor: Redactor) -> SmsProgram:
    status = entry.get("status")
    return SmsProgram(
        id=identifier,
        name=_text(entry.get("programName"), redactor),
        code=_text(entry.get("code"), redactor),
        sender=_text(entry.get("senderId"), redactor),
        country=_country(entry.get("country")),
        active=not isinstance(status, str) or status.strip().upper() in ("", "ACTIVE"),
    )


def _message(identifier: str, entry: dict[str, Any], redactor: Redactor) -> PublishedMessage:
    source = _identifier(entry.get("contactSourceId")) or ""
    programs = entry.get("programIds")
    if isinstance(programs, str):  # The vendor's page describes the property without its type.
        programs = programs.replace(",", " ").split()
    listed = programs if isinstance(programs, list) else [programs]
    return PublishedMessage(
        id=identifier,
        name=_text(entry.get("name"), redactor),
        contact_source_id=int(source) if _SOURCE.fullmatch(source) else None,
        program_ids=tuple(program for each in listed if (program := _identifier(each)) is not None),
    )


def _next_page(value: Any) -> int | None:
    """Return the number in the parameter `page` of `nextPageUrl`, None on the last page."""
    if value in (None, ""):
        return None
    if isinstance(value, str) and len(value) <= _URL_CHARACTERS_MAX:
        try:
            pages = parse_qs(urlsplit(value).query).get("page", [])
        except ValueError:
            pages = []
        if len(pages) == 1 and _PAGE.fullmatch(pages[0]):
            return int(pages[0])
    raise VendorError("the vendor names the next page of a list without its number", hint=_OFFLINE)


def _identifier(value: Any) -> str | None:
    """Return an id as text: the vendor writes numbers, and UUIDs as strings; None if it is not usable."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value)
    usable = text.strip() and text.isprintable() and len(text) <= _ID_CHARACTERS_MAX
    return text if usable else None


def _text(value: Any, redactor: Redactor) -> str:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return short(text, redactor.foreign, NAME_CHARACTERS_MAX)


def _country(value: Any) -> str:
    code = value.strip().upper() if isinstance(value, str) else ""
    return _COUNTRY_ALIASES.get(code, code) if _COUNTRY.fullmatch(code) else ""
