"""Sends as a rendered tree has them: small, cached, and different only in numbered variants."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sendspec.legal_hours import in_zones
from sendspec.model import (
    CONTACTS_PER_REQUEST,
    AudienceFacts,
    Endpoint,
    InlineContacts,
    Location,
    Locations,
    Purpose,
    Send,
)
from sendspec.render import encode
from sendspec.structs import replace

if TYPE_CHECKING:
    from datetime import datetime

    from sendspec.legal_hours import LegalHours, ZoneHours

_PLACES: Final = Locations(Location("campaigns/sale.yaml"))
_CONTACTS: Final = InlineContacts((), ())


@dataclass(frozen=True, slots=True)
class Spec:
    """One send of one tree; equal specs render to equal sends.

    `content` and `audience` are numbers of variants, which edits change. `batches` is the number of
    requests of the audience.
    """

    address: str
    endpoint: Endpoint
    revision: int = 1
    content: int = 0
    audience: int = 0
    batches: int = 1
    not_before: datetime | None = None
    not_after: datetime | None = None
    hours: LegalHours | None = None
    """The legal hours of its recipients, in UTC."""
    axes: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()
    allowed: bool = False
    """Whether a person allows it as a second message to the recipients of another send."""

    @property
    def limits(self) -> tuple[ZoneHours, ...]:
        """The legal hours with their zone."""
        return () if self.hours is None else in_zones(self.hours, ["UTC"])

    @property
    def requests(self) -> int:
        """Number of requests of the whole send."""
        return 1 if self.endpoint is Endpoint.CONTACT_SOURCE else self.batches

    @property
    def shown(self) -> str:
        """The spec in one line of a trace."""
        parts = [f"{self.address}: {self.endpoint.value}, revision {self.revision}, content {self.content}"]
        if self.endpoint is not Endpoint.CONTACT_SOURCE:
            parts.append(f"audience {self.audience}, {self.batches} requests")
        parts += [f"not before {self.not_before:%T}"] if self.not_before else []
        parts += [f"not after {self.not_after:%T}"] if self.not_after else []
        parts += ["in legal hours"] if self.hours else []
        parts += [f"formerly {', '.join(self.formerly)}"] if self.formerly else []
        return ", ".join(parts)


@cache
def send_of(spec: Spec) -> Send:
    """Return the rendered send of a spec."""
    if spec.not_before is not None or spec.not_after is not None or spec.hours is not None:
        plain = send_of(replace(spec, not_before=None, not_after=None, hours=None))
        return replace(plain, not_before=spec.not_before, not_after=spec.not_after)
    payload = _payload(spec)
    digest = hashlib.sha256(encode({"endpoint": spec.endpoint.value, "payload": payload})).hexdigest()
    return Send(
        address=spec.address,
        campaign=spec.address.partition("/")[0],
        purpose=Purpose.MARKETING,
        endpoint=spec.endpoint,
        revision=spec.revision,
        payload=payload,
        payload_digest=f"sha256:{digest}",
        contacts=None if spec.endpoint is Endpoint.CONTACT_SOURCE else _CONTACTS,
        database_fields=frozenset(),
        not_before=None,
        not_after=None,
        allow=(),
        locations=_PLACES,
        axes=spec.axes,
        formerly=spec.formerly,
    )


def text_digest(send: Send) -> str:
    """Return the digest of a payload without the message name, which usually has the address in it."""
    return _text_digest(send.payload_digest, encode({**send.payload, "messageName": ""}))


@cache
def _text_digest(_payload_digest: str, text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def _payload(spec: Spec) -> dict[str, Any]:
    if spec.endpoint is not Endpoint.CONTACT_SOURCE:
        return {"channelQualifier": "148372", "content": f"Acme: hello {spec.content}"}
    # Variant 1 edits another property than the name, variant 2 the name as well.
    name = f"{spec.address} {spec.revision}{' renamed' * (spec.content // 2)}"
    return {"publishedMessageId": "e3c3d1ea", "messageName": name, "folder": f"folder {spec.content}"}


@cache
def facts_of(spec: Spec) -> AudienceFacts | None:
    """Return the facts of a spec's contacts, or None for a contact source."""
    if spec.endpoint is Endpoint.CONTACT_SOURCE:
        return None
    return _facts(spec.audience, spec.batches)


@cache
def _facts(audience: int, batches: int) -> AudienceFacts:
    count = (batches - 1) * CONTACTS_PER_REQUEST + 7
    digests = tuple(hashlib.sha256(f"{audience} {batch}".encode()).digest() for batch in range(batches))
    return AudienceFacts(count=count, batch_digests=digests, batch_segments=None)
