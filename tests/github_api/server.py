"""The HTTP server of the stand-in: tokens and permissions, faults, pages, and the record of requests."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, unquote, urlencode

from sendspec.loopback_server import Application, LoopbackServer, listen
from tests.github_api.routes import ROUTES, Call, Reply
from tests.github_api.state import Issue, State, Token

if TYPE_CHECKING:
    from datetime import datetime

    from tests.github_api.faults import Fault

TOKEN = "ghs_standInTokenOfAJob0123456789"  # noqa: S105 - accepted by the stand-in only
FORK_TOKEN = "ghs_standInTokenOfAFork012345678"  # noqa: S105 - as above; it may only read
PERMISSIONS = (
    "contents",
    "issues",
    "pull_requests",
    "actions",
    "deployments",
    "administration",
    "secrets",
    "environments",
)


@dataclass(frozen=True)
class Incoming:
    """One request as it arrived; `path` is below the repository, and still quoted."""

    method: str
    raw_path: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Recorded:
    """One request: method, path without its query, query, user, body as JSON, and status of the answer.

    The status is 0 if the connection was closed without an answer.
    """

    method: str
    path: str
    query: dict[str, str]
    login: str | None
    headers: dict[str, str]
    body: Any
    status: int

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class GitHubServer:
    """The stand-in while its `with` block runs; it serves one repository, `state.repository`.

    It has two tokens: that of a job with every permission, and that of a fork's job, which may only read.
    """

    def __init__(self, state: State | None = None, port: int = 0) -> None:
        self.state = state or State()
        self.state.tokens.setdefault(TOKEN, Token(permissions=dict.fromkeys(PERMISSIONS, "write")))
        self.state.tokens.setdefault(FORK_TOKEN, Token(permissions=dict.fromkeys(PERMISSIONS, "read")))
        self.recorded: list[Recorded] = []
        self.faults: list[Fault] = []
        self._port = port

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            listener = listen("the stand-in for GitHub", self._port)
            server = stack.enter_context(
                LoopbackServer("the stand-in for GitHub", listener, self._application)
            )
            self.base_url = server.base_url
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def api_url(self) -> str:
        """The URL of the REST API, as a server of one's own has it: below `/api/v3`."""
        return f"{self.base_url}/api/v3"

    def environment(self, token: str = TOKEN) -> dict[str, str]:
        """Return the variables of a step."""
        return {
            "GITHUB_TOKEN": token,
            "GITHUB_API_URL": self.api_url,
            "GITHUB_SERVER_URL": self.base_url,
            "GITHUB_REPOSITORY": self.state.repository,
        }

    def reset(self) -> None:
        """Remove issues, pull requests, comments and commits, faults, and the record of requests."""
        for each in (self.state.comments, self.state.issues, self.state.commits, self.faults, self.recorded):
            each.clear()

    def add_pull_request(
        self,
        number: int,
        *,
        merged_at: datetime | None = None,
        merge_commit: str | None = None,
        **values: Any,
    ) -> Issue:
        """Add a pull request, merged if it has a time for that."""
        state = "closed" if merged_at is not None else "open"
        return self.state.add_issue(
            Issue(
                number,
                **{"state": state, **values},
                is_pull_request=True,
                merged_at=merged_at,
                merge_commit=merge_commit,
            )
        )

    def bodies(self, issue: int) -> list[str]:
        """Return the texts of the comments of an issue or a pull request, the oldest first."""
        return [comment.body for comment in self.state.of_issue(issue)]

    def calls(self, *methods: str) -> list[str]:
        """Return the requests as `POST /issues/5/comments`, those of `methods` if there are any."""
        return [str(call) for call in self.recorded if not methods or call.method in methods]

    def writes(self) -> list[str]:
        """Return the requests that change something."""
        return [str(call) for call in self.recorded if call.method != "GET" and call.path != "/graphql"]

    def _application(self) -> Application:
        async def close() -> None:
            pass

        return Application(self._serve, close)

    async def _serve(self, scope: dict, receive: Any, send: Any) -> None:
        request = await self._read(scope, receive)
        login, reply = self._answer(request)
        status = 0 if reply is None else reply.status
        self.recorded.append(
            Recorded(
                request.method,
                unquote(request.path),
                request.query,
                login,
                request.headers,
                request.body,
                status,
            )
        )
        if reply is None:
            scope["state"]["transport"].abort()
            return
        content = b"" if reply.value is None else json.dumps(reply.value).encode()
        fields = {"content-type": "application/json; charset=utf-8", **reply.headers}
        fields["content-length"] = str(len(content))
        encoded = [(name.lower().encode(), text.encode()) for name, text in fields.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": encoded})
        await send({"type": "http.response.body", "body": content})

    async def _read(self, scope: dict, receive: Any) -> Incoming:
        body, message = b"", {"more_body": True}
        while message.get("more_body"):
            message = await receive()
            body += message.get("body", b"")
        raw = scope["raw_path"].partition(b"?")[0].decode()
        path = (
            raw.removeprefix("/api/v3").removeprefix("/api").removeprefix(f"/repos/{self.state.repository}")
        )
        return Incoming(
            method=scope["method"],
            raw_path=raw,
            path=path,
            query={name: values[-1] for name, values in parse_qs(scope["query_string"].decode()).items()},
            headers={name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]},
            body=json.loads(body) if body else None,
        )

    def _answer(self, request: Incoming) -> tuple[str | None, Reply | None]:
        """Return the user and the answer, None if the connection is to be closed without one."""
        token = self.state.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if token is None:
            return None, Reply(401, {"message": "Bad credentials", "status": "401"})
        path = unquote(request.path)
        fault = next((each for each in self.faults if each.matches(request.method, path)), None)
        if fault is None:
            return token.login, self._route(request, token)
        fault.times -= 1
        if fault.first is not None:
            fault.first()
            return token.login, self._route(request, token)
        if fault.accepts:
            self._route(request, token)
        failure = Reply(fault.status, {"message": fault.message}, fault.headers)
        return token.login, None if fault.drops else failure

    def _route(self, request: Incoming, token: Token) -> Reply:
        for route in ROUTES:
            found = route.pattern.fullmatch(request.path)
            if route.method != request.method or found is None:
                continue
            if not route.allows(token):
                refused = {"message": "Resource not accessible by integration", "status": "403"}
                return Reply(403, refused, {"X-Accepted-GitHub-Permissions": "; ".join(route.permissions)})
            values = {name: unquote(value) for name, value in found.groupdict().items()}
            call = Call(self.state, token.login, values, request.query, request.body or {})
            return self._page(route.handle(call), request)
        return Reply.not_found()

    def _page(self, reply: Reply, request: Incoming) -> Reply:
        """Return one page of a list, with a Link header ("Using pagination in the REST API", 2026-11)."""
        items = reply.value.get(reply.list_key) if reply.list_key else reply.value
        if not isinstance(items, list) or reply.status != 200:
            return reply
        size, page = min(int(request.query.get("per_page", 30)), 100), int(request.query.get("page", 1))
        shown = items[(page - 1) * size : page * size]
        headers = dict(reply.headers)
        if page * size < len(items):
            url = f"{self.base_url}{request.raw_path}"
            links = [
                f'<{url}?{urlencode({**request.query, "page": number})}>; rel="{name}"'
                for name, number in (("first", 1), ("next", page + 1))
            ]
            headers["Link"] = ", ".join(links)
        value = {**reply.value, reply.list_key: shown} if reply.list_key else shown
        return Reply(reply.status, value, headers)
