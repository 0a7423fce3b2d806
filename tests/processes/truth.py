"""What the vendor has, against what the ledger says; and the person who mends the one by the other."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from sendspec.model import RequestState
from tests.processes.runs import clean_environment
from tests.projects import SENDSPEC

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sendspec.ledger import Ledger
    from sendspec.model import RequestRecord
    from tests.projects import Done

TARGET = ("--target", "vendor")
_MANY = 20_000
_OPEN = (RequestState.INTENT, RequestState.UNKNOWN)


@dataclass(frozen=True)
class Vendor:
    """A sandbox that runs in a process of its own."""

    base_url: str
    http: httpx.Client

    def accepted(self) -> list[dict[str, Any]]:
        """Give every request it accepted, once all that reached it are decided."""
        # What a killed client had written lies in the socket: it is read before this question is.
        for _ in range(_MANY):
            if not self.http.get("/sandbox/stats").json()["underWay"]:
                return self.accepted_so_far()
        raise AssertionError("requests are still under way: held, or half of them has not arrived")

    def accepted_so_far(self) -> list[dict[str, Any]]:
        """Give every request it accepted, whatever is still under way."""
        return [request for request in self.http.get("/sandbox/requests").json() if request["accepted"]]

    def arm(self, kind: str, **settings: Any) -> None:
        """Arm a fault."""
        assert self.http.post("/sandbox/faults", json={"kind": kind, **settings}).status_code == 201

    def wait_held(self, count: int) -> None:
        """Wait until that many requests are held."""
        answer = self.http.get("/sandbox/held", params={"count": count, "seconds": 60})
        assert answer.status_code == 200, answer.text

    def release(self) -> None:
        """Let every held request go on."""
        self.http.post("/sandbox/release")


@contextmanager
def vendor(directory: Path) -> Iterator[Vendor]:
    """Run a real `sendspec sandbox` with its state in `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [SENDSPEC, "sandbox", str(directory)],
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        base_url = process.stdout.readline().strip()
        with httpx.Client(base_url=base_url, trust_env=False, timeout=90) as http:
            yield Vendor(base_url, http)
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


Ids = dict[str, list[str]]
"""Under which ids the vendor accepted each request of a project: none, one, or what must never be."""


@dataclass(frozen=True)
class Project:
    """A project on disk, how to run commands on it, and the vendor that knows the truth.

    `run` runs one command to its end.
    """

    directory: Path
    vendor: Vendor
    run: Callable[..., Done]
    ledger: Ledger
    bodies: dict[str, tuple[str, Any]]

    def ids(self) -> Ids:
        """Ask the vendor."""
        accepted = self.vendor.accepted()
        return {
            address: [str(one["id"]) for one in accepted if (one["path"], one["body"]) == request]
            for address, request in self.bodies.items()
        }

    def check(self) -> Ids:
        """See that ledger and vendor do not contradict each other; give what the vendor has."""
        ids = self.ids()
        known = self.requests()
        assert known.keys() <= ids.keys()
        for address, accepted in ids.items():
            assert len(accepted) <= 1, f"{address} was sent {len(accepted)} times"
            _compare(address, accepted, known.get(address))
        return ids

    def requests(self) -> dict[str, RequestRecord]:
        """Give what the ledger says of each request."""
        return {
            f"{address}#{request.batch}": request
            for address, record in self.ledger.read().sends.items()
            for request in record.requests
        }

    def unknown(self) -> list[str]:
        """Give the requests whose outcome the ledger does not know."""
        return [address for address, request in self.requests().items() if request.state in _OPEN]

    def apply(self, **environment: str) -> Done:
        """Send what is left to send."""
        return self.run("apply", self.directory, *TARGET, "--auto-approve", **environment)

    def resolve(self) -> int:
        """Settle what is unknown by what the vendor says; give how many requests that were."""
        ids, unknown = self.ids(), self.unknown()
        for address in unknown:
            found = ("--sent", ids[address][0]) if ids[address] else ("--not-sent",)
            how = ("--reason", "asked the vendor", "--dir", self.directory)
            done = self.run("resolve", address, *TARGET, *found, *how, "--run-is-gone")
            assert done.code == 0, done.err
        return len(unknown)

    def settle(self) -> int:
        """Bring every request to exactly one: apply, resolve what is unknown, apply again."""
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
        """See that each request was accepted exactly once, and that the ledger says so."""
        ids, requests = self.check(), self.requests()
        assert requests.keys() == ids.keys()
        assert all(len(accepted) == 1 for accepted in ids.values()), ids
        assert all(request.state is RequestState.SENT for request in requests.values()), requests


def bodies_of(rendered: str) -> dict[str, tuple[str, Any]]:
    """Read what `sendspec render` prints: path and body of each request by its address."""
    lines = [json.loads(line) for line in rendered.splitlines()]
    return {line["address"]: (line["path"], line["body"]) for line in lines}


def _compare(address: str, accepted: list[str], request: RequestRecord | None) -> None:
    if request is None or request.state is RequestState.NOT_SENT:
        assert accepted == [], f"{address} was accepted, and the ledger says: {request}"
    elif request.state is RequestState.SENT:
        assert len(accepted) == 1, f"{address} was not accepted, and the ledger says: {request}"
        told = request.transaction_id if request.job_id is None else str(request.job_id)
        already = told is None and "already exists" in (request.evidence or "")
        assert already or told == accepted[0], request
