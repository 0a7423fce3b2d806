"""`sendspec github issue`: one issue, opened, edited, closed and opened again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.github_api import Issue, Token, accepted_and_lost, bad_gateway, before
from tests.github_api.server import FORK_TOKEN

if TYPE_CHECKING:
    from tests.github_api import GitHubServer

MARKER = "<!-- sendspec-watch:production:specs -->"


@pytest.fixture
def github(github: GitHubServer) -> GitHubServer:
    """Return the stand-in with a pull request and an issue of other people."""
    github.add_pull_request(5, body=f"{MARKER}\nnot an issue")
    github.state.add_issue(Issue(6, "Help", f"{MARKER}\nnot ours", author="mallory"))
    return github


@pytest.fixture
def issue(cli, tmp_path):
    """Open, edit or close the issue with a text."""

    def run(text: str, *words: str):
        (tmp_path / "watch.md").write_text(f"{MARKER}\n{text}\n")
        return cli("github", "issue", "watch.md", *words)

    return run


def own(github: GitHubServer) -> list[Issue]:
    return [issue for issue in github.state.issues.values() if issue.author != "mallory" and issue.number > 5]


def body(text: str) -> str:
    return f"{MARKER}\n{text}\n"


def test_one_issue_is_opened_edited_closed_and_opened_again(github: GitHubServer, issue) -> None:
    """Ten days of watching make one issue, whatever happens in between."""
    for day in range(4):
        done = issue(f"day {day}", "--title", "SMS: 2 things need attention", "--label", "sms")
        assert done.code == 0, done.err
    [only] = own(github)
    assert (only.title, only.body, only.labels) == ("SMS: 2 things need attention", body("day 3"), ["sms"])
    assert "issue: closed (https://" in issue("all is well", "--close").err
    assert (only.state, github.bodies(only.number)) == ("closed", [body("all is well")])
    assert "issue: none is open" in issue("all is well", "--close").err
    assert issue("day 9", "--title", "SMS: 1 thing needs attention").code == 0
    assert [(each.state, each.body, each.title) for each in own(github)] == [
        ("open", body("day 9"), "SMS: 1 thing needs attention")
    ]


def test_the_same_text_changes_nothing(github: GitHubServer, issue) -> None:
    """A watch that finds the same every hour does not touch the issue."""
    issue("same", "--title", "SMS")
    github.recorded.clear()
    assert "unchanged" in issue("same", "--title", "SMS").err
    assert github.writes() == []


@pytest.mark.parametrize("fault", [accepted_and_lost, lambda *words: bad_gateway(*words, accepts=True)])
def test_an_issue_whose_answer_was_lost_is_not_doubled(fault, github: GitHubServer, issue) -> None:
    """After a POST without an answer the run looks again."""
    github.faults = [fault("POST", "/issues")]
    assert issue("a", "--title", "SMS").code == 0
    assert len(own(github)) == 1


def test_a_second_issue_of_a_run_in_parallel_is_closed(github: GitHubServer, issue) -> None:
    """The older issue stays and gets the text."""
    github.faults = [before("POST", "/issues", lambda: github.state.add_issue(Issue(7, body=body("other"))))]
    assert issue("a", "--title", "SMS").code == 0
    assert [(each.number, each.state, each.body) for each in own(github)] == [
        (7, "open", body("a")),
        (8, "closed", body("a")),
    ]


def test_a_last_comment_is_not_doubled(github: GitHubServer, issue) -> None:
    """If closing failed after the comment, the next run only closes."""
    issue("a", "--title", "SMS")
    github.faults = [bad_gateway("PATCH", "/issues/")]
    assert issue("over", "--close").code == 1
    assert issue("over", "--close").code == 0
    assert [(each.state, github.bodies(each.number)) for each in own(github)] == [("closed", [body("over")])]


def test_an_issue_is_found_among_many(github: GitHubServer, issue) -> None:
    """The lists have pages, and pull requests in them."""
    issue("old", "--title", "SMS")
    for number in range(10, 250):
        github.state.add_issue(Issue(number, author="kim"))
    issue("new", "--title", "SMS")
    assert [each.body for each in own(github) if each.author != "kim"] == [body("new")]


def test_a_missing_permission_is_an_error_or_a_note(github: GitHubServer, issue, monkeypatch) -> None:
    """The hint names what all calls need, also if the first refused call only reads."""
    hint = "hint: add to the permissions of the job, or of the token: `issues: write`\n"
    github.state.tokens["ghs_no_rights"] = Token()
    for token in (FORK_TOKEN, "ghs_no_rights"):
        monkeypatch.setenv("GITHUB_TOKEN", token)
        done = issue("a", "--title", "SMS")
        assert (done.code, hint in done.err) == (1, True), done.err
    assert issue("a", "--title", "SMS", "--optional").code == 0


def test_words_that_contradict_each_other(github: GitHubServer, issue, cli, tmp_path) -> None:
    """An issue is either opened or closed, and its file is that of `watch`."""
    assert issue("a").code == 64
    assert issue("a", "--title", "SMS", "--close").code == 64
    for text in ("# Notes\n", "<!-- sendspec:production:specs -->\n## ✅ SMS plan\n", f" {body('a')}"):
        (tmp_path / "other.md").write_text(text)
        for words in (("--title", "SMS"), ("--close",)):
            done = cli("github", "issue", "other.md", *words)
            assert (done.code, "other.md is not the Markdown of watch" in done.err) == (1, True)
            assert "hint: name the file of `watch --format markdown=FILE`" in done.err
    assert github.recorded == []
