"""What needs a person: the decision at a fixed time, its texts, and the verb in real clones."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from sendspec import schema
from sendspec.cli._lib.ledger_branch import check_ledger_branch
from sendspec.load import load_project
from sendspec.model import Delivery, FileDate, LedgerState, Location, Locations, RequestState
from sendspec.plan import plan_project
from sendspec.report.screen import Screen
from sendspec.report.watch import (
    Place,
    watch_annotations,
    watch_json,
    watch_markdown,
    watch_outputs,
    watch_text,
)
from sendspec.structs import replace
from sendspec.watch import (
    BranchCheck,
    BranchState,
    WatchItem,
    WatchLimits,
    WatchReason,
    WatchResult,
    watch_ledger,
    watch_plan,
    with_branch,
)
from tests.github_api import GitHubServer
from tests.ledgers import git, remote_with_clones
from tests.plans import AT, NOW, SENT, UNKNOWN, UNSENT, plan_specs, record_of
from tests.projects import CONTACTS, GATE, TEASER, project, sendspec
from tests.snapshots import Json, Text

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OLD, NEW = FileDate(NOW - 2 * DAY, is_commit=True), FileDate(NOW - HOUR / 2, is_commit=True)
LIMITS = WatchLimits()
REAL = "version: 1\ntargets: {production: {pod: us-1}}\nrules: {fictional-number: off}\n"


@pytest.fixture(autouse=True)
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def watched(ledger=None, *, merged=OLD, now=NOW, limits=LIMITS, **settings) -> tuple[WatchItem, ...]:
    """Return the items of the project in `specs`, whose campaign files are as old as `merged`."""
    plan = plan_specs(ledger or {}, now=now)
    dates = {action.address.partition("/")[0]: merged for action in plan.actions}
    return watch_plan(plan, dates, limits, now, waits_for_hours=False, **settings).items


def in_hours(merged=OLD, now=NOW) -> tuple[WatchItem, ...]:
    """Return the items of the project for a real target, which texts people in legal hours only."""
    loaded = load_project(Path("specs"))
    target = loaded.targets["production"]
    plan = plan_project(loaded, target, LedgerState("production", target.account), now)
    return watch_plan(plan, {"sale": merged}, LIMITS, now, waits_for_hours=True).items


def reasons(items) -> list[str]:
    return [item.reason.value for item in items]


def one(*states, address="gate/change", **changes):
    """Return a ledger with one send, whose requests have these states."""
    record = record_of(plan_specs(), address, *states)
    requests = tuple(replace(request, **changes) for request in record.requests)
    return {address: replace(record, requests=requests)}


def windowed(campaign: str, window: str) -> str:
    return f"{campaign}    {window}\n"


def test_a_list_that_only_this_machine_lacks_blocks_nothing_elsewhere():
    """A job that watches needs no lists: it reports a send that no run sent, and does not call it blocked."""
    listed = f"{{file: people.csv, sha256: {'0' * 64}}}"
    project(Path("specs"), CONTACTS.replace("{file: ../contacts/people.csv}", listed))
    [item] = watched()
    assert (item.reason, item.recipients) == (WatchReason.NEVER_SENT, None)
    shown = watch_text(WatchResult("sandbox", NOW, (item,)), Place("specs", "sandbox"))
    assert "its list is not on this machine" in shown
    assert watched(merged=NEW) == ()


def test_a_send_that_was_merged_long_ago_and_never_sent():
    """After a day it is an item, although nothing blocks it; before that a run may still send it."""
    project(Path("specs"), GATE)
    [item] = watched()
    assert (item.reason, item.since, item.recipients) == (WatchReason.NEVER_SENT, OLD.at, 2)
    assert watched(merged=NEW) == ()
    assert reasons(watched(merged=NEW, limits=replace(LIMITS, unsent=HOUR / 4))) == ["never-sent"]
    assert watched(merged=FileDate(NOW + DAY, is_commit=True)) == ()
    assert watched(one(SENT, delivery=Delivery(2, 2, 2, 0, {}, AT))) == ()


def test_a_send_is_not_late_before_its_notbefore():
    """It counts from its `notBefore`, also if its file is older."""
    project(Path("specs"), windowed(GATE, 'notBefore: "2030-01-16T12:00:00Z"'))
    assert watched() == ()
    assert watched(now=NOW + DAY + HOUR) == ()
    [item] = watched(now=NOW + 2 * DAY + HOUR)
    assert (item.reason, item.since) == (WatchReason.NEVER_SENT, NOW + DAY)


def test_a_shallow_clone_knows_only_the_latest_possible_time():
    """The item says that the send may be older."""
    project(Path("specs"), GATE)
    [item] = watched(merged=replace_limit(OLD))
    assert item.since_is_limit
    result = WatchResult("sandbox", NOW, (item,))
    assert "since Sun 13 Jan 2030 12:00 UTC or earlier (2 days)" in watch_text(result, Place("specs", "x"))


def replace_limit(date: FileDate) -> FileDate:
    return replace(date, is_limit=True)


def test_a_window_that_closes():
    """A day before the end a due send is urgent after an hour; a send that is not due yet is not."""
    project(Path("specs"), windowed(GATE, 'notAfter: "2030-01-15T20:00:00Z"'))
    assert watched(merged=NEW) == ()
    [item] = watched(merged=FileDate(NOW - 2 * HOUR, is_commit=True))
    assert (item.reason, item.is_closing, item.until) == (WatchReason.NEVER_SENT, True, NOW + 8 * HOUR)
    project(
        Path("specs"),
        windowed(windowed(GATE, 'notAfter: "2030-01-15T20:00:00Z"'), 'notBefore: "2030-01-15T14:00:00Z"'),
    )
    assert watched() == ()


def test_a_scheduled_date_that_is_over():
    """A job that was not posted before its date is blocked, and nothing about it is urgent any more."""
    project(Path("specs"), TEASER.replace("2099-12-01T14:00:00-05:00", "2030-01-15T10:00:00Z"))
    [item] = watched()
    assert (item.reason, item.rules, item.is_closing) == (WatchReason.BLOCKED, ("schedule",), False)
    project(Path("specs"), TEASER.replace("2099-12-01T14:00:00-05:00", "2030-01-15T20:00:00Z"))
    [item] = watched()
    assert (item.reason, item.until, item.is_closing) == (WatchReason.NEVER_SENT, NOW + 8 * HOUR, True)


def test_a_new_revision_that_was_never_sent():
    """The text is about the revision, because the send itself was sent."""
    project(Path("specs"), GATE)
    ledger = one(SENT, delivery=Delivery(2, 2, 2, 0, {}, AT))
    project(Path("specs"), f"{GATE}    revision: 2\n")
    [item] = watched(ledger)
    text = watch_text(WatchResult("sandbox", NOW, (item,)), Place("specs", "sandbox"))
    assert "gate/change: Its new revision was never sent, although it is due and nothing blocks it\n" in text


def test_a_blocked_send_is_urgent_when_its_window_closes():
    """A person must fix it, so an hour's grace would only cost time."""
    text = windowed(GATE, 'notAfter: "2030-01-15T20:00:00Z"').replace("%%GATE%%", "%%GATE")
    project(Path("specs"), text)
    [item] = watched(merged=NEW)
    assert (item.reason, item.is_closing, item.blocked_by) == (WatchReason.BLOCKED, True, None)
    assert item.rules


def test_an_error_elsewhere_blocks_the_plan():
    """A send without an error is blocked by that of another one, and says so."""
    broken = GATE.replace("campaign: gate", "campaign: other").replace("%%GATE%%", "%%GATE")
    project(Path("specs"), GATE, broken)
    items = {item.address: item for item in watched()}
    assert {address: item.reason for address, item in items.items()} == {
        "gate/change": WatchReason.BLOCKED,
        "other/change": WatchReason.BLOCKED,
    }
    assert (items["gate/change"].blocked_by, items["other/change"].blocked_by) == (("other/change",), None)
    result = WatchResult("sandbox", NOW, tuple(items.values()))
    text = watch_text(result, Place("specs", "sandbox"))
    assert "gate/change: Due, but errors of other/change block the whole plan: unresolved-tag\n" in text
    assert items["gate/change"].rules == items["other/change"].rules


def test_a_list_that_is_not_here():
    """The machine that applies may have the list, so only a send that is due for a day is an item."""
    outside = f"{{file: people.csv, sha256: {'0' * 64}}}"
    text = CONTACTS.replace("{file: ../contacts/people.csv}", outside)
    project(Path("specs"), text)
    assert watched(merged=NEW) == ()
    [item] = watched()
    assert (item.reason, item.plan_reason, item.recipients) == (WatchReason.NEVER_SENT, "list-absent", None)
    shown = watch_text(WatchResult("sandbox", NOW, (item,)), Place("specs", "sandbox"))
    assert "sale/last-call: Never sent, although it is due\n  its list is not on this machine;" in shown
    project(Path("specs"), windowed(text, 'notBefore: "2030-01-16T12:00:00Z"'))
    assert watched() == ()


def test_an_expired_send():
    """Left recipients are reported for a month after the end; a finished send is not."""
    project(Path("specs"), windowed(GATE, 'notAfter: "2030-01-15T11:00:00Z"'))
    [item] = watched(merged=NEW)
    assert (item.reason, item.since, item.recipients) == (WatchReason.EXPIRED, NOW - HOUR, 2)
    assert watched(now=NOW + 31 * DAY) == ()
    assert watched(one(SENT, delivery=Delivery(2, 2, 2, 0, {}, AT))) == ()


def test_a_part_that_is_left():
    """The rest of a send counts from the last accepted request, and the item has both numbers."""
    project(Path("specs"), CONTACTS, count=2412)
    ledger = one(SENT, UNSENT, UNSENT, address="sale/last-call", delivery=Delivery(1, 1, 1, 0, {}, AT))
    assert reasons(watched(ledger, now=AT + HOUR)) == []
    [item] = watched(ledger)
    assert (item.reason, item.since) == (WatchReason.PARTIAL, AT)
    assert (item.recipients, item.recipients_all) == (1412, 2412)
    result = WatchResult("sandbox", NOW, (item,))
    assert "not sent: no answer within 30 s" in watch_text(result, Place("specs", "sandbox"))
    Path("specs/contacts/people.csv").write_text("contactId,NAME\n12125550123,Ada\n")
    [item] = watched(ledger)
    assert (item.reason, item.plan_reason) == (WatchReason.PARTIAL, "recipients-changed")


def test_unknown_requests():
    """An outcome that is unknown for a day needs a person, and earlier if the window closes."""
    project(Path("specs"), GATE)
    [item] = watched(one(UNKNOWN))
    assert (item.reason, item.since, list(map(str, item.requests))) == (
        WatchReason.UNKNOWN,
        AT,
        ["gate/change#1"],
    )
    assert watched(one(UNKNOWN, at=NOW - HOUR)) == ()
    project(Path("specs"), windowed(GATE, 'notAfter: "2030-01-15T20:00:00Z"'))
    [item] = watched(one(UNKNOWN, at=NOW - HOUR))
    assert (item.reason, item.is_closing) == (WatchReason.UNKNOWN, True)
    running = {"state": RequestState.INTENT, "at": NOW - timedelta(minutes=2)}
    assert watched(one(UNKNOWN, **running)) == ()


def test_unknown_requests_of_a_removed_send():
    """The ledger has them, although the specs do not have the send any more."""
    project(Path("specs"), GATE)
    ledger = one(UNKNOWN)
    project(Path("specs"), GATE.replace("campaign: gate", "campaign: another"))
    assert reasons(watched(ledger, merged=NEW)) == ["unknown"]


def test_open_deliveries():
    """A delivery that is open for a day is an item until it is a month old."""
    project(Path("specs"), GATE)
    part = Delivery(2, 1, 1, 0, {}, AT)
    for ledger in (one(SENT), one(SENT, delivery=part)):
        [item] = watched(ledger)
        assert (item.reason, item.since) == (WatchReason.UNSETTLED, AT)
        assert watched(ledger, now=AT + HOUR) == ()
        assert watched(ledger, now=AT + 31 * DAY) == ()


def test_an_edit_after_the_send():
    """The edit has no effect, which its author must know; a new one may still be corrected."""
    project(Path("specs"), GATE)
    ledger = one(SENT, delivery=Delivery(2, 2, 2, 0, {}, AT))
    project(Path("specs"), GATE.replace("now leaves", "leaves"))
    assert reasons(watched(ledger)) == ["edited"]
    assert watched(ledger, merged=NEW) == ()


def test_jobs_at_the_vendor():
    """A job is reported if its send was removed, edited, or replaced by a higher revision."""
    project(Path("specs"), TEASER)
    ledger = one(SENT, address="spring/teaser")
    assert watched(ledger) == ()
    for text, reason in (
        (TEASER.replace("spring", "summer").replace("2099-12-01", "2099-12-02"), "job-removed"),
        (TEASER.replace("2099-12-01", "2099-12-02"), "job-edited"),
        (TEASER.replace("  - id", "  - revision: 2\n    id").replace('-teaser"', '-again"'), "job-replaced"),
    ):
        project(Path("specs"), text)
        [item] = watched(ledger, merged=NEW)
        assert (item.reason, item.job.request.job_id) == (reason, 1401)


def test_legal_hours():
    """A send that waits for legal hours is not late, unless none comes before it expires."""
    project(Path("specs"), CONTACTS, settings=REAL)
    # At noon UTC it is night for some of these recipients.
    assert in_hours(merged=NEW) == ()
    [item] = in_hours()
    assert item.reason is WatchReason.NEVER_SENT
    assert item.since > OLD.at, "the first legal hour after the merge"
    project(Path("specs"), windowed(CONTACTS, 'notAfter: "2030-01-15T12:30:00Z"'), settings=REAL)
    [item] = in_hours(merged=NEW)
    assert (item.reason, item.plan_reason) == (WatchReason.NO_LEGAL_HOUR, "quiet-hours")
    assert watched(merged=NEW) == (), "a sandbox has no legal hours"


def test_the_last_legal_hour_is_the_end():
    """The window ends with the evening if the next legal morning is after it."""
    project(Path("specs"), windowed(CONTACTS, 'notAfter: "2030-01-16T11:00:00Z"'), settings=REAL)
    [item] = in_hours(now=NOW + 5 * HOUR)
    assert item.is_closing
    assert item.until < NOW + 23 * HOUR


def test_specs_that_cannot_be_planned():
    """The specs are an item, and the ledger still shows its own."""
    project(Path("specs"), GATE)
    result = watch_ledger("sandbox", LedgerState("sandbox", "sandbox", one(UNKNOWN)), 2, LIMITS, NOW)
    assert reasons(result.items) == ["plan-failed", "unknown"]


def everything() -> WatchResult:
    """Return a result that has an item of every reason."""
    project(Path("specs"), CONTACTS, GATE, TEASER, count=2412)
    job = record_of(plan_specs(), "spring/teaser", SENT)
    project(
        Path("specs"),
        windowed(CONTACTS, 'notAfter: "2030-01-15T20:00:00Z"'),
        GATE.replace("campaign: gate", "campaign: expired") + '    notAfter: "2030-01-15T11:00:00Z"\n',
        GATE.replace("campaign: gate", "campaign: late"),
        GATE,
        count=2412,
    )
    records = {
        "sale/last-call": record_of(plan_specs(), "sale/last-call", SENT, UNSENT, UNSENT),
        "gate/change": record_of(plan_specs(), "gate/change", UNKNOWN),
        "spring/teaser": job,
    }
    return WatchResult("production", NOW, watched(records))


def test_texts(snapshot):
    """Text, Markdown and JSON have each item with its time and its command."""
    result, place = everything(), Place("specs", "production")
    assert watch_text(result, place) == snapshot(extension_class=Text, name="text")
    assert watch_markdown(result, place) == snapshot(extension_class=Text, name="markdown")
    assert watch_json(result, place) == snapshot(extension_class=Json, name="json")
    document = json.loads(watch_json(result, place))
    assert schema.check("watch", document, Locations(Location("watch"))) == []


@pytest.mark.parametrize("width", [30, 80])
def test_a_terminal_folds_sentences(width):
    """No sentence is wider than the terminal, and no command is folded."""
    result, place = everything(), Place("specs", "production")
    folded = watch_text(result, place, Screen(width, is_terminal=True))
    lines = folded.splitlines()
    assert all(
        len(line) <= width or line.startswith("    sendspec ") for line in lines if " " in line.strip()
    )
    assert folded.split() == watch_text(result, place).split()


@pytest.mark.parametrize("reason", WatchReason)
def test_every_reason_has_its_sentences(reason):
    """Each reason has a cause and an action of at most 20 words, and its code is in the schema."""
    project(Path("specs"), TEASER)
    job = next(iter(watched_jobs())) if reason.startswith("job-") else None
    requests = job.requests if job else ()
    check = BranchCheck(BranchState.UNPROTECTED, allows_deletion=True)
    item = WatchItem(reason, "a/b", requests=requests, job=job and job.job, rules=("window",), branch=check)
    result = WatchResult("sandbox", NOW, (item,))
    document = json.loads(watch_json(result, Place("specs", "sandbox")))
    assert schema.check("watch", document, Locations(Location("watch"))) == []
    [entry] = document["items"]
    for text in (entry["text"], entry["action"]):
        assert 0 < len(text.split()) <= 24
        assert not text.endswith(".")
        assert "{" not in text


def watched_jobs() -> tuple[WatchItem, ...]:
    ledger = one(SENT, address="spring/teaser")
    project(Path("specs"), TEASER.replace("2099-12-01", "2099-12-02"))
    return watched(ledger)


def test_nothing(snapshot):
    """Without items one line says so, and the outputs of a step too."""
    result, place = WatchResult("production", NOW), Place("specs", "production")
    assert watch_text(result, place).startswith("Nothing needs attention (target production, ")
    assert "## ✅ Nothing needs attention" in watch_markdown(result, place)
    assert watch_annotations(result, place) == ""
    assert watch_outputs(result) == {"needs-attention": "false", "items": "0"}


def test_many_items_fit_into_an_issue():
    """A thousand items are cut and counted, in the text and in the annotations."""
    items = tuple(WatchItem(WatchReason.EXPIRED, f"campaign-{n}/send", recipients=9) for n in range(1000))
    result, place = WatchResult("production", NOW, items), Place("specs", "production")
    text = watch_markdown(result, place)
    assert len(text.encode()) < 65_536
    assert f"**{1000 - text.count('<code>campaign-')} things more**" in text
    lines = watch_annotations(result, place).splitlines()
    assert (len(lines), "991 more things in the summary" in lines[-1]) == (10, True)


def test_hostile_names_are_text():
    """A directory and a target with syntax are only shown."""
    item = WatchItem(WatchReason.PLAN_FAILED, problems=1)
    result, place = WatchResult("x", NOW, (item,)), Place("specs`@all ::error::", "x\n::error::y")
    assert "@all" not in watch_markdown(result, place).replace("@<wbr>all", "")
    for text in (watch_text(result, place), watch_annotations(result, place)):
        assert not any(line.lstrip().startswith("::error") for line in text.splitlines())


LEDGER = "sendspec-state"
GIT = "version: 1\ntargets: {production: {pod: us-1, ledger: git}}\n"


def branch_check(monkeypatch, url: str, **environment: str) -> BranchCheck | None:
    """Return the check of the ledger branch of a clone with this remote."""
    git("init", "--quiet", ".", where=Path())
    git("remote", "add", "origin", url, where=Path())
    loaded = load_project(project(Path("specs"), GATE, settings=GIT))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return check_ledger_branch(loaded, loaded.targets["production"])


@pytest.mark.parametrize(
    ("kinds", "state", "item"),
    [
        (
            (),
            "unprotected",
            "GitHub does not refuse force pushes and the deletion of the branch sendspec-state",
        ),
        (("deletion",), "unprotected", "GitHub does not refuse force pushes of the branch sendspec-state"),
        (("deletion", "non_fast_forward"), "protected", None),
    ],
)
def test_an_unprotected_ledger_branch(kinds, state, item, monkeypatch):
    """Both rules protect it; what is missing is an item, and each result says what is known."""
    with GitHubServer() as github:
        github.state.rules[LEDGER] = [{"type": kind} for kind in kinds]
        remote = f"{github.base_url}/{github.state.repository}.git"
        check = branch_check(monkeypatch, remote, **github.environment())
    assert check is not None
    result = with_branch(WatchResult("production", NOW), check)
    document = json.loads(watch_json(result, Place("specs", "production")))
    assert document["ledgerBranch"] == state
    assert [entry["text"] for entry in document["items"]] == ([item] if item else [])
    assert "ledger branch" in watch_text(result, Place("specs", "production"))
    assert schema.check("watch", document, Locations(Location("watch"))) == []


def test_a_ledger_branch_that_cannot_be_checked(monkeypatch, cli):
    """Without a token, in another repository, and after an error it is not an item, and the text says why."""
    remote = "https://github.com/acme/specs"
    place = Place("specs", "production")
    for environment, state, words in (
        ({}, BranchState.NO_TOKEN, "because GITHUB_TOKEN is not set"),
        ({"GITHUB_TOKEN": "t", "GITHUB_REPOSITORY": "acme/other"}, BranchState.OTHER_REPOSITORY, "another"),
        ({"GITHUB_REPOSITORY": "no name"}, BranchState.NOT_READABLE, "not the name of a"),
    ):
        check = branch_check(monkeypatch, remote, **environment)
        git("remote", "remove", "origin", where=Path())
        assert check is not None
        assert check.state is state
        result = with_branch(WatchResult("production", NOW), check)
        assert (result.items, words in watch_text(result, place)) == ((), True), state
        assert "was not checked" in watch_markdown(result, place)
    project(Path("files"), GATE)
    assert json.loads(cli("watch", "files", "--format", "json").out)["ledgerBranch"] is None


def test_the_verb(cli, monkeypatch):
    """It exits 3 if something needs a person, 0 if not, and calls nothing; problems of specs are an item."""
    specs = project(Path("specs"), GATE)
    done = cli("watch")
    assert (done.code, done.out.splitlines()[0][:23], done.err) == (0, "Nothing needs attention", "")
    done = cli("watch", "--unsent-after", "0m")
    assert (done.code, "gate/change: Never sent" in done.out) == (3, True)
    assert cli("watch", "--unsent-after", "0m", "--exit-zero").code == 0
    assert not (specs / ".sendspec").exists()
    (specs / "campaigns" / "c0.yaml").write_text("campaign: 3\n")
    done = cli("watch")
    assert (done.code, "The specs have" in done.out, "c0.yaml:1:" in done.err) == (3, True, True)
    (specs / "sendspec.yaml").write_text("version: 9\n")
    assert cli("watch").code == 1
    done = cli("watch", "--unsent-after", "soon")
    assert (done.code, "'soon' is not a duration such as 90m, 24h or 7d" in done.err) == (64, True)


def test_a_step_of_github(cli, tmp_path, monkeypatch):
    """`github` writes annotations, the summary and the outputs of the step."""
    project(Path("specs"), GATE)
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.setenv(name, str(tmp_path / name))
    done = cli("watch", "--unsent-after", "0m", "--format", "github")
    assert done.out.startswith("::warning title=gate/change::Never sent")
    assert "needs-attention<<" in (tmp_path / "GITHUB_OUTPUT").read_text()
    assert "## ⚠️ 1 thing needs attention" in (tmp_path / "GITHUB_STEP_SUMMARY").read_text()


def test_the_time_of_the_merge_counts(tmp_path):
    """A commit that waited on its branch is as old as its merge; a shallow clone says "or earlier"."""
    remote, [clone] = remote_with_clones(tmp_path, 1)
    git("checkout", "--quiet", "-b", "topic", where=clone)
    project(clone / "specs", GATE)
    git("add", ".", where=clone)
    git(
        "commit",
        "--quiet",
        "--message=topic",
        "--date=@1600000000",
        where=clone,
        GIT_COMMITTER_DATE="@1600000000 +0000",
    )
    git("checkout", "--quiet", "main", where=clone)
    git("merge", "--quiet", "--no-ff", "topic", where=clone, GIT_COMMITTER_DATE="@1600600000 +0000")
    git("push", "--quiet", "origin", "main", where=clone)
    whole = json.loads(sendspec("watch", "--unsent-after", "0m", "--format", "json", where=clone).out)
    assert [item["since"] for item in whole["items"]] == ["2020-09-20T11:06:40Z"]
    git("clone", "--quiet", "--depth=1", f"file://{remote}", "shallow", where=tmp_path)
    done = sendspec("watch", "--unsent-after", "0m", "--format", "json", where=tmp_path / "shallow")
    [item] = json.loads(done.out)["items"]
    assert (item["since"], item["sinceIsLimit"]) == ("2020-09-20T11:06:40Z", True)
