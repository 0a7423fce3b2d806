"""The result of an apply as Markdown, for the comment on the merged pull request and the step summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.report.comment_marker import comment_marker
from sendspec.report.escape.markdown import Markdown
from sendspec.report.run_review import RunState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sendspec.report.run_review import RunReview, SendResult

_MARKS: Final = {
    RunState.DONE: "✅",
    RunState.WAITING: "🕒",
    RunState.BLOCKED: "⚠️",
    RunState.NOTHING: "✅",
    RunState.REPLACED: "⚪",
    RunState.FAILED: "⛔",
    RunState.UNKNOWN: "❓",
}
_SENDS_MAX: Final = 200
_NOTES_MAX: Final = 5
"""Sends, and notes about one, that a comment lists; a comment holds 65,536 characters."""


def run_markdown(review: RunReview, directory: str) -> str:
    """Return the result as GitHub Markdown, with the hidden marker of its target and directory first."""
    marker = comment_marker(review.target, directory)
    return Markdown.join("\n\n", [marker, *review_blocks(review), review_foot(review)]).source + "\n"


def review_blocks(review: RunReview, sends_max: int = _SENDS_MAX) -> Iterator[Markdown]:
    """Yield the blocks of a result: what was sent, what to do, the first sends, and what waits."""
    yield Markdown.of("## {} {}", _MARKS[review.state], Markdown.prose(review.headline))
    if review.actions:
        yield _list(Markdown("**To do**\n"), review.actions)
    shown = review.sends[:sends_max]
    if shown:
        yield Markdown.join("\n", _table(shown))
    if len(review.sends) > len(shown):
        rest = len(review.sends) - len(shown)
        yield Markdown.of("{}, counted in the headline.", pluralize(rest, "more send"))
    if review.failures:
        reasons = [Markdown.of("{:,} {}", count, reason) for reason, count in review.failures]
        yield Markdown.of("**Not handed to the carrier:** {}", Markdown.join(" · ", reasons))
    if notes := [*_notes(shown)]:
        yield Markdown.join("\n", notes)
    if review.later:
        yield _list(Markdown("**Later**\n"), review.later)


def review_foot(review: RunReview) -> Markdown:
    """Return the target and the digest of the plan, if there is one."""
    target = Markdown.of("target {}", review.target)
    digest = Markdown.of(" · plan digest {}", review.digest) if review.digest else Markdown("")
    return Markdown.of("<sub>{}{}</sub>", target, digest)


def _list(title: Markdown, items: Iterable[str]) -> Markdown:
    return Markdown.join("\n", [title, *(Markdown.of("- {}", Markdown.prose(item)) for item in items)])


def _table(sends: Sequence[SendResult]) -> Iterator[Markdown]:
    """Yield the rows of the sends; columns without any value are left out."""
    is_handed = any(send.handed is not None for send in sends)
    is_dated = any(send.at for send in sends)
    names = ["send", "asked", "accepted", *(["handed to the carrier", "not"] if is_handed else [])]
    yield _row([*names, *(["accepted at, UTC"] if is_dated else [])])
    right = [Markdown("--:")] * (len(names) - 1)
    rules = [Markdown("---"), *right, *([Markdown("---")] if is_dated else [])]
    yield Markdown.of("|{}|", Markdown.join("|", rules))
    for send in sends:
        cells = [send.address, _count(send.asked), _accepted(send)]
        cells += [_count(send.handed), _count(send.failed)] if is_handed else []
        yield _row([*cells, *([send.at] if is_dated else [])])


def _row(cells: Iterable[str]) -> Markdown:
    return Markdown.of("| {} |", Markdown.join(" | ", map(Markdown.text, cells)))


def _accepted(send: SendResult) -> str:
    return ", ".join(send.ids) or _count(send.accepted)


def _count(recipients: int | None) -> str:
    return "not known" if recipients is None else f"{recipients:,}"


def _notes(sends: Iterable[SendResult]) -> Iterator[Markdown]:
    """Yield the notes about sends, each as an item of a list."""
    for send in sends:
        for note in send.notes[:_NOTES_MAX]:
            yield Markdown.of("- {}: {}", send.address, Markdown.prose(note))
        if len(send.notes) > _NOTES_MAX:
            yield Markdown.of("- {}: {:,} more reasons", send.address, len(send.notes) - _NOTES_MAX)
        if send.unprocessed:
            yield Markdown.of("- {}: {:,} not processed by the vendor yet", send.address, send.unprocessed)
