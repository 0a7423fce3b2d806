"""One send of the specs, with one combination of its matrix → one `Send`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sendspec.model import Allowance, Send
from sendspec.render.contact_files import contacts_of
from sendspec.render.payload import digest, payload_of
from sendspec.render.rfc3339 import NotInstant, instant, last_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sendspec.model import Campaign, NodePath, SendSpec
    from sendspec.render.contact_files import ContactFiles
    from sendspec.render.string_renderer import Strings


def render_send(
    strings: Strings, files: ContactFiles, campaign: Campaign, spec: SendSpec, address: str
) -> Send | None:
    """Render one send; None where something is wrong, which is then noted in `strings`."""
    before = len(strings.problems)
    rendered = strings.render(spec.properties)
    payload = payload_of(strings, spec.endpoint, rendered)
    contacts = contacts_of(strings, files, campaign.file.parent, rendered.get("contacts"))
    not_before = _instant(strings, ("notBefore",), rendered.get("notBefore"), instant)
    not_after = _instant(strings, ("notAfter",), rendered.get("notAfter"), instant)
    allow = _allowances(strings, rendered.get("allow", ()))
    if len(strings.problems) > before:
        return None
    return Send(
        address=address,
        campaign=campaign.name,
        purpose=campaign.purpose,
        endpoint=spec.endpoint,
        revision=spec.revision,
        payload=payload,
        payload_digest=digest(spec.endpoint, payload),
        contacts=contacts,
        database_fields=frozenset(rendered.get("databaseFields", ())),
        not_before=not_before,
        not_after=not_after,
        allow=allow,
        locations=spec.locations,
    )


def _instant(
    strings: Strings, path: NodePath, written: str | None, read: Callable[[str], datetime]
) -> datetime | None:
    if written is None or strings.is_broken(*path):
        return None
    try:
        return read(written)
    except NotInstant as error:
        strings.problem(path, f"'{path[-1]}' {error}", error.hint)
        return None


def _allowances(strings: Strings, rendered: list[Mapping[str, Any]] | tuple[()]) -> tuple[Allowance, ...]:
    return tuple(
        Allowance(
            rule=entry["rule"],
            reason=entry["reason"],
            until=_instant(strings, ("allow", index, "until"), entry.get("until"), last_instant),
            location=strings.locations.of("allow", index),
        )
        for index, entry in enumerate(rendered)
    )
