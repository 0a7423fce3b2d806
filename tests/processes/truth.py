"""The requests at the vendor compared with the ledger, and a person who resolves the unknown ones."""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from sendspec.model import OutcomeReason, RequestState
from tests.processes.runs import zygote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sendspec.ledger import Ledger
    from sendspec.model import RequestRecord
    from tests.processes.runs import Done

TARGET = ("--target", "vendor")
_MANY = 20_000
_OPEN = (RequestState.INTENT, RequestState.UNKNOWN)


@dataclass(frozen=True)
class Vendor:
    """A sandbox in its own process."""

    base_url: str
    http: httpx.Client

    def accepted(self) -> list[dict[str, Any]]:
        """Return all accepted requests, when every request that arrived is decided."""
        # The sandbox reads what a killed client has written before it reads this query.
        for _ in range(_MANY):
            if not self.http.get("/sandbox/stats").json()["underWay"]:
                return self.accepted_so_far()
        raise AssertionError("requests are still in flight: held, or only partly received")

    def accepted_so_far(self) -> list[dict[str, Any]]:
        """Return the requests accepted so far."""
        return [request for request in self.http.get("/sandbox/requests").json() if request["accepted"]]

    def arm(self, kind: str, **settings: Any) -> None:
        """Arm a fault."""
        assert self.http.post("/sandbox/faults", json={"kind": kind, **settings}).status_code == 201

    def wait_held(self, count: int) -> None:
        """Wait until `count` requests are held."""
        answer = self.http.get("/sandbox/held", params={"count": count, "seconds": 60})
        assert answer.status_code == 200, answer.text

    def release(self) -> None:
        """Release every held request."""
        self.http.post("/sandbox/release")


@contextmanager
def vendor(directory: Path) -> Iterator[Vendor]:
    """Run a real `sendspec sandbox` with its state in `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    reading, writing = os.pipe()
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - not a file on disk
        files = (nothing.fileno(), writing, sys.stderr.fileno(), nothing.fileno())
        process = zygote().launch(("sandbox", directory), directory, {}, files)
    os.close(writing)
    with os.fdopen(reading) as output:
        base_url = output.readline().strip()
        try:
            with httpx.Client(base_url=base_url, trust_env=False, timeout=90) as http:
                yield Vendor(base_url, http)
        finally:
            os.kill(process.pid, signal.SIGTERM)
            process.wait()


Ids = dict[str, list[str]]
"""The ids under which the vendor accepted each request of a project: none or one, never two."""


@dataclass(frozen=True)
class Project:
    """A project on disk, a function that runs commands on it, and its vendor.

    `run` runs one command and returns how it ended.
    """

    directory: Path
    vendor: Vendor
    run: Callable[..., Done]
    ledger: Ledger
    bodies: dict[str, tuple[str, Any]]

    def ids(self) -> Ids:
        """Return the ids that the vendor has."""
        accepted = self.vendor.accepted()
        return {
            address: [str(sent["id"]) for sent in accepted if (sent["path"], sent["body"]) == request]
            for address, request in self.bodies.items()
        }

    def check(self) -> Ids:
        """Check that ledger and vendor agree; return the ids that the vendor has."""
        ids = self.ids()
        known = self.requests()
        assert known.keys() <= ids.keys()
        for address, accepted in ids.items():
            assert len(accepted) <= 1, f"{address} was sent {len(accepted)} times"
            _compare(address, accepted, known.get(address))
        return ids

    def requests(self) -> dict[str, RequestRecord]:
        """Return the record of each request in the ledger."""
        return {
            f"{address}#{request.batch}": request
            for address, record in self.ledger.read().sends.items()
            for request in record.requests
        }

    def unknown(self) -> list[str]:
        """Return the requests whose outcome the ledger does not know."""
        return [address for address, request in self.requests().items() if request.state in _OPEN]

    def apply(self, **environment: str) -> Done:
        """Apply."""
        return self.run("apply", self.directory, *TARGET, "--auto-approve", **environment)

    def resolve(self) -> int:
        """Resolve unknown requests by what the vendor has; return their number."""
        ids, unknown = self.ids(), self.unknown()
        for address in unknown:
            found = ("--sent", ids[address][0]) if ids[address] else ("--not-sent",)
            how = ("--reason", "asked the vendor", "--dir", self.directory)
            done = self.run("resolve", address, *TARGET, *found, *how, "--run-is-gone")
            assert done.code == 0, done.err
        return len(unknown)

    def settle(self) -> int:
        """Send every request exactly once: apply, resolve unknown requests, apply again."""
        done = self.apply()
        assert done.code in (0, 7), done
        self.check()
        assert bool(self.unknown()) == (done.code == 7), done
        resolved = self.resolve()
        if resolved:
            done = self.apply()
        assert done.code == 0, done
        self.check_done()
        return resolved

    def check_done(self) -> None:
        """Check that each request was accepted exactly once, and is sent in the ledger."""
        ids, requests = self.check(), self.requests()
        assert requests.keys() == ids.keys()
        assert all(len(accepted) == 1 for accepted in ids.values()), ids
        assert all(request.state is RequestState.SENT for request in requests.values()), requests


def bodies_of(rendered: str) -> dict[str, tuple[str, Any]]:
    """Return path and body of each request by its address, from the output of `sendspec render`."""
    lines = [json.loads(line) for line in rendered.splitlines()]
    return {line["address"]: (line["path"], line["body"]) for line in lines}


def _compare(address: str, accepted: list[str], request: RequestRecord | None) -> None:
    if request is None or request.state is RequestState.NOT_SENT:
        assert accepted == [], f"{address} was accepted, and the ledger has: {request}"
    elif request.state is RequestState.SENT:
        assert len(accepted) == 1, f"{address} was not accepted, and the ledger has: {request}"
        known = request.transaction_id if request.job_id is None else str(request.job_id)
        already = known is None and request.reason is OutcomeReason.ACCEPTED_EARLIER
        assert already or known == accepted[0], request
