"""A git server on loopback: bare repositories below a folder, over HTTP, for requests with a known token."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pathlib import Path

_TIMEOUT_SECONDS: Final = 60
_PUSH: Final = "git-receive-pack"


@dataclass
class GitServer:
    """Serves `git http-backend` on a free port while the `with` lasts.

    `may_write` has each token, and whether it may push. A request without a token of them gets status 401,
    and a push with a token that may only read gets 403, as GitHub answers.
    """

    folder: Path
    may_write: dict[str, bool]
    refused: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        server = self

        class Handler(_Handler):
            git = server

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def status(self, authorization: str, request: str) -> int:
        """Return the status that the token of a request gets; record a refusal."""
        try:
            _, _, token = base64.b64decode(authorization.partition(" ")[2]).decode().partition(":")
        except ValueError:
            token = ""
        if token not in self.may_write:
            return 401
        if _PUSH in request and not self.may_write[token]:
            self.refused.append(request)
            return 403
        return 200


class _Handler(BaseHTTPRequestHandler):
    git: GitServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def _answer(self, body: bytes) -> None:
        status = self.git.status(self.headers.get("Authorization", ""), self.path)
        if status != 200:
            more = {"WWW-Authenticate": 'Basic realm="git"'} if status == 401 else {}
            self._send(status, more, b"")
            return
        head, _, content = self._backend(body).partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self._send(int(headers.pop("Status", "200").split()[0]), headers, content)

    def _backend(self, body: bytes) -> bytes:
        url = urlsplit(self.path)
        variables = {
            "GIT_PROJECT_ROOT": str(self.git.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": url.path,
            "QUERY_STRING": url.query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "HTTP_GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_USER": "x-access-token",  # git refuses a push of a user without a name
        }
        done = subprocess.run(
            ["git", "http-backend"],
            input=body,
            env={"PATH": os.environ["PATH"], **variables},
            capture_output=True,
            timeout=_TIMEOUT_SECONDS,
            check=True,
        )
        return done.stdout

    def _send(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Print nothing; a test sees the answers."""
