"""Location of a part of a rendered text: in the text of the send, or in the variable that it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import Location, Locations, NodePath, Send, SendSpec
    from sendspec.rules._lib.rule import RuleContext


class TextPart(NamedTuple):
    """The characters from `start` to `end` of `text`, the rendered text of the property at `path`."""

    path: NodePath
    text: str
    start: int
    end: int


class TextSource(Struct, frozen=True):
    """A text of a spec: `value` at `path`, a template with its variables or the text of a variable."""

    locations: Locations
    path: NodePath
    value: str
    is_template: bool = False


def text_location(send: Send, context: RuleContext, text_part: TextPart) -> Location:
    """Return the location of a part of a text.

    It is that of the first character, in the text as written, else in the variable or the matrix value
    that contains the part. If a template computes the part, it is the location of the property.
    """
    path, text, start, end = text_part
    spec = _spec(send, context)
    template = None if spec is None else _value(spec.properties, path)
    part = text[start:end]
    if spec is None or not isinstance(template, str) or not part:
        return send.locations.of(*path)
    if part in template:
        return send.locations.within(path, template, *_same_part(template, text, start, part))
    for name, locations, at, value in _variables(send, context, spec):
        if part in value and name in template:
            return locations.within(at, value, value.index(part), value.index(part) + len(part))
    return send.locations.of(*path)


def text_sources(send: Send, context: RuleContext, path: NodePath) -> Iterator[TextSource]:
    """Yield the texts that the text of a property may be made of: its template, and the variables in it.

    A value of the matrix is not among them, because it is part of the address of its send.
    """
    spec = _spec(send, context)
    template = None if spec is None else _value(spec.properties, path)
    if spec is None or not isinstance(template, str):
        return
    yield TextSource(send.locations, path, template, is_template=True)
    owners: dict[str, tuple[int, str | int]] = {}
    for name, locations, at, value in _variables(send, context, spec):
        owner = (id(locations), at[0])
        if name in template and owners.setdefault(name, owner) == owner and at[0] != "matrix":
            yield TextSource(locations, at, value)


def _same_part(template: str, text: str, start: int, part: str) -> tuple[int, int]:
    """Return the part of the template, empty if more or fewer variables than one may have it."""
    if template.count(part) != text.count(part):
        return 0, 0
    at = -1
    for _ in range(text.count(part, 0, start + len(part))):
        at = template.index(part, at + 1)
    return at, at + len(part)


def _spec(send: Send, context: RuleContext) -> SendSpec | None:
    campaign = context.campaigns.get(send.campaign)
    specs = () if campaign is None else campaign.sends
    return next((spec for spec in specs if spec.locations is send.locations), None)


def _value(value: Any, path: NodePath) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _variables(
    send: Send, context: RuleContext, spec: SendSpec
) -> Iterator[tuple[str, Locations, NodePath, str]]:
    """Yield the names, places and texts of all variables of a send, those that override others first."""
    project = context.project
    for axis, values in spec.matrix.items():
        for index, value in enumerate(values):
            if isinstance(value, str):
                yield axis, send.locations, ("matrix", axis, index), value
    target = context.target
    campaign = next(each for each in project.campaigns if each.name == send.campaign)
    owners = (
        (project.locations, target.vars, ("targets", target.name, "vars")),
        (campaign.locations, campaign.vars, ("vars",)),
        (project.locations, project.vars, ("vars",)),
    )
    for locations, variables, path in owners:
        if locations is not None:
            for name, value in variables.items():
                for at, text in _strings(value, (*path, name)):
                    yield name, locations, at, text


def _strings(value: object, path: NodePath) -> Iterator[tuple[NodePath, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(item, (*path, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _strings(item, (*path, index))
