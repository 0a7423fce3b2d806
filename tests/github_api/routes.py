"""The calls of the REST API that the stand-in answers, each with the permissions of which one is enough.

Sources: docs.github.com, "REST API endpoints for issues", "… for issue comments", "… for commits", "… for
pull requests", "… for pull request reviews", "… for deployment environments", "… for deployment branch
policies", "… for protected branches", "… for rules", "… for workflow runs", "… for repositories",
"… for repository contents", "… for GitHub Actions Secrets", "… for GitHub Actions permissions", and
"Permissions required for GitHub Apps", all as of 2026-11.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.github_api.state import Issue, Review

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.github_api.state import Comment, State, Token

BODY_CHARACTERS_MAX = 65_536
"""Characters of a comment or an issue; GitHub answers 422 to a longer one."""


@dataclass(frozen=True)
class Call:
    """One permitted call: the state, the user, the values of the path, the query and the body."""

    state: State
    login: str
    path: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """One answer; `list_key` is the property that has the items of a paged list, '' if the value is one."""

    status: int
    value: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    list_key: str = ""

    @classmethod
    def ok(cls, value: Any, list_key: str = "") -> Reply:
        return cls(200, value, list_key=list_key)

    @classmethod
    def not_found(cls) -> Reply:
        return cls(404, {"message": "Not Found", "status": "404"})

    @classmethod
    def invalid(cls, resource: str, name: str, message: str) -> Reply:
        error = {"resource": resource, "code": "unprocessable", "field": name, "message": message}
        return cls(422, {"message": "Validation Failed", "errors": [error], "status": "422"})


@dataclass(frozen=True)
class Route:
    """One call: `permissions` are sets such as `issues=write`, of which one is enough."""

    method: str
    pattern: re.Pattern[str]
    permissions: tuple[str, ...]
    handle: Callable[[Call], Reply]

    def allows(self, token: Token) -> bool:
        sets = [[grant.split("=") for grant in each.split(",")] for each in self.permissions]
        return not sets or any(all(token.allows(*grant) for grant in each) for each in sets)


def instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def user(login: str) -> dict[str, Any]:
    return {"login": login, "type": "Bot" if login.endswith("[bot]") else "User"}


# ── issues and comments


def comment_value(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.id,
        "user": user(comment.author),
        "body": comment.body,
        "created_at": instant(comment.created_at),
        "updated_at": instant(comment.updated_at),
        "html_url": f"https://github.test/pull/{comment.issue}#issuecomment-{comment.id}",
    }


def issue_value(issue: Issue) -> dict[str, Any]:
    value = {
        "number": issue.number,
        "title": issue.title,
        "body": issue.body,
        "user": user(issue.author),
        "state": issue.state,
        "locked": issue.locked,
        "labels": [{"name": name} for name in issue.labels],
        "html_url": f"https://github.test/issues/{issue.number}",
    }
    return {**value, "pull_request": {}} if issue.is_pull_request else value


def list_comments(call: Call) -> Reply:
    number = int(call.path["number"])
    if number not in call.state.issues:
        return Reply.not_found()
    return Reply.ok([comment_value(comment) for comment in call.state.of_issue(number)])


def create_comment(call: Call) -> Reply:
    issue = call.state.issues.get(int(call.path["number"]))
    if issue is None:
        return Reply.not_found()
    if issue.locked:
        return Reply(403, {"message": "Unable to create comment because issue is locked.", "status": "403"})
    if refused := refused_body("IssueComment", call.body["body"]):
        return refused
    return Reply(201, comment_value(call.state.add_comment(issue.number, call.body["body"], call.login)))


def edit_comment(call: Call) -> Reply:
    comment = find_comment(call)
    if comment is None:
        return Reply.not_found()
    if refused := refused_body("IssueComment", call.body["body"]):
        return refused
    comment.body, comment.updated_at = call.body["body"], datetime.now(UTC)
    comment.edits += 1
    return Reply.ok(comment_value(comment))


def delete_comment(call: Call) -> Reply:
    comment = find_comment(call)
    if comment is None:
        return Reply.not_found()
    call.state.comments.remove(comment)
    return Reply(204)


def find_comment(call: Call) -> Comment | None:
    return next((each for each in call.state.comments if each.id == int(call.path["id"])), None)


def refused_body(resource: str, body: str) -> Reply | None:
    if not body.strip():
        return Reply.invalid(resource, "body", "Body can't be blank")
    if len(body) > BODY_CHARACTERS_MAX:
        return Reply.invalid(resource, "body", "Body is too long (maximum is 65536 characters)")
    return None


def list_issues(call: Call) -> Reply:
    """Return issues and pull requests, the newest first, by state, creator and labels."""
    wanted, creator = call.query.get("state", "open"), call.query.get("creator")
    labels = set(filter(None, call.query.get("labels", "").split(",")))
    return Reply.ok(
        [
            issue_value(issue)
            for issue in sorted(call.state.issues.values(), key=lambda each: -each.number)
            if wanted in ("all", issue.state)
            and creator in (None, issue.author)
            and labels <= set(issue.labels)
        ]
    )


def get_issue(call: Call) -> Reply:
    issue = call.state.issues.get(int(call.path["number"]))
    return Reply.not_found() if issue is None else Reply.ok(issue_value(issue))


def create_issue(call: Call) -> Reply:
    if refused := refused_body("Issue", call.body.get("body", "-")):
        return refused
    issue = Issue(
        call.state.next_number(),
        call.body["title"],
        call.body.get("body", ""),
        call.login,
        labels=list(call.body.get("labels", [])),
    )
    return Reply(201, issue_value(call.state.add_issue(issue)))


def edit_issue(call: Call) -> Reply:
    issue = call.state.issues.get(int(call.path["number"]))
    if issue is None:
        return Reply.not_found()
    if refused := refused_body("Issue", call.body.get("body", "-")):
        return refused
    for name in ("title", "body", "state", "labels"):
        if name in call.body:
            setattr(issue, name, call.body[name])
    return Reply.ok(issue_value(issue))


# ── pull requests and commits


def pull_value(call: Call, issue: Issue) -> dict[str, Any]:
    head = issue.head_repository or call.state.repository
    return {
        **{key: value for key, value in issue_value(issue).items() if key != "pull_request"},
        "merged_at": instant(issue.merged_at),
        "merged": issue.merged_at is not None,
        "merge_commit_sha": issue.merge_commit,
        "head": {"sha": issue.head_sha, "repo": {"full_name": head}},
        "base": {"ref": issue.base, "repo": {"full_name": call.state.repository}},
        "html_url": f"https://github.test/pull/{issue.number}",
    }


def get_pull(call: Call) -> Reply:
    issue = call.state.issues.get(int(call.path["number"]))
    return Reply.ok(pull_value(call, issue)) if issue and issue.is_pull_request else Reply.not_found()


def list_pulls(call: Call) -> Reply:
    """Return the closed pull requests into a branch, the newest first."""
    found = [issue for issue in call.state.issues.values() if issue.is_pull_request]
    wanted = [
        issue for issue in found if (issue.state, issue.base) == (call.query["state"], call.query["base"])
    ]
    return Reply.ok([pull_value(call, issue) for issue in sorted(wanted, key=lambda each: -each.number)])


def list_reviews(call: Call) -> Reply:
    issue = call.state.issues.get(int(call.path["number"]))
    if issue is None:
        return Reply.not_found()
    reviews = [Review(*review) for review in issue.reviews]
    return Reply.ok(
        [
            {
                "user": user(review.login),
                "state": review.state,
                "commit_id": review.commit or issue.head_sha,
                "author_association": review.association,
            }
            for review in reviews
        ]
    )


def list_commits(call: Call) -> Reply:
    """Return the commits of the default branch, the newest first, by path, sha, since and until."""
    sha, path = call.query.get("sha"), call.query.get("path")
    commits = call.state.commits
    if sha not in (None, call.state.default_branch):
        known = [commit.sha for commit in commits]
        if sha not in known:
            return Reply.not_found()
        commits = commits[: known.index(sha) + 1]
    return Reply.ok(
        [
            {"sha": commit.sha, "commit": {"committer": {"date": instant(commit.date)}}}
            for commit in reversed(commits)
            if (path is None or any(f"{name}/".startswith(f"{path}/") for name in commit.files))
            and instant(commit.date) <= call.query.get("until", "9")
            and instant(commit.date) >= call.query.get("since", "0")
        ]
    )


def list_pulls_of_commit(call: Call) -> Reply:
    """Return the merged pull requests that introduced a commit of the default branch."""
    commit = next((each for each in call.state.commits if each.sha == call.path["sha"]), None)
    if commit is None:
        message = f"No commit found for SHA: {call.path['sha']}"
        return Reply(422, {"message": message, "status": "422"})
    return Reply.ok([pull_value(call, call.state.issues[number]) for number in commit.pull_requests])


# ── settings


def get_repository(call: Call) -> Reply:
    return Reply.ok(
        {
            "full_name": call.state.repository,
            "default_branch": call.state.default_branch,
            "private": call.state.is_private,
            "visibility": "private" if call.state.is_private else "public",
        }
    )


def list_environments(call: Call) -> Reply:
    environments = [environment_value(name, each) for name, each in call.state.environments.items()]
    return Reply.ok({"total_count": len(environments), "environments": environments}, "environments")


def get_environment(call: Call) -> Reply:
    found = call.state.environments.get(call.path["name"])
    return Reply.not_found() if found is None else Reply.ok(environment_value(call.path["name"], found))


def environment_value(name: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "protection_rules": [], "deployment_branch_policy": None, **value}


def list_branch_policies(call: Call) -> Reply:
    if call.path["name"] not in call.state.environments:
        return Reply.not_found()
    patterns = call.state.branch_policies.get(call.path["name"], [])
    policies = [{"id": at, "name": name, "type": "branch"} for at, name in enumerate(patterns, start=1)]
    return Reply.ok({"total_count": len(policies), "branch_policies": policies}, "branch_policies")


def get_branch(call: Call) -> Reply:
    name = call.path["branch"]
    known = {call.state.default_branch, *call.state.protections, *call.state.rules}
    is_protected = bool(call.state.protections.get(name) or call.state.rules.get(name))
    return Reply.ok({"name": name, "protected": is_protected}) if name in known else Reply.not_found()


def get_protection(call: Call) -> Reply:
    found = call.state.protections.get(call.path["branch"])
    missing = Reply(404, {"message": "Branch not protected", "status": "404"})
    return missing if found is None else Reply.ok(found)


def list_rules(call: Call) -> Reply:
    return Reply.ok(call.state.rules.get(call.path["branch"], []))


def list_secrets(call: Call) -> Reply:
    """Return the names of secrets: of an environment, of the organisation, or of the repository."""
    environment = call.path.get("name")
    if environment is not None and environment not in call.state.environments:
        return Reply.not_found()
    names = call.state.secrets.get(environment or call.path.get("owner", ""), [])
    return Reply.ok({"total_count": len(names), "secrets": [{"name": name} for name in names]}, "secrets")


def get_workflow_permissions(call: Call) -> Reply:
    return Reply.ok(call.state.workflow_permissions)


def list_approvals(call: Call) -> Reply:
    return Reply.ok(call.state.approvals.get(int(call.path["id"]), []))


def list_runs(call: Call) -> Reply:
    return Reply.ok({"total_count": len(call.state.runs), "workflow_runs": call.state.runs}, "workflow_runs")


def get_contents(call: Call) -> Reply:
    content = call.state.contents.get(call.path["path"])
    if content is None:
        return Reply.not_found()
    encoded = base64.encodebytes(content).decode()
    return Reply.ok({"path": call.path["path"], "type": "file", "encoding": "base64", "content": encoded})


def viewer(call: Call) -> Reply:
    """Answer the one query of the GraphQL API that the REST API cannot answer to the token of a job."""
    if "viewer" not in call.body.get("query", ""):
        return Reply.ok({"errors": [{"message": "the stand-in knows only the viewer"}]})
    return Reply.ok({"data": {"viewer": {"login": call.login}}})


def _route(method: str, path: str, permissions: str, handle: Callable[[Call], Reply]) -> Route:
    pattern = re.sub(r"\{(\w+)\}", lambda found: f"(?P<{found[1]}>[^/]+)", path)
    pattern = pattern.replace("(?P<number>[^/]+)", r"(?P<number>\d+)").replace(
        "(?P<id>[^/]+)", r"(?P<id>\d+)"
    )
    return Route(method, re.compile(pattern), tuple(filter(None, permissions.split("; "))), handle)


_CONVERSATION = "issues=read; pull_requests=read"
_CONVERSATION_WRITE = "issues=write; pull_requests=write"
ROUTES = (
    _route("GET", "/issues/{number}/comments", _CONVERSATION, list_comments),
    _route("POST", "/issues/{number}/comments", _CONVERSATION_WRITE, create_comment),
    _route("PATCH", "/issues/comments/{id}", _CONVERSATION_WRITE, edit_comment),
    _route("DELETE", "/issues/comments/{id}", _CONVERSATION_WRITE, delete_comment),
    _route("GET", "/issues", "issues=read", list_issues),
    _route("GET", "/issues/{number}", _CONVERSATION, get_issue),
    _route("POST", "/issues", "issues=write", create_issue),
    _route("PATCH", "/issues/{number}", _CONVERSATION_WRITE, edit_issue),
    _route("GET", "/pulls", "pull_requests=read", list_pulls),
    _route("GET", "/pulls/{number}", "pull_requests=read", get_pull),
    _route("GET", "/pulls/{number}/reviews", "pull_requests=read", list_reviews),
    _route("GET", "/commits", "contents=read", list_commits),
    _route("GET", "/commits/{sha}/pulls", "pull_requests=read", list_pulls_of_commit),
    _route("GET", "", "metadata=read", get_repository),
    _route("GET", "/environments", "actions=read", list_environments),
    _route("GET", "/environments/{name}", "actions=read", get_environment),
    _route("GET", "/environments/{name}/deployment-branch-policies", "actions=read", list_branch_policies),
    _route("GET", "/environments/{name}/secrets", "environments=read", list_secrets),
    _route("GET", "/actions/secrets", "secrets=read", list_secrets),
    _route("GET", "/actions/(?P<owner>organization)-secrets", "secrets=read", list_secrets),
    _route("GET", "/actions/permissions/workflow", "administration=read", get_workflow_permissions),
    _route("GET", "/branches/{branch}", "contents=read", get_branch),
    _route("GET", "/branches/{branch}/protection", "administration=read", get_protection),
    _route("GET", "/rules/branches/{branch}", "metadata=read", list_rules),
    _route("GET", "/actions/runs", "actions=read", list_runs),
    _route("GET", "/actions/runs/{id}/approvals", "actions=read", list_approvals),
    _route("GET", "/contents/(?P<path>.+)", "contents=read", get_contents),
    _route("POST", "/graphql", "", viewer),
)
