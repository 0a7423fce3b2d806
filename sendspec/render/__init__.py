"""Specs → sends with exact bytes, for one target.

Every string of a send is a template (`sendspec.template`). It sees `campaign`, `send.id`,
`send.address`, `target`, and the variables: those of the campaign, then of the target, then of the
matrix, the later winning. There is no clock, no environment, no file and no randomness in it: the
same specs always render the same bytes.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final

from sendspec.errors import SpecError
from sendspec.model import Problem
from sendspec.render.contact_files import ContactFiles
from sendspec.render.payload import encode, request_body, request_path
from sendspec.render.send import render_send
from sendspec.render.string_renderer import Strings, TooMuchWork
from sendspec.template import TemplateError, Templates
from sendspec.template.values import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendspec.model import Campaign, Project, Send, SendSpec, Target

__all__ = ["encode", "render", "request_body", "request_path"]

CAMPAIGN_STEPS: Final = 20_000_000
"""The most work that the templates of one campaign may do together: 2,000 for each of 10,000 sends."""


def render(project: Project, target: Target) -> tuple[Send, ...]:
    """Render every send of a project for one target.

    Campaigns come by name, their sends in the order of the file, the combinations of a matrix with
    its last axis running fastest.

    Raises:
        SpecError: with all problems of all sends.
    """
    templates, problems, files = Templates(), list[Problem](), ContactFiles(project.directory)
    sends: list[Send] = []
    for campaign in sorted(project.campaigns, key=lambda one: one.name):
        limit = templates.steps + CAMPAIGN_STEPS
        try:
            for spec, address, context in _combinations(campaign, target, problems):
                strings = Strings(templates, limit, context, spec.locations, problems)
                send = render_send(strings, files, campaign, spec, address)
                sends += [] if send is None else [send]
        except TooMuchWork:
            message = (
                f"the templates of this campaign do too much: more than {CAMPAIGN_STEPS:,} steps of work"
            )
            problems.append(Problem(campaign.location, message, "split the campaign, or shorten its matrix"))
    if problems:
        raise SpecError(problems)
    return tuple(sends)


def _combinations(
    campaign: Campaign, target: Target, problems: list[Problem]
) -> Iterator[tuple[SendSpec, str, dict[str, Any]]]:
    """Give each send of a campaign, its address, and what its templates see."""
    first: dict[str, SendSpec] = {}
    for spec in campaign.sends:
        for values in product(*spec.matrix.values()):
            axes = dict(zip(spec.matrix, values, strict=True))
            try:
                address = _address(campaign.name, spec.id, axes)
            except TemplateError as error:
                problems.append(Problem(spec.locations.of("matrix"), error.message, error.hint))
                continue
            if address in first:
                problems.append(_repeated(address, first[address], spec))
                continue
            first[address] = spec
            own = {
                "campaign": campaign.name,
                "send": {"id": spec.id, "address": address},
                "target": target.name,
            }
            yield spec, address, {**campaign.vars, **target.vars, **axes, **own}


def _address(campaign: str, send: str, axes: Mapping[str, Any]) -> str:
    values = ",".join(text(value, f"the value of the axis '{axis}'") for axis, value in axes.items())
    return f"{campaign}/{send}[{values}]" if axes else f"{campaign}/{send}"


def _repeated(address: str, first: SendSpec, again: SendSpec) -> Problem:
    message = f"the address {address} is already that of the send at {first.locations.root}"
    if first is again:
        message = f"the matrix makes the address {address} twice"
    hint = "an address is the campaign's name, the send's id and the values of its matrix"
    return Problem(again.locations.of("matrix"), message, hint)
