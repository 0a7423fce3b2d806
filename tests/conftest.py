"""Options of the suite, and the counts that its tests report, summed up at the end."""

from __future__ import annotations

import gc
import os
import tempfile
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from sendspec.cli import run
from sendspec.cli._lib.ci import CI_VARIABLES
from tests.processes.runs import Done

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.github_api import GitHubServer


def pytest_addoption(parser) -> None:
    parser.addoption("--all-kill-points", action="store_true", help="Kill a run at every point, not at some.")


# The time of an example depends on the machine and on its other work, so it never fails a test.
settings.register_profile(
    "sendspec", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("sendspec")

_HOMES = tempfile.TemporaryDirectory(prefix="sendspec-tests-")
for _name in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
    # Set at import, so that processes of fixtures of any scope never use the folders of the user.
    os.environ[_name] = f"{_HOMES.name}/{_name.lower()}"
for _name in CI_VARIABLES:
    # Removed at import too, so that a test has the same result in CI; tests of CI set what they need.
    os.environ.pop(_name, None)


@pytest.fixture(autouse=True)
def own_state(tmp_path_factory, monkeypatch):
    """Give each test, and the processes that it starts, a machine that remembers nothing."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / uuid.uuid4().hex))


@pytest.fixture
def all_kill_points(request) -> bool:
    return request.config.getoption("--all-kill-points")


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable():
    """Escape lone surrogates in reports, because xdist cannot send them from a worker."""
    return _escape_surrogates((yield))


def _escape_surrogates(value: Any) -> Any:
    match value:
        case str():
            return value.encode(errors="backslashreplace").decode()
        case dict():
            return {_escape_surrogates(name): _escape_surrogates(item) for name, item in value.items()}
        case list() | tuple():
            return type(value)(map(_escape_surrogates, value))
        case _:
            return value


def pytest_collection_finish() -> None:
    """Exclude the collected tests, 400,000 objects, from the garbage collections during the tests."""
    gc.freeze()


def pytest_terminal_summary(terminalreporter) -> None:
    """Print the sum of each number that tests gave to `record_property`, under its name."""
    sums: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        sums.update({name: value for name, value in report.user_properties if isinstance(value, int)})
    if sums:
        terminalreporter.section("counts")
    for name, value in sorted(sums.items()):
        terminalreporter.write_line(f"{value:>10,} {name}")


@pytest.fixture(scope="module")
def github_server() -> Iterator[GitHubServer]:
    """Return a stand-in for GitHub that the tests of a module share."""
    from tests.github_api import GitHubServer  # noqa: PLC0415 - most tests need no server

    with GitHubServer() as running:
        yield running


@pytest.fixture
def github(github_server, monkeypatch) -> GitHubServer:
    """Return the stand-in, empty, and its variables in the environment."""
    github_server.reset()
    for name, value in github_server.environment().items():
        monkeypatch.setenv(name, value)
    return github_server


@pytest.fixture
def cli(tmp_path, monkeypatch, capsys):
    """Run verbs in this process, in an empty directory and without credentials; give how they ended.

    For whatever a process of its own would show no better, at a twentieth of its price.
    """
    monkeypatch.chdir(tmp_path)
    for name in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN", "ALLOWED_HOSTS"):
        monkeypatch.delenv(f"SENDSPEC_{name}", raising=False)

    def verb(*words: object) -> Done:
        code = run([str(word) for word in words])
        return Done(code, *capsys.readouterr())

    return verb
