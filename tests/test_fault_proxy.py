"""Connections that break or stall at one byte, between the real client and the real sandbox."""

from __future__ import annotations

from dataclasses import replace
from itertools import count, product
from typing import TYPE_CHECKING

import pytest

from sendspec.model import RequestState
from tests.processes.campaigns import BATCHES, jobs, named, notices
from tests.processes.clones import ended, plain, start
from tests.processes.runs import Zygote
from tests.processes.truth import TARGET, vendor
from tests.proxy import Fault, Proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.processes.truth import Project, Vendor

CAMPAIGNS = {"contact-source": jobs(1), "contacts": BATCHES, "external-consent": notices(1)}
PLACES = {
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
def zygote() -> Iterator[Zygote]:
    with Zygote() as zygote:
        yield zygote


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory) -> Iterator[Vendor]:
    with vendor(tmp_path_factory.mktemp("vendor")) as sandbox:
        yield sandbox


@pytest.fixture
def proxy(sandbox) -> Iterator[Proxy]:
    with Proxy(sandbox.base_url) as proxy:
        yield proxy


@pytest.fixture
def make(sandbox, proxy, zygote, tmp_path) -> Callable[[str], Project]:
    """Give a project of an endpoint that reaches the vendor through the proxy."""

    def made(endpoint: str) -> Project:
        campaign = named(CAMPAIGNS[endpoint], f"Acme {next(_NUMBERS)}")
        return plain(tmp_path, replace(sandbox, base_url=proxy.base_url), campaign, runner=zygote.run)

    return made


@pytest.mark.parametrize(
    "cut", list(product(CAMPAIGNS, ["close", "reset"], ["request", "answer"], PLACES)), ids=", ".join
)
def test_a_connection_that_breaks_is_told_truthfully(cut, make, proxy, record_property) -> None:
    """Wherever it breaks, nothing is called sent or not sent that is not, and all ends at one request."""
    endpoint, kind, side, location = cut
    project = make(endpoint)
    proxy.arm(Fault(side, PLACES[location], kind))
    done = project.apply()
    assert proxy.disarm() == 0
    ids = project.check()
    (request,) = project.requests().values()
    complete = side == "answer" and location == "after the last byte"
    if endpoint == "contact-source" or (complete and kind == "close"):
        assert (done.code, request.state) == (0, RequestState.SENT), done.err
    elif not complete:  # a reset may overtake the last bytes of an answer, or not
        assert (done.code, request.state) == (7, RequestState.UNKNOWN), done.err
    if side == "answer":
        assert [len(accepted) for accepted in ids.values()] == [1]
    project.settle()
    record_property("connections cut at a byte", 1)


@pytest.mark.parametrize("side", ["request", "answer"])
def test_a_job_whose_every_answer_is_lost_is_unknown_until_one_arrives(side, make, proxy) -> None:
    """Three tries are enough for one run; the next run repeats the job and reads what became of it."""
    project = make("contact-source")
    proxy.arm(Fault(side, PLACES["in the body"]), times=3)
    assert project.apply().code == 7
    assert proxy.disarm() == 0
    (request,) = project.requests().values()
    assert (request.state, request.attempts) == (RequestState.UNKNOWN, 3)
    assert project.settle() == 0


@pytest.mark.parametrize("endpoint", CAMPAIGNS)
@pytest.mark.parametrize("side", ["request", "answer"])
def test_what_is_held_is_intended_and_nothing_else(side, endpoint, make, proxy, tmp_path) -> None:
    """While half of a message is on its way the ledger has the intent alone; then it has the outcome."""
    project = make(endpoint)
    proxy.arm(Fault(side, PLACES["in the body"], "hold"))
    process = start("apply", project.directory, *TARGET, "--auto-approve", where=tmp_path)
    proxy.wait_struck()
    assert [request.state for request in project.requests().values()] == [RequestState.INTENT]
    there = [(one["path"], one["body"]) for one in project.vendor.accepted_so_far()]
    assert [there.count(body) for body in project.bodies.values()] == [int(side == "answer")]
    proxy.release()
    assert ended(process).code == 0
    project.check_done()


@pytest.mark.parametrize("side", ["request", "answer"])
def test_one_broken_connection_of_three_stops_the_send(side, sandbox, proxy, zygote, tmp_path) -> None:
    """Of three batches at once one is unknown; what the others came to is known, and nothing follows."""
    through = replace(sandbox, base_url=proxy.base_url)
    campaign = named(BATCHES, f"Acme {next(_NUMBERS)}")
    project = plain(tmp_path, through, campaign, concurrency=3, count=7001, runner=zygote.run)
    proxy.arm(Fault(side, PLACES["in the body"]))
    assert project.apply().code == 7
    assert len(project.unknown()) == 1
    accepted = sum(map(len, project.check().values()))
    assert accepted < 8
    assert project.settle() == 1
