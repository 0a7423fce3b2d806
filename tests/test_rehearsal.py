"""Scenarios of whole repositories, whose workflows `act` runs: from a pull request to a text message.

Each scenario compares the requests that the vendor accepted with the ledger, and reads what the jobs posted.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.processes.runs import CREDENTIALS
from tests.projects import GATE
from tests.rehearsal.act import find
from tests.rehearsal.copies import ROOT, copy_tree
from tests.rehearsal.page import Reader, steps
from tests.rehearsal.stage import COMMIT, SOURCE, stage
from tests.test_workflows import PINNED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.rehearsal.stage import Stage

pytestmark = pytest.mark.skipif(find() is None, reason="act is not installed; it exists for Linux on x86-64")

GATE_FILE = "specs/campaigns/gate.yaml"
APRIL_FILE, LIST_FILE = "specs/campaigns/april.yaml", "specs/contacts/april.csv"
APRIL = """\
campaign: april
purpose: transactional
sends:
  - id: gate
    endpoint: contacts
    channelQualifier: "148372"
    content: "Acme: your flight now leaves from gate %%GATE%%."
    contacts: {file: ../contacts/april.csv}
"""
# The sandbox accepts the last two numbers, and does not deliver to them: one is invalid, one not opted in.
LIST = "contactId,GATE\n12125550100,B12\n12125550101,B14\n12125550180,B12\n12125550190,B13\n"
WITHOUT_A_GATE = LIST.replace("B14", "")


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """Return the copy of sendspec's repository that all scenarios use."""
    return copy_tree(tmp_path_factory.mktemp("sendspec"), SOURCE, COMMIT)


@pytest.fixture
def here(tmp_path, tree) -> Iterator[Stage]:
    """Yield an empty repository, its vendor, and GitHub's API."""
    with stage(tmp_path, tree) as it:
        yield it


OWN = f"""\
name: own
on: push
jobs:
  send:
    runs-on: ubuntu-24.04
    permissions: {{contents: read}}
    steps:
      - uses: actions/checkout@{PINNED["actions/checkout"][0]}
        with: {{persist-credentials: false}}
      - uses: {SOURCE}/.github/actions/sendspec@{COMMIT}
        with:
          verb: apply
          target: production
          arguments: --auto-approve
        env:
          SENDSPEC_CLIENT_ID: ${{{{ secrets.SENDSPEC_CLIENT_ID }}}}
          SENDSPEC_CLIENT_SECRET: ${{{{ secrets.SENDSPEC_CLIENT_SECRET }}}}
          SENDSPEC_REFRESH_TOKEN: ${{{{ secrets.SENDSPEC_REFRESH_TOKEN }}}}
"""


def test_a_job_without_the_permission_to_push(here):
    """A workflow that uses the action, and whose token may only read the ledger, sends nothing and fails."""
    settings = {"specs/sendspec.yaml": here.settings("production")}
    here.hosted.commit("Start", {".github/workflows/own.yml": OWN, GATE_FILE: GATE, **settings})
    here.person("init", "--ledger", "--target", "production")
    run = here.hosted.run(here.hosted.pushed(), "own.yml")
    assert (run.results, run.codes) == ({"send": "failure"}, [1]), run.log
    assert "The requested URL returned error: 403" in run.output
    assert "these credentials may push to it" in run.output
    assert "1 request not started" in run.output
    assert here.check("production") == 0


def test_from_an_empty_repository_to_a_delivered_text(here):
    """A person follows the page: a pull request, one bad push, the merge, and the delivery status."""
    reader = Reader(here, [], [])
    page = steps(ROOT / "docs" / "from-empty-repository.md")
    while not reader.requests:
        reader.follow(*next(page))
    (request,) = reader.requests
    status_file = ".github/workflows/sendspec-status.yml"
    caller = (here.hosted.clone / status_file).read_text()
    kept = caller.replace("      comment: true\n", "      comment: true\n      not-received: true\n")
    here.hosted.amend(request, {APRIL_FILE: APRIL, LIST_FILE: WITHOUT_A_GATE, status_file: kept})
    bad = here.hosted.runs(here.hosted.pull_request(request, "opened"))["sendspec-plan.yml"]
    assert bad.results == {"plan production": "failure", "comment on production": "success"}, bad.log
    assert bad.codes == [3]
    (comment,) = here.api.bodies(request.number)
    assert "Not ready: 1 error" in comment
    assert "GATE%% has no value for 1 of 4 recipients" in comment

    here.hosted.amend(request, {LIST_FILE: LIST})
    good = here.hosted.runs(here.hosted.pull_request(request))["sendspec-plan.yml"]
    assert set(good.results.values()) == {"success"}, good.log
    (comment,) = here.api.bodies(request.number)
    for part in ("production · Ready", "**5 people**; 2 sends", "hello from our first reviewed campaign"):
        assert part in comment

    here.hosted.merge(request, approver="kim")
    assert here.accepted() == []
    sent = here.hosted.runs(here.hosted.pushed())["sendspec-apply.yml"]
    assert set(sent.results.values()) == {"success"}, sent.log
    assert here.check("production") == 2
    assert "production · Ready" in sent.jobs["plan production"].summary
    assert "Sent: 5 of 5 recipients accepted" in sent.jobs["apply production"].summary
    (comment,) = here.api.bodies(request.number)
    approved = ("Approved by kim; merged ", "The plan of this pull request", "production · Ready")
    for part in ("✅ Sent: 5 of 5 recipients accepted, delivery not reported yet", *approved):
        assert part in comment

    for step in page:
        reader.follow(*step)
    (status,) = reader.runs
    assert set(status.results.values()) == {"success"}, status.log
    assert "3 handed to the carrier, 2 not" in status.jobs["status production"].summary
    (comment,) = here.api.bodies(request.number)
    for part in ("5 of 5 recipients accepted, 3 handed to the carrier, 2 not", "1 no consent", *approved):
        assert part in comment
    (failed,) = here.hosted.artifacts.glob("*/sendspec-not-received-*/files/*.csv")
    assert ["12125550180,B12" in failed.read_text(), "12125550100" in failed.read_text()] == [True, False]
    assert f"/{failed.parents[2].name}/artifacts/" in comment


def test_ten_pushes_edit_one_comment(here):
    """Each push edits the comment of its target, and a further target gets a comment of its own."""
    here.begin("sandbox")
    request = here.hosted.propose("april", {APRIL_FILE: APRIL, LIST_FILE: LIST})
    for number in range(1, 11):
        if number == 10:
            here.begin("production")
        here.hosted.amend(request, {APRIL_FILE: APRIL.replace("gate %%", f"gate {number} %%")})
        run = here.hosted.runs(here.hosted.pull_request(request))["sendspec-plan.yml"]
        assert set(run.results.values()) == {"success"}, run.log
        comment, *others = here.api.bodies(request.number)
        assert f"from gate {number}&#32;" in comment
    (other,) = others
    assert [text.splitlines()[0] for text in (comment, other)] == [
        "<!-- sendspec:sandbox:specs -->",
        "<!-- sendspec:production:specs -->",
    ]
    assert Counter(call.split()[0] for call in here.api.writes()) == {"POST": 2, "PATCH": 9}


def test_a_fork_with_hostile_text(here):
    """Its pull request and a merge queue get a plan, no comment, and no command of the runner."""
    here.begin("production")
    hostile = APRIL.replace("purpose:", "description: |\n  ::error::hostile\n  ##[error]hostile\npurpose:", 1)
    hostile = hostile.replace("Acme:", r"Acme:\n::error::hostile\n ##[error]hostile", 1)
    request = here.hosted.propose("april", {APRIL_FILE: hostile, LIST_FILE: LIST}, of_fork=True)
    run = here.hosted.runs(here.hosted.pull_request(request))["sendspec-plan.yml"]
    assert (run.code, run.results) == (0, {"plan production": "success"}), run.log
    assert "hostile" in run.output
    assert run.commands == {"add-path", "set-output", "stop-commands", "summary"}
    queued = here.hosted.runs(here.hosted.merge_group(request))["sendspec-plan.yml"]
    assert (queued.code, queued.results) == (0, {"plan production": "success"}), queued.log
    assert "Plan: 2 to send" in queued.output
    assert (here.api.bodies(request.number), here.api.writes()) == ([], [])


def test_a_schedule_does_what_an_evicted_run_would_have_done(here):
    """It sends what is merged, once; a second attempt of an older run sends nothing."""
    here.begin("production")
    first = here.hosted.pushed()
    request = here.hosted.propose("april", {APRIL_FILE: APRIL, LIST_FILE: LIST})
    here.hosted.merge(request)
    scheduled = here.hosted.run(here.hosted.scheduled(), "sendspec-apply.yml")
    assert set(scheduled.results.values()) == {"success"}, scheduled.log
    assert here.check("production") == 2
    (comment,) = here.api.bodies(request.number)
    assert "Sent: april, 4 of 4 recipients accepted" in comment
    assert re.search(r"Merged \d+ [A-Z][a-z]+ \d{4} [\d:]+ UTC without an approving review", comment)
    again = here.hosted.run(first, "sendspec-apply.yml", id=7, attempt=2)
    assert again.results == {"plan production": "success"}, again.log
    assert "Nothing to send" in again.output
    assert here.check("production") == 2


def test_a_watch_keeps_one_issue(here, monkeypatch):
    """It opens, edits and closes one issue about what was merged two days ago and is not sent."""
    merged = datetime.now(UTC) - timedelta(days=2)
    with monkeypatch.context() as patched:
        patched.setenv("GIT_COMMITTER_DATE", merged.isoformat())
        here.begin("production")
    texts = []
    for number in range(3):
        if number == 1:
            here.api.state.rules["sendspec-state"] = [{"type": "deletion"}, {"type": "non_fast_forward"}]
        if number == 2:
            here.person("apply", "specs", "--target", "production", "--auto-approve", **CREDENTIALS)
        run = here.hosted.run(here.hosted.scheduled(), "sendspec-watch.yml")
        assert set(run.results.values()) == {"success"}, run.log
        (issue,) = here.api.state.issues.values()
        texts.append((issue.state, issue.body.splitlines()[2]))
    assert texts == [
        ("open", "## ⚠️ 2 things need attention"),
        ("open", "## ⚠️ 1 thing needs attention"),
        ("closed", "## ⚠️ 1 thing needs attention"),
    ]
    assert "order-ready/pickup" in issue.body
    assert "Never sent, although it is due" in issue.body
    (last,) = here.api.bodies(issue.number)
    assert "Nothing needs attention" in last
    assert here.check("production") == 1
