"""The relations between the limits of the protocol."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sendspec import protocol_limits
from sendspec.acoustic.transport import Limits
from sendspec.compare import RUN_LOST_AFTER
from sendspec.ledger.git_plumbing import GitClone
from sendspec.ledger.git_process import GitFailed
from tests.ledgers import git

ROOT = Path(__file__).resolve().parents[1]
SOURCE = Path(protocol_limits.__file__).read_text(encoding="utf-8")

BROKEN = {
    "INTENT_SECONDS_MAX: Final = 360.0": "INTENT_SECONDS_MAX: Final = 390.0",
    "EXCHANGE_SECONDS_MAX: Final = 120.0": "EXCHANGE_SECONDS_MAX: Final = 135.0",
    "PUSH_SECONDS_MAX: Final = 120.0": "PUSH_SECONDS_MAX: Final = 135.0",
    "RUN_LOST_SECONDS: Final = 900.0": "RUN_LOST_SECONDS: Final = 870.0",
    "BUSY_ATTEMPTS_MAX: Final = 12": "BUSY_ATTEMPTS_MAX: Final = 18",
    "UNSENT_ATTEMPTS_MAX: Final = 5": "UNSENT_ATTEMPTS_MAX: Final = 18",
    "CONCURRENCY_MAX: Final = 10": "CONCURRENCY_MAX: Final = 11",
    "OPEN_REQUESTS_MAX: Final = 10": "OPEN_REQUESTS_MAX: Final = 9",
    "BACKOFF_SECONDS_MIN: Final = 0.5": "BACKOFF_SECONDS_MIN: Final = 0.0",
    "REPEAT_PAUSE_SECONDS_MIN: Final = 60.0": "REPEAT_PAUSE_SECONDS_MIN: Final = 120.0",
    "REPEAT_AGE_SECONDS_MAX: Final = 86_400.0": "REPEAT_AGE_SECONDS_MAX: Final = 900.0",
    "GIT_CALL_SECONDS_MAX: Final = 60.0": "GIT_CALL_SECONDS_MAX: Final = 115.0",
    "RACES_MAX: Final = 5": "RACES_MAX: Final = 0",
}


@pytest.mark.parametrize("number", BROKEN)
def test_a_number_that_breaks_a_relation_does_not_load(number) -> None:
    """The module raises at import if one number contradicts another."""
    assert SOURCE.count(number) == 1
    module = {"__name__": "broken"}
    exec(compile(SOURCE, "protocol_limits.py", "exec"), dict(module))  # noqa: S102 - the source of the module itself
    with pytest.raises(ValueError, match=r"must|outlive"):
        exec(compile(SOURCE.replace(number, BROKEN[number]), "protocol_limits.py", "exec"), module)  # noqa: S102 - as above


def test_the_pauses_double_up_to_their_limit() -> None:
    """A request pauses once less than it has attempts, each time twice as long, up to the limit."""
    assert protocol_limits.pauses_seconds(9) == (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0)
    assert protocol_limits.pauses_seconds(1) == ()


def test_other_packages_read_their_limits_from_here() -> None:
    """The transport, the comparison and the schema of a project have the numbers of the module."""
    assert Limits().total == protocol_limits.EXCHANGE_SECONDS_MAX
    assert Limits().connections == protocol_limits.CONCURRENCY_MAX
    assert RUN_LOST_AFTER.total_seconds() == protocol_limits.RUN_LOST_SECONDS
    schema = json.loads((ROOT / "schemas" / "project.schema.json").read_text(encoding="utf-8"))
    assert f'"maximum": {protocol_limits.CONCURRENCY_MAX}' in json.dumps(schema)


def test_git_is_not_called_after_the_time_of_an_append(tmp_path) -> None:
    """After the deadline of a block no further call of git starts, and the calls after the block do."""
    git("init", "--quiet", where=tmp_path)
    clone = GitClone(tmp_path)
    with clone.within(0), pytest.raises(GitFailed, match="was not started"):
        clone.delete_ref("refs/sendspec/run")
    clone.delete_ref("refs/sendspec/run")
