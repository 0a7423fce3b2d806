"""`sendspec github report`: the comment of a merged pull request shows what became of its sends."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from sendspec.report.comment_result import read_result
from sendspec.report.merged_comment import MergedComment
from sendspec.report.run_review import RunReview, RunState, SendResult
from tests.github_api import Commit, Token, before
from tests.github_api.server import FORK_TOKEN
from tests.projects import CONTACTS, GATE, project
from tests.sandboxed import sandboxed
from tests.snapshots import Text
from tests.test_lists_outside import excluding, outside, sale, store
from tests.test_run_review import rendered

if TYPE_CHECKING:
    from pathlib import Path

    from tests.github_api import GitHubServer

MARKER = "<!-- sendspec:sandbox:specs -->"
MERGED = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.fixture
def github(github: GitHubServer, monkeypatch, tmp_path) -> GitHubServer:
    """Return the stand-in, empty, in the environment of a checkout in `tmp_path`."""
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    return github


def merge(
    github: GitHubServer, number: int, *files: str, ago: timedelta = timedelta(minutes=10), plan: str = ""
) -> None:
    """Merge a pull request that touched files of `specs/campaigns`, with the comment of its plan."""
    at = datetime.now(UTC) - ago
    sha = f"{number:040x}"
    github.add_pull_request(number, merged_at=at, merge_commit=sha, reviews=[("kim", "APPROVED")])
    names = tuple(f"specs/campaigns/{file}" for file in files)
    github.state.commits.append(Commit(sha, at, names, (number,)))
    if plan:
        github.state.add_comment(number, f"{MARKER}\n{plan}\n")


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """Return a project of two campaigns; the files are `c0.yaml` (gate) and `c1.yaml` (delay)."""
    return project(tmp_path / "specs", GATE, GATE.replace("gate\n", "delay\n", 1))


def lines(github: GitHubServer, number: int) -> list[str]:
    """Return what a person reads of the only comment of a pull request, without the folded plan."""
    [body] = github.bodies(number)
    return rendered(body.partition("<details>")[0])


# ── from the plan to the delivery


def test_the_comment_of_the_plan_becomes_the_result(github, cli, specs, snapshot) -> None:
    """One comment for each pull request goes from the plan to the receipt to the delivery, in place."""
    merge(github, 5, "c0.yaml", plan="## the plan of 5")
    merge(github, 6, "c1.yaml", plan="## the plan of 6")
    assert cli("apply", "--auto-approve", "--receipt", "r.json", "--send", "gate").code == 0
    assert cli("github", "report", "--receipt", "r.json").code == 0
    assert lines(github, 5)[0] == "✅ Sent: gate, 2 of 2 recipients accepted, delivery not reported yet"
    assert lines(github, 6)[0] == "🕒 Not sent yet: delay, 0 of 2 recipients accepted"
    assert "Run apply: it sends delay/change" in lines(github, 6)
    assert cli("status", "--interval", "0.1").code == 0
    for _ in range(2):
        assert cli("github", "report").code == 0
    assert lines(github, 5)[0] == "✅ Sent: gate, 2 of 2 recipients accepted, 2 handed to the carrier, 0 not"
    assert [comment.edits for comment in github.state.comments] == [2, 1]
    for number in (5, 6):
        [body] = github.bodies(number)
        assert body.splitlines()[0] == MARKER
        assert body.count(f"## the plan of {number}") == body.count("<details>") == 1
    shown = re.sub(
        r"\d\d \w{3} (\d{4} )?[\d:<>wbr]+( UTC)?|20\d\d-[0-9T:-]+Z:ok:\w+", "TIME", github.bodies(5)[0]
    )
    assert shown == snapshot(extension_class=Text)


def test_nothing_is_written_twice(github, cli, specs) -> None:
    """A schedule that finds nothing new writes nothing."""
    merge(github, 5, "c0.yaml", "c1.yaml")
    cli("github", "report")
    github.recorded.clear()
    done = cli("github", "report")
    assert "comment on pull request 5: unchanged" in done.err
    assert github.writes() == []


def test_a_pull_request_without_a_comment_gets_one(github, cli, specs) -> None:
    """A merge without a plan is shown, too; a pull request of last month is history."""
    merge(github, 5, "c0.yaml")
    merge(github, 6, "c1.yaml", ago=timedelta(days=20))
    done = cli("github", "report")
    assert lines(github, 5)[0].startswith("🕒 Not sent yet: gate")
    assert github.bodies(6) == []
    assert "comment on pull request 6: not created" in done.err


def test_the_run_is_linked_if_its_address_is_a_plain_one(github, cli, specs, monkeypatch) -> None:
    """The link is for the log; an address that could end the link is left out."""
    merge(github, 5, "c0.yaml", "c1.yaml")
    monkeypatch.setenv("GITHUB_RUN_ID", "1234")
    monkeypatch.setenv("GITHUB_SERVER_URL", "http://[::1]:8080")
    assert cli("github", "report").code == 0
    assert "[run]" not in github.bodies(5)[0]
    github.state.comments.clear()
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example")
    assert cli("github", "report").code == 0
    assert "[run](https://github.example/acme/specs/actions/runs/1234)" in github.bodies(5)[0]


def test_a_send_that_waits_is_not_a_failure(github, cli, tmp_path) -> None:
    """The comment says until when it waits; an expired one says that nothing was sent."""
    later = GATE.replace("    content:", '    notBefore: "2099-01-01T10:00:00Z"\n    content:')
    past = GATE.replace("gate\n", "past\n", 1).replace("    content:", "    notAfter: PAST\n    content:")
    expired = (datetime.now(UTC) - timedelta(days=1)).strftime('"%Y-%m-%dT%H:%M:%SZ"')
    project(tmp_path / "specs", later, past.replace("PAST", expired))
    merge(github, 5, "c0.yaml")
    merge(github, 6, "c1.yaml", ago=timedelta(days=2))
    cli("github", "report")
    assert lines(github, 5)[0] == "🕒 Not sent yet: gate, 0 of 2 recipients accepted"
    assert "gate/change waits until 2099-01-01T10:00:00+00:00" in lines(github, 5)
    assert lines(github, 6)[0] == "⛔ Not sent: past, 0 of 2 recipients accepted"
    assert any(line.startswith("past/change: expired at ") for line in lines(github, 6))


# ── lists outside of the repository

LATER = '    notBefore: "2099-01-01T10:00:00Z"\n'


def test_a_list_that_only_the_report_lacks_blocks_nothing(github, cli, tmp_path) -> None:
    """A send that waits for its time waits, and a send that is due is not sent yet."""
    opt_out = excluding(outside("out.csv", "phoneNumber\n12125550109\n"), CONTACTS)
    campaigns = (
        sale(more=LATER),
        sale().replace("sale\n", "now\n", 1),
        opt_out.replace("sale\n", "not\n", 1),
    )
    project(tmp_path / "specs", *campaigns, settings="version: 1\nrules: {list-absent: error}\n")
    for number, file in enumerate(("c0.yaml", "c1.yaml", "c2.yaml"), 5):
        merge(github, number, file)
    assert cli("github", "report").code == 0
    assert lines(github, 5)[0] == "🕒 Not sent yet: sale"
    assert "sale/last-call waits until 2099-01-01T10:00:00+00:00" in lines(github, 5)
    assert "Run apply" not in github.bodies(5)[0]
    for number, name in ((6, "now"), (7, "not")):
        assert lines(github, number)[0] == f"🕒 Not sent yet: {name}"
        advice = f"Run apply on a machine that has the lists: it sends {name}/last-call"
        assert advice in lines(github, number)
    assert not [number for number in (5, 6, 7) if "blocked" in github.bodies(number)[0]]
    assert cli("github", "report", "--contacts-dir", store()).code == 0
    assert lines(github, 5)[0].endswith(": sale, 0 of 3 recipients accepted")


def test_the_list_that_an_apply_lacked(github, cli, tmp_path) -> None:
    """Only the pull request of its send has the reason, and nothing else is a failure."""
    other = GATE.replace("gate\n", "later\n", 1).replace("    content:", f"{LATER}    content:")
    for number, file in enumerate(("c0.yaml", "c1.yaml", "c2.yaml"), 5):
        merge(github, number, file)
    with sandboxed(tmp_path / "specs", sale(), GATE, other) as client:
        assert cli("apply", "--auto-approve", "--receipt", "r.json").code == 3
        assert len(client.received()) == 1
    assert cli("github", "report", "--receipt", "r.json").code == 0
    assert lines(github, 5)[0] == "⛔ Not sent: sale"
    why = "this run sent nothing of sale/last-call, because its machine does not have the list vip.csv"
    assert any(line.startswith(why) for line in lines(github, 5))
    for words in ("Errors in the specs", "the rest of", "Run apply again after"):
        assert words not in github.bodies(5)[0]
    assert lines(github, 6)[0].startswith("✅ Sent: gate")
    assert lines(github, 7)[0].startswith("🕒 Not sent yet: later")
    assert why not in github.bodies(6)[0] + github.bodies(7)[0]


@pytest.mark.parametrize("others", [(), (CONTACTS,)])
def test_the_status_names_unknown_requests(others, cli, tmp_path) -> None:
    """The text has them like the Markdown, beside other transactions and without any."""
    with sandboxed(tmp_path / "specs", GATE, *others) as client:
        client.arm(endpoint="external-consent", kind="drop-after")
        assert cli("apply", "--auto-approve").code == 7
        shown = cli("status", "--timeout", "30").out
    assert ("contacts processed\n" in shown) == bool(others)
    assert "1 request unknown\n  hint: Settle gate/change#1 with" in shown


# ── runs that failed


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (
            {"kind": "drop-after"},
            ("❓ Outcome unknown: gate, 0 of 2 recipients accepted, 1 request unknown", "Settle"),
        ),
        (
            {"kind": "status", "code": 400, "text": "not now"},
            (
                "⛔ Not sent: gate, 0 of 2 recipients accepted",
                "Run apply again after the cause is fixed: it sends gate/change",
            ),
        ),
    ],
)
def test_requests_that_were_not_accepted(fault, expected, github, cli, tmp_path) -> None:
    """The reason and what to do are in the comment."""
    merge(github, 5, "c0.yaml")
    with sandboxed(tmp_path / "specs", GATE) as client:
        client.arm(endpoint="external-consent", **fault)
        assert cli("apply", "--auto-approve", "--receipt", "r.json").code != 0
    assert cli("github", "report", "--receipt", "r.json").code == 0
    shown = lines(github, 5)
    assert shown[0] == expected[0]
    assert any(line.startswith(expected[1]) for line in shown)
    assert any(line.startswith("gate/change: 1 request ") for line in shown)
    assert "Nothing is unknown" not in github.bodies(5)[0]


def test_a_run_that_failed_before_it_sent_is_shown_until_there_is_news(github, cli, specs) -> None:
    """The reason stays in the comment after a status, and leaves it after a run that sent."""
    merge(github, 5, "c0.yaml", plan="## the plan")
    (specs / "sendspec.sandbox.lock").write_text("broken")
    assert cli("apply", "--auto-approve", "--receipt", "r.json").code == 1
    (specs / "sendspec.sandbox.lock").unlink()
    assert cli("github", "report", "--receipt", "r.json").code == 0
    shown = lines(github, 5)
    assert shown[0] == "⛔ Not sent: gate, 0 of 2 recipients accepted"
    assert any("this is not a valid lockfile" in line or "not valid JSON" in line for line in shown)
    [failed] = github.bodies(5)
    assert cli("github", "report").code == 0
    assert github.bodies(5) == [failed]
    cli("apply", "--auto-approve", "--receipt", "r.json")
    cli("github", "report", "--receipt", "r.json")
    assert lines(github, 5)[0].startswith("✅ Sent: gate")


def test_a_run_that_errors_blocked_names_them(github, cli, specs) -> None:
    """The comment has each error with its place and its remedy, because the log is elsewhere."""
    merge(github, 5, "c0.yaml")
    merge(github, 6, "c1.yaml")
    path = specs / "campaigns" / "c0.yaml"
    path.write_text(path.read_text() + '      - {phoneNumber: "12125550123", personalization: {GATE: B13}}\n')
    assert cli("apply", "--auto-approve", "--receipt", "r.json").code == 3
    assert cli("github", "report", "--receipt", "r.json").code == 0
    for number in (5, 6):
        shown = lines(github, number)
        assert shown[0].startswith("⛔ Not sent: ")
        notice = "1 error blocks the whole plan; apply sends nothing until it is fixed: "
        assert "Errors in the specs blocked the run" in shown
        assert f"{notice}gate/change (duplicate-contact)" in shown
        assert (
            sum("c0.yaml:11: gate/change (duplicate-contact): 1 contact repeats" in line for line in shown)
            == 1
        )


def test_a_run_without_a_receipt_was_stopped(github, cli, specs) -> None:
    """A runner that was lost leaves no receipt, and the comment says so."""
    merge(github, 5, "c0.yaml")
    assert cli("github", "report", "--receipt", "missing.json").code == 0
    assert lines(github, 5)[0].startswith("⛔ Not sent: gate")
    assert any("The run wrote no receipt" in line for line in lines(github, 5))


def test_specs_that_cannot_be_read_are_reported_on_the_commit_of_the_run(
    github, cli, specs, monkeypatch
) -> None:
    """Without specs no send is known, so the pull request of the commit gets the reason."""
    merge(github, 5, "c0.yaml", plan="## the plan")
    merge(github, 6, "c1.yaml")
    monkeypatch.setenv("GITHUB_SHA", f"{5:040x}")
    (specs / "campaigns" / "c0.yaml").write_text("campaign: [\n")
    assert cli("apply", "--auto-approve", "--receipt", "r.json").code == 1
    done = cli("github", "report", "--receipt", "r.json")
    assert (done.code, "1 problem in the specs" in done.err) == (1, True)
    shown = lines(github, 5)
    assert shown[0] == "⛔ Not sent: the run failed"
    assert any(line.startswith("specs/campaigns/c0.yaml:") for line in shown)
    assert github.bodies(6) == []
    monkeypatch.setenv("GITHUB_SHA", f"{6:040x}")
    cli("github", "report", "--receipt", "r.json")
    assert github.bodies(6) == [], (
        "a pull request without a plan of this target may have nothing to do with it"
    )


def test_a_missing_list_of_another_send_does_not_hide_a_delivery(github, cli, specs, tmp_path) -> None:
    """A status may run without the lists of sends that are not due yet."""
    merge(github, 5, "c0.yaml", "c1.yaml")
    cli("apply", "--auto-approve")
    (specs / "campaigns" / "c2.yaml").write_text(CONTACTS)
    merge(github, 6, "c2.yaml")
    done = cli("github", "report")
    assert (done.code, "the comments leave out sends that were not tried yet" in done.err) == (0, True)
    assert lines(github, 5)[0].startswith("✅ Sent: 4 of 4 recipients accepted")
    assert github.bodies(6) == []


def test_a_failed_run_is_not_about_sends_that_wait(github, cli, tmp_path) -> None:
    """A send with a later `notBefore` keeps waiting, and a failure leaves it when nothing of it is due."""
    later = GATE.replace("gate\n", "later\n", 1)
    later = later.replace("    content:", '    notBefore: "2099-01-01T10:00:00Z"\n    content:')
    project(tmp_path / "specs", GATE, GATE.replace("gate\n", "later\n", 1))
    merge(github, 5, "c0.yaml")
    merge(github, 6, "c1.yaml")
    cli("github", "report", "--receipt", "missing.json")
    assert [lines(github, number)[0][0] for number in (5, 6)] == ["⛔", "⛔"]
    (tmp_path / "specs" / "campaigns" / "c1.yaml").write_text(later)
    cli("github", "report")
    assert [lines(github, number)[0][0] for number in (5, 6)] == ["⛔", "🕒"]
    github.state.comments.clear()
    cli("github", "report", "--receipt", "missing.json")
    assert [lines(github, number)[0][0] for number in (5, 6)] == ["⛔", "🕒"]
    assert not any("no receipt" in line for line in lines(github, 6))


# ── who approved it


@pytest.mark.parametrize(
    ("reviews", "expected"),
    [
        ([("kim", "APPROVED")], "Approved by kim; merged"),
        ([("kim", "APPROVED", "a" * 40)], "kim approved only an earlier commit."),
        ([("kim", "APPROVED", "a" * 40), ("lee", "APPROVED")], "Approved by lee; merged"),
        ([("kim", "APPROVED"), ("kim", "DISMISSED")], "without an approving review of a member."),
        ([("eve", "APPROVED", None, "NONE")], "without an approving review of a member."),
        ([("eve", "APPROVED", None, "CONTRIBUTOR")], "without an approving review of a member."),
        ([("helper[bot]", "APPROVED")], "without an approving review of a member."),
        ([("kim", "APPROVED"), ("kim", "COMMENTED")], "Approved by kim; merged"),
    ],
)
def test_only_members_approve_and_only_the_merged_commit(reviews, expected, github, cli, specs) -> None:
    """Neither an old commit, nor a bot, nor an account from outside counts as an approval."""
    merge(github, 5, "c0.yaml", "c1.yaml")
    github.state.issues[5].reviews = reviews
    cli("github", "report")
    [line] = [line for line in lines(github, 5) if "erged " in line]
    assert expected in line
    assert line.count("Approved by") == expected.count("Approved by")


# ── the right pull request


def test_the_pull_request_of_a_send_was_merged_before_it(github, cli, specs) -> None:
    """A commit that was made before the send, but merged after it, is not the one of the send."""
    merge(github, 5, "c0.yaml")
    assert cli("apply", "--auto-approve", "--send", "gate").code == 0
    merge(github, 7, "c0.yaml", ago=-timedelta(hours=1))
    github.state.commits[-1].date = github.state.commits[0].date + timedelta(minutes=1)
    cli("github", "report")
    assert lines(github, 5)[0].startswith("✅ Sent: gate")
    assert github.bodies(7) == []


def test_of_a_stack_the_pull_request_into_the_default_branch_counts(github, cli, specs) -> None:
    """A commit may belong to several merged pull requests, and an old one may name another branch."""
    merge(github, 5, "c0.yaml", "c1.yaml")
    github.add_pull_request(4, merged_at=MERGED, base="feature")
    github.state.commits[-1].pull_requests = (4, 5)
    cli("github", "report")
    assert (len(github.bodies(4)), len(github.bodies(5))) == (0, 1)
    github.state.issues[5].base = "master"
    github.state.commits[-1].pull_requests = (5,)
    assert "pull request 5: unchanged" in cli("github", "report").err


def test_a_new_revision_belongs_to_its_own_pull_request(github, cli, specs) -> None:
    """The earlier pull request keeps the result of the earlier revision."""
    merge(github, 5, "c0.yaml")
    cli("apply", "--auto-approve", "--send", "gate")
    cli("github", "report")
    before = github.bodies(5)
    path = specs / "campaigns" / "c0.yaml"
    path.write_text(path.read_text().replace("    content:", "    revision: 2\n    content:"))
    merge(github, 8, "c0.yaml", ago=timedelta(0))
    cli("github", "report")
    assert github.bodies(5) == before
    assert lines(github, 8)[0] == "🕒 Not sent yet: gate, 0 of 2 recipients accepted"
    assert "gate/change@2" in lines(github, 8)


@pytest.mark.parametrize("change", ["specs/contacts/people.csv", "specs/sendspec.yaml"])
def test_a_later_change_of_a_list_or_the_settings_has_the_send(change, github, cli, tmp_path) -> None:
    """Those who approved the campaign did not see the list or the text that was sent."""
    project(tmp_path / "specs", CONTACTS)
    merge(github, 17, "c0.yaml", ago=timedelta(hours=3), plan="## the plan of 3")
    merge(github, 18, ago=timedelta(hours=2), plan="## the plan of 90")
    github.state.commits[-1].files = (change,)
    github.state.issues[18].reviews = []
    assert cli("apply", "--auto-approve", "--receipt", "r.json").code == 0
    merge(github, 19, ago=-timedelta(hours=1))
    github.state.commits[-1].files = (change,)
    assert cli("github", "report", "--receipt", "r.json").code == 0
    assert lines(github, 17)[0] == "⚪ Replaced: no send belongs to this pull request now"
    assert any("pull request 18 changed the campaign, a list or the settings" in s for s in lines(github, 17))
    assert lines(github, 18)[0].startswith("✅ Sent: ")
    assert any("without an approving review" in line for line in lines(github, 18))
    assert "Approved by" not in "".join(github.bodies(17) + github.bodies(18))


def test_a_later_push_without_a_pull_request_voids_the_approval(github, cli, specs) -> None:
    """The result stays with the pull request, and says that no one reviewed the last change."""
    merge(github, 5, "c0.yaml", "c1.yaml")
    pushed = Commit("f" * 40, datetime.now(UTC), ("specs/sendspec.yaml",))
    github.state.commits.append(pushed)
    cli("github", "report")
    assert lines(github, 5)[0].startswith("🕒 Not sent yet")
    assert any("A later push without a pull request changed" in line for line in lines(github, 5))
    assert "Approved by" not in github.bodies(5)[0]


def test_a_removed_send_is_not_ready_any_more(github, cli, specs) -> None:
    """Neither the plan nor "waits until" stays; what was sent stays."""
    old = timedelta(hours=2)
    merge(github, 5, "c0.yaml", ago=old, plan="## ✅ Ready")
    merge(github, 6, "c1.yaml", ago=old, plan="## ✅ Ready")
    merge(github, 7, "other.yaml", ago=old)
    merge(github, 8, "unknown.yaml", plan="## ✅ Ready: merged after the checkout, as far as the run knows")
    assert cli("apply", "--auto-approve", "--send", "gate").code == 0
    cli("github", "report")
    assert [lines(github, number)[0][0] for number in (5, 6)] == ["✅", "🕒"]
    (specs / "campaigns" / "c0.yaml").rename(specs / "campaigns" / "c2.yaml")
    (specs / "campaigns" / "c1.yaml").unlink()
    merge(github, 9, "c2.yaml", "c1.yaml")
    for _ in range(2):
        cli("github", "report")
    assert lines(github, 5)[0].startswith("✅ Sent: gate")
    assert lines(github, 6)[0] == "⚪ Replaced: no send belongs to this pull request now"
    assert any("removed or replaced its sends" in line for line in lines(github, 6))
    assert github.bodies(7) == []
    assert lines(github, 8)[0].startswith("✅ Ready")
    assert next(each for each in github.state.comments if each.issue == 6).edits == 2


def test_a_direct_push_has_no_comment(github, cli, specs) -> None:
    """A change without a pull request is a note in the log."""
    github.state.commits.append(Commit("f" * 40, datetime.now(UTC), ("specs/campaigns/c0.yaml",)))
    done = cli("github", "report")
    assert done.code == 0
    assert "note: 2 campaigns without a merged pull request" in done.err
    assert github.writes() == []


def test_the_calls_of_a_report_have_a_limit(github, cli, tmp_path) -> None:
    """A project of many campaigns does not use up the rate limit of GitHub."""
    project(tmp_path / "specs", *(GATE.replace("gate\n", f"gate{number}\n", 1) for number in range(105)))
    done = cli("github", "report")
    assert "note: 6 campaigns left out, because others have later news: gate" in done.err
    assert len(github.calls()) <= 102


# ── newer information


def test_an_older_state_never_replaces_a_newer_one(github, cli, specs) -> None:
    """Of two runs the one that read the ledger later wins, whichever writes last."""
    merge(github, 5, "c0.yaml", "c1.yaml")
    later = (datetime.now(UTC) + timedelta(minutes=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    newer = f"{MARKER}\n<!-- sendspec-result:{later}:ok:0123456789abcdef -->\n## newer"
    github.state.add_comment(5, newer)
    assert "unchanged" in cli("github", "report").err
    assert github.bodies(5) == [newer]


@pytest.mark.parametrize("state", ["ok", "failed"])
def test_a_line_of_the_future_counts_as_forged(state, github, cli, specs) -> None:
    """A writer of the repository may edit the comment, and cannot freeze it by that."""
    merge(github, 5, "c0.yaml", "c1.yaml")
    line = f"<!-- sendspec-result:2099-01-01T00:00:00Z:{state}:0123456789abcdef -->"
    github.state.add_comment(5, f"{MARKER}\n{line}\n## forged")
    assert "edited" in cli("github", "report").err
    assert lines(github, 5)[0].startswith("🕒 Not sent yet")


def test_an_older_state_that_was_written_meanwhile_is_replaced(github, cli, specs) -> None:
    """After its edit the run looks again, and repeats it if another run wrote an older state."""
    merge(github, 5, "c0.yaml", "c1.yaml", plan="## the plan")
    older = f"{MARKER}\n<!-- sendspec-result:2001-01-01T00:00:00Z:ok:0123456789abcdef -->\n## older"
    looks: list[int] = []

    def overwrite() -> None:
        looks.append(1)
        if len(looks) == 2:
            github.state.comments[0].body = older

    github.faults = [before("GET", "/comments", overwrite)]
    github.faults[0].times = 2
    assert cli("github", "report").code == 0
    assert "older" not in github.bodies(5)[0]
    assert github.state.comments[0].edits == 2


# ── hostile and large texts


@pytest.mark.red_team(28)
def test_texts_of_others_are_inert(github, cli, specs, tmp_path) -> None:
    """Neither a receipt nor a login can add markup, a mention, or a hidden line."""
    merge(github, 5, "c0.yaml", "c1.yaml", plan="## the plan")
    github.state.issues[5].reviews = [
        ("@all</sub><!-- sendspec-plan -->", "APPROVED"),
        ("lee", "CHANGES_REQUESTED"),
    ]
    hostile = "</details> @acme/all ![x](https://evil.example/x) <!-- sendspec-plan --> +1 212 555 0123"
    receipt = {
        "version": 1,
        "target": "sandbox",
        "exitCode": 1,
        "planDigest": None,
        "interrupted": False,
        "requests": [],
        "notStarted": [],
        "notStartedReasons": {},
        "changedLists": [],
        "errors": [{"reason": "ledger-error", "message": hostile, "hint": None}],
    }
    (tmp_path / "r.json").write_text(json.dumps(receipt))
    assert cli("github", "report", "--receipt", "r.json").code == 0
    [body] = github.bodies(5)
    assert body.count("<!-- sendspec-plan -->") == body.count("</details>") == 1
    assert "@acme" not in body
    assert "@all" not in body
    assert "](https://evil" not in body
    assert "lee" not in body.partition("<details>")[0]
    assert "555 0123" not in body


def comment(count: int, note: str = "x") -> MergedComment:
    sends = tuple(SendResult(f"c/s{number}", 1, 1, 1, 0, notes=(note,) * 5) for number in range(count))
    review = RunReview("t", RunState.DONE, "Sent", sends, failures=(("no consent", 3),))
    return MergedComment(
        review, "specs", MERGED, MERGED, failed_csv_url="https://github.test/a/b/actions/runs/1/artifacts/2"
    )


@pytest.mark.parametrize("count", [1, 300])
def test_every_comment_fits(count: int) -> None:
    """First the approved plan is left out with a note, then rows are counted."""
    whole = comment(count, "long " * 50)
    for plan in ("", "😀" * 65_000):
        body = whole.body(f"<!-- sendspec:t:specs -->\n{plan}" if plan else "")
        assert len(body) <= 65_536
        assert read_result(body) is not None
        assert body.startswith("<!-- sendspec:t:specs -->\n")
        assert not plan or plan in body or "The plan of this pull request does not fit here" in body
        again = whole.body(body.rstrip())
        assert again == body, "the next edit keeps the plan, or the note about it"


def test_the_list_of_who_got_nothing_is_linked() -> None:
    """The link is there if there is a reason to look at it."""
    assert "[not-received.csv](https://github.test/a/b/actions/runs/1/artifacts/2)" in comment(1).body("")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://a.example/)x", "https://a@b.example/", "x"])
def test_other_links_are_refused(url, github, cli, specs) -> None:
    """A URL cannot break out of its link."""
    done = cli("github", "report", "--not-received-url", url)
    assert (done.code, "--not-received-url is not an http URL" in done.err) == (64, True)


# ── errors


def test_receipts_that_are_not_of_this_run(github, cli, specs, tmp_path) -> None:
    """Another target, and another file, are errors before GitHub is asked."""
    (tmp_path / "other.json").write_text("{}")
    assert "error: other.json is not a receipt" in cli("github", "report", "--receipt", "other.json").err
    cli("apply", "--auto-approve", "--receipt", "r.json")
    done = cli("github", "report", "--receipt", "r.json", "--target", "production")
    assert "is the receipt of target 'sandbox', not 'production'" in done.err
    assert github.recorded == []


def test_a_missing_permission_is_an_error_or_a_note(github, cli, specs, monkeypatch) -> None:
    """A repository that did not opt in gives the token no permission to write."""
    merge(github, 5, "c0.yaml")
    needed = "permissions of the job, or of the token: `pull-requests: write` and `contents: read`\n"
    github.state.tokens["ghs_no_rights"] = Token()
    for token in ("ghs_no_rights", FORK_TOKEN):
        monkeypatch.setenv("GITHUB_TOKEN", token)
        done = cli("github", "report")
        assert (done.code, needed in done.err) == (1, True), done.err
    assert cli("github", "report", "--optional").code == 0
    assert github.bodies(5) == []
