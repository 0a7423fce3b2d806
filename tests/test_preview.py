"""`sendspec preview`: a page on loopback that is made again when a file changes."""

from __future__ import annotations

import re
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from sendspec.preview import PreviewServer
from tests.browser import chromium, missing_part, opened
from tests.projects import GATE, SENDSPEC, project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POLICY = "default-src 'none'"
CHANGES = "/changes"


@contextmanager
def served(directory: Path) -> Iterator[httpx.Client]:
    """Serve a page that has the name of its version and the first line of a file."""
    source = directory / "file.txt"
    source.write_text("one\n")

    def build(version: str) -> str:
        return f"{version} {source.read_text().strip()}"

    server = PreviewServer((directory,), build, POLICY, CHANGES)
    with server, httpx.Client(base_url=server.base_url, trust_env=False, timeout=30) as client:
        yield client


def test_the_page_is_not_stored_and_not_framed(tmp_path):
    """The answer forbids caches, frames and requests of other origins, and allows no origin to read it."""
    with served(tmp_path) as client:
        answer = client.get("/", headers={"Origin": "https://evil.example"})
    assert (answer.status_code, answer.text.split()[1]) == (200, "one")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"] == f"{POLICY}; frame-ancestors 'none'"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("path", ["/", CHANGES])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", ""])
def test_other_host_names_are_refused(path, host, tmp_path):
    """A request through a host name that only resolves to the loopback gets no page."""
    with served(tmp_path) as client:
        answer = client.get(path, headers={"Host": host})
    assert (answer.status_code, "one" in answer.text) == (400, False)


def test_only_the_page_and_its_changes_are_served(tmp_path):
    """Any other path is not found, and nothing accepts a POST."""
    with served(tmp_path) as client:
        assert [client.get(path).status_code for path in ("/file.txt", "/../file.txt", "/x")] == [404] * 3
        assert client.post("/").status_code == 405


def test_a_change_of_a_file_makes_another_version(tmp_path):
    """The stream has the present version, and the next one once a file differs."""
    with served(tmp_path) as client, client.stream("GET", CHANGES) as stream:
        lines = (line for line in stream.iter_lines() if line)
        assert next(lines) == f"data: {client.get('/').text.split()[0]}"
        (tmp_path / "file.txt").write_text("two, and longer\n")
        version = next(lines).removeprefix("data: ")
        assert client.get("/").text == f"{version} two, and longer"


@contextmanager
def running(where: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a preview as a process; yield it and the first line of its output."""
    process = subprocess.Popen(
        [SENDSPEC, "preview", *words], cwd=where, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def test_a_preview_prints_its_address_and_ends_after_ctrl_c(tmp_path):
    """Ctrl-C ends it with 0 and without output, also while a browser waits for changes."""
    project(tmp_path / "specs", GATE)
    with running(tmp_path) as (process, url), httpx.stream("GET", f"{url}{CHANGES}", timeout=30) as stream:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        assert next(stream.iter_lines()).startswith("data: ")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "", "")


def test_a_port_in_use_is_an_error(cli, tmp_path):
    """The message names the address and says what to do."""
    project(tmp_path / "specs", GATE)
    with served(tmp_path) as client:
        done = cli("preview", "--port", client.base_url.port)
    assert (done.code, "the preview cannot listen on 127.0.0.1:" in done.err) == (1, True)


@pytest.mark.skipif(missing_part() is not None, reason=str(missing_part()))
def test_the_browser_loads_the_page_again_and_recovers(tmp_path):
    """A broken file shows its problem with its place; the fixed one shows the plan again."""
    specs = project(tmp_path / "specs", GATE)
    campaign = specs / "campaigns" / "c0.yaml"
    with running(tmp_path) as (_, url), chromium() as browser, opened(browser, url) as tab:
        tab.page.locator("h3", has_text="gate/change").wait_for()
        campaign.write_text(GATE.replace("endpoint:", "endpont:"))
        tab.page.locator("h1", has_text="Not planned").wait_for()
        assert "specs/campaigns/c0.yaml:4:5" in tab.page.locator(".place").all_inner_texts()
        assert tab.violations() == []
        campaign.write_text(GATE.replace("leaves", "departs"))
        tab.page.locator(".bubble:visible", has_text="departs").wait_for()
        assert tab.messages == []
        assert {request.partition("/changes")[0].rstrip("/") for request in tab.requests} == {url}
