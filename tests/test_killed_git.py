"""The git ledger after kills: runs killed around each call of git, killed gits, lost machines."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from sendspec.model import RequestState
from sendspec.protocol_limits import OPEN_REQUESTS_MAX
from tests.ledgers import git
from tests.processes.campaigns import jobs, named, notices
from tests.processes.clones import Shared
from tests.processes.gits import ENDS, strange_git
from tests.processes.kills import noted, sampled
from tests.processes.truth import TARGET, vendor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.processes.truth import Project, Vendor


@pytest.fixture
def sandbox(tmp_path) -> Iterator[Vendor]:
    with vendor(tmp_path / "vendor") as sandbox:
        yield sandbox


@pytest.fixture
def share(sandbox, tmp_path) -> Callable[..., Shared]:
    """Return a function that creates a project with a bare repository of its own."""

    def shared(campaign: str, name: str = "Acme") -> Shared:
        return Shared(tmp_path / name, sandbox, named(campaign, name))

    return shared


@pytest.mark.parametrize("campaign", [jobs(2), notices(2)], ids=["jobs", "notices"])
def test_a_kill_around_any_call_of_git_sends_each_request_once(
    campaign, share, all_kill_points, record_property
) -> None:
    """If a run or its git is killed before, during or after a call, recovery sends each request once."""
    shared = share(campaign)
    with strange_git(shared.directory / "bin") as counting:
        assert shared.clone().apply(**counting.environment).code == 0
    calls = counting.made()
    points = [(number, how) for number in range(1, len(calls) + 1) for how in ENDS]
    chosen = points if all_kill_points else list(sampled(points, 16))
    struck = 0
    for index, (number, how) in enumerate(chosen):
        with noted(f"{how}, call {number}: git {calls[number - 1]}"):
            shared = share(campaign, f"Acme{index}")
            project = shared.clone()
            with strange_git(shared.directory / "bin", number, ENDS[how]) as strange:
                code = project.apply(**strange.environment).code
            # Entries that are ready together share one push, so the number of calls varies between runs.
            reached = len(strange.made()) >= number
            struck += reached
            assert code in ({0} if not reached else {-9} if "kill" in how else {0, 1, 7})
            project.check()
            if index % 2:
                project = shared.clone()
            project.settle()
    record_property("kill points around git", len(points))
    assert struck > len(chosen) // 2
    record_property("kill points around git tried", struck)


def test_the_log_of_a_lost_machine_is_enough(share, tmp_path, record_property) -> None:
    """After the loss of the clone, its log settles the requests of its lines in another clone."""
    shared = share(notices(12))
    lost = shared.clone()
    with strange_git(tmp_path / "bin", 2, ENDS["killed before it"], command="push") as strange:
        done = lost.apply(**strange.environment)
    assert done.code == -9
    shutil.rmtree(lost.directory.parent)
    log = tmp_path / "job.log"
    log.write_text("".join(f"2026-12-01T19:00:03.1234567Z {line}\n" for line in done.err.splitlines()))
    project = shared.clone()
    assert list(project.check()) == list(project.bodies)
    before = project.unknown()
    settled = project.run("resolve", "--from-log", log, "--dir", project.directory, *TARGET)
    assert settled.code == 0, settled.err
    project.check()
    logged = done.err.count("sendspec-request {")
    assert len(before) - len(project.unknown()) == logged > 0
    assert len(before) <= OPEN_REQUESTS_MAX
    record_property("requests settled from the log of a lost machine", logged)
    assert project.settle() == len(before) - logged


def test_a_rerun_of_an_old_commit_sends_nothing(share, sandbox) -> None:
    """A run of an old commit fetches the ledger branch, so it sends nothing that later runs have sent."""
    immediate = re.sub(r" *scheduledDate: .*\n", "", jobs(2))
    shared = share(immediate)
    newest = shared.clone()
    assert newest.apply().code == 0
    # A lockfile of a checkout is older than the branch, and does not count.
    name = "sendspec.vendor.lock"
    (newest.directory / name).write_text(git("show", f"sendspec-state:vendor/{name}", where=shared.remote))
    (newest.directory / "campaigns" / "more.yaml").write_text(named(notices(2), "Acme"))
    commit(newest, "more")
    assert newest.apply().code == 0
    campaign = newest.directory / "campaigns" / "c0.yaml"
    campaign.write_text(
        named(immediate, "Acme again").replace("  - id: teaser\n", "  - id: teaser\n    revision: 2\n")
    )
    commit(newest, "again")
    assert newest.apply().code == 0
    sent = len(sandbox.accepted())
    assert sent == 6
    for back, code in ((0, 0), (1, 3), (2, 3)):
        old = shared.clone()
        git("checkout", "--quiet", f"HEAD~{back}", where=old.directory)
        done = old.apply()
        assert done.code == code, done
        assert len(sandbox.accepted()) == sent
    assert all(request.state is RequestState.SENT for request in newest.requests().values())


def commit(project: Project, message: str) -> None:
    """Commit and push everything in the project directory."""
    git("add", "--force", ".", where=project.directory)
    git("commit", "--quiet", f"--message={message}", where=project.directory)
    git("push", "--quiet", "origin", "HEAD:main", where=project.directory)
