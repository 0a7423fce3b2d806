"""docs/from-empty-repository.md, followed word for word, with a local remote and a local vendor."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

from sendspec.sandbox import SandboxServer
from tests.ledgers import git
from tests.sandbox_client import SandboxClient
from tests.workflows import ROOT, SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = (ROOT / "docs" / "from-empty-repository.md").read_text(encoding="utf-8")
PIN = f"--pin acme/sendspec@{'0' * 40}"
ELSEWHERE = ("pip install", "gh ")
"""Starts of commands that need the network; GITHUB_TOKEN=… is before one of them."""


def blocks(until: str) -> Iterator[tuple[str, str]]:
    """Yield the language and the text of each block before a heading."""
    text = PAGE.partition(f"\n## {until}")[0]
    return ((found[1], found[2]) for found in re.finditer(r"```(\w+)\n(.*?)```", text, re.DOTALL))


def follow(clone: Path, until: str, url: str) -> None:
    """Write the files and run the commands of the page before a heading, as a person does."""
    for language, text in blocks(until):
        if language == "yaml":
            name = text.splitlines()[0].removeprefix("# ")
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            (clone / name).write_text(text.replace("pod: us-1", f"baseUrl: '{url}', sandbox: true"))
            continue
        for command in text.splitlines():
            if "$(gh " not in command and not command.startswith(ELSEWHERE):
                run(clone, command.replace("init --github", f"init --github {PIN}"))


def run(where: Path, command: str, **variables: str) -> str:
    environment = {**os.environ, **IDENTITY, "PATH": f"{SCRIPTS}:{os.environ['PATH']}", **variables}
    done = subprocess.run(
        ["bash", "-c", command], cwd=where, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


IDENTITY = {
    f"GIT_{role}_{name}": value
    for role in ("AUTHOR", "COMMITTER")
    for name, value in (("NAME", "Ann"), ("EMAIL", "ann@localhost"))
}


def test_the_page_can_be_followed(tmp_path):
    """An empty repository, a campaign, a pull request, a merge and a status: the vendor gets one message."""
    remote, clone = tmp_path / "remote.git", tmp_path / "clone"
    git("init", "--quiet", "--bare", "--initial-branch=main", str(remote), where=tmp_path)
    git("clone", "--quiet", str(remote), str(clone), where=tmp_path)
    git("symbolic-ref", "HEAD", "refs/heads/main", where=clone)
    secrets = dict.fromkeys(("SENDSPEC_CLIENT_ID", "SENDSPEC_CLIENT_SECRET"), "x" * 40)
    runner = {**secrets, "SENDSPEC_REFRESH_TOKEN": "x" * 40, "CI": "true"}
    with SandboxServer() as server, SandboxClient(server.base_url) as vendor:
        follow(clone, "5. The pull request", server.base_url)
        assert "Plan: 1 to send (1 recipient" in run(clone, "sendspec plan --target production", CI="true")
        git("push", "--quiet", "origin", "first-campaign:main", where=clone)  # The merge.
        job = tmp_path / "job"
        git("clone", "--quiet", "--depth=1", remote.as_uri(), str(job), where=tmp_path)
        for _ in range(2):  # The second run is that of the schedule.
            run(job, "sendspec apply --auto-approve --target production", **runner)
        assert vendor.stats()["accepted"]["external-consent"] == 1
        assert "hello/first" in run(job, "sendspec status --target production", **runner)


def test_the_page_names_what_is_written():
    """The table of the page has the four workflows, and the page names the files to edit and to read."""
    assert re.findall(r"^\| `(sendspec-\w+\.yml)`", PAGE, re.MULTILINE) == [
        f"sendspec-{name}.yml" for name in ("plan", "apply", "status", "watch")
    ]
    for name in (".github/SENDSPEC.md", ".github/CODEOWNERS"):
        assert f"`{name}`" in PAGE
