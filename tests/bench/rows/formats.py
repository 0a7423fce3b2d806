"""What a reviewer gets of 500 campaigns: all formats of one plan, and its page in a browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sendspec.report.formats import PLAN_FORMAT_NAMES
from tests.bench.comparison import PRODUCT, Comparison, Row
from tests.bench.lines import slower_than, within_seconds
from tests.bench.processes import PYTHON, ROOT, SENDSPEC, NotAvailable, environment, measure
from tests.bench.rows.campaigns import write_campaigns

if TYPE_CHECKING:
    from tests.bench.comparison import Bench
    from tests.bench.processes import Cost

_TEXT: Final = "text only"


def _formats(bench: Bench) -> Comparison:
    count = bench.size(500)
    folder, log = bench.fresh("formats"), bench.folder / "log"
    project = write_campaigns(folder / "specs", count)
    first, *others = PLAN_FORMAT_NAMES
    every = [word for name in others for word in ("--format", f"{name}={folder / name}")]
    plan = [SENDSPEC, "plan", str(project), "--format", first]
    return Comparison(
        contestants={PRODUCT: lambda: measure([*plan, *every], log), _TEXT: lambda: measure(plan, log)},
        lines=(slower_than(f"`plan` of {count:,} campaigns in all formats", _TEXT, at_most=2),),
    )


def _page(bench: Bench) -> Comparison:
    count = bench.size(500)
    folder, log = bench.fresh("page"), bench.folder / "log"
    project, page = write_campaigns(folder / "specs", count), folder / "plan.html"
    measure([SENDSPEC, "plan", str(project), "--format", f"html={page}"], log)

    def load() -> Cost:
        # Playwright is large, and a child starts with the peak of its parent.
        command = [PYTHON, "-m", "tests.bench.page_time", page.as_uri()]
        cost = measure(command, log, env=environment(), folder=ROOT)
        result = json.loads(log.read_text(encoding="utf-8"))
        if result["missing"] is not None:
            raise NotAvailable(result["missing"])
        return cost._replace(seconds=result["seconds"])

    return Comparison(
        contestants={PRODUCT: load},
        lines=(within_seconds(f"the page of {count:,} campaigns until its load event", 2),),
    )


ROWS: Final = (
    Row("formats", "`plan` of 500 campaigns in all formats, as text only", _formats),
    Row("page", "the page of 500 campaigns in Chromium, until its load event", _page),
)
