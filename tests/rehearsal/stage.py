"""What a scenario needs: a repository with the callers of `init --github`, a vendor, and GitHub's API."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sendspec.cli._lib.context import ledger_for, open_project
from sendspec.model import SANDBOX, RequestState
from sendspec.sandbox import SandboxServer
from tests.github_api import GitHubServer
from tests.ledgers import git
from tests.projects import sendspec
from tests.rehearsal.copies import folders
from tests.rehearsal.git_server import GitServer
from tests.rehearsal.hosted import NAME, Hosted
from tests.sandbox_client import SandboxClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sendspec.model import RequestRecord
    from tests.processes.runs import Done

SOURCE = "acme/sendspec"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
PIN = f"{SOURCE}@{COMMIT}"


@dataclass(frozen=True)
class Stage:
    """A repository on a host, its vendor, and the API that its jobs post to."""

    hosted: Hosted
    vendor: SandboxClient
    api: GitHubServer

    def person(self, *words: str, **environment: str) -> Done:
        """Run sendspec in the clone of a person; it must succeed."""
        done = sendspec(*words, where=self.hosted.clone, **environment)
        assert done.code == 0, done
        return done

    def settings(self, *targets: str) -> str:
        """Return a `sendspec.yaml` with targets that all send to the vendor of this stage."""
        target = f"{{baseUrl: '{self.vendor.base_url}', sandbox: true, ledger: git}}"
        lines = "".join(f"  {name}: {target}\n" for name in targets)
        settings = 'version: 1\nvars: {program: "148372"}\n'
        return f"{settings}targets:\n{lines}" if lines else settings

    def begin(self, target: str) -> None:
        """Add a target as `init --github` says; an empty repository gets one campaign, which is not sent."""
        specs = self.hosted.clone / "specs"
        if not specs.exists():
            self.person("init", "specs")
            (specs / "campaigns" / "spring-sale.yaml").unlink()
            for path in (specs / "contacts").iterdir():
                path.unlink()
        (specs / "sendspec.yaml").write_text(self.settings(*[target] * (target != SANDBOX)))
        self.hosted.push("Add specs")  # The remote then has a default branch, which the callers name.
        self.person("init", "--github", "--target", target, "--pin", PIN)
        self.hosted.push(f"Add the target {target}")
        if target != SANDBOX:
            self.person("init", "--ledger", "--target", target, "specs")

    def accepted(self) -> list[str]:
        """Return the texts or job names that the vendor accepted."""
        bodies = [request["body"] for request in self.vendor.received() if request["accepted"]]
        return [body.get("content") or body["messageName"] for body in bodies]

    def requests(self, target: str) -> list[RequestRecord]:
        """Return the requests of the ledger of a target."""
        git("fetch", "--quiet", "origin", where=self.hosted.clone)
        ledger = ledger_for(*open_project(str(self.hosted.clone / "specs"), target))
        return [request for record in ledger.read().sends.values() for request in record.requests]

    def check(self, *targets: str) -> int:
        """Check that ledgers and vendor have the same requests, each once; return their number."""
        requests = [request for target in targets for request in self.requests(target)]
        assert all(request.state is RequestState.SENT for request in requests), requests
        sent = Counter(request.transaction_id or str(request.job_id) for request in requests)
        accepted = Counter(str(item["id"]) for item in self.vendor.received() if item["accepted"])
        assert sent == accepted
        assert not accepted or max(accepted.values()) == 1
        return accepted.total()


@contextmanager
def stage(folder: Path, tree: Path) -> Iterator[Stage]:
    """Start the servers of a scenario; `tree` is the copy of sendspec's repository."""
    (folder / "git").mkdir()
    with ExitStack() as stack:
        server = stack.enter_context(GitServer(folder / "git", {}))
        api = stack.enter_context(GitHubServer())
        sandbox = stack.enter_context(SandboxServer())
        vendor = stack.enter_context(SandboxClient(sandbox.base_url))
        assert api.state.repository == NAME
        hosted = Hosted(folder, server, api, folders(tree, SOURCE, COMMIT))
        yield Stage(hosted, vendor, api)
