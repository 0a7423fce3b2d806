"""The comment on a merged pull request: what became of its sends, and the plan of the pull request."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.report.comment_marker import comment_marker
from sendspec.report.comment_result import CommentResult, read_result, text_digest
from sendspec.report.escape.markdown import Markdown
from sendspec.report.run_markdown import review_blocks, review_foot
from sendspec.report.run_review import RunState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sendspec.report.run_review import RunReview

_CHARACTERS_MAX: Final = 65_536
_SENDS: Final = (200, 50, 10, 0)
"""The numbers of sends of which the first that fits is shown."""

_PLAN_MARK: Final = "<!-- sendspec-plan -->\n\n"
_PLAN_START: Final = f"<details><summary>The plan of this pull request</summary>\n{_PLAN_MARK}"
_PLAN_END: Final = "\n\n</details>"
_PLAN_LEFT_OUT: Final = (
    "<sub>The plan of this pull request does not fit here; "
    "GitHub shows it under “edited” of this comment.</sub>"
)


class MergedComment(Struct, frozen=True):
    """The comment of one pull request, as of `at`, when the ledger was read.

    `approvers` are the logins of those who approved the merged commit, `earlier_approvers` of those who
    approved only an earlier one. With `is_pushed_over` neither covers what was sent. `is_unsent` says that
    the ledger has no request of the sends. `failed_csv_url` is the address of the list of recipients who
    got nothing.
    """

    review: RunReview
    directory: str
    at: datetime
    merged_at: datetime | None
    approvers: tuple[str, ...] = ()
    earlier_approvers: tuple[str, ...] = ()
    failed_csv_url: str | None = None
    run_url: str | None = None
    shows_error: bool = False
    is_unsent: bool = False
    is_pushed_over: bool = False

    @property
    def marker(self) -> str:
        """The hidden first line."""
        return comment_marker(self.review.target, self.directory).source

    def is_newer_than(self, body: str, now: datetime, *, keeps_failure: bool) -> bool:
        """Return whether the comment must replace the one with this text.

        It must not if that one is of a later state of the ledger, or shows the same. With `keeps_failure`
        it must not replace an error of a run, because the ledger has nothing newer.
        """
        old = read_result(body, now)
        if old is None:
            return True
        if old.at > self.at or (old.is_failure and keeps_failure):
            return False
        return (old.digest, old.is_failure) != (text_digest(self._text().source), self.shows_error)

    def body(self, replaced: str) -> str:
        """Return the whole text; `replaced` is the comment before, whose plan is kept if it fits."""
        plan, digest = _plan_of(replaced), text_digest(self._text().source)
        for sends in _SENDS:
            text = self._whole(sends, digest)
            if len(text) <= _CHARACTERS_MAX:
                break
        texts = [f"{text}\n\n{_PLAN_START}{plan}{_PLAN_END}\n"] if plan else []
        texts += [f"{text}\n\n{_PLAN_LEFT_OUT}\n"] if plan or _PLAN_LEFT_OUT in replaced else []
        return next((each for each in texts if len(each) <= _CHARACTERS_MAX), text)

    def _whole(self, sends: int, digest: str) -> str:
        result = CommentResult(self.at, self.shows_error, digest, self.is_unsent)
        top = Markdown.of("{}\n{}", comment_marker(self.review.target, self.directory), result.line())
        # Links to a run differ in each run, so they do not count as news.
        links = [*self._links()]
        return Markdown.join("\n\n", [top, self._text(sends), *links, self._foot()]).source

    def _links(self) -> Iterator[Markdown]:
        if self.failed_csv_url is not None and self.review.failures:
            link = Markdown.link("not-received.csv", self.failed_csv_url)
            yield Markdown.of("{} has the recipients who got nothing; GitHub keeps it for a few days.", link)

    def _text(self, sends: int = _SENDS[0]) -> Markdown:
        return Markdown.join("\n\n", [*review_blocks(self.review, sends), *self._approval()])

    def _approval(self) -> Iterator[Markdown]:
        if self.review.state is RunState.DONE:
            yield Markdown("Nothing is unknown, and nothing is left to send.")
        if self.merged_at is None:
            return
        at = instant(self.merged_at)
        if self.review.state is RunState.REPLACED:
            yield Markdown.of("Merged {}.", at)
        elif self.is_pushed_over:
            what = "the campaign, a list or the settings"
            yield Markdown.of("Merged {}. A later push without a pull request changed {}.", at, what)
        elif self.approvers:
            yield Markdown.of("Approved by {}; merged {}.", _names(self.approvers), at)
        elif self.earlier_approvers:
            names = _names(self.earlier_approvers)
            yield Markdown.of("Merged {}; {} approved only an earlier commit.", at, names)
        else:
            yield Markdown.of("Merged {} without an approving review of a member.", at)

    def _foot(self) -> Markdown:
        run = (
            Markdown("") if self.run_url is None else Markdown.of(" · {}", Markdown.link("run", self.run_url))
        )
        foot = review_foot(self.review)
        return Markdown.of("{}<sub> · as of {}{}</sub>", foot, instant(self.at), run)


def _names(logins: tuple[str, ...]) -> Markdown:
    return Markdown.join(", ", map(Markdown.text, logins))


def instant(moment: datetime) -> str:
    """Return a time in UTC, to the minute."""
    return f"{moment.astimezone(UTC):%d %b %Y %H:%M UTC}"


def _plan_of(body: str) -> str:
    """Return the plan in a comment: the folded one, or the whole text without its marker."""
    if not body:
        return ""
    if read_result(body) is None:
        return body.partition("\n")[2].strip()
    return body.partition(_PLAN_MARK)[2].removesuffix(_PLAN_END).strip()
