"""Plain twins in the texts of specs: characters that a rule reports are replaced where they are written.

Only texts change that a reported send has: its content, its defaults, and variables that are in its text as
they are. A change counts only if `twin_trial` finds no other effect of it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.fmt.twin_trial import Replacement, Trial, typographic_offsets
from sendspec.model import LedgerState
from sendspec.render import render
from sendspec.rules import RuleContext, text_location, text_sources, used_texts
from sendspec.text_content import mask_tags
from sendspec.text_defects import plain_twins

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sendspec.model import Location, Project, Target
    from sendspec.rules import SendText, TextSource

_LINE_BREAK: Final = re.compile("\r\n|\r|\n")
_PART_IN_QUOTES: Final = re.compile(
    r"\\(?:x(?P<x>[0-9A-Fa-f]{2})|u(?P<u>[0-9A-Fa-f]{4})|U(?P<U>[0-9A-Fa-f]{8})|(?P<other>[\s\S]))|[\s\S]"
)
_SHORT_ESCAPES: Final = {"_": "\xa0"}
"""Escapes of one letter that are typographic characters."""


class TwinFix(NamedTuple):
    """The new contents by file, the number of replaced characters, and the locations of those that stay."""

    contents: Mapping[str, bytes]
    replaced: int
    left: tuple[tuple[Location, str], ...]


def replace_with_twins(
    project: Project,
    target: Target,
    addresses: Collection[str],
    contents: Mapping[str, bytes],
    environ: Mapping[str, str],
) -> TwinFix:
    """Replace the typographic characters in the texts of sends by their plain twins.

    Args:
        project: the project as it is on the disk.
        target: the target whose variables the texts have.
        addresses: the sends whose texts may change.
        contents: the specs that may change, by their path as in locations.
        environ: the environment that the project was loaded with.
    """
    trial = Trial(project, addresses, contents, environ)
    context = _context(project, target)
    found = dict.fromkeys(
        replacement
        for send in context.sends
        if send.address in addresses
        for text in used_texts(send)
        for source in text_sources(send, context, text.path)
        if (replacement := _replacement(source, text, contents)) is not None
    )
    accepted = trial.accepted([], list(found))
    project = trial.load(accepted)
    fixed = _context(project, project.targets[target.name])
    left = dict.fromkeys(
        (text_location(send, fixed, text.part(at, at + 1)), text.written[at])
        for send in fixed.sends
        if send.address in addresses
        for text in used_texts(send)
        for at in typographic_offsets(text.masked)
    )
    return TwinFix(trial.contents_with(accepted), sum(each.replaced for each in accepted), tuple(left))


def _context(project: Project, target: Target) -> RuleContext:
    sends = render(project, target, require_files=False)
    return RuleContext(project, target, sends, LedgerState(target.name, target.account), datetime.now(UTC))


def _replacement(source: TextSource, text: SendText, contents: Mapping[str, bytes]) -> Replacement | None:
    """Return the replacement of the typographic characters of a source of `text`, None if it is not one."""
    written = source.locations.written.get(source.path)
    if written is None or written.location.file not in contents:
        return None
    if not source.is_template and source.value not in text.written:
        return None
    masked = mask_tags(source.value)
    replaced = [masked[at] == source.value[at] for at in typographic_offsets(source.value)]
    after = _with_twins(written.text, replaced)
    if after is None:
        return None
    start = _offset(contents[written.location.file].decode("utf-8-sig"), written.location)
    return Replacement(written.location.file, start, written.text, after, sum(replaced))


def _with_twins(written: str, replaced: Sequence[bool]) -> str | None:
    """Return a scalar as written with the twins of its typographic characters.

    `replaced` says which of these are replaced, in their order. The result is None if none is, or if the
    scalar does not have as many.
    """
    style = written[:1]
    header, line_break, body = written.partition("\n") if style in {"|", ">"} else ("", "", written)
    twins, at = plain_twins(), 0
    parts: list[str] = []
    for match in _PART_IN_QUOTES.finditer(body) if style == '"' else re.finditer(r"[\s\S]", body):
        part = match.group()
        twin = twins.get(_character(match) if style == '"' else part)
        if twin is not None and not twin.is_letter:
            is_replaced = at < len(replaced) and replaced[at]
            part = _quoted(twin.twin, style) if is_replaced else part
            at += 1
        parts.append(part)
    return header + line_break + "".join(parts) if at == len(replaced) and any(replaced) else None


def _character(match: re.Match[str]) -> str:
    """Return the character of one part of a text in double quotes, which may be an escape."""
    code = match["x"] or match["u"] or match["U"]
    if code is not None:
        return chr(int(code, 16))
    return match.group() if match["other"] is None else _SHORT_ESCAPES.get(match["other"], "")


def _quoted(text: str, style: str) -> str:
    if style == "'":
        return text.replace("'", "''")
    return text.replace("\\", "\\\\").replace('"', '\\"') if style == '"' else text


def _offset(text: str, location: Location) -> int:
    starts = [0, *(match.end() for match in _LINE_BREAK.finditer(text))]
    return starts[location.line - 1] + location.column - 1
