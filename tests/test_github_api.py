"""The client of GitHub's REST API, against the stand-in as a real server."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from sendspec.errors import GitHubError, GitHubUnavailable
from sendspec.github import GitHubApi, GitHubSettings
from tests.github_api import GitHubServer, Token, accepted_and_lost, bad_gateway, rate_limited
from tests.github_api.server import FORK_TOKEN, TOKEN
from tests.servers import ScriptedServer, refusing_port, response, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[GitHubServer]:
    with GitHubServer() as running:
        yield running


@pytest.fixture
def github(server: GitHubServer) -> GitHubServer:
    """Return the stand-in with one pull request, without comments, faults and recorded requests."""
    server.state.comments.clear()
    server.state.issues.clear()
    server.faults.clear()
    server.recorded.clear()
    server.add_pull_request(5)
    return server


@contextmanager
def client(github: GitHubServer, token: str = TOKEN, waits: list[float] | None = None) -> Iterator[GitHubApi]:
    """Yield a client that adds the seconds of its pauses to `waits` instead of waiting."""
    pauses = [] if waits is None else waits
    settings = GitHubSettings.from_environment(github.environment(token))
    with GitHubApi(settings, wait=pauses.append) as api:
        yield api


def failure(github: GitHubServer, token: str = TOKEN, path: tuple = ("issues", 5, "comments")) -> GitHubError:
    with client(github, token) as api, pytest.raises(GitHubError) as caught:
        api.post(*path, task="post a comment", body={"body": "text"})
    return caught.value


# ── calls


def test_every_page_of_a_list_is_read(github: GitHubServer) -> None:
    """A list of 250 comments needs three calls, whose order the Link header gives."""
    for number in range(250):
        github.state.add_comment(5, f"comment {number}")
    with client(github) as api:
        found = [item["body"] for item in api.get_all("issues", 5, "comments", task="list comments")]
    assert found == [f"comment {number}" for number in range(250)]
    assert github.calls() == ["GET /issues/5/comments"] * 3


def test_each_call_has_the_version_and_the_token_in_its_headers(github: GitHubServer) -> None:
    """The version of the API is named, so that a later one does not change an answer."""
    with client(github) as api:
        api.get(task="read the repository")
    headers = github.recorded[0].headers
    assert headers["x-github-api-version"] == "2022-11-28"
    assert headers["accept"] == "application/vnd.github+json"
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["user-agent"].startswith("sendspec/")


def test_the_user_of_the_token_is_asked_for_once(github: GitHubServer) -> None:
    """The token of a job has a user, which only the GraphQL API names."""
    with client(github) as api:
        assert api.viewer() == api.viewer() == "github-actions[bot]"
    assert github.calls() == ["POST /graphql"]


def test_segments_of_a_path_are_quoted(github: GitHubServer) -> None:
    """Neither a slash nor dots in a name lead to another resource."""
    github.state.environments["a/b é"] = {}
    with client(github) as api:
        assert api.get("environments", "a/b é", task="read the environment")["name"] == "a/b é"
        with pytest.raises(GitHubError, match="404"):
            api.get("environments", "..", "..", task="read the environment")
    assert github.recorded[-1].path == "/environments/../.."


def test_a_list_may_be_a_property(github: GitHubServer) -> None:
    """Environments are a list in an object, which has pages as well."""
    github.state.environments = {f"environment-{number}": {} for number in range(120)}
    with client(github) as api:
        found = list(api.get_all("environments", task="list the environments", key="environments"))
    assert len(found) == 120


# ── repetitions


def test_a_get_is_repeated_at_most_twice(github: GitHubServer) -> None:
    """A server error of a GET may end; after the third one the caller gets the error."""
    waits: list[float] = []
    github.faults = [bad_gateway("GET", "/issues", times=2)]
    with client(github, waits=waits) as api:
        assert api.get("issues", 5, task="read it")["number"] == 5
        github.faults = [bad_gateway("GET", "/issues", times=9)]
        with pytest.raises(GitHubUnavailable, match="cannot read it: GitHub answered 502: Bad Gateway"):
            api.get("issues", 5, task="read it")
    assert waits == [0.5, 2.0, 0.5, 2.0]
    assert github.faults[0].times == 6


@pytest.mark.parametrize("fault", [accepted_and_lost, bad_gateway])
def test_a_post_whose_answer_is_lost_is_not_repeated(github: GitHubServer, fault) -> None:
    """GitHub may have created the comment, so the caller must look first."""
    github.faults = [fault("POST", "/comments")]
    error = failure(github)
    assert isinstance(error, GitHubUnavailable)
    assert error.may_be_done
    assert github.calls() == ["POST /issues/5/comments"]


def test_a_post_that_never_left_is_repeated() -> None:
    """A refused connection proves that GitHub created nothing."""
    waits: list[float] = []
    with refusing_port() as port:
        settings = GitHubSettings("token", "acme/specs", f"http://127.0.0.1:{port}")
        with GitHubApi(settings, wait=waits.append) as api, pytest.raises(GitHubUnavailable) as caught:
            api.post("issues", task="open an issue", body={})
    assert len(waits) == 2
    assert not caught.value.may_be_done


def test_a_rate_limit_is_waited_for_once_and_briefly(github: GitHubServer) -> None:
    """The second refusal, and one of more than a minute, end the call with the limit as the reason."""
    waits: list[float] = []
    github.faults = [rate_limited("POST", "/comments", 7)]
    with client(github, waits=waits) as api:
        api.post("issues", 5, "comments", task="post", body={"body": "text"})
    assert waits == [7.0]
    for fault in (rate_limited("POST", "/comments", 7, status=403, times=2), rate_limited("POST", "/c", 61)):
        github.faults = [fault]
        error = failure(github)
        assert error.hint == "run this again after GitHub's rate limit has reset"
    assert len(github.bodies(5)) == 1


def test_a_used_up_rate_limit_is_waited_for_until_it_resets() -> None:
    """The primary limit names the instant of its reset instead of seconds."""
    limits = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "5"}
    answers = [response(403, {"message": "API rate limit exceeded"}, limits), response(200, {"number": 5})]
    waits: list[float] = []
    with ScriptedServer((serving(lambda _: answers.pop(0)),)) as scripted:
        settings = GitHubSettings("token", "acme/specs", scripted.base_url)
        with GitHubApi(settings, wait=waits.append) as api:
            assert api.get("issues", 5, task="read it") == {"number": 5}
    assert waits == [1.0]


def test_all_waits_for_rate_limits_together_are_brief(github: GitHubServer) -> None:
    """A hundred calls do not wait a minute each."""
    waits: list[float] = []
    github.faults = [rate_limited("GET", "/issues", 40, times=1), rate_limited("GET", "/pulls", 40, times=1)]
    with client(github, waits=waits) as api:
        api.get("issues", 5, task="read it")
        with pytest.raises(GitHubError, match="rate limit"):
            api.get("pulls", 5, task="read it")
    assert waits == [40.0]


# ── errors


def test_a_missing_permission_is_named(github: GitHubServer) -> None:
    """GitHub's header says which permissions are enough, and a workflow writes them with hyphens."""
    error = failure(github, FORK_TOKEN)
    assert str(error) == "cannot post a comment: GitHub answered 403: Resource not accessible by integration"
    assert error.status == 403
    assert error.hint == (
        "add to the permissions of the job, or of the token: `issues: write` or `pull-requests: write`"
    )


def test_a_locked_conversation_has_its_own_hint(github: GitHubServer) -> None:
    """A permission does not help with a locked conversation."""
    github.state.issues[5].locked = True
    assert failure(github).hint == "let a maintainer unlock the conversation, then run this again"


def test_a_token_that_expired_is_an_error_without_the_token(github: GitHubServer) -> None:
    """A token is never a part of a message."""
    github.state.tokens["ghs_gone"] = Token()
    del github.state.tokens["ghs_gone"]
    error = failure(github, "ghs_gone")
    assert str(error) == "cannot post a comment: GitHub answered 401: Bad credentials"
    assert error.hint == "set GITHUB_TOKEN to a valid token for acme/specs"


def test_what_does_not_exist_may_also_be_unreadable(github: GitHubServer) -> None:
    """GitHub answers 404 in both cases, so the hint names both."""
    error = failure(github, path=("issues", 6, "comments"))
    assert error.hint == "check that it exists in acme/specs, and that the token may read it"


def scripted_error(answer: bytes) -> GitHubError:
    with ScriptedServer((serving(lambda _: answer),)) as scripted:
        settings = GitHubSettings("ghs_secretOfThisRun1", "acme/specs", scripted.base_url)
        with GitHubApi(settings, wait=lambda _: None) as api, pytest.raises(GitHubError) as caught:
            list(api.get_all("issues", task="list the issues"))
        assert scripted.requests
    return caught.value


def test_a_redirect_is_not_followed() -> None:
    """The token is not sent to the address that an answer names."""
    elsewhere = response(301, {"message": "Moved Permanently"}, {"Location": "https://example.com/"})
    error = scripted_error(elsewhere)
    assert error.status == 301
    assert error.hint == "set GITHUB_REPOSITORY to the current name of the repository"


@pytest.mark.red_team(28)
def test_a_next_page_on_another_server_is_refused() -> None:
    """The token is not sent to the address in a Link header either."""
    error = scripted_error(response(200, [1], {"Link": '<https://example.com/?page=2>; rel="next"'}))
    assert "not below GITHUB_API_URL" in str(error)


def test_the_words_of_an_answer_are_masked_and_on_one_line() -> None:
    """An answer that repeats the token, a number or commands of the runner does not get them into a log."""
    hostile = "token ghs_secretOfThisRun1\n::set-env name=A::b\x1b[31m +1 212 555 0123 " + "long " * 99
    text = str(scripted_error(response(422, {"message": hostile, "errors": [{"message": "too long."}]})))
    assert "ghs_secretOfThisRun1" not in text
    assert "555 0123" not in text
    assert text.isprintable()
    assert len(text) < 300


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (response(200, b"<html>"), "is not JSON"),
        (response(200, {"message": "ok"}), "is not a list"),
        (response(404, b"<html>"), "answered 404"),
        (response(418, ["teapot"]), "answered 418"),
    ],
)
def test_unusable_answers_are_errors(answer: bytes, reason: str) -> None:
    """A proxy may answer anything."""
    assert reason in str(scripted_error(answer))


# ── settings

COMPLETE = {"GITHUB_TOKEN": "ghs_abc", "GITHUB_REPOSITORY": "acme/specs"}


def test_the_public_server_is_the_default() -> None:
    """Outside a job only the token and the repository are needed."""
    settings = GitHubSettings.from_environment(COMPLETE)
    assert (settings.api_url, settings.server_url) == ("https://api.github.com", "https://github.com")
    assert settings.graphql_url == "https://api.github.com/graphql"
    assert "ghs_abc" not in repr(settings)


@pytest.mark.parametrize(
    ("values", "variable"),
    [
        ({"GITHUB_TOKEN": " "}, "GITHUB_TOKEN"),
        ({"GITHUB_TOKEN": "a b"}, "GITHUB_TOKEN"),
        ({"GITHUB_TOKEN": "tökén"}, "GITHUB_TOKEN"),
        ({"GITHUB_REPOSITORY": ""}, "GITHUB_REPOSITORY"),
        ({"GITHUB_REPOSITORY": "acme"}, "GITHUB_REPOSITORY"),
        ({"GITHUB_REPOSITORY": "acme/../x"}, "GITHUB_REPOSITORY"),
        ({"GITHUB_REPOSITORY": "../x"}, "GITHUB_REPOSITORY"),
        ({"GITHUB_API_URL": "http://api.github.com"}, "GITHUB_API_URL"),
        ({"GITHUB_API_URL": "https://user@api.github.com"}, "GITHUB_API_URL"),
        ({"GITHUB_API_URL": "https://api.github.com/?q=1"}, "GITHUB_API_URL"),
        ({"GITHUB_SERVER_URL": "file:///etc"}, "GITHUB_SERVER_URL"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(values: dict[str, str], variable: str) -> None:
    """The token is sent only to an https URL, or to loopback."""
    with pytest.raises(GitHubError, match=variable):
        GitHubSettings.from_environment({**COMPLETE, **values})
