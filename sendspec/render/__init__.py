"""Renderer: specs → sends with exact bytes, for one target.

Every string of a send is a template (`sendspec.template`). Its context is `campaign`, `send.id`,
`send.address`, `target`, and the variables of project, campaign, target and matrix; later ones override
earlier ones. A template has no access to clock, environment, files or random numbers, so the same
specs always render the same bytes.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final

from sendspec.errors import SpecError
from sendspec.load.address_values import address_key
from sendspec.model import Problem, UnusableContacts
from sendspec.render.contact_declaration import ContactFileFinder, FoundList, ListFinder, Lists
from sendspec.render.former_addresses import former_address_problems
from sendspec.render.outside_lists import absent_list_problem, fetch_hint
from sendspec.render.payload import BodyTemplate, encode, request_path
from sendspec.render.send import render_send
from sendspec.render.string_renderer import StringRenderer, WorkLimitExceeded
from sendspec.selection import ALL
from sendspec.template import TemplateError, Templates
from sendspec.template.values import to_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendspec.model import Campaign, Project, Send, SendSpec, Target
    from sendspec.selection import Selection

__all__ = [
    "BodyTemplate",
    "ContactFileFinder",
    "FoundList",
    "ListFinder",
    "absent_list_problem",
    "encode",
    "fetch_hint",
    "render",
    "request_path",
]

CAMPAIGN_STEPS_MAX: Final = 20_000_000
"""Limit of work for all templates of one campaign: 2,000 steps for each of 10,000 sends."""


def render(
    project: Project,
    target: Target,
    selection: Selection = ALL,
    *,
    require_files: bool = True,
    lists: ListFinder | None = None,
) -> tuple[Send, ...]:
    """Render every send of a project for one target.

    Campaigns are sorted by name, their sends are in the order of the file, the axes of a matrix are in
    alphabetical order, and the last one varies fastest. Sends that are not selected are rendered too,
    unless they have problems. Unless `require_files`, a send may have
    `UnusableContacts`. `lists` finds the lists, by default those on disk.

    Raises:
        SpecError: with all problems of the selected sends.
    """
    templates, problems = Templates(), list[Problem]()
    finders = Lists(lists or ContactFileFinder(project.directory), project.contacts_directory)
    sends: list[Send] = []
    ignored: list[Problem] = []
    for campaign in sorted(project.campaigns, key=lambda campaign: campaign.name):
        limit = templates.steps + CAMPAIGN_STEPS_MAX
        of_campaign = problems if selection.may_include(campaign.name) else ignored
        try:
            for spec, address, context in _combinations(campaign, project.vars, target, of_campaign):
                of_send = problems if selection.includes(address) else ignored
                renderer = StringRenderer(templates, limit, context, spec.locations, of_send)
                send = render_send(renderer, finders, campaign, spec, address, exclude=project.exclude)
                sends += [] if send is None else [send]
        except WorkLimitExceeded:
            message = (
                f"the templates of this campaign exceed the limit of {CAMPAIGN_STEPS_MAX:,} steps of work"
            )
            of_campaign.append(
                Problem(campaign.location, message, "split the campaign, or shorten its matrix")
            )
    problems += former_address_problems(sends, selection)
    unusable = [
        problem
        for send in sends
        if isinstance(send.contacts, UnusableContacts) and selection.includes(send.address)
        for problem in send.contacts.problems
    ]
    if require_files:
        absent = (file for send in sends if selection.includes(send.address) for file in send.absent_lists)
        unusable += [absent_list_problem(file) for file in absent]
    if problems or (unusable and require_files):
        raise SpecError([*problems, *unusable])
    return tuple(sends)


def _combinations(
    campaign: Campaign, project_vars: Mapping[str, Any], target: Target, problems: list[Problem]
) -> Iterator[tuple[SendSpec, str, dict[str, Any]]]:
    """Yield each send of a campaign with its address and the context of its templates."""
    first: dict[tuple[str, tuple[str, ...]], SendSpec] = {}
    for spec in campaign.sends:
        for values in product(*spec.matrix.values()):
            axes = dict(zip(spec.matrix, values, strict=True))
            try:
                address = _address(campaign.name, spec.id, axes)
            except TemplateError as error:
                problems.append(Problem(spec.locations.of("matrix"), error.message, error.hint))
                continue
            key = address_key(address)
            if key in first:
                problems.append(_duplicate_address(address, first[key], spec))
                continue
            first[key] = spec
            own = {
                "campaign": campaign.name,
                "send": {"id": spec.id, "address": address},
                "target": target.name,
            }
            yield spec, address, {**project_vars, **campaign.vars, **target.vars, **axes, **own}


def _address(campaign: str, send: str, axes: Mapping[str, Any]) -> str:
    if not axes:
        return f"{campaign}/{send}"
    values = ",".join(to_text(value, f"the value of the axis '{axis}'") for axis, value in axes.items())
    return f"{campaign}/{send}[{values}]"


def _duplicate_address(address: str, first: SendSpec, second: SendSpec) -> Problem:
    message = f"the address {address} is already used by the send at {first.locations.root}"
    if first is second:
        message = f"two combinations of the matrix have the address {address}"
    hint = "change a value; an address is campaign, send id and the values of the matrix"
    return Problem(second.locations.of("matrix"), message, hint)
