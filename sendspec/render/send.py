"""Rendering of one send with one combination of its matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sendspec.model import Allowance, Send, UnusableContacts
from sendspec.render.contact_declaration import find_contacts
from sendspec.render.content_line_breaks import compact_content
from sendspec.render.declared_audience import render_audience
from sendspec.render.exclude_lists import find_exclude_lists
from sendspec.render.expected_recipients import render_expected
from sendspec.render.former_addresses import find_former_addresses
from sendspec.render.payload import digest, render_payload
from sendspec.render.rfc3339 import InvalidDateTime, parse_datetime, parse_until

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sendspec.model import Campaign, ExcludeEntry, NodePath, SendSpec
    from sendspec.render.contact_declaration import Lists
    from sendspec.render.string_renderer import StringRenderer


def render_send(  # noqa: PLR0913 - all that a send consists of
    renderer: StringRenderer,
    lists: Lists,
    campaign: Campaign,
    spec: SendSpec,
    address: str,
    *,
    exclude: tuple[ExcludeEntry, ...] = (),
) -> Send | None:
    """Return one rendered send, or None if there are problems, which are added to `renderer`.

    `exclude` has the lists of the project.
    """
    problems_before = len(renderer.problems)
    rendered = renderer.render(spec.properties)
    payload = render_payload(renderer, spec.endpoint, rendered)
    contacts = find_contacts(renderer, lists, campaign.file, rendered.get("contacts"))
    excluded, missing = find_exclude_lists(
        renderer,
        lists,
        (*exclude, *campaign.exclude),
        campaign.file,
        rendered.get("exclude", ()),
    )
    if missing:
        known = contacts.problems if isinstance(contacts, UnusableContacts) else ()
        contacts = UnusableContacts((*known, *missing))
    not_before = _datetime(renderer, ("notBefore",), rendered.get("notBefore"), parse_datetime)
    not_after = _datetime(renderer, ("notAfter",), rendered.get("notAfter"), parse_datetime)
    allow = _allowances(renderer, rendered.get("allow", ()))
    audience = render_audience(renderer, rendered.get("audience"))
    expected = render_expected(renderer, rendered.get("expected"))
    formerly = find_former_addresses(renderer, address, rendered.get("formerly", ()))
    if len(renderer.problems) > problems_before:
        renderer.problems.extend(contacts.problems if isinstance(contacts, UnusableContacts) else ())
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
        notes=campaign.notes,
        audience=audience,
        exclude=excluded,
        compact_content=compact_content(renderer, spec.properties.get("content"), payload.get("content")),
        axes=tuple(spec.matrix),
        formerly=formerly,
        expected=expected,
    )


def _datetime(
    renderer: StringRenderer, path: NodePath, text: str | None, parse: Callable[[str], datetime]
) -> datetime | None:
    if text is None or renderer.has_problem(*path):
        return None
    try:
        return parse(text)
    except InvalidDateTime as error:
        renderer.add_problem(path, f"'{path[-1]}' {error}", error.hint)
        return None


def _allowances(
    renderer: StringRenderer, rendered: list[Mapping[str, Any]] | tuple[()]
) -> tuple[Allowance, ...]:
    return tuple(
        Allowance(
            rule=entry["rule"],
            reason=entry["reason"],
            until=_datetime(renderer, ("allow", index, "until"), entry.get("until"), parse_until),
            location=renderer.locations.of("allow", index),
        )
        for index, entry in enumerate(rendered)
    )
