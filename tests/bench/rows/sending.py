"""Sending: `apply` to a server of fixed latency, against ten in parallel and HTTP clients."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.bench.comparison import PRODUCT, Comparison, Line, Reading, Row
from tests.bench.latency_server import ask
from tests.bench.processes import PYTHON, ROOT, SENDSPEC, Failed, environment, measure
from tests.bench.rows.contacts import write_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.bench.comparison import Bench, Results
    from tests.bench.processes import Cost

_HTTPX: Final = "httpx.Client in ten threads"
_LOOP: Final = "requests loop"
_ANSIBLE: Final = "ansible's `uri`"
_PARALLEL: Final = 10
_ANSIBLE_REQUESTS: Final = 20

_CAMPAIGN: Final = """\
campaign: large
purpose: transactional
sends:
  - id: all
    endpoint: contacts
    channelQualifier: "148372"
    content: "Acme: hi %%FIRST NAME%%, your code is %%CODE%%."
    contacts:
      file: ../people.csv
      columns: {contactId: phone, personalization: {FIRST NAME: first_name, CODE: code}}
"""
_SETTINGS: Final = """\
version: 1
targets: {{bench: {{baseUrl: "http://127.0.0.1:{port}"}}}}
rules: {{max-recipients: {{limit: 100000000}}}}
"""
_CREDENTIALS: Final = {
    f"SENDSPEC_{name}": "benchmark" for name in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")
}


@dataclass(frozen=True)
class _Setting:
    """The latency of the server in seconds, the requests of each contestant, and the goals."""

    latency: float
    requests: int
    loop_requests: int
    share_min: float
    faster_than_loop: float | None = None
    or_as_httpx: bool = False
    with_ansible: bool = False

    @property
    def shown(self) -> str:
        return f"{self.latency * 1000:g} ms"


@dataclass(frozen=True)
class _Sending:
    """One server, and the project and the bodies that the contestants send to it."""

    bench: Bench
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/rest/channels/sms/sends"

    def apply(self, requests: int) -> Cost:
        """Send the project with an empty ledger and an empty machine memory."""
        for path in (self.folder / "specs").glob("sendspec.bench.*"):
            path.unlink()
        shutil.rmtree(self.folder / "state", ignore_errors=True)
        env = environment(**_CREDENTIALS, XDG_STATE_HOME=str(self.folder / "state"))
        specs, log = str(self.folder / "specs"), self.bench.folder / "log"
        measure([SENDSPEC, "init", "--ledger", specs, "--target", "bench"], log, env=env)
        command = [SENDSPEC, "apply", specs, "--target", "bench", "--auto-approve"]
        return self._measured(requests, lambda: measure(command, log, env=env))

    def post(self, script: str, requests: int) -> Cost:
        """Send the first bodies with a yardstick's script."""
        file = self.folder / "bodies"
        command = self.bench.yardsticks.script(script, self.url, file, requests)
        return self._measured(requests, lambda: measure(command, self.bench.folder / "log"))

    def ansible(self, requests: int) -> Cost:
        """Send the first bodies with a playbook, which reads each from its own file."""
        bodies = self.bench.fresh("ansible")
        for index, body in enumerate(_bodies(self.folder / "bodies", requests)):
            (bodies / f"{index}.json").write_bytes(body)
        program = self.bench.yardsticks.program("ansible-playbook")
        playbook = str(Path(__file__).parents[1] / "yardsticks" / "uri.yaml")
        command = [program, "-e", json.dumps({"url": self.url, "bodies": str(bodies)}), playbook]
        env = environment(ANSIBLE_LOCALHOST_WARNING="false", LC_ALL="C.UTF-8")
        return self._measured(requests, lambda: measure(command, self.bench.folder / "log", env=env))

    def _measured(self, requests: int, run: Callable[[], Cost]) -> Cost:
        """Return a cost whose seconds are those between the first request and the last answer."""
        ask(self.port, "/bench/reset")
        cost = run()
        result = ask(self.port, "/bench/result")
        if result["requests"] != requests or result["mostOpen"] > _PARALLEL:
            raise Failed(f"the server has {result}, expected {requests} requests")
        return cost._replace(seconds=result["seconds"] / requests)


def _bodies(file: Path, requests: int) -> Iterator[bytes]:
    with file.open("rb") as lines:
        for _, line in zip(range(requests), lines, strict=False):
            yield line.rstrip(b"\n")


@contextmanager
def _server(latency: float) -> Iterator[int]:
    command = [PYTHON, "-m", "tests.bench.latency_server", str(latency)]
    with subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


def _prepared(bench: Bench, setting: _Setting, requests: int, port: int) -> _Sending:
    folder = bench.fresh(f"sending-{setting.shown}")
    specs = folder / "specs"
    (specs / "campaigns").mkdir(parents=True)
    (specs / "campaigns" / "large.yaml").write_text(_CAMPAIGN, encoding="utf-8")
    (specs / "sendspec.yaml").write_text(_SETTINGS.format(port=port), encoding="utf-8")
    write_list(specs / "people.csv", requests * 1000, bench.folder / "log")
    rendered, log = folder / "rendered", bench.folder / "log"
    command = [SENDSPEC, "render", str(specs), "--target", "bench", "-o", str(rendered)]
    measure(command, log, env=environment(**_CREDENTIALS))
    with rendered.open(encoding="utf-8") as lines, (folder / "bodies").open("wb") as out:
        for line in lines:
            out.write(json.dumps(json.loads(line)["body"], separators=(",", ":")).encode() + b"\n")
    rendered.unlink()
    return _Sending(bench, folder, port)


def _compare(setting: _Setting, bench: Bench) -> Comparison:
    requests = bench.size(setting.requests // _PARALLEL) * _PARALLEL
    loop_requests = min(bench.size(setting.loop_requests), requests)
    server = bench.opened.enter_context(_server(setting.latency))
    sending = _prepared(bench, setting, requests, server)
    contestants = {
        PRODUCT: lambda: sending.apply(requests),
        _HTTPX: lambda: sending.post("httpx_threads.py", requests),
        _LOOP: lambda: sending.post("requests_loop.py", loop_requests),
    }
    lines = [_share(setting, requests), _faster(setting, _HTTPX), _faster(setting, _LOOP)]
    if setting.with_ansible:
        contestants[_ANSIBLE] = lambda: sending.ansible(min(_ANSIBLE_REQUESTS, requests))
        lines.append(_faster(setting, _ANSIBLE))
    return Comparison(contestants, tuple(lines), warms_up=False)


def _share(setting: _Setting, requests: int) -> Line:
    """Return the line that compares the rate with the limit: ten requests in parallel at this latency."""
    limit = _PARALLEL / setting.latency

    def read(results: Results) -> Reading:
        share = 1 / results[PRODUCT].seconds / limit
        goal, shown = setting.share_min, ""
        if _HTTPX in results:
            theirs = 1 / results[_HTTPX].seconds / limit
            shown = f"limit {limit:,.0f}/s; {_HTTPX}: {theirs:.1%}"
            goal = min(goal, theirs) if setting.or_as_httpx else goal
        return Reading(_rate(results, PRODUCT), shown, f"{share:.1%} of the limit", share >= goal)

    goal = f"≥ {setting.share_min:.0%}{', or as httpx' if setting.or_as_httpx else ''}"
    needs = (PRODUCT, _HTTPX) if setting.or_as_httpx else (PRODUCT,)
    return Line(f"`apply` of {requests:,} requests of 95 kB at {setting.shown}", goal, needs, read)


def _faster(setting: _Setting, yardstick: str) -> Line:
    at_least = setting.faster_than_loop if yardstick == _LOOP else None

    def read(results: Results) -> Reading:
        ratio = results[yardstick].seconds / results[PRODUCT].seconds
        return Reading(
            _rate(results, PRODUCT),
            f"{yardstick}: {_rate(results, yardstick)}",
            f"{ratio:.2f} × as fast",
            None if at_least is None else ratio >= at_least,
        )

    goal = "" if at_least is None else f"≥ {at_least:g} ×"
    return Line(f"`apply` at {setting.shown}", goal, (PRODUCT, yardstick), read)


def _rate(results: Results, name: str) -> str:
    samples = results[name]
    best = f" (best {1 / samples.best:,.1f}/s)" if len(samples.costs) > 1 else ""
    return f"{1 / samples.seconds:,.1f}/s{best}"


_SETTINGS_BY_NAME: Final = {
    "apply-20": _Setting(0.02, 1000, 100, 0.93, or_as_httpx=True),
    "apply-100": _Setting(0.1, 300, 40, 0.97, faster_than_loop=9, with_ansible=True),
    "apply-500": _Setting(0.5, 200, 10, 0.97),
}

ROWS: Final = tuple(
    Row(name, f"`apply` of 95 kB bodies at {setting.shown} latency", partial(_compare, setting))
    for name, setting in _SETTINGS_BY_NAME.items()
)
