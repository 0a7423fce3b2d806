"""A client of yaml-language-server, which the editors run: JSON-RPC over its standard input and output."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import IO, TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PACKAGE: Final = "yaml-language-server"
_MANIFEST: Final = Path(__file__).parent / "package.json"
"""The version that `.ci/run` installs; later ones need a newer node than that of Debian."""

_ERROR: Final = 1
_SETTINGS: Final = {
    "yaml": {"schemaStore": {"enable": False}, "completion": True, "hover": True, "validate": True},
    "http": {"proxy": "http://127.0.0.1:9"},
}
"""Defaults of the editors, but without the catalog of schemas, which is on the internet."""


def installed_server() -> Path | None:
    """Return the script of the server in the folder of `.ci/run`, None if it is not installed there."""
    version = json.loads(_MANIFEST.read_text(encoding="utf-8"))["dependencies"][_PACKAGE]
    folder = Path.home() / ".cache" / "sendspec-tests" / f"{_PACKAGE}-{version}"
    script = folder / "node_modules" / _PACKAGE / "bin" / _PACKAGE
    return script if script.is_file() and which("node") else None


@dataclass(frozen=True)
class Diagnostic:
    """One error that the editor underlines; `line` counts from 1."""

    line: int
    message: str


class LanguageServer:
    """One session of the server."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._input: IO[bytes] = process.stdin
        self._output: IO[bytes] = process.stdout
        self._requests = 0
        self._opened = 0
        self._diagnostics: dict[str, list[Diagnostic]] = {}

    def initialize(self, folder: Path) -> None:
        """Start the session as an editor does that supports everything the server asks of it."""
        markup = ["markdown", "plaintext"]
        completion = {"completionItem": {"snippetSupport": True, "documentationFormat": markup}}
        capabilities = {
            "textDocument": {"completion": completion, "hover": {"contentFormat": markup}},
            "workspace": {"configuration": True},
        }
        parameters = {"processId": None, "rootUri": folder.as_uri(), "capabilities": capabilities}
        self.request("initialize", parameters)
        self._notify("initialized", {})
        self._notify("workspace/didChangeConfiguration", {"settings": _SETTINGS})

    def open(self, path: Path, text: str) -> None:
        """Show `text` as the content of a file; the diagnostics of an earlier text are forgotten."""
        self._diagnostics.pop(path.as_uri(), None)
        self._opened += 1  # The server keeps the tree of a version of a file.
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": self._opened, "text": text}
        self._notify("textDocument/didOpen", {"textDocument": document})

    def diagnostics(self, path: Path) -> list[Diagnostic]:
        """Return the errors of an open file, as soon as the server has checked it."""
        while path.as_uri() not in self._diagnostics:
            self._handle(self._receive())
        return self._diagnostics[path.as_uri()]

    def complete(self, path: Path, line: int, column: int) -> Mapping[str, Mapping[str, Any]]:
        """Return the proposals at a position, which counts from 0, by label."""
        answer = self.request("textDocument/completion", _position(path, line, column))
        return {item["label"]: item for item in answer["items"]}

    def hover(self, path: Path, line: int, column: int) -> str:
        """Return what the editor shows about the word at a position, which counts from 0."""
        answer = self.request("textDocument/hover", _position(path, line, column))
        return "" if answer is None else str(answer["contents"]["value"])

    def request(self, method: str, parameters: Mapping[str, Any]) -> Any:
        """Return the answer of the server to one request."""
        self._requests += 1
        self._send({"id": self._requests, "method": method, "params": parameters})
        while True:
            message = self._receive()
            if message.get("id") == self._requests and "method" not in message:
                assert "error" not in message, message
                return message["result"]
            self._handle(message)

    def _notify(self, method: str, parameters: Mapping[str, Any]) -> None:
        self._send({"method": method, "params": parameters})

    def _handle(self, message: Mapping[str, Any]) -> None:
        """Answer a request of the server, and keep the diagnostics that it publishes."""
        if message["method"] == "textDocument/publishDiagnostics":
            self._diagnostics[message["params"]["uri"]] = [
                Diagnostic(each["range"]["start"]["line"] + 1, each["message"])
                for each in message["params"]["diagnostics"]
                if each["severity"] == _ERROR
            ]
        elif "id" in message:
            sections = [item.get("section") for item in message["params"].get("items", ())]
            result = [_SETTINGS.get(section, {}) for section in sections]
            self._send({"id": message["id"], "result": result or None})

    def _send(self, message: Mapping[str, Any]) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._input.write(b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
        self._input.flush()

    def _receive(self) -> Any:
        length = 0
        while (line := self._output.readline()) != b"\r\n":
            assert line, "the language server ended"
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return json.loads(self._output.read(length))


def _position(path: Path, line: int, column: int) -> dict[str, Any]:
    return {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": column}}


@contextmanager
def running_server(script: Path, folder: Path) -> Iterator[LanguageServer]:
    """Yield a session of a server that ends with the block."""
    with subprocess.Popen(
        ["node", str(script), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder
    ) as process:
        try:
            server = LanguageServer(process)
            server.initialize(folder)
            yield server
        finally:
            process.kill()
