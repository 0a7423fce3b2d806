"""The result of an apply as Markdown, for the comment on the merged pull request and the step summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.report.comment_marker import comment_marker
from sendspec.report.escape import Markdown
from sendspec.report.run_review import RunState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sendspec.report.run_review import RunReview, SendResult

_MARKS: Final = {
    RunState.DONE: "✅",
    RunState.NOTHING: "✅",
    RunState.FAILED: "⛔",
    RunState.UNKNOWN: "❓",
}
_SENDS_MAX: Final = 200
_NOTES_MAX: Final = 5
"""Sends, and notes about one, that a comment lists; a comment holds 65,536 characters."""


def run_markdown(review: RunReview, directory: str) -> str:
    """Return the result as GitHub Markdown, with the hidden marker of its target and directory first."""
    marker = comment_marker(review.target, directory)
    return Markdown.join("\n\n", [marker, *_blocks(review)]).source + "\n"


def _blocks(review: RunReview) -> Iterator[Markdown]:
    yield Markdown.of("## {} {}", _MARKS[review.state], review.headline)
    if review.actions:
        yield _list(Markdown("**To do**\n"), review.actions)
    if review.sends:
        yield Markdown.join("\n", _table(review))
    if len(review.sends) > _SENDS_MAX:
        rest = len(review.sends) - _SENDS_MAX
        yield Markdown.of("{}, counted in the headline.", pluralize(rest, "more send"))
    if review.failures:
        reasons = [Markdown.of("{:,} {}", count, reason) for reason, count in review.failures]
        yield Markdown.of("**Not handed to the carrier:** {}", Markdown.join(" · ", reasons))
    if notes := [*_notes(review)]:
        yield Markdown.join("\n", notes)
    if review.later:
        yield _list(Markdown("**Later**\n"), review.later)
    target = Markdown.of("target {}", review.target)
    digest = Markdown.of(" · plan digest {}", review.digest) if review.digest else Markdown("")
    yield Markdown.of("<sub>{}{}</sub>", target, digest)


def _list(title: Markdown, items: Iterable[str]) -> Markdown:
    return Markdown.join("\n", [title, *(Markdown.of("- {}", item) for item in items)])


def _table(review: RunReview) -> Iterator[Markdown]:
    if not any(send.handed is not None for send in review.sends):
        yield Markdown("| send | asked | accepted |\n|---|--:|--:|")
        for send in review.sends[:_SENDS_MAX]:
            yield Markdown.of("| {} | {} | {} |", send.address, _count(send.asked), _accepted(send))
        return
    yield Markdown("| send | asked | accepted | handed to the carrier | not |\n|---|--:|--:|--:|--:|")
    for send in review.sends[:_SENDS_MAX]:
        cells = (_count(send.asked), _accepted(send), _count(send.handed), _count(send.failed))
        yield Markdown.of("| {} | {} | {} | {} | {} |", send.address, *cells)


def _accepted(send: SendResult) -> str:
    return ", ".join(send.ids) or _count(send.accepted)


def _count(recipients: int | None) -> str:
    return "not known" if recipients is None else f"{recipients:,}"


def _notes(review: RunReview) -> Iterator[Markdown]:
    """Yield the notes about sends, each as an item of a list."""
    for send in review.sends[:_SENDS_MAX]:
        for note in send.notes[:_NOTES_MAX]:
            yield Markdown.of("- {}: {}", send.address, note)
        if len(send.notes) > _NOTES_MAX:
            yield Markdown.of("- {}: {:,} more reasons", send.address, len(send.notes) - _NOTES_MAX)
        if send.unprocessed:
            yield Markdown.of("- {}: {:,} not processed by the vendor yet", send.address, send.unprocessed)
