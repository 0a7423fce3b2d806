"""What a report on GitHub is made from: the plan after the run, the ledger, and the news of each send."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from sendspec.cli._lib.context import open_project, read_ledger
from sendspec.cli._lib.planning import plan_opened
from sendspec.cli._lib.repository_paths import repository_path
from sendspec.cli._lib.repository_survey import RepositorySurvey
from sendspec.errors import SendspecError
from sendspec.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from sendspec.cli._lib.console import Console
    from sendspec.model import LedgerState, Plan, PlannedSend, SendRecord
    from sendspec.status import TransactionStatus


class Results(Struct, frozen=True):
    """The sends of a target as of `at`, the time before the ledger was read.

    `files` has the file of each campaign, from the root of the repository, and `settings` is sendspec.yaml.
    A send whose last news is older than `window` is not reported. `is_partial` says that sends are left out.
    """

    directory: str
    plan: Plan
    ledger: LedgerState
    statuses: Sequence[TransactionStatus]
    files: Mapping[str, str]
    at: datetime
    window: timedelta
    settings: str
    is_partial: bool = False

    def paths(self, send: PlannedSend) -> tuple[str, ...]:
        """Return the files that decide what a send is, from the root of the repository, its campaign first.

        Lists outside of the repository have no path: the campaign file has their digests.
        """
        lists = (str(file.path) for file in send.send.files if file.outside is None)
        others = sorted(map(repository_path, lists))
        return tuple(dict.fromkeys([self.files[send.send.campaign], self.settings, *others]))

    def recent(self) -> list[PlannedSend]:
        """Return the sends that a comment is about, the one with the latest news first."""
        news = [(send, self.news(send)) for send in self.plan.sends]
        found = [(at, send) for send, at in news if at is not None and at >= self.at - self.window]
        found.sort(key=lambda item: (-item[0].timestamp(), item[1].address))
        return [send for _, send in found]

    def news(self, send: PlannedSend) -> datetime | None:
        """Return when something of a send happened last, now if it is pending; None if nothing did."""
        times = [*self._times(send)]
        if send.pending:
            not_after = send.send.not_after
            times.append(self.at if not_after is None else min(not_after, self.at))
        return max(times, default=None)

    def last_result(self, sends: Sequence[PlannedSend]) -> datetime | None:
        """Return the time of the latest entry of the ledger about these sends, None if there is none."""
        return max((at for send in sends for at in self._times(send)), default=None)

    def first_request(self, send: PlannedSend) -> datetime | None:
        """Return when the first request of this revision was made, None if there was none yet."""
        record = self._record(send)
        return None if record is None else min(request.first_at for request in record.requests)

    def _times(self, send: PlannedSend) -> Iterator[datetime]:
        record = self._record(send)
        for request in () if record is None else record.requests:
            yield request.at
            if request.delivery is not None and request.delivery.at is not None:
                yield request.delivery.at
            if request.stop is not None:
                yield request.stop.at

    def _record(self, send: PlannedSend) -> SendRecord | None:
        from sendspec.report.merged_sends import record_name

        name = record_name(send, self.ledger)
        return None if name is None else self.ledger.sends[name]


def read_results(  # noqa: PLR0913 - what is read, and how much of it must be readable
    console: Console,
    directory: str,
    target_name: str,
    window: timedelta,
    at: datetime,
    *,
    needs_all: bool,
    contacts_directory: str | None = None,
) -> Results:
    """Return the results of a target, and what is left to send.

    Unless it `needs_all`, a problem of sends that were not tried yet leaves out all such sends, with a note:
    a job that asks only for deliveries may have neither their lists nor their databases.

    Raises:
        SendspecError: the project, the ledger or a list cannot be read.
    """
    from sendspec import status

    survey = RepositorySurvey(Path(directory))
    project, target = open_project(directory, target_name, contacts_directory=contacts_directory)
    state = read_ledger(project, target)
    is_partial = False
    try:
        plan = plan_opened(console, project, target, state, survey=survey)
    except SendspecError as error:
        if needs_all or not state.sends:
            raise
        console.info(f"note: {error}; the comments leave out sends that were not tried yet")
        is_partial = True
        tried = Selection(tuple(sorted(state.sends)))
        plan = plan_opened(console, project, target, state, survey=survey, selection=tried)
    book = status.StatusBook(status.transactions(state), ignore_ledger=False)
    files = {campaign.name: repository_path(str(campaign.file)) for campaign in project.campaigns}
    settings = repository_path(str(project.directory / "sendspec.yaml"))
    return Results(
        directory, plan, state, book.statuses, files, at, window, settings=settings, is_partial=is_partial
    )
