"""`sendspec github comment`: one comment for each target and directory, edited and never doubled."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from sendspec.github import GitHubApi, GitHubSettings
from sendspec.github.comments import PullRequestComments
from sendspec.github.one_post import put
from tests.github_api import Token, accepted_and_lost, bad_gateway, before, rate_limited
from tests.github_api.server import FORK_TOKEN, TOKEN
from tests.projects import GATE, project

if TYPE_CHECKING:
    from tests.github_api import GitHubServer

MARKER = "<!-- sendspec:production:specs -->"
HEADING = "## ✅ SMS plan for production · "
RESULT = "<!-- sendspec-result:2026-01-01T00:00:00Z:ok:0123456789abcdef -->"


@pytest.fixture
def github(github: GitHubServer) -> GitHubServer:
    """Return the stand-in with the open pull request 5."""
    github.add_pull_request(5)
    return github


@pytest.fixture
def post(cli, tmp_path):
    """Post a text as the plan of a target on pull request 5."""

    def run(text: str, *words: str, target: str = "production"):
        (tmp_path / "plan.md").write_text(f"<!-- sendspec:{target}:specs -->\n{HEADING}{text}\n")
        return cli("github", "comment", "plan.md", "specs", "--target", target, "--pull-request", "5", *words)

    return run


def body(text: str) -> str:
    return f"{MARKER}\n{HEADING}{text}\n"


# ── one comment


def test_ten_pushes_edit_one_comment(github: GitHubServer, post) -> None:
    """The first push creates the comment, each further one edits it, and the last text is shown."""
    for push in range(10):
        done = post(f"plan {push}")
        assert done.code == 0, done.err
        assert ("edited" if push else "created") in done.err
    assert github.bodies(5) == [body("plan 9")]
    comment = github.state.comments[0].id
    assert github.writes() == ["POST /issues/5/comments", *[f"PATCH /issues/comments/{comment}"] * 9]


def test_the_same_text_is_not_posted_again(github: GitHubServer, post) -> None:
    """A re-run of the same commit changes nothing, also if a browser changed the line breaks."""
    post("a\nb")
    github.state.comments[0].body = github.state.comments[0].body.replace("\n", "\r\n").rstrip()
    github.recorded.clear()
    done = post("a\nb")
    assert (done.code, "unchanged" in done.err) == (0, True)
    assert github.writes() == []


def test_two_targets_have_two_comments(github: GitHubServer, post) -> None:
    """Each target finds its own comment by its marker."""
    for target in ("production", "staging", "production", "staging"):
        post(f"plan of {target}", target=target)
    assert github.bodies(5) == [
        body("plan of production"),
        f"<!-- sendspec:staging:specs -->\n{HEADING}plan of staging\n",
    ]


def test_a_plan_of_the_command_line_is_accepted(github: GitHubServer, cli, tmp_path) -> None:
    """The output of `plan` has the marker of its target and directory."""
    project(tmp_path / "specs", GATE)
    assert cli("plan", "--format", "markdown=plan.md").code == 0
    done = cli("github", "comment", "plan.md", "--pull-request", "5")
    assert done.code == 0, done.err
    assert github.bodies(5) == [(tmp_path / "plan.md").read_text()]


def test_a_deleted_comment_is_posted_anew(github: GitHubServer, post) -> None:
    """Nothing remembers the comment but GitHub."""
    post("first")
    github.state.comments.clear()
    post("second")
    assert github.bodies(5) == [body("second")]


def test_a_comment_is_found_on_a_later_page(github: GitHubServer, post) -> None:
    """A discussion of 230 comments has three pages, and the comment may be on the last one."""
    for number in range(230):
        github.state.add_comment(5, f"words {number}", "kim")
    github.state.add_comment(5, body("old"))
    post("new")
    assert github.bodies(5)[230:] == [body("new")]


@pytest.mark.red_team(28)
@pytest.mark.parametrize(
    ("author", "text"),
    [
        ("mallory", f"{MARKER}\nall is well"),
        ("other-app[bot]", f"{MARKER}\nall is well"),
        ("github-actions[bot]", f"> {MARKER}\nall is well"),
        ("github-actions[bot]", f"About the plan:\n{MARKER}\nall is well"),
    ],
)
def test_only_the_own_comment_is_edited(author: str, text: str, github: GitHubServer, post) -> None:
    """A marker in the comment of another author, or not in the first line, is ignored."""
    github.state.add_comment(5, text, author)
    assert post("plan").code == 0
    assert github.bodies(5) == [text, body("plan")]


# ── lost answers and runs in parallel


@pytest.mark.parametrize("fault", [accepted_and_lost, lambda *words: bad_gateway(*words, accepts=True)])
def test_a_comment_whose_answer_was_lost_is_not_doubled(fault, github: GitHubServer, post) -> None:
    """After a POST without an answer the run looks again, and finds what GitHub created."""
    github.faults = [fault("POST", "/comments")]
    done = post("plan")
    assert (done.code, "created" in done.err) == (0, True)
    assert github.bodies(5) == [body("plan")]
    assert github.writes() == ["POST /issues/5/comments"]


def test_a_comment_that_github_did_not_create_is_posted_after_a_look(github: GitHubServer, post) -> None:
    """A 502 before GitHub did anything costs a second POST."""
    github.faults = [bad_gateway("POST", "/comments")]
    assert post("plan").code == 0
    assert github.bodies(5) == [body("plan")]


def test_an_edit_whose_answer_was_lost_is_finished(github: GitHubServer, post) -> None:
    """An edit with the same text does no harm."""
    post("old")
    github.faults = [accepted_and_lost("PATCH", "/comments"), bad_gateway("PATCH", "/comments")]
    assert post("new").code == 0
    assert github.bodies(5) == [body("new")]


def test_of_two_comments_the_older_one_stays(github: GitHubServer, post) -> None:
    """After two runs in parallel, the next run edits the older comment, and deletes the other one."""
    older = github.state.add_comment(5, body("a"))
    github.state.add_comment(5, body("b"))
    assert post("c").code == 0
    assert [(comment.id, comment.body) for comment in github.state.comments] == [(older.id, body("c"))]


def test_a_comment_of_a_run_in_parallel_is_found_after_the_own_one(github: GitHubServer, post) -> None:
    """The run that posts second finds both comments, moves its text to the older one, and deletes its own."""
    github.faults = [
        before("POST", "/comments", lambda: github.state.add_comment(5, body("of the other run")))
    ]
    assert post("plan").code == 0
    assert github.bodies(5) == [body("plan")]
    assert github.calls("DELETE") != []


def test_runs_in_parallel_leave_one_comment(github: GitHubServer) -> None:
    """Whatever the order of their calls is, four runs end with one comment, which has the text of one."""
    settings = GitHubSettings.from_environment(github.environment())
    start = threading.Barrier(4)

    def run(number: int) -> None:
        with GitHubApi(settings) as api:
            api.viewer()
            start.wait()
            put(PullRequestComments(api, 5, MARKER), lambda _: {"body": body(f"plan {number}")})

    for _ in range(3):
        github.state.comments.clear()
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(run, range(4))) == [None] * 4
        assert len(github.bodies(5)) == 1
        assert github.bodies(5)[0] in {body(f"plan {number}") for number in range(4)}


def test_a_github_that_never_answers_is_an_error(github: GitHubServer, post) -> None:
    """The number of attempts has a limit."""
    github.faults = [bad_gateway("POST", "/comments", times=99)]
    done = post("plan")
    assert done.code == 1
    assert "error: cannot comment on pull request 5: GitHub answered 502: Bad Gateway" in done.err
    assert len(github.writes()) == 6


def test_a_short_rate_limit_is_waited_for(github: GitHubServer, post) -> None:
    """A job does not fail because GitHub wants a second of patience."""
    github.faults = [rate_limited("POST", "/comments", 0), rate_limited("GET", "/comments", 0)]
    assert post("plan").code == 0
    assert github.bodies(5) == [body("plan")]


# ── the right pull request


def test_a_plan_of_an_older_commit_is_not_posted(github: GitHubServer, post) -> None:
    """A re-run of an old push does not replace the plan of a newer one."""
    github.state.issues[5].head_sha = "b" * 40
    post("plan of b", "--commit", "b" * 40)
    done = post("plan of a", "--commit", "a" * 40)
    assert (done.code, "has a newer commit" in done.err) == (0, True)
    [posted] = github.bodies(5)
    assert posted.startswith(f"{MARKER}\n{HEADING}plan of b\n\n<sub>Plan of commit <code>bbbbbb<wbr>b</code>")
    post("of a run without a commit", "--commit", "")
    assert github.bodies(5) == [body("of a run without a commit")]


def test_the_comment_names_its_commit(github: GitHubServer, post, monkeypatch) -> None:
    """An old plan cannot pass for that of the last push, and the line is below the heading."""
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example")
    head = github.state.issues[5].head_sha = "c" * 40
    assert post("Ready\n\n| a |\n|---|", "--commit", head).code == 0
    lines = github.bodies(5)[0].splitlines()
    assert lines[:3] == [MARKER, f"{HEADING}Ready", ""]
    link = f"[changes](https://github.example/acme/specs/commit/{head})"
    start, _, time = lines[3].partition(", posted ")
    assert start == f"<sub>Plan of commit <code>cccccc<wbr>c</code> ({link})"
    assert re.fullmatch(r"\d\d \w+ \d{4} \d\d:\d\d UTC</sub>", time)
    assert lines[4:] == ["", "| a |", "|---|"]
    post("x" * 65_400, "--commit", head)
    assert len(github.bodies(5)[0]) <= 65_536


@pytest.mark.parametrize("at", ["2099-01-01", "2020-01-01"])
def test_an_open_pull_request_has_no_result(at, github: GitHubServer, post) -> None:
    """A line that a writer added to the comment does not keep the old plan."""
    github.state.add_comment(5, f"{MARKER}\n{RESULT.replace('2026-01-01', at)}\nold plan")
    assert post("plan").code == 0
    assert github.bodies(5) == [body("plan")]


def test_a_plan_does_not_replace_a_result(github: GitHubServer, post) -> None:
    """What was sent meanwhile is newer information than any plan."""

    def merge() -> None:
        github.state.issues[5].state = "closed"
        github.state.add_comment(5, f"{MARKER}\n{RESULT}\n## Sent")

    github.faults = [before("GET", "/comments", merge)]
    done = post("plan")
    assert (done.code, "has the result of its sends" in done.err) == (0, True)
    assert github.bodies(5) == [f"{MARKER}\n{RESULT}\n## Sent"]


@pytest.mark.parametrize("merged", [False, True])
def test_a_closed_pull_request_gets_no_plan(merged, github: GitHubServer, post) -> None:
    """The error says whether it was merged; `--optional` makes it a note."""
    github.state.issues[5].state = "closed"
    if merged:
        github.state.issues[5].merged_at = github.state.add_comment(5, "x").created_at
    done = post("plan")
    assert done.code == 1
    assert f"pull request 5 is {'merged' if merged else 'closed'}; the plan was not posted" in done.err
    assert post("plan", "--optional").code == 0
    assert github.writes() == []


def test_a_run_without_a_plan_replaces_the_plan_before(github: GitHubServer, post, cli) -> None:
    """A job that was killed left no file, so the comment names its commit and its run."""
    head = github.state.issues[5].head_sha
    post("an older plan")
    url = "https://github.test/acme/specs/actions/runs/8"
    words = (
        "github",
        "comment",
        "lost.md",
        "--target",
        "production",
        "--pull-request",
        "5",
        "--run-url",
        url,
    )
    done = cli(*words, "--commit", head)
    assert done.code == 0, done.err
    [text] = github.bodies(5)
    assert text.startswith(f"{MARKER}\n## ⛔ SMS plan for production · Not ready")
    assert f"The run of commit {head[:7]} ended before it made a plan" in text.replace("<wbr>", "")
    assert f"[Open the run]({url})" in text
    assert "an older plan" not in text
    assert cli(*words, "--commit", "a" * 40).code == 0
    assert github.bodies(5) == [text]
    assert cli(*words[:-1], "javascript:alert(1)").code == 64


def test_a_file_that_is_there_is_posted_or_refused_also_with_a_run(
    github: GitHubServer, post, tmp_path
) -> None:
    """Only an absent file is a run without a plan."""
    words = ("--run-url", "https://github.test/acme/specs/actions/runs/8")
    assert post("plan", *words).code == 0
    done = post("plan", *words, "--target", "staging")
    assert (done.code, "the first line of plan.md is not" in done.err) == (1, True)
    assert github.bodies(5) == [body("plan")]


# ── forks, permissions and locks


def test_a_fork_gets_no_comment_and_fails_nothing(github: GitHubServer, post, monkeypatch) -> None:
    """The token of a fork's run may only read: with `--optional` that is a note, otherwise an error."""
    monkeypatch.setenv("GITHUB_TOKEN", FORK_TOKEN)
    done = post("plan", "--optional")
    assert done.code == 0
    assert "note: cannot comment on pull request 5: GitHub answered 403" in done.err
    assert "`pull-requests: write`" in done.err
    done = post("plan")
    assert (done.code, "error: cannot comment" in done.err) == (1, True)
    assert "or of the token: `pull-requests: write`\n" in done.err
    assert github.bodies(5) == []


def test_a_missing_token_is_an_error_or_a_note(github: GitHubServer, post, monkeypatch) -> None:
    """A step that forgot the token says so."""
    monkeypatch.delenv("GITHUB_TOKEN")
    done = post("plan")
    assert (done.code, "error: GITHUB_TOKEN is not set" in done.err) == (1, True)
    assert post("plan", "--optional").code == 0
    assert github.recorded == []


def test_a_locked_conversation_says_who_can_help(github: GitHubServer, post) -> None:
    """No permission of a token helps there."""
    github.state.issues[5].locked = True
    done = post("plan")
    assert done.code == 1
    assert "hint: let a maintainer unlock the conversation" in done.err


def test_a_pull_request_that_does_not_exist(github: GitHubServer, post) -> None:
    """The hint names both reasons of a 404."""
    github.state.issues.clear()
    done = post("plan")
    assert "error: cannot read pull request 5: GitHub answered 404: Not Found" in done.err


@pytest.mark.red_team(28)
def test_no_output_has_the_token(github: GitHubServer, post, monkeypatch) -> None:
    """Not even an answer that repeats the token gets it into the log."""
    fault = bad_gateway("GET", "/pulls", times=9)
    fault.message = f"proxy refused Bearer {TOKEN}"
    github.faults = [fault]
    done = post("plan")
    assert done.code == 1
    assert TOKEN not in done.out + done.err


def test_another_app_edits_its_own_comments(github: GitHubServer, post, monkeypatch) -> None:
    """The author is the user of the token, whichever app or person that is."""
    github.state.tokens["ghs_ofAnApp"] = Token("acme-sms[bot]", {"pull_requests": "write"})
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_ofAnApp")
    for text in ("a", "b"):
        assert post(text).code == 0
    assert github.bodies(5) == [body("b")]


# ── files


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<!-- sendspec:staging:specs -->\nplan", f"the first line of plan.md is not {MARKER}"),
        (b"<!-- sendspec:production:other -->\nplan", f"the first line of plan.md is not {MARKER}"),
        (b"", f"the first line of plan.md is not {MARKER}"),
        (f"{MARKER}\n".encode() + b"\xff", "plan.md is not UTF-8 text"),
        (f"{MARKER}\n".encode() + b"x" * 65_536, "plan.md has more than 65,536 characters"),
        (f"{MARKER}\n".encode() + "€".encode() * 99_999, "plan.md has more than 65,536 characters"),
        (f"{MARKER}\nplan".encode(), "plan.md is not the Markdown of a plan"),
        (f"{MARKER}\n{RESULT}\n## Sent".encode(), "plan.md is not the Markdown of a plan"),
        (None, "cannot read plan.md: No such file or directory"),
    ],
)
def test_files_that_cannot_be_posted(content, reason, github: GitHubServer, cli, tmp_path) -> None:
    """A wrong file is an error also with `--optional`, and GitHub is not asked."""
    if content is not None:
        (tmp_path / "plan.md").write_bytes(content)
    words = ("--target", "production", "--pull-request", "5", "--optional")
    done = cli("github", "comment", "plan.md", "specs", *words)
    assert done.code == 1
    assert f"error: {reason}" in done.err
    assert "nothing was posted" in done.err
    assert github.recorded == []


def test_a_receipt_is_not_a_plan(github: GitHubServer, cli, tmp_path) -> None:
    """The Markdown of `apply` and of `status` has the same first line, and is refused by its heading."""
    project(tmp_path / "specs", GATE)
    cli("apply", "--auto-approve", "--format", "markdown=sent.md")
    cli("status", "--interval", "0.1", "--format", "markdown=status.md")
    for name in ("sent.md", "status.md"):
        done = cli("github", "comment", name, "--pull-request", "5")
        assert (done.code, f"{name} is not the Markdown of a plan" in done.err) == (1, True), done.err
        assert "`plan --format markdown=FILE`" in done.err
    (tmp_path / "specs" / "sendspec.yaml").write_text("version: 2\n")
    assert cli("plan", "--format", "markdown=failed.md").code == 1
    assert cli("github", "comment", "failed.md", "--pull-request", "5").code == 0


def test_a_text_of_exactly_the_limit_is_posted(github: GitHubServer, post) -> None:
    """The limit counts characters, not bytes."""
    assert post("€" * (65_536 - len(MARKER) - len(HEADING) - 2)).code == 0
    assert len(github.bodies(5)[0]) == 65_536
