"""Connections that break or stall at one byte, between the real client and the real sandbox."""

from __future__ import annotations

from itertools import count, product
from typing import TYPE_CHECKING

import pytest

from sendspec.model import RequestState
from sendspec.structs import replace
from tests.processes.campaigns import BATCHES, jobs, named, notices
from tests.processes.clones import ended, plain, start
from tests.processes.truth import TARGET, vendor
from tests.proxy import Fault, Proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.processes.truth import Project, Vendor

CAMPAIGNS = {"contact-source": jobs(1), "contacts": BATCHES, "external-consent": notices(1)}
CUT_POINTS = {
    "before any byte": lambda _head, _total: 0,
    "after the first byte": lambda _head, _total: 1,
    "in the head": lambda head, _total: head // 2,
    "between head and body": lambda head, _total: head,
    "in the body": lambda head, total: (head + total) // 2,
    "before the last byte": lambda _head, total: total - 1,
    "after the last byte": lambda _head, total: total,
}
_NUMBERS = count(1)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory) -> Iterator[Vendor]:
    with vendor(tmp_path_factory.mktemp("vendor")) as sandbox:
        yield sandbox


@pytest.fixture
def proxy(sandbox) -> Iterator[Proxy]:
    with Proxy(sandbox.base_url) as proxy:
        yield proxy


@pytest.fixture
def make(sandbox, proxy, tmp_path) -> Callable[[str], Project]:
    """Return a function that creates a project, whose requests reach the vendor through the proxy."""

    def made(endpoint: str) -> Project:
        campaign = named(CAMPAIGNS[endpoint], f"Acme {next(_NUMBERS)}")
        return plain(tmp_path, replace(sandbox, base_url=proxy.base_url), campaign)

    return made


@pytest.mark.parametrize(
    "cut", list(product(CAMPAIGNS, ["close", "reset"], ["request", "answer"], CUT_POINTS)), ids=", ".join
)
def test_a_broken_connection_has_the_true_outcome(cut, make, proxy, record_property) -> None:
    """At every break the recorded state is true, and in the end the vendor has one request."""
    endpoint, kind, side, location = cut
    project = make(endpoint)
    proxy.arm(Fault(side, CUT_POINTS[location], kind))
    done = project.apply()
    assert proxy.disarm() == 0
    ids = project.check()
    (request,) = project.requests().values()
    complete = side == "answer" and location == "after the last byte"
    if endpoint == "contact-source" or (complete and kind == "close"):
        assert (done.code, request.state) == (0, RequestState.SENT), done.err
    elif not complete:  # A reset may overtake the last bytes of an answer.
        assert (done.code, request.state) == (7, RequestState.UNKNOWN), done.err
    if side == "answer":
        assert [len(accepted_ids) for accepted_ids in ids.values()] == [1]
    project.settle()
    record_property("connections cut at a byte", 1)


@pytest.mark.parametrize("side", ["request", "answer"])
def test_a_job_without_answers_is_unknown(side, make, proxy) -> None:
    """After three lost answers the job is unknown; the next run repeats it and records its outcome."""
    project = make("contact-source")
    proxy.arm(Fault(side, CUT_POINTS["in the body"]), times=3)
    assert project.apply().code == 7
    assert proxy.disarm() == 0
    (request,) = project.requests().values()
    assert (request.state, request.attempts) == (RequestState.UNKNOWN, 3)
    assert project.settle() == 0


@pytest.mark.parametrize("endpoint", CAMPAIGNS)
@pytest.mark.parametrize("side", ["request", "answer"])
def test_a_held_request_is_an_intent(side, endpoint, make, proxy, tmp_path) -> None:
    """While a message is half sent the ledger has only the intent; afterwards it has the outcome."""
    project = make(endpoint)
    proxy.arm(Fault(side, CUT_POINTS["in the body"], "hold"))
    process = start("apply", project.directory, *TARGET, "--auto-approve", where=tmp_path)
    proxy.wait_applied()
    assert [request.state for request in project.requests().values()] == [RequestState.INTENT]
    accepted = [(request["path"], request["body"]) for request in project.vendor.accepted_so_far()]
    assert [accepted.count(body) for body in project.bodies.values()] == [int(side == "answer")]
    proxy.release()
    assert ended(process).code == 0
    project.check_done()


@pytest.mark.parametrize("side", ["request", "answer"])
def test_one_broken_connection_of_three_stops_the_send(side, sandbox, proxy, tmp_path) -> None:
    """If one of three concurrent batches is unknown, the others have outcomes and no further batch starts."""
    through = replace(sandbox, base_url=proxy.base_url)
    campaign = named(BATCHES, f"Acme {next(_NUMBERS)}")
    project = plain(tmp_path, through, campaign, concurrency=3, count=7001)
    proxy.arm(Fault(side, CUT_POINTS["in the body"]))
    assert project.apply().code == 7
    assert len(project.unknown()) == 1
    accepted = sum(map(len, project.check().values()))
    assert accepted < 8
    assert project.settle() == 1
