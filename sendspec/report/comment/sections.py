"""The sections of a plan as Markdown: findings, sends, local times, changes, and what is settled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.local_times import Legality
from sendspec.report.action_text import action_text, change_section, notes, property_lines
from sendspec.report.campaign_notes import campaign_line, noted_campaigns
from sendspec.report.comment.fitting import Section
from sendspec.report.escape.markdown import Markdown
from sendspec.report.phrases import list_note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import Finding
    from sendspec.report.review import Review, SendReview
    from sendspec.report.review.local import LocalRow

_NOTHING: Final = Markdown("")
_FOLD_END: Final = Markdown("\n\n</details>")
_MARKS: Final = {Legality.ILLEGAL: "⛔ ", Legality.PARTLY: "⚠️ "}


def errors_section(review: Review) -> Section | None:
    """Return the findings that block."""
    return needs_fix(review.verdict.errors, "error", 0.15)


def needs_fix(findings: Sequence[Finding], noun: str, share: float) -> Section | None:
    """Return findings that keep a plan from being ready."""
    return _findings(Markdown("### Needs a fix\n\n"), "⛔", findings, noun, share)


def warnings_section(review: Review) -> Section | None:
    """Return the findings that a person should look at."""
    return _findings(Markdown("### Look at this\n\n"), "⚠️", review.verdict.warnings, "warning", 0.1)


def notes_section(review: Review) -> Section | None:
    """Return the notes, the exceptions that the specs allow, and what campaigns say about themselves."""
    allowed = [finding for finding in review.plan.findings if finding.allowed is not None]
    items = [_finding("✔️", finding) for finding in allowed]
    items += [_finding("💬", finding) for finding in review.verdict.infos]
    shown = [send.planned.send for send in review.sends]
    items += [Markdown.of("- {}", campaign_line(name, notes_)) for name, notes_ in noted_campaigns(shown)]
    title = Markdown.of("<details><summary>{}</summary>\n\n", pluralize(len(items), "note"))
    return _section(title, items, "note", 0.05, end=_FOLD_END)


def sends_section(review: Review) -> Section | None:
    """Return one row for each send, and for each removed one that still needs a person."""
    items = [_send_row(send) for send in review.sends]
    items += [
        Markdown.of(
            "| {} | {} | {} | | |",
            Markdown.code(removed.sign.value),
            removed.address,
            Markdown.prose(action_text(removed)),
        )
        for removed in review.removed
    ]
    header = Markdown("| | send | people | first text | cost |\n|---|---|---|---|---|\n")
    return _section(Markdown("### All sends\n\n") + header, items, "send", 0.25)


def local_section(review: Review) -> Section | None:
    """Return the local times at which people get each send."""
    items = [
        Markdown.of("| {} | {} | {} | {} | {} |", send.address, *_local_cells(row, list_note(send.planned)))
        for send in review.sends
        for row in send.local
    ]
    header = Markdown("| send | where | people | local time | |\n|---|---|--:|---|---|\n")
    title = Markdown("### Who gets it, and at what time there\n\n") + header
    return _section(title, items, "row of local times", 0.1, plural="rows of local times")


def settled_section(review: Review) -> Section | None:
    """Return what is settled, folded."""
    items = [
        Markdown.of(
            "- {} {}: {}",
            Markdown.code(action.sign.value),
            action.address,
            Markdown.prose(action_text(action)),
        )
        for action in review.settled
    ]
    title = Markdown.of("<details><summary>Settled: {}</summary>\n\n", pluralize(len(items), "send"))
    return _section(title, items, "settled send", 0.05, end=_FOLD_END)


def properties_section(review: Review) -> Section | None:
    """Return all properties of the requests, folded."""
    items = [
        Markdown.code_block("\n".join(_property_text(send)))
        for send in review.sends
        if send.planned.pending or send.planned.changes
    ]
    title = Markdown("<details><summary>Every property that is sent</summary>\n\n")
    return _section(title, items, "send", 0.05, end=_FOLD_END)


def _property_text(send: SendReview) -> Iterator[str]:
    yield f"{send.planned.sign.value} {send.address}  {action_text(send.planned)}"
    yield from (f"    {note}" for note in notes(send.planned))
    yield from (f"    {line}" for line in change_section(send.planned))
    yield from (f"    {line}" for line in property_lines(send.planned, full=True))


def _section(  # noqa: PLR0913 - the parts of a section
    title: Markdown,
    items: Sequence[Markdown],
    noun: str,
    share: float,
    *,
    plural: str = "",
    end: Markdown = _NOTHING,
) -> Section | None:
    return Section(title, tuple(items), noun, share, plural, end) if items else None


def _findings(
    title: Markdown, mark: str, findings: Sequence[Finding], noun: str, share: float
) -> Section | None:
    return _section(title, [_finding(mark, finding) for finding in findings], noun, share)


def _finding(mark: str, finding: Finding) -> Markdown:
    where = f"{finding.location}, {finding.address}" if finding.address else str(finding.location)
    message = Markdown.prose(finding.message)
    text = Markdown.of("- {} **{}**: {} ({})", mark, finding.rule, message, Markdown.code(where))
    if finding.allowed is not None:
        text += Markdown.of("<br>allowed: {}", finding.allowed)
    return text + Markdown.of("<br>→ {}", Markdown.prose(finding.hint)) if finding.hint else text


def _send_row(send: SendReview) -> Markdown:
    sign = Markdown.code(send.planned.sign.value)
    if not send.when:
        return Markdown.of("| {} | {} | {} | | |", sign, send.address, Markdown.prose(send.summary))
    blocked = f"{send.summary}: " if send.planned.blocking_rules else ""
    cells = (f"{blocked}{send.people}", send.when, send.cost)
    return Markdown.of("| {} | {} | {} | {} | {} |", sign, send.address, *cells)


def _local_cells(row: LocalRow, counted: str) -> tuple[str, ...]:
    people = "not known" if row.people is None else f"{row.people:,}"
    note = "; ".join(filter(None, (row.note, counted)))
    return (row.zone, people, row.when, f"{_MARKS.get(row.legality, '')}{note}")
